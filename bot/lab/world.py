"""The demo world as one thing: open it, start it, hand out what others need, stop it."""

import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.lab import cast
from bot.lab.certificates import ABOVE, CA_LIST, Cabinet, load, make, save, write_private
from bot.lab.endpoint import PartnerEndpoint, server_context
from bot.lab.errors import LabError
from bot.lab.panel import PanelServer
from bot.lab.samples import Sample, bad_samples, partner_samples

OLD, NEW = "old", "new"

_STORY = {
    "acme": "The certificate in use runs out in three weeks. The new one comes from another issuing CA.",
    "globex": "AS2 with self-signed certificates: no CA, the certificate itself is what both sides trust.",
    "initech": "The certificate in use has expired. The new one comes from the same CA.",
}


@dataclass
class _State:
    """What the folder remembers besides keys and certificates."""

    ports: dict[str, int] = field(default_factory=dict)  # by partner key, and "panel"
    presented: dict[str, str] = field(default_factory=dict)


class LabWorld:
    """Made fresh at the first `open`, with keys of its own; loaded from its folder afterwards.

    `now` (aware) is used at the first opening only, to date the certificates so that the story is true. Ports are kept
    in the folder, so that the URIs of the starter stay true after a restart; one that was taken in between is replaced.
    """

    def __init__(self, directory: Path, now: datetime) -> None:
        self._directory = directory
        self._now = now
        self._lock = threading.Lock()
        self._cabinet: Cabinet | None = None
        self._state = _State()
        self._endpoints: dict[str, PartnerEndpoint] = {}
        self._panel: PanelServer | None = None
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
        with self._lock:
            self._state.ports = {key: endpoint.port for key, endpoint in self._endpoints.items()}
            self._state.ports["panel"] = self._panel.port
            self._remember()

    def stop(self) -> None:
        """Stop serving. The folder keeps everything."""
        for server in (*self._endpoints.values(), *([self._panel] if self._panel else [])):
            server.stop()
        self._endpoints, self._panel = {}, None

    @property
    def gateway_root(self) -> Path:
        """A folder for the gateway that serves this world."""
        return self._directory / "gateway"

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
        return f"https://127.0.0.1:{self._state.ports[partner]}/b2b"

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
        return {
            "partners": [
                {"key": one.key, "name": one.name, "slack_team_id": one.team_id, "channels": [one.channel]}
                for one in cast.PARTNERS
            ],
            "ca_certificates": [{"pem": cabinet[name].pem, "anchor": anchor} for name, anchor in CA_LIST],
            "certificates": [
                {"partner": one.key, "display_name": self._display_name(one), "pem": cabinet[f"{one.key}-old"].pem}
                for one in cast.PARTNERS
            ],
            "connections": [
                {
                    "partner": one.key,
                    "name": one.connection,
                    "role": "accepts",
                    "uri": self.uri(one.key),
                    "gateway": "files",
                    "certificate": self._display_name(one),
                }
                for one in cast.PARTNERS
            ],
            "choreographies": [
                {
                    "name": one.name,
                    "description": one.description,
                    "participants": [{"partner": part.key, "connection": part.connection} for part in one.partners],
                }
                for one in cast.CHOREOGRAPHIES
            ],
        }

    @property
    def _keys(self) -> Path:
        return self._directory / "keys"

    def _opened(self) -> Cabinet:
        if self._cabinet is None:
            raise LabError("not_open")
        return self._cabinet

    def _context(self, name: str) -> ssl.SSLContext:
        return server_context(self._keys / f"{name}.sent.pem", self._keys / f"{name}.key")

    def _display_name(self, partner: cast.Partner) -> str:
        issued = self._opened()[f"{partner.key}-old"].certificate.not_valid_before_utc
        return f"{partner.list_name} {issued:%Y-%m-%d}"

    def _turn(self, switch: str, value: str) -> None:
        prefix, _, partner = switch.partition("-")
        if prefix != "presents":
            raise LabError("unknown_partner")
        self.set_presented(partner, value)

    def _describe(self, url: str) -> Mapping[str, object]:
        partners = [
            {
                "title": partner.name,
                "text": _STORY[partner.key],
                "files": [_offer(sample, url) for sample in self._good[partner.key]],
                "switches": [
                    {
                        "id": f"presents-{partner.key}",
                        "label": f"The server of {partner.name} presents",
                        "note": "Takes effect with the next handshake.",
                        "value": self.presented(partner.key),
                        "options": [
                            {"value": OLD, "label": "old certificate"},
                            {"value": NEW, "label": "new certificate"},
                        ],
                    }
                ],
            }
            for partner in cast.PARTNERS
        ]
        bad = {
            "title": "Bad files",
            "text": "What people really send. Each gets an answer of its own.",
            "files": [_offer(sample, url) for sample in self._bad],
            "switches": [],
        }
        text = "Three partners with real TLS servers on this machine. Drop a file into a channel or thread."
        return {"title": "Demo world", "text": text, "sections": [*partners, bad]}

    def _remembered(self) -> _State:
        try:
            kept = json.loads((self._directory / "world.json").read_bytes())
            return _State(ports=dict(kept["ports"]), presented=dict(kept["presented"]))
        except FileNotFoundError:
            return _State()

    def _remember(self) -> None:
        kept = {"ports": self._state.ports, "presented": self._state.presented}
        write_private(self._directory / "world.json", json.dumps(kept, indent=2).encode("ascii"))


def _known(partner: str) -> str:
    if partner not in {one.key for one in cast.PARTNERS}:
        raise LabError("unknown_partner", partner=partner)
    return partner


def _offer(sample: Sample, url: str) -> dict[str, str]:
    return {"name": sample.name, "label": sample.label, "note": sample.note, "url": f"{url}/files/{sample.name}"}
