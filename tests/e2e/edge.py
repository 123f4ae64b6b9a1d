"""The demo world behind a real gateway: HAProxy or Envoy stands between us and ACME, in both directions.

`acme-https` (accepts) is what the gateway asks of ACME, whoever begins: of its server, to which our choreographies go,
and of its clients, which come in over mutual TLS. `nordwind-gw` (presents) is our own certificate there.
"""

import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot.lab import certificates
from tests.e2e.conftest import World
from tests.e2e.forms import choose, filled, open_by
from tests.e2e.office import Member, Message
from tests.gateways import programs
from tests.gateways.programs import Names, Ports, Running
from tests.gateways.relay import Relay
from tests.gateways.site import GW_NEW, GW_OLD, ISSUING, OTHER_ISSUING, Client
from tests.lab.builders import Issued
from tests.patience import PATIENCE_SECONDS

ACME = "C0ACMEB2B"
NAMES = Names("nordwind-gw", "acme-https", "acme-https", "b2b.acme-components.example")
CHOREOGRAPHIES = ("AdvanceShipNotice", "OrderToCash", "ProcureToPay")
OUR_OLD = "nordwind-gw 2026-01-01"
# Some eighty requests a second in all: they meet every step of a switch, and the bot still gets its share of the CPU.
PAUSE_S = 0.04


@dataclass(frozen=True)
class Answer:
    """What came back through the gateway; `presented` is which certificate ACME's server had shown it for this."""

    status: int
    choreography: str | None = None
    presented: str | None = None


class EdgeWorld(World):
    """The demo world, its bot, and the program at the edge."""

    def __init__(self, kind: str, folder: Path, *, database_url: str | None = None) -> None:
        self.kind = kind
        self.root = folder / "edge"
        self.ports = Ports(*(programs.free_port() for _ in range(3)))
        self.way = Relay(self.ports.outbound)
        super().__init__(folder, database_url=database_url)
        self.more_settings = {"WATCH_SECONDS": "0.3"}

    def gateways_file(self) -> Path:
        """ACME is behind the program; the other partners stay with the files gateway."""
        edge = {"kind": self.kind, "root": self.root, **self._program_settings()}
        files = {"kind": "files", "root": self.folder / "data/gateway"}
        path = self.folder / "gateways.toml"
        sections: dict[str, Mapping[str, object]] = {"edge": edge, "files": files}
        through = {NAMES.outbound: f"http://127.0.0.1:{self.way.port}/b2b"}
        sections |= {"edge.through": through}
        lines = [f"[gateways.{name}]\n" + _table(settings) for name, settings in sections.items()]
        path.write_text("\n".join(lines))
        return path

    def _program_settings(self) -> dict[str, object]:
        if self.kind == "envoy":
            return {"admin": f"127.0.0.1:{self.ports.admin}"}
        names = {"socket": "stats.sock", "master_socket": "master.sock", "config": "haproxy.cfg"}
        return {"uses": "uses", **{setting: self.folder / name for setting, name in names.items()}}

    def starter(self) -> dict[str, Any]:
        """The demo's stock, with our own certificate beside it, and the keys of our certificates on the gateway."""
        keys = self.root / NAMES.ours / "keys"
        keys.mkdir(parents=True)
        for name, holder in (("old", GW_OLD), ("new", GW_NEW)):
            (keys / f"{name}.key").write_text(holder.key_pem)
        starter = self.lab.starter()
        roots = [{"pem": ca.above[-1].pem, "anchor": True} for ca in (ISSUING, OTHER_ISSUING)]
        links = [{"pem": ca.pem, "anchor": False} for ca in (ISSUING, OTHER_ISSUING)]
        uri = f"https://127.0.0.1:{self.ports.inbound}/"
        ours = {"partner": "acme", "name": NAMES.ours, "role": "presents", "uri": uri, "certificate": OUR_OLD}
        connections = [*_rows(starter, "connections"), ours]
        at_the_edge = {NAMES.ours, NAMES.outbound}
        taking_part = [{"partner": "acme", "connection": NAMES.ours}]
        return {
            **starter,
            "ca_certificates": [*_rows(starter, "ca_certificates"), *roots, *links],
            "certificates": [
                *_rows(starter, "certificates"),
                {"partner": "acme", "display_name": OUR_OLD, "pem": GW_OLD.pem},
            ],
            "connections": [
                {**one, "gateway": "edge" if one["name"] in at_the_edge else "files"} for one in connections
            ],
            "choreographies": [
                {**one, "participants": [*one["participants"], *(taking_part if one["name"] in CHOREOGRAPHIES else [])]}
                for one in _rows(starter, "choreographies")
            ],
        }

    @contextmanager
    def program(self) -> Iterator[Running]:
        """The gateway's program, started once the first certificates lie on its disk."""
        partner_port = int(self.lab.uri("acme").split(":")[2].split("/")[0])
        if self.kind == "envoy":
            config = self.folder / "envoy.json"
            config.write_text(programs.envoy_config(self.root, self.ports, partner_port, NAMES))
            command = [programs.find_envoy(), "-c", str(config), "--use-dynamic-base-id", "-l", "error"]
            command += ["--concurrency", "2"]
            ready = programs.http_ready(self.ports.admin)
        else:
            config = self.folder / "haproxy.cfg"
            config.write_text(programs.haproxy_config(self.root, self.folder, self.ports, partner_port, NAMES))
            command = [programs.find_haproxy(), "-W", "-S", str(self.folder / "master.sock"), "-f", str(config)]

            def ready() -> bool:
                return programs.listens(self.ports.inbound)

        with programs.started(command, self.folder, ready) as running:
            yield running

    def ask(self, choreography: str) -> Answer:
        """Our request for a business process, through the gateway to ACME's server."""
        request = f"GET /b2b HTTP/1.1\r\nHost: acme\r\nX-Choreography: {choreography}\r\nConnection: close\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.ports.outbound), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(request.encode("ascii"))
            received = connection.makefile("rb").read()
        head, _, body = received.partition(b"\r\n\r\n")
        if not head:
            raise ConnectionResetError
        status = int(head.split()[1])
        said = json.loads(body) if status == 200 else {}
        return Answer(status, said.get("choreography"), said.get("presented"))

    def answered(self, choreography: str) -> bool:
        """Whether it was, and for this choreography."""
        answer = self.ask(choreography)
        return (answer.status, answer.choreography) == (200, choreography)

    @property
    def ours(self) -> list[Callable[[], bool]]:
        """A request of each choreography, again and again if need be."""
        return [partial(self.answered, name) for name in CHOREOGRAPHIES]

    def acme(self, which: str) -> Issued:
        """ACME as a client, with its old or its new certificate."""
        cabinet = certificates.load(self.folder / "lab/keys")
        assert cabinet is not None
        name = f"acme-{which}"
        names = (*certificates.ABOVE[name], certificates.ROOTS["acme"])
        above = tuple(Issued(cabinet[one].certificate, cabinet[one].key) for one in names)
        return Issued(cabinet[name].certificate, cabinet[name].key, above)

    def pinned(self) -> Issued:
        """ACME with the certificate that the gateway's disk has in use."""
        pins = json.loads((self.root / NAMES.outbound / "current/pins.json").read_text())["sha256"]
        return next(holder for holder in map(self.acme, ("old", "new")) if holder.sha256 == pins[0])

    def presented(self) -> bytes:
        """What our gateway presents to a new client of ACME's, DER."""
        client = Client(self.ports.inbound, self.pinned())
        try:
            assert client.ask() == 200
            return client.presented
        finally:
            client.close()


