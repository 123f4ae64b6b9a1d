"""The demo world as one thing: open it, start it, hand out what others need, stop it."""

import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from bot.lab import cast
from bot.lab.certificates import ABOVE, Cabinet, load, make, save, write_private
from bot.lab.edge import GATEWAY, PATH, Edge, has_secrets
from bot.lab.endpoint import PartnerEndpoint, server_context
from bot.lab.errors import LabError
from bot.lab.gateways_file import gateways_file
from bot.lab.offer import NEW, OLD, Envoy, Offer, describe
from bot.lab.panel import PanelServer
from bot.lab.samples import Sample, bad_samples, partner_samples
from bot.lab.stock import stock
from bot.lab.traffic import PACE_S, Tally, Traffic

# The gateway that the bot has by itself; without an Envoy the partners' connections are there.
FILES = "files"

# Envoy takes requests a quarter of a second after its start (measured).
ENVOY_PATIENCE_S = 10.0


@dataclass
class _State:
    """What the folder remembers besides keys and certificates."""

    ports: dict[str, int] = field(default_factory=dict)  # by partner key, "panel", and as `Edge` calls them
    presented: dict[str, str] = field(default_factory=dict)
    gateway: str | None = None  # of the partners' connections; settled at the first start


class LabWorld:
    """Made fresh at the first `open`, with keys of its own; loaded from its folder afterwards.

    `now` (aware) is used at the first opening only, to date the certificates so that the story is true. Ports are kept
    in the folder, so that the URIs of the starter stay true after a restart; one that was taken in between is replaced.

    `envoy` is Envoy's program: with one, it stands between our choreographies and the partners' servers, and each sends
    a request every `pace_s` seconds. A world that began without it goes on without it.
    """

    def __init__(self, directory: Path, now: datetime, *, envoy: Path | None = None, pace_s: float = PACE_S) -> None:
        self._directory = directory
        self._now = now
        self._envoy = envoy
        self._pace_s = pace_s
        self._lock = threading.Lock()
        self._cabinet: Cabinet | None = None
        self._state = _State()
        self._endpoints: dict[str, PartnerEndpoint] = {}
        self._panel: PanelServer | None = None
        self._edge: Edge | None = None
        self._traffic: Traffic | None = None
        self._good: dict[str, tuple[Sample, ...]] = {}
        self._bad: tuple[Sample, ...] = ()

    def open(self) -> None:
        """Create the world in its folder, or load it from there."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        cabinet = load(self._keys)
        if cabinet is None:
            cabinet = make(self._now)
            save(cabinet, self._keys)
        for name in ABOVE:
            sent = "".join(identity.pem for identity in cabinet.sent_by(name))
            write_private(self._keys / f"{name}.sent.pem", sent.encode("ascii"))
        self._cabinet = cabinet
        self._state = self._remembered()
        self._good, self._bad = partner_samples(cabinet), bad_samples(cabinet)

    def start(self) -> None:
        """Serve the partners' endpoints and the panel; all of them accept connections when this returns."""
        if self._cabinet is None:
            raise LabError("not_open")
        for partner in cast.PARTNERS:
            contexts = {which: self._context(f"{partner.key}-{which}") for which in (OLD, NEW)}
            port = self._state.ports.get(partner.key, 0)
            self._endpoints[partner.key] = PartnerEndpoint(port, partner.key, contexts, self.presented(partner.key))
        files = {sample.name: sample for samples in (*self._good.values(), self._bad) for sample in samples}
        self._panel = PanelServer(self._state.ports.get("panel", 0), self._describe, files, self._turn)
        for server in (*self._endpoints.values(), self._panel):
            server.start()
        if self._state.gateway is None:
            self._state.gateway = GATEWAY if self._envoy else FILES
        if self._envoy and self._state.gateway == GATEWAY and has_secrets(self.gateway_root):
            self._edge = Edge(self._envoy, self._directory, self.gateway_root, self._state.ports)
        with self._lock:
            self._state.ports |= {**self._ports, "panel": self._panel.port, **(self._edge.ports if self._edge else {})}
            self._remember()

    def start_edge(self) -> None:
        """Start Envoy, where there is one, once the starter's certificates lie at its gateway; returns at once."""
        if self._edge is None:
            return
        served = self._edge.start(self._ports)
        listeners = {one.key: self._edge.listener(one) for one in cast.PARTNERS if one.key in served}
        self._traffic = Traffic(listeners, self._pace_s)

    def edge_trouble(self) -> str | None:
        """Wait for Envoy, then let the choreographies send. None when they do, else why not.

        Codes: `no_envoy`; `began_without_envoy`: what lies at the gateway is not for Envoy; `envoy_not_ready`.
        """
        if self._edge is None or self._traffic is None:
            return "began_without_envoy" if self._envoy else "no_envoy"
        if not self._edge.ready(ENVOY_PATIENCE_S):
            return "envoy_not_ready"
        self._traffic.start()
        return None

    def stop(self) -> None:
        """Stop serving. The folder keeps everything."""
        if self._edge:
            self._edge.stop()
        if self._traffic:
            self._traffic.stop()
        self._edge = self._traffic = None
        for server in (*self._endpoints.values(), *([self._panel] if self._panel else [])):
            server.stop()
        self._endpoints, self._panel = {}, None

    @property
    def gateway_root(self) -> Path:
        """The folder of the gateway that serves this world."""
        return self._directory.resolve() / "gateway"

    def gateways_file(self, own: Mapping[str, object]) -> Path | None:
        """The file that names this world's gateway beside the bot's own one, written anew; None where that is enough.

        `own` are the settings of the bot's own, which stays the first: new connections are there.
        """
        path = self._directory / "gateways.toml"
        if self._state.gateway != GATEWAY:
            return None
        # What lies there for Envoy are files that the other kind can go on with.
        edge = self._edge.settings() if self._edge else {"kind": "files", "root": str(self.gateway_root)}
        write_private(path, gateways_file({FILES: {"kind": "files", **own}, GATEWAY: edge}).encode("utf-8"))
        return path

    @property
    def panel_url(self) -> str:
        """Where the panel listens, without a slash at the end."""
        if self._panel is None:
            raise LabError("not_started")
        return self._panel.url

    def uri(self, partner: str) -> str:
        """The partner's endpoint. Known from the first start on."""
        _known(partner)
        if partner not in self._state.ports:
            raise LabError("not_started")
        return f"https://127.0.0.1:{self._state.ports[partner]}{PATH}"

    def presented(self, partner: str) -> str:
        """Which certificate the partner's server presents: `old` or `new`."""
        return self._state.presented.get(_known(partner), OLD)

    def set_presented(self, partner: str, which: str) -> None:
        """From the next handshake on, present the old or the new certificate; remembered in the folder.

        Raises:
            LabError: `unknown_partner`, `unknown_value`.
        """
        if which not in {OLD, NEW}:
            raise LabError("unknown_value", value=which)
        with self._lock:
            self._state.presented[_known(partner)] = which
            if partner in self._endpoints:
                self._endpoints[partner].present(which)
            if self._traffic:
                self._traffic.anew(partner)
            self._remember()

    def roles(self) -> dict[str, tuple[str, ...]]:
        """Who may do what, as the bot's settings name the roles."""
        return dict(cast.ROLES)

    def slack_seed(self) -> dict[str, object]:
        """Teams, people, channels and the app, for the local Slack."""
        return cast.slack_seed()

    def starter(self) -> dict[str, object]:
        """What the bot's store starts with: partners, CA list, certificates in use, connections, choreographies."""
        cabinet = self._opened()
        uris = {one.key: self.uri(one.key) for one in cast.PARTNERS}
        return stock(cabinet, uris, self._state.gateway or FILES)

    @property
    def _ports(self) -> dict[str, int]:
        return {partner: endpoint.port for partner, endpoint in self._endpoints.items()}

    @property
    def _keys(self) -> Path:
        return self._directory / "keys"

    def _opened(self) -> Cabinet:
        if self._cabinet is None:
            raise LabError("not_open")
        return self._cabinet

    def _context(self, name: str) -> ssl.SSLContext:
        return server_context(self._keys / f"{name}.sent.pem", self._keys / f"{name}.key")

    def _turn(self, switch: str, value: str) -> None:
        prefix, _, partner = switch.partition("-")
        if prefix != "presents":
            raise LabError("unknown_partner")
        self.set_presented(partner, value)

    def _describe(self, url: str) -> Mapping[str, object]:
        offers = [
            Offer(partner, self._good[partner.key], self.presented(partner.key), self._tallies(partner))
            for partner in cast.PARTNERS
        ]
        edge = self._edge
        condition = edge.condition if edge else None
        return describe(offers, self._bad, url, Envoy(condition, str(edge.log)) if edge and condition else None)

    def _tallies(self, partner: cast.Partner) -> Mapping[str, Tally]:
        return self._traffic.tallies(partner.key) if self._traffic else {}

    def _remembered(self) -> _State:
        try:
            kept = json.loads((self._directory / "world.json").read_bytes())
            return _State(dict(kept["ports"]), dict(kept["presented"]), kept.get("gateway", FILES))
        except FileNotFoundError:
            return _State()

    def _remember(self) -> None:
        kept = asdict(self._state)
        write_private(self._directory / "world.json", json.dumps(kept, indent=2).encode("ascii"))


def _known(partner: str) -> str:
    if partner not in {one.key for one in cast.PARTNERS}:
        raise LabError("unknown_partner", partner=partner)
    return partner
