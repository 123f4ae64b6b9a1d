"""Of two quick choices in one form the later one counts, in whatever order they are worked off."""

import threading
from typing import Final

REMEMBERED: Final = 1_000
"""Forms that are open at the same time at most; of one that is forgotten the hash alone decides."""


class Latest:
    """The moment of the last choice in each form, as far as this process has seen it."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._moments: dict[str, float] = {}
        self._lock = threading.Lock()

    def came(self, view_id: str, moment: float) -> bool:
        """Note a choice, made at this Unix time by Slack's clock; False where a later one is known."""
        with self._lock:
            if moment < self._moments.get(view_id, moment):
                return False
            self._moments.pop(view_id, None)  # so that the oldest stays the first
            self._moments[view_id] = moment
            while len(self._moments) > self._remembered:
                del self._moments[next(iter(self._moments))]
            return True

    def is_latest(self, view_id: str, moment: float) -> bool:
        """Whether no later choice has come since."""
        with self._lock:
            return moment >= self._moments.get(view_id, moment)
