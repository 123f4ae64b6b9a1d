"""The Envoy of the demo world: a process of its own, on loopback ports of its own, gone when the demo world is.

Its folder is that of the gateway `edge`; Envoy does not start without the secrets that the gateway lays there. One that
ends by itself is started again, on the same ports and with what lies at the gateway by then.
"""

import http.client
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.lab import cast, envoy
from bot.lab.certificates import write_private
from bot.lab.envoy import Way
from bot.lab.serving import LOOPBACK
from bot.lab.supervisor import Condition, Supervised
from bot.lab.tether import Tethered

GATEWAY = "edge"  # as the gateways file and the connections call it
ADMIN = "edge-admin"
PATH = "/b2b"

_LOOK_EVERY_S = 0.02
_ASKING_TIMEOUT_S = 1.0


class Edge:
    """Takes its ports when it is made, the ones of last time if they are free, and holds them for Envoy."""

    def __init__(self, program: Path, folder: Path, root: Path, preferred: Mapping[str, int]) -> None:
        self._program, self._folder, self._root = program, folder, root
        names = (ADMIN, *(_port_name(partner) for partner in cast.PARTNERS))
        self._held = {name: _bound(preferred.get(name, 0)) for name in names}
        self.ports: Mapping[str, int] = {name: int(held.getsockname()[1]) for name, held in self._held.items()}
        self._envoy: Supervised | None = None

    def listener(self, partner: cast.Partner) -> int:
        """The port at which requests for the partner are taken."""
        return self.ports[_port_name(partner)]

    def settings(self) -> Mapping[str, object]:
        """This gateway as the gateways file wants it."""
        ways = {one.connection: f"http://{LOOPBACK}:{self.listener(one)}{PATH}" for one in cast.PARTNERS}
        admin = f"{LOOPBACK}:{self.ports[ADMIN]}"
        return {"kind": "envoy", "root": str(self._root), "admin": admin, "through": ways}

    @property
    def log(self) -> Path:
        """What Envoy writes, of this life of the demo world."""
        return self._folder / "envoy.log"

    @property
    def condition(self) -> Condition | None:
        """How Envoy fares; None where it was not started."""
        kept = self._envoy  # once: the panel asks from a thread of its own, also while all is being stopped
        return kept.condition if kept else None

    def start(self, endpoints: Mapping[str, int]) -> tuple[str, ...]:
        """Start Envoy between us and the partners' servers (ports by partner key); returns at once, see `ready`.

        Returns the partners whose certificates lie at the gateway already: Envoy cannot start with the others'.
        """
        write_private(self.log, b"")
        if not envoy.SHARES_PORTS:
            self._release()
        self._envoy = Supervised(lambda: self._begin(endpoints))
        return tuple(one.key for one in self._there())

    def ready(self, patience_s: float) -> bool:
        """Wait until Envoy takes requests; False when it does not in that time, or has ended.

        Once it does it is kept running: a first start that fails would fail again, and somebody is told of it.
        """
        end = time.monotonic() + patience_s
        while self._envoy is not None and self._envoy.lives and time.monotonic() < end:
            if self._says_live():
                self._envoy.keep()
                return True
            time.sleep(_LOOK_EVERY_S)
        return False

    def stop(self) -> None:
        """End Envoy and let go of the ports."""
        if self._envoy is not None:
            self._envoy.stop()
            self._envoy = None
        self._release()

    def _begin(self, endpoints: Mapping[str, int]) -> Tethered:
        ways = [Way(one.connection, self.listener(one), endpoints[one.key], one.host) for one in self._there()]
        configuration = self._folder / "envoy.json"
        write_private(configuration, envoy.configuration(self._root, ways, self.ports[ADMIN]).encode("utf-8"))
        with self.log.open("ab") as output:
            return Tethered(envoy.command(self._program, configuration), output)

    def _there(self) -> Sequence[cast.Partner]:
        return [one for one in cast.PARTNERS if envoy.secret_file(self._root / one.connection).is_file()]

    def _release(self) -> None:
        for held in self._held.values():
            held.close()
        self._held = {}

    def _says_live(self) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, self.ports[ADMIN], timeout=_ASKING_TIMEOUT_S)
        try:
            connection.request("GET", "/ready")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def has_secrets(root: Path) -> bool:
    """Whether whatever is live in the gateway's folder is there for Envoy too; it is not where files were enough."""
    folders: Sequence[Path] = [root / one.connection for one in cast.PARTNERS]
    return all(envoy.secret_file(one).is_file() for one in folders if (one / "current").exists())


def _port_name(partner: cast.Partner) -> str:
    return f"edge-{partner.key}"


def _bound(preferred: int) -> socket.socket:
    """A socket that keeps the port for us, without listening."""
    port = preferred if _is_free(preferred) else 0
    held = socket.socket()
    # One or the other: Linux lets whoever sets SO_REUSEADDR have a port that is held with it and not listened at.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT if envoy.SHARES_PORTS else socket.SO_REUSEADDR, 1)
    held.bind((LOOPBACK, port))
    return held


def _is_free(port: int) -> bool:
    """Whether nobody else is there, not even somebody who would share it."""
    with socket.socket() as alone:
        # Connections that ended lately do not keep a port.
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            alone.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
