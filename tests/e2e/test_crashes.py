"""`kill -9` at every boundary of a roll-out by the real bot: the next one ends it, proven or restored-and-proven.

The bot is the product's own `run`; where it dies is counted (`dying_bot`), not listed. Here a share of the boundaries
is tried, other ones in each run; CRASHES=all (`make crashes`) tries every one.
"""

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.databases import KINDS, POSTGRESQL, migrated_postgresql
from tests.e2e.launcher import Launching
from tests.e2e.mortal import FLIPPED, NOT_FLIPPED, OURS, OVERLAP, MortalWorld, Story
from tests.e2e.mortal_edge import FILES, GATEWAYS, mortal_world

pytestmark = pytest.mark.gateway

# Of each story: on each database these are thirty. `make crashes` tries all of them.
POINTS = 3
POINTS_OF_MESSAGES = 1
FEWEST_BOUNDARIES = 50
# How the ids of the workflows begin that carry a switch out, and that tell of it (`handlers.jobs`).
ROLL_OUT, MESSAGES = "rollout:", "follow:"
ALL = os.environ.get("CRASHES") == "all"


@pytest.fixture(scope="module")
def launching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launching]:
    """Forks the bots of all worlds, one after the other."""
    started = Launching("tests.e2e.dying_bot", str(tmp_path_factory.mktemp("boundaries") / "passed.txt"))
    yield started
    started.close()


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest) -> str:
    """Each kind."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def long_world(request: pytest.FixtureRequest, database: str, launching: Launching) -> Iterator[MortalWorld]:
    """On the gateway that the test names, with a database of its own."""
    with ExitStack() as stack:
        url = stack.enter_context(migrated_postgresql()) if database == POSTGRESQL else ""
        yield stack.enter_context(mortal_world(request.param, url, launching))


@pytest.fixture
def world(long_world: MortalWorld) -> MortalWorld:
    """That world, with a bot in it; each switch leads from the certificate in use to the other one."""
    if long_world.bot is None or long_world.bot.poll() is not None:
        long_world.start_bot()
    long_world.deaths.clear()
    return long_world


def points(total: int, wanted: int) -> list[int]:
    """All, or so many of them at even distances, from a place that differs from run to run."""
    if ALL or total <= wanted:
        return list(range(total))
    begin = random.random()  # noqa: S311 - by the run's seed, which is printed at its head
    return [int((number + begin) * total / wanted) for number in range(wanted)]


def counted(world: MortalWorld, story: Story, within: str) -> list[str]:
    """The boundaries of a switch over which nobody dies; counted once in a world."""
    if (story, within) not in world.counted:
        assert world.crash(story, None, within) == (story.end, True)
        world.counted[story, within] = world.passed
    return world.counted[story, within]


NAMED = {"flipped": FLIPPED, "not-flipped": NOT_FLIPPED, "overlap": OVERLAP, "ours": OURS}
CASES = [
    pytest.param(gateway, story, id=f"{gateway}-{name}")
    for gateway in GATEWAYS
    for name, story in NAMED.items()
    # Nothing presents from files alone, and their overlap is crossed at every boundary in `tests/services`.
    if gateway != FILES or story in (FLIPPED, NOT_FLIPPED)
]


@pytest.mark.parametrize(("long_world", "story"), CASES, indirect=["long_world"], scope="module")
def test_a_switch_ends_proven_or_restored_and_is_told_once_wherever_the_bot_is_killed(
    world: MortalWorld, story: Story
) -> None:
    """The boundaries of a roll-out are counted first; then a bot dies at each one tried.

    A look more or less by the way moves a death to a boundary nearby; it is told by the boundary that it came at.
    """
    passed = counted(world, story, ROLL_OUT)
    assert len(passed) >= FEWEST_BOUNDARIES
    calls = ["gateway.snapshot", "gateway.stage", "gateway.commit", "gateway.trust", "proof.handshake"]
    calls += ["gateway.restore"] if story is NOT_FLIPPED else []
    calls += ["proof.request", "gateway.accepted"] if story in (FLIPPED, OVERLAP) and world.has_way_through else []
    assert {f"{call}, {side}" for call in calls for side in ("before", "after")} <= {*passed}
    tried = points(len(passed), POINTS)
    for lasts in tried:
        ended = world.crash(story, lasts, ROLL_OUT)
        assert ended == (story.end, False), f"killed before boundary {lasts}: {passed[lasts]}"
    assert world.deaths.keys() <= {*passed}
    assert world.deaths.total() == len(tried) >= POINTS
    world.check_told_once()


@pytest.mark.parametrize("long_world", [FILES], indirect=True, scope="module")
@pytest.mark.parametrize("story", [FLIPPED, NOT_FLIPPED], ids=["flipped", "not-flipped"])
def test_a_switch_is_told_once_wherever_the_bot_is_killed_while_its_messages_follow(
    world: MortalWorld, story: Story
) -> None:
    """How many follow depends on how far apart the states are; whoever comes to the end has nothing to be killed at."""
    told = counted(world, story, MESSAGES)
    assert {"slack.chat.postMessage, before", "slack.chat.postMessage, after"} <= {*told}
    for lasts in points(len(told), POINTS_OF_MESSAGES):
        end, _ = world.crash(story, lasts, MESSAGES)
        assert end is story.end, f"killed before boundary {lasts} of the messages"
    world.check_told_once()
