"""A program that is kept running is started again when it ends, a few times; and never once it was stopped."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.lab.supervisor import Condition, Supervised
from bot.lab.tether import Tethered
from tests.patience import eventually

STAYS = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
ENDS = "import os; print(os.getpid(), flush=True); raise SystemExit(3)"


class Starts:
    """Starts one program after the other, the last of them again and again; each writes its process id."""

    def __init__(self, folder: Path, *programs: str) -> None:
        self.log = folder / "log"
        self.log.touch()
        self.fails = 0
        self._programs = list(programs)

    def __call__(self) -> Tethered:
        """The next start."""
        if self.fails:
            self.fails -= 1
            raise OSError
        program = self._programs.pop(0) if self._programs[1:] else self._programs[0]
        with self.log.open("ab") as output:
            return Tethered([sys.executable, "-I", "-S", "-c", program], output)

    @property
    def pids(self) -> list[int]:
        """Every one that has begun."""
        return [int(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def kept() -> Iterator[list[Supervised]]:
    """What a test starts, ended after it."""
    started: list[Supervised] = []
    yield started
    for one in started:
        one.stop()


def supervised(kept: list[Supervised], starts: Starts, pauses: Sequence[float], well_s: float = 600.0) -> Supervised:
    """One that is kept running from its start on."""
    made = Supervised(starts, pauses, well_s)
    kept.append(made)
    made.keep()
    return made


def gone(pid: int) -> bool:
    """Whether there is no such process any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_program_that_was_killed_runs_again(tmp_path: Path, kept: list[Supervised]) -> None:
    """The same again, once for each time that it ended."""
    starts = Starts(tmp_path, STAYS)
    program = supervised(kept, starts, (0.01, 0.01, 0.01))
    for ends in range(2):
        eventually(lambda ends=ends: len(starts.pids) == ends + 1, "the program to begin")  # type: ignore[misc]
        assert program.condition == Condition(True, ends)
        os.kill(starts.pids[-1], signal.SIGKILL)
    eventually(lambda: program.condition == Condition(True, 2) and program.lives, "the program to run again")


def test_one_that_ends_each_time_is_given_up(tmp_path: Path, kept: list[Supervised]) -> None:
    """As many starts as there are pauses, after the first; then none."""
    starts = Starts(tmp_path, ENDS)
    program = supervised(kept, starts, (0.01, 0.01, 0.01))
    eventually(lambda: program.condition.given_up, "it to be given up")
    assert program.condition == Condition(False, 4, given_up=True)
    assert len(starts.pids) == 4
    assert not program.lives


def test_what_ran_well_for_a_while_begins_to_count_anew(tmp_path: Path, kept: list[Supervised]) -> None:
    """Every run here is long enough for that, so one pause is enough for any number of ends."""
    starts = Starts(tmp_path, ENDS, ENDS, ENDS, ENDS, STAYS)
    program = supervised(kept, starts, (0.01,), well_s=0.0)
    eventually(lambda: program.condition == Condition(True, 4), "the last one to run")


def test_a_start_that_the_system_refuses_counts_as_an_end(tmp_path: Path, kept: list[Supervised]) -> None:
    """No process to be had: the next try finds one."""
    starts = Starts(tmp_path, ENDS, STAYS)
    program = Supervised(starts, (0.01, 0.01, 0.01), 600.0)
    kept.append(program)
    starts.fails = 1
    program.keep()
    eventually(lambda: program.condition == Condition(True, 2), "the second try")


def test_a_stop_ends_it_for_good(tmp_path: Path) -> None:
    """While it runs, and while it waits for its next start."""
    starts = Starts(tmp_path, STAYS)
    running = Supervised(starts, (0.01,))
    running.keep()
    eventually(lambda: len(starts.pids) == 1, "the program to begin")
    running.stop()
    assert not running.lives
    assert gone(starts.pids[0])
    assert running.condition == Condition(True, 0), "a stop is no end by itself"
    waiting = Supervised(Starts(tmp_path, ENDS), (600.0,))
    waiting.keep()
    eventually(lambda: waiting.condition == Condition(False, 1), "its end to be seen")
    waiting.stop()
    assert not waiting.lives


def test_until_it_is_to_be_kept_its_end_is_left_to_whoever_started_it(tmp_path: Path, kept: list[Supervised]) -> None:
    """A first start that fails would fail again."""
    starts = Starts(tmp_path, ENDS)
    program = Supervised(starts, (0.01,))
    kept.append(program)
    eventually(lambda: not program.lives, "the end")
    assert program.condition == Condition()
    assert len(starts.pids) == 1
