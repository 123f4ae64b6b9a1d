"""Two bots on one PostgreSQL and one workspace: what one leaves in the middle of a switch, the other ends."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.databases import migrated_postgresql
from tests.e2e.conftest import Process, World
from tests.e2e.office import wait_for
from tests.e2e.test_jobs import gate_before_acme, version_of
from tests.e2e.test_story import ACME, complete_chain, proposed

# Issue 5: another replica takes over what a dead one left, within a minute.
MINUTE = 60.0
# Whose roll-out it is, by the name that the engine knows it by.
UNDER_WAY = "select executor_id from dbos.workflow_status where substr(workflow_uuid, 1, 8) = 'rollout:'"


@pytest.fixture
def shared_world(tmp_path: Path) -> Iterator[World]:
    """A world on PostgreSQL whose bots have not been started."""
    with ExitStack() as stack:
        world = World(tmp_path, database_url=stack.enter_context(migrated_postgresql()))
        world.more_settings["PROBE_TIMEOUT_SECONDS"] = "30"  # the handshake that is held up must not end by itself
        stack.callback(world.close)
        yield world


def started(world: World, number: int, stack: ExitStack) -> Process:
    """The bot of this number, connected; it gets the name of this number."""
    world.start_bot()
    wait_for("the bot to connect", lambda: world.workspace.sockets == number, MINUTE)
    assert world.bot is not None
    stack.callback(world.bot.wait)
    stack.callback(world.bot.kill)
    return world.bot


def test_a_roll_out_that_a_killed_bot_left_is_ended_by_the_other_within_a_minute(shared_world: World) -> None:
    """Committed at the gateway, waiting for the proving handshake, `kill -9`: nobody starts that bot again."""
    world = shared_world
    with gate_before_acme(world) as gate, ExitStack() as stack:
        bots = [started(world, number, stack) for number in (1, 2)]
        adam, paula = world.member("UADAM"), world.member("UPAULA")
        version = version_of(world)
        ts, summary = complete_chain(world)
        proposal = proposed(world, ts, summary)
        world.lab.set_presented("acme", "new")
        assert adam.press(ACME, proposal, "Approve")["ok"]
        half = adam.sees(ACME, ts, "waits for approvals", "<@UADAM>")
        gate.open.clear()
        assert paula.press(ACME, half, "Confirm")["ok"]
        wait_for("the proving handshake", lambda: gate.waiting > 0)
        ((its_name,),) = world.rows(UNDER_WAY)
        doomed = bots[int(its_name.removeprefix("countersign-")) - 1]
        doomed.kill()
        doomed.wait()
        assert world.rows("select state from switch") == [("switching",)]
        gate.open.set()
        wait_for("the end", lambda: world.rows("select state from switch") == [("proven",)], MINUTE)
        world.settle()
    assert version_of(world) == version + 1, "the connection moved once"
    ends = world.rows("select action from audit where action in ('switch.switching', 'switch.proven') order by id")
    assert ends == [("switch.switching",), ("switch.proven",)]
    placed = world.rows("select distinct ts from place where substr(subject, 1, 8) <> 'picture:'")
    assert sorted(one["ts"] for one in paula.answers(ACME, ts)) == sorted(ts for (ts,) in placed), "none twice"
