"""A gateway site: a real program with three connections, its partner, and clients that know what they got."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.gateways.base import Gateway, Material, Role
from bot.gateways.endpoint import Endpoint
from bot.gateways.registry import open_gateway
from bot.pki.certificate import Certificate
from tests.gateways import programs
from tests.gateways.peers import peer
from tests.gateways.programs import Ports, Running
from tests.lab.builders import ROOT_DATES, Ca, Issued
from tests.patience import PATIENCE_SECONDS

# The programs judge by the real clock, whatever day it is.
DATES = {"not_before": ROOT_DATES[0], "not_after": ROOT_DATES[1]}
ISSUING = Ca.root("Site Root", **DATES).intermediate("Site Issuing", **DATES)  # type: ignore[arg-type]
OTHER_ISSUING = Ca.root("Next Root", **DATES).intermediate("Next Issuing", **DATES)  # type: ignore[arg-type]


def leaf(issuing: Ca, cn: str = "b2b.acme.example", **options: object) -> Issued:
    """A certificate for both sides of a handshake."""
    usages = {"eku": ("serverAuth", "clientAuth"), "san": (cn, "127.0.0.1"), **DATES, **options}
    return issuing.leaf(cn, **usages)  # type: ignore[arg-type]


OLD, NEW, FOREIGN = leaf(ISSUING), leaf(ISSUING), leaf(OTHER_ISSUING)
GW_OLD, GW_NEW = leaf(ISSUING, "gw.example"), leaf(OTHER_ISSUING, "gw.example")

REQUEST = b"GET / HTTP/1.1\r\nHost: b2b.acme.example\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def material(holder: Issued, role: Role = Role.ACCEPTS) -> Material:
    """What a switch to this certificate hands over."""
    own, *above = (Certificate.from_der(one.der) for one in (holder, *holder.above))
    return Material(role, own, tuple(above[:-1]), tuple(above[-1:]))


@cache
def client_context(holder: Issued) -> ssl.SSLContext:
    """A partner's client; it trusts whatever we present."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _load(context, holder)
    return context


def server_context(holder: Issued) -> ssl.SSLContext:
    """A partner's server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, holder)
    return context


def _load(context: ssl.SSLContext, holder: Issued) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "both.pem"
        file.write_text(holder.pem + "".join(one.pem for one in holder.above[:-1]) + holder.key_pem)
        context.load_cert_chain(file)


class Client:
    """One connection of a partner's to the gateway, open until it is closed."""

    def __init__(self, port: int, holder: Issued, session: ssl.SSLSession | None = None) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        try:
            self._tls = client_context(holder).wrap_socket(plain, server_hostname="gw.example", session=session)
        except BaseException:
            plain.close()
            raise

    def ask(self) -> int:
        """The status of one request's answer; an `OSError` where there is none."""
        self._tls.sendall(REQUEST)
        return status_from(self._tls)

    @property
    def session(self) -> ssl.SSLSession | None:
        """What a later connection could resume; after the first answer, because TLS 1.3 brings it late."""
        return self._tls.session

    @property
    def resumed(self) -> bool:
        """Whether the gateway took the session up."""
        return bool(self._tls.session_reused)

    @property
    def presented(self) -> bytes:
        """The gateway's own certificate, DER."""
        return self._tls.getpeercert(binary_form=True) or b""

    def close(self) -> None:
        """Hang up."""
        self._tls.close()


def status_from(connection: socket.socket) -> int:
    """The status of a whole answer."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(4096)
        if not data:
            raise ConnectionResetError
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length and (data := connection.recv(4096)):
        body += data
    return int(head.split()[1])


def admitted(port: int, holder: Issued, session: ssl.SSLSession | None = None) -> bool:
    """Whether a new connection with this certificate gets an answer. An alert, an end and a 403 are refusals."""
    try:
        client = Client(port, holder, session)
    except OSError:
        return False
    try:
        return client.ask() == 200
    except OSError:
        return False
    finally:
        client.close()


def plain_status(port: int, choreography: str = "OrderToCash") -> int:
    """Our own request through the gateway to the partner."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(REQUEST[:-2] + f"X-Choreography: {choreography}\r\nConnection: close\r\n\r\n".encode())
        return status_from(connection)


@dataclass
class Partner:
    """The partner's server: what it presents can be changed at any moment; its connections stay open for more."""

    endpoint: Endpoint
    context: ssl.SSLContext
    requests: list[bytes] = field(default_factory=list)

    def presents(self, holder: Issued) -> None:
        """From the next handshake on."""
        self.context = server_context(holder)


