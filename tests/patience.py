"""How a test waits for what has to come: long, because on green nobody waits it out, however busy the machine."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 60.0


def eventually(
    look: Callable[[], T | None], what: str = "", seconds: float = PATIENCE_SECONDS, pause: float = 0.01
) -> T:
    """The first thing that `look` sees; fails with what was wanted, and what was seen instead, at the deadline."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what or 'it'}, and it is still {seen!r}"
        time.sleep(pause)
    return seen
