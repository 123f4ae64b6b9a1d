"""This process among those that share one store: its name, which nobody else has, and an eye on the others.

Two processes with one name would each run the other's work at their start; the work of one that died would wait for
its name to come back. So a name is a seat (`storage.seats`), and whoever finds a seat empty takes the work over.
"""

import threading

import structlog

from bot.obstacles import CannotStart
from handlers.recovery import take_over
from storage.seats import Seat, Seats

log = structlog.get_logger(__name__)

# What a dead replica left waits no longer than this, and a look is one indexed query.
LOOK_SECONDS = 5.0
MOST_REPLICAS = 99
NAME = "countersign-{}"


class Replica:
    """Takes a seat when it is built; `start` it once the jobs run, `stop` it when they have stopped.

    Args:
        seats: around the database of the jobs.
        wanted: the name to have; the first free one when empty.

    Raises:
        CannotStart: a process that is alive has that name.
    """

    def __init__(self, seats: Seats, wanted: str = "") -> None:
        self._seats = seats
        self.name, self._seat = _sit_down(seats, wanted)
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._look, name="replica", daemon=True)

    def start(self) -> None:
        """Look after the others from now on."""
        self._watch.start()

    def stop(self) -> None:
        """Leave the seat to whoever comes next."""
        self._stopping.set()
        if self._watch.is_alive():
            self._watch.join(LOOK_SECONDS)
        self._seat.leave()

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                if not self._seat.still_held():
                    # The engine refuses the results of whoever was taken over, so work goes on without harm.
                    log.error("seat_lost", name=self.name)
                    continue
                take_over(self._seats.take)
            except Exception as error:
                log.error("replica_look_failed", error=type(error).__name__)


def _sit_down(seats: Seats, wanted: str) -> tuple[str, Seat]:
    for name in [wanted] if wanted else [NAME.format(number) for number in range(1, MOST_REPLICAS + 1)]:
        seat = seats.take(name)
        if seat is not None:
            return name, seat
    msg = "EXECUTOR_ID is taken by a bot that is running; without it, each takes a name of its own"
    raise CannotStart(msg if wanted else f"{MOST_REPLICAS} bots are running on this database already")
