"""Under one name one at a time, in all threads and processes; a dead process ends its turn."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from storage.engine import open_engine
from storage.turns import Turn, turns_of
from tests.at_once import at_once
from tests.databases import Database
from tests.patience import PATIENCE_SECONDS

HOLD = """
import sys
from storage.engine import open_engine
from storage.turns import turns_of
with turns_of(open_engine(sys.argv[1]))("mention:1"):
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def turn(bare_database: Database) -> Iterator[Turn]:
    """On each of the two databases."""
    engine = open_engine(bare_database.url)
    yield turns_of(engine)
    engine.dispose()


def test_whoever_comes_second_sees_what_the_first_has_done(turn: Turn) -> None:
    """Eight threads look and then act: without turns more than one would find nothing done."""
    done: list[int] = []

    def act(number: int) -> None:
        with turn("mention:1"):
            if not done:
                done.append(number)

    at_once([partial(act, number) for number in range(8)])
    assert len(done) == 1


def test_another_name_is_not_kept_waiting(turn: Turn) -> None:
    """Somebody is in the middle of something; what has nothing to do with it goes on."""
    through = threading.Event()

    def act() -> None:
        with turn("mention:2"):
            through.set()

    with turn("mention:1"):
        threading.Thread(target=act, daemon=True).start()
        assert through.wait(PATIENCE_SECONDS)


def test_a_killed_process_ends_its_turn(turn: Turn, bare_database: Database) -> None:
    """While it lives the other waits; the moment it is gone the other goes on."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, bare_database.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process.stdin, process.stdout:
        assert process.stdout.readline() == "mine\n"
        waits, through = threading.Event(), threading.Event()

        def wait() -> None:
            waits.set()
            with turn("mention:1"):
                through.set()

        waiter = threading.Thread(target=wait)
        waiter.start()
        assert waits.wait(PATIENCE_SECONDS)
        assert not through.is_set()
        process.kill()
        process.wait()
        assert through.wait(PATIENCE_SECONDS)
        waiter.join(PATIENCE_SECONDS)
