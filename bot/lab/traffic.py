"""Small requests of every choreography through the gateway, at a gentle pace, and what became of them."""

import http.client
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.lab import cast
from bot.lab.edge import PATH
from bot.lab.envoy import TIMEOUT_S
from bot.lab.serving import LOOPBACK

# Between two requests of one choreography, in seconds.
PACE_S = 2.0
# A partner's server answers with a few words, and so does Envoy.
_MAX_ANSWER = 4096


class Trouble(StrEnum):
    """Why a request was not answered by the partner's server."""

    EXPIRED = "expired"
    NOT_PINNED = "not_pinned"
    NOT_TRUSTED = "not_trusted"
    NO_SERVER = "no_server"
    NO_GATEWAY = "no_gateway"


# What Envoy says of a handshake that it broke off (1.40, measured), the first that is found.
_SAID = (
    ("certificate_has_expired", Trouble.EXPIRED),
    ("cert_hash", Trouble.NOT_PINNED),
    ("CERTIFICATE_VERIFY_FAILED", Trouble.NOT_TRUSTED),
)


@dataclass(frozen=True)
class Tally:
    """What became of a choreography's requests to one partner since its server last changed what it presents."""

    answered: int = 0
    failed: int = 0
    met: str | None = None  # which certificate the last answered request met
    trouble: Trouble | None = None  # of the last request; None where it was answered


class Traffic:
    """One thread a partner, so that a slow one holds up nobody else. `listeners` are ports by partner key."""

    def __init__(self, listeners: Mapping[str, int], pace_s: float = PACE_S) -> None:
        self._listeners = listeners
        self._pace_s = pace_s
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._tallies = {partner: _fresh(partner) for partner in listeners}
        self._threads = [
            threading.Thread(target=self._send, args=(partner,), name=f"lab-traffic-{partner}", daemon=True)
            for partner in listeners
        ]

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send no more; what is under way is not waited for longer than it may take."""
        self._stopped.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(TIMEOUT_S)

    def anew(self, partner: str) -> None:
        """Count the partner's from here; what is under way counts for neither."""
        with self._lock:
            self._tallies[partner] = _fresh(partner)

    def tallies(self, partner: str) -> Mapping[str, Tally]:
        """By choreography, in the order of the cast."""
        with self._lock:
            return dict(self._tallies[partner])

    def _send(self, partner: str) -> None:
        choreographies = tuple(self.tallies(partner))
        while True:
            for choreography in choreographies:
                with self._lock:
                    counted = self._tallies[partner]
                met = _ask(self._listeners[partner], choreography)
                with self._lock:
                    # The dictionary of that moment: a new one has begun where the server has changed meanwhile.
                    counted[choreography] = _with(counted[choreography], met)
                if self._stopped.wait(self._pace_s / len(choreographies)):
                    return


def _fresh(partner: str) -> dict[str, Tally]:
    return {one.name: Tally() for one in cast.CHOREOGRAPHIES if partner in {part.key for part in one.partners}}


def _with(tally: Tally, met: str | Trouble) -> Tally:
    if isinstance(met, Trouble):
        return replace(tally, failed=tally.failed + 1, trouble=met)
    return Tally(tally.answered + 1, tally.failed, met)


def _ask(port: int, choreography: str) -> str | Trouble:
    """Which certificate the partner's server showed for this request, or why there is no answer of its."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_S + 1)
    try:
        connection.request("GET", PATH, headers={"X-Choreography": choreography})
        response = connection.getresponse()
        said = json.loads(response.read(_MAX_ANSWER))
    except (OSError, http.client.HTTPException):
        return Trouble.NO_GATEWAY
    except (ValueError, RecursionError):
        return Trouble.NO_SERVER
    finally:
        connection.close()
    if not isinstance(said, dict):
        return Trouble.NO_SERVER
    if response.status == http.HTTPStatus.OK and said.get("choreography") == choreography:
        return str(said.get("presented"))
    told = str(said.get("trouble", ""))
    return next((trouble for words, trouble in _SAID if words in told), Trouble.NO_SERVER)
