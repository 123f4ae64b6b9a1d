"""The rounds: by one replica at a time, past endpoints that do not answer, and past whatever goes wrong in a look."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.watch import AT_ONCE, DRIFT_DUTY, Watchman
from storage.seats import Seats, open_seats
from tests.patience import eventually

EVERY = 0.01


class Endpoints:
    """What is to be looked at: some answer, some never, some break."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.looks: dict[str, int] = {}
        self.silent = threading.Event()
        self._lock = threading.Lock()

    def due(self) -> tuple[str, ...]:
        """All of them, every time."""
        return self.names

    def look(self, public_id: str) -> None:
        """Count it; hang or break where the name says so."""
        with self._lock:
            self.looks[public_id] = self.looks.get(public_id, 0) + 1
        if public_id.startswith("silent"):
            self.silent.wait()
        if public_id.startswith("broken"):
            raise RuntimeError(public_id)


@pytest.fixture
def seats(tmp_path: Path) -> Seats:
    """As replicas on one SQLite file share them."""
    return open_seats(f"sqlite:///{tmp_path / 'jobs.sqlite'}")


@pytest.fixture
def watchmen() -> Iterator[list[Watchman]]:
    """Stopped in the end, whatever happened."""
    made: list[Watchman] = []
    yield made
    for one in made:
        one.stop()


def on_the_beat(watchmen: list[Watchman], endpoints: Endpoints, seats: Seats) -> Watchman:
    """A replica that makes its rounds."""
    made = Watchman(endpoints, seats.take, EVERY)
    watchmen.append(made)
    made.start()
    return made


def looked(endpoints: Endpoints, name: str, times: int) -> None:
    """Wait for so many looks at one."""
    eventually(lambda: endpoints.looks.get(name, 0) >= times, f"{times} looks at {name}")


def test_an_endpoint_that_does_not_answer_is_asked_once_and_holds_up_nobody(
    watchmen: list[Watchman], seats: Seats
) -> None:
    """One less than can be looked at at once are silent; what breaks is looked at again."""
    silent = [f"silent-{number}" for number in range(AT_ONCE - 1)]
    endpoints = Endpoints(*silent, "good", "broken")
    on_the_beat(watchmen, endpoints, seats)
    try:
        looked(endpoints, "good", 5)
        looked(endpoints, "broken", 5)
        assert [endpoints.looks[one] for one in silent] == [1] * len(silent)
    finally:
        endpoints.silent.set()
    looked(endpoints, silent[0], 2)


def test_one_replica_has_the_duty_and_the_other_takes_it_over(watchmen: list[Watchman], seats: Seats) -> None:
    """The second one looks at nothing until the first one is gone."""
    first, second = Endpoints("a"), Endpoints("a")
    has_it = on_the_beat(watchmen, first, seats)
    looked(first, "a", 1)
    on_the_beat(watchmen, second, seats)
    looked(first, "a", 10)
    assert second.looks == {}
    has_it.stop()
    looked(second, "a", 1)


def test_two_duties_are_held_side_by_side_and_a_first_round_can_be_made_at_the_start(
    watchmen: list[Watchman], seats: Seats
) -> None:
    """The pause between rounds is longer than anybody waits here."""
    endpoints, gateways = Endpoints("a"), Endpoints("b")
    on_the_beat(watchmen, endpoints, seats)
    watchmen.append(Watchman(gateways, seats.take, 3_600.0, duty=DRIFT_DUTY, at_once=True))
    watchmen[-1].start()
    looked(gateways, "b", 1)
    looked(endpoints, "a", 3)
    assert gateways.looks == {"b": 1}


def test_a_round_that_cannot_be_made_is_made_again(watchmen: list[Watchman], seats: Seats) -> None:
    """The store may be away for a moment."""

    class Forgetful(Endpoints):
        away = 3

        def due(self) -> tuple[str, ...]:
            self.away -= 1
            if self.away > 0:
                raise OSError("away")
            return super().due()

    endpoints = Forgetful("a")
    on_the_beat(watchmen, endpoints, seats)
    looked(endpoints, "a", 1)