@contextmanager
def partner() -> Iterator[Partner]:
    """A partner that presents OLD."""
    holder: list[Partner] = []

    def behave(connection: socket.socket, stop: threading.Event) -> None:
        with holder[0].context.wrap_socket(connection, server_side=True) as tls:
            tls.settimeout(0.2)
            received = b""
            while not stop.is_set():
                with suppress(TimeoutError):
                    data = tls.recv(4096)
                    if not data:
                        return
                    received += data
                    if b"\r\n\r\n" in received:
                        holder[0].requests.append(received)
                        received = b""
                        tls.sendall(ANSWER)

    with peer(behave) as endpoint:
        holder.append(Partner(endpoint, server_context(OLD)))
        yield holder[0]


class Site:
    """The program with its gateway; `reset` is where every test begins."""

    def __init__(
        self, kind: str, folder: Path, settings: Mapping[str, object], start: Callable[["Site"], Running]
    ) -> None:
        self.kind = kind
        self.folder = folder
        self.root = folder / "gateway"
        self.settings: dict[str, object] = {"root": self.root, **settings}
        self.gateway: Gateway = open_gateway(kind, self.settings)
        self.ports = Ports(*(programs.free_port() for _ in range(3)))
        self.start = start
        self.program: Running | None = None
        self.partner: Partner

    def lay_out(self) -> None:
        """The first certificates, before the program: it cannot start without the files."""
        keys = self.root / "gw" / "keys"
        keys.mkdir(parents=True)
        (keys / "old.key").write_text(GW_OLD.key_pem)
        (keys / "new.key").write_text(GW_NEW.key_pem)
        self.reset()

    def reset(self) -> None:
        """Everything old, everything running."""
        if self.program is not None and self.program.process.poll() is not None:
            self.program = self.start(self)
        self.switch("acme-in", OLD)
        self.switch("acme-out", OLD)
        self.switch("gw", GW_OLD, Role.PRESENTS)

    def switch(self, connection: str, holder: Issued, role: Role = Role.ACCEPTS) -> None:
        """Stage and commit."""
        self.take(connection, material(holder, role))

    def take(self, connection: str, wanted: Material) -> None:
        """Stage and commit."""
        self.gateway.commit(self.gateway.stage(connection, wanted))

    @property
    def uri(self) -> Endpoint:
        """Where the gateway presents `gw`."""
        return Endpoint.parse(f"https://127.0.0.1:{self.ports.inbound}/")

    def admits(self, holder: Issued, session: ssl.SSLSession | None = None) -> bool:
        """Whether a partner with this certificate gets in."""
        return admitted(self.ports.inbound, holder, session)

    def presented(self) -> bytes:
        """What the gateway presents now."""
        client = Client(self.ports.inbound, OLD)
        try:
            return client.presented
        finally:
            client.close()


@contextmanager
def site(kind: str, folder: Path, *, careless: bool = False) -> Iterator[Site]:
    """A running site of that kind, with its partner."""
    with ExitStack() as stack:
        there = stack.enter_context(partner())
        made = (_haproxy if kind == "haproxy" else _envoy)(folder, stack, there, careless)
        made.partner = there
        made.lay_out()
        made.program = made.start(made)
        yield made


def _haproxy(folder: Path, stack: ExitStack, there: Partner, careless: bool) -> Site:
    program = programs.find_haproxy()
    sockets = {"socket": folder / "stats.sock", "master_socket": folder / "master.sock"}
    settings = {**sockets, "config": folder / "h.cfg", "uses": "uses"}

    def start(made: Site) -> Running:
        config = folder / "h.cfg"
        port = there.endpoint.port
        config.write_text(programs.haproxy_config(made.root, folder, made.ports, port, careless=careless))
        command = [program, "-W", "-S", str(folder / "master.sock"), "-f", str(config)]
        return stack.enter_context(programs.started(command, folder, lambda: programs.listens(made.ports.inbound)))

    return Site("haproxy", folder, settings, start)


def _envoy(folder: Path, stack: ExitStack, there: Partner, careless: bool) -> Site:
    program = programs.find_envoy()

    def start(made: Site) -> Running:
        config = folder / "envoy.json"
        config.write_text(programs.envoy_config(made.root, made.ports, there.endpoint.port, careless=careless))
        # A base id of its own: two Envoys of one id would take each other for parent and child.
        command = [program, "-c", str(config), "--use-dynamic-base-id", "-l", "error", "--concurrency"]
        command.append("1" if careless else "2")  # each worker has a pool of its own
        ready = programs.http_ready(made.ports.admin)
        return stack.enter_context(programs.started(command, folder, ready))

    made = Site("envoy", folder, {"admin": "127.0.0.1:1"}, start)
    made.settings["admin"] = f"127.0.0.1:{made.ports.admin}"
    made.gateway = open_gateway("envoy", made.settings)
    return made
