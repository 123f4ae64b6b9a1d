"""How fast we post: Slack takes one message a second and channel, and tolerates short bursts (docs: rate limits)."""

import threading
import time
from collections.abc import Callable

BURST = 5
PER_SECOND = 1.0


class Pace:
    """A bucket of tokens for each channel. Updates of messages are limited otherwise and do not count.

    Args:
        clock: monotonic seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        # When the bucket of a channel would be full again; a full one need not be remembered.
        self._full_at: dict[str, float] = {}

    def wait(self, channel: str) -> None:
        """Return when the channel may have its next message; it is taken as posted then."""
        with self._lock:
            now = self._clock()
            self._full_at = {name: at for name, at in self._full_at.items() if at > now}
            full_at = max(self._full_at.get(channel, now), now) + 1 / PER_SECOND
            self._full_at[channel] = full_at
        ahead = full_at - now - BURST / PER_SECOND
        if ahead > 0:
            self._sleep(ahead)
