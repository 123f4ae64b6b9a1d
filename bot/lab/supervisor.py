"""A program that is kept running: when it ends by itself it is started again, later each time, and not for ever."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.lab.tether import Tethered

# From an end to the next start, in seconds, half a minute in all: a crash is over by then, or it is none that a start
# mends (its port or its files are gone). After the last one the program stays down.
BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
# A program that ran for so long was well: its end is a first one again.
WELL_AFTER_S = 60.0


@dataclass(frozen=True)
class Condition:
    """How the program fares. `ends`: how often it ended by itself; `given_up`: it is not started again."""

    runs: bool = True
    ends: int = 0
    given_up: bool = False


class Supervised:
    """A program by way of the tether, and a thread that waits for its end. `begin` starts it, also again."""

    def __init__(
        self, begin: Callable[[], Tethered], back_off_s: Sequence[float] = BACK_OFF_S, well_s: float = WELL_AFTER_S
    ) -> None:
        self._begin = begin
        self._back_off_s = tuple(back_off_s)
        self._well_s = well_s
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._began = time.monotonic()
        self._program: Tethered | None = begin()
        self._condition = Condition()
        self._thread = threading.Thread(target=self._keep, name="lab-supervisor", daemon=True)

    @property
    def lives(self) -> bool:
        """Whether the program runs at this moment."""
        program = self._program
        return program is not None and program.lives

    @property
    def condition(self) -> Condition:
        """How it fares, for people."""
        return self._condition

    def keep(self) -> None:
        """From now on start it again when it ends. Until then an end is for whoever started it to see."""
        if not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """End the program and start it no more; it is gone when this returns."""
        with self._lock:
            self._stopped.set()
            program = self._program
        if program is not None:
            program.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        pauses = iter(self._back_off_s)
        while True:
            if self._program is not None:
                self._program.wait()
            if self._stopped.is_set():
                return
            if time.monotonic() - self._began >= self._well_s:
                pauses = iter(self._back_off_s)
            pause = next(pauses, None)
            self._condition = Condition(False, self._condition.ends + 1, given_up=pause is None)
            if pause is None or self._stopped.wait(pause):
                return
            self._again()

    def _again(self) -> None:
        with self._lock:
            if self._stopped.is_set():
                return
            self._began = time.monotonic()
            try:
                self._program = self._begin()
            except OSError:  # no process or no disk to be had at this moment: the next try finds out
                self._program = None
            else:
                self._condition = Condition(True, self._condition.ends)
