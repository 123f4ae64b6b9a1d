"""Rounds by the clock, by one of the replicas: a look at each endpoint that a waiting switch depends on, and at each
gateway, whether it holds what is on record, and whether a new certificate was used there.

Nothing durable: what a look showed is in the store before the next one begins, and a look that was lost is made again.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import structlog

log = structlog.get_logger(__name__)

WATCH_SECONDS: Final = 5.0
"""Traffic waits for a switch of mode "first seen" as long as this at most; a handshake is nothing to a server."""

AT_ONCE: Final = 8
"""Endpoints that are looked at at the same time: those that do not answer must not hold up the others."""

DUTY: Final = "duty-watch"
DRIFT_DUTY: Final = "duty-drift"
USE_DUTY: Final = "duty-use"
STOP_SECONDS: Final = 5.0


class Seat(Protocol):
    """The name of a duty, held by one replica (`storage.seats`)."""

    def still_held(self) -> bool:
        """Whether it is still ours."""

    def leave(self) -> None:
        """Let it go."""


class Watch(Protocol):
    """What is to be looked at, and the look (`bot.services.watch`, `drift`, `first_use`)."""

    def due(self) -> tuple[str, ...]:
        """What is to be looked at now."""

    def look(self, name: str, /) -> None:
        """Look at one."""


class Watchman:
    """Makes the rounds while it has the seat of this duty; another replica gets it the moment that this one dies.

    Args:
        watch: what to look at.
        take_seat: gives the seat of a name, or None while another has it.
        every: the seconds between two rounds.
        duty: the name of the duty.
        at_once: whether the first round is made at the start, and not a pause later.
    """

    def __init__(
        self,
        watch: Watch,
        take_seat: Callable[[str], Seat | None],
        every: float = WATCH_SECONDS,
        *,
        duty: str = DUTY,
        at_once: bool = False,
    ) -> None:
        self._watch = watch
        self._duty = duty
        self._at_once = at_once
        self._take_seat = take_seat
        self._every = every
        self._seat: Seat | None = None
        self._under_way: set[str] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, duty)
        self._thread = threading.Thread(target=self._run, name=duty, daemon=True)

    def start(self) -> None:
        """Make rounds from now on."""
        self._thread.start()

    def stop(self) -> None:
        """No more rounds; looks that have begun end by themselves."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._seat is not None:
            self._seat.leave()

    def _run(self) -> None:
        pause = 0.0 if self._at_once else self._every
        while not self._stopping.wait(pause):
            pause = self._every
            try:
                if self._is_on_duty():
                    self._round()
            except Exception:
                log.exception("watch_failed", duty=self._duty)

    def _is_on_duty(self) -> bool:
        if self._seat is not None and not self._seat.still_held():
            self._seat.leave()
            self._seat = None
        if self._seat is None:
            self._seat = self._take_seat(self._duty)
        return self._seat is not None

    def _round(self) -> None:
        for name in self._watch.due():
            with self._lock:
                if name in self._under_way:  # it does not answer, and is not asked twice meanwhile
                    continue
                self._under_way.add(name)
            self._pool.submit(self._look, name)

    def _look(self, name: str) -> None:
        try:
            self._watch.look(name)
        except Exception as error:
            log.error("look_failed", duty=self._duty, at=name, error=type(error).__name__)
        finally:
            with self._lock:
                self._under_way.discard(name)
