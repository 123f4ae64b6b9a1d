"""How due work comes to the durable engine: once at a time, and again when it ended without being done."""

import itertools
import threading
from collections.abc import Callable, Iterator

import pytest
from dbos import DBOS

from handlers.handover import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Handover, Work
from handlers.jobs import JobSettings, open_jobs_database
from tests.patience import PATIENCE_SECONDS, eventually

_names = (f"work:{number}" for number in itertools.count())
ran: dict[str, int] = {}
gates: dict[str, threading.Event] = {}


@DBOS.workflow()
def run(name: str) -> None:
    """Counts itself; waits at its gate, where it has one."""
    ran[name] = ran.get(name, 0) + 1
    if name in gates:
        gates[name].wait(PATIENCE_SECONDS)
    if name.endswith("fails"):
        raise RuntimeError(name)


@pytest.fixture(scope="module", autouse=True)
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The durable engine with a database of its own."""
    open_jobs_database(JobSettings(f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'jobs.sqlite'}"))
    DBOS.launch()
    yield
    DBOS.destroy()


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The handover's clock."""
    return Clock()


@pytest.fixture
def name() -> str:
    """Work that no other test knows."""
    return next(_names)


def work(name: str) -> Work:
    """One run of the workflow."""
    return Work(name, DBOS.start_workflow, (run, name))


def ended(workflow_id: str) -> Callable[[], bool]:
    """Whether that run is over."""

    def look() -> bool:
        status = DBOS.get_workflow_status(workflow_id)
        return status is not None and status.status in {"SUCCESS", "ERROR"}

    return look


def test_work_under_way_is_not_started_again_however_often_it_is_due(name: str, clock: Clock) -> None:
    """Nor by another process, which knows nothing of this one."""
    gates[name] = threading.Event()
    handover = Handover(clock)
    for _ in range(3):
        handover.run([work(name)])
        clock.now += LONGEST_PAUSE_SECONDS
    Handover(clock).run([work(name)])
    eventually(lambda: name in ran)
    gates[name].set()
    eventually(ended(f"{name}:0"))
    assert ran[name] == 1


@pytest.mark.parametrize("outcome", ["", " fails"])
def test_what_ended_and_is_still_due_is_started_again_after_a_pause(name: str, clock: Clock, outcome: str) -> None:
    """A message that Slack did not take, a roll-out whose step broke: no work stays behind for ever."""
    name += outcome
    handover = Handover(clock)
    handover.run([work(name)])
    eventually(ended(f"{name}:0"))
    handover.run([work(name)])
    assert ran[name] == 1, "not at once"
    clock.now += FIRST_PAUSE_SECONDS + 1
    handover.run([work(name)])
    eventually(ended(f"{name}:1"))
    assert ran[name] == 2
    Handover(clock).run([work(name)])
    eventually(ended(f"{name}:2"))
    assert ran[name] == 3, "a restart goes on where the last process was"


def test_one_piece_that_cannot_be_started_does_not_hold_up_the_others(name: str, clock: Clock) -> None:
    """It is tried again each time."""

    def broken() -> None:
        raise OSError(name)

    Handover(clock).run([Work(f"{name} broken", broken, ()), work(name)])
    eventually(ended(f"{name}:0"))
    assert ran[name] == 1


def test_what_may_be_given_up_is_given_up_in_the_end(name: str, clock: Clock) -> None:
    """A message that nobody waits for any more; a roll-out never."""
    given_up: list[str] = []
    message = Work(name, DBOS.start_workflow, (run, name), lambda _run, subject: given_up.append(subject))
    rollout = work(f"{name} roll-out")
    Handover(clock, most_runs=1).run([message, rollout])
    eventually(ended(f"{name}:0"))
    eventually(ended(f"{name} roll-out:0"))
    Handover(clock, most_runs=1).run([message, rollout])
    eventually(ended(f"{name} roll-out:1"))
    assert given_up == [name]
    assert ran[name] == 1