def proposed(world: EdgeWorld, file: str, data: bytes, connection: str, mode: str | None = None) -> tuple[str, Message]:
    """Olivia drops the file and proposes it for the connection: the thread, and the proposal in it."""
    olivia = world.member("UOLIVIA")
    ts = olivia.drop(ACME, file, data)
    summary = olivia.sees(ACME, ts, "new certificate", "Chain complete")
    view = open_by(olivia, ACME, summary, "Propose switch", "Propose a switch")
    ((connection_id,),) = world.rows("select id from connection where name = ?", connection)
    view = choose(olivia, view, "propose.connection", str(connection_id), f"certificate.{connection_id}")
    if mode is not None:
        view = choose(olivia, view, "propose.mode", mode, "until")
    assert olivia.submit(view, filled(view, reason="The old one ends soon"))["ok"]
    return ts, olivia.sees(ACME, ts, "waits for approvals", "certificate *in use*")


def agreed(world: EdgeWorld, ts: str, proposal: Message) -> Member:
    """Two people say yes, one of each side; returns ACME's."""
    adam, paula = world.member("UADAM"), world.member("UPAULA")
    assert adam.press(ACME, proposal, "Approve")["ok"]
    half = adam.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
    assert paula.press(ACME, half, "Confirm")["ok"]
    return paula


@contextmanager
def edge_world(kind: str, folder: Path, command: Sequence[str] = ()) -> Iterator[EdgeWorld]:
    """The world with everything running; `command` starts the bot, where it is to be started in another way."""
    with ExitStack() as stack:
        world = EdgeWorld(kind, folder)
        world.command = list(command) or world.command
        stack.callback(world.way.close)
        stack.callback(world.close)
        stack.enter_context(world.program())
        world.start_bot()
        yield world


def _rows(starter: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = starter[name]
    return rows


def _table(settings: Mapping[str, object]) -> str:
    """TOML, for settings that are all texts; JSON's strings are TOML's."""
    return "".join(f"{name} = {json.dumps(str(value))}\n" for name, value in settings.items())
