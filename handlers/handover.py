"""Handing work over to the durable engine: each piece once at a time, and again when it ended without being done.

What is due is read from the store again and again, so nothing is forgotten; a workflow's id keeps a repeat from being
a second run, also after a restart and between replicas.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from dbos import DBOS, SetWorkflowID

log = structlog.get_logger(__name__)

# The pause before another run doubles from the first to the second: Slack is seldom down for long, and what is back
# should be told soon.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 15.0, 300.0
# Nearly two days of the longest pauses; who has not read it by then has asked in another way.
MOST_RUNS = 500
UNDER_WAY = frozenset({"PENDING", "ENQUEUED", "DELAYED"})


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of due work.

    `start` is called with `arguments` and starts a workflow; `give_up` likewise, after `MOST_RUNS` runs, where it is
    the kind of work that may be given up.
    """

    name: str
    start: Callable[..., object]
    arguments: tuple[Any, ...]
    give_up: Callable[..., object] | None = None


@dataclass(slots=True)
class _Run:
    number: int
    look_again: float


class Handover:
    """Remembers what was handed over lately; all else is asked of the engine."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most_runs: int = MOST_RUNS) -> None:
        self._clock = clock
        self._most_runs = most_runs
        self._runs: dict[str, _Run] = {}

    def run(self, due: Iterable[Work]) -> None:
        """Start what is due and not under way. One piece that cannot be started does not hold up the others."""
        seen = set()
        for work in due:
            seen.add(work.name)
            try:
                self._take(work)
            except Exception as error:
                log.error("not_started", work=work.name, error=type(error).__name__)
        self._runs = {name: run for name, run in self._runs.items() if name in seen}

    def _take(self, work: Work) -> None:
        run = self._runs.get(work.name)
        if run is not None and run.look_again > self._clock():
            return
        number = run.number if run else 0
        while (status := DBOS.get_workflow_status(f"{work.name}:{number}")) is not None:
            if status.status in UNDER_WAY:
                self._remember(work, number)
                return
            number += 1
        if number >= self._most_runs and work.give_up is not None:
            work.give_up(*work.arguments)
            return
        with SetWorkflowID(f"{work.name}:{number}"):
            work.start(*work.arguments)
        self._remember(work, number)

    def _remember(self, work: Work, number: int) -> None:
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(number, 10), LONGEST_PAUSE_SECONDS)
        self._runs[work.name] = _Run(number, self._clock() + pause)
