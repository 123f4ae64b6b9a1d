"""A seat is held by one living process; its death frees it, whichever way it dies."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from storage.seats import Seats, open_seats
from tests.databases import Database
from tests.patience import eventually

HOLD = """
import sys
from storage.seats import open_seats
seat = open_seats(sys.argv[1]).take("countersign-1")
print("held" if seat else "refused", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def seats(bare_database: Database) -> Seats:
    """Around a database, on each of the two kinds."""
    return open_seats(bare_database.url)


@contextmanager
def another_process(database: Database) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that tries to take the seat and holds it; and what it says."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, database.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()


def test_a_seat_is_taken_once_and_free_again_when_left(seats: Seats) -> None:
    """Also within one process: a second look sees it taken."""
    first = seats.take("countersign-1")
    assert first is not None
    assert first.still_held()
    assert seats.take("countersign-1") is None
    other = seats.take("countersign-2")
    assert other is not None
    first.leave()
    again = seats.take("countersign-1")
    assert again is not None
    for seat in (other, again):
        seat.leave()


def test_a_killed_process_leaves_its_seat(seats: Seats, bare_database: Database) -> None:
    """`kill -9` tells nobody; the lock falls all the same."""
    with another_process(bare_database) as (process, said):
        assert said == "held"
        assert seats.take("countersign-1") is None
        process.kill()
        eventually(lambda: seats.take("countersign-1"), "the seat of a dead process").leave()


def test_a_second_process_is_refused_a_seat_that_is_held(seats: Seats, bare_database: Database) -> None:
    """So two bots with one name cannot run each other's work."""
    seat = seats.take("countersign-1")
    assert seat is not None
    with another_process(bare_database) as (_, said):
        assert said == "refused"
    seat.leave()
