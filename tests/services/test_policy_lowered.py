"""A policy that comes to ask for less while a proposal waits: nothing starts by itself, and nothing is stuck."""

import pytest

from bot.services.approval_rules import deciders
from bot.services.decisions import acts_asked
from bot.services.people import Person, PersonRole
from bot.services.policies import Policies
from bot.services.switches import Side, SwitchState
from storage.records import Policy
from tests.databases import Database
from tests.services.switch_world import ADAM, AGNES, PAULA, World

TESS = Person("UTESS", "T0HOME", "Tess", frozenset({PersonRole.TRUST_ADMIN}), is_home=True)


@pytest.fixture
def world(database: Database) -> World:
    """A connection with an old and a new certificate."""
    return World(database)


def waiting_for_one_more(world: World) -> str:
    """Two of ours are needed; one of them and the partner have said yes."""
    Policies(world.store, world.clock).change(TESS, "acme", Policy(ours=2))
    public_id = world.propose().public_id
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    world.switches.approve(ADAM, public_id, Side.OURS)
    return public_id


@pytest.mark.parametrize("by", [AGNES, ADAM])
def test_one_more_click_of_ours_sets_going_what_has_enough_approvals_by_now(world: World, by: Person) -> None:
    """Whoever approves; there may be nobody else, and that may be why the policy was changed."""
    public_id = waiting_for_one_more(world)
    with world.store.begin() as tx:
        for notice in tx.notices.pending():
            tx.notices.settle(notice.subject, notice.id, world.clock())
    Policies(world.store, world.clock).change(TESS, "acme", Policy(ours=1))
    assert world.switch(public_id).state is SwitchState.PROPOSED
    assert world.pending() == {f"switch:{public_id}"}, "its message shows who is asked now"
    report = world.switches.report(public_id)
    assert report.needs == (Side.OURS,)
    acts = acts_asked(AGNES, "UOLIVIA", report.partner, deciders(report.consent.decisions), Policy(ours=1))
    assert acts, "those who have not decided are asked"
    world.switches.approve(by, public_id, Side.OURS)
    assert world.switch(public_id).state is SwitchState.APPROVED
    assert world.actions(public_id)[-2:] == ["switch.approval", "switch.approved"]


def test_a_policy_that_comes_to_ask_for_more_is_kept_from_the_next_click_on(world: World) -> None:
    """Two were enough to be asked for, three are needed now."""
    public_id = waiting_for_one_more(world)
    Policies(world.store, world.clock).change(TESS, "acme", Policy(ours=3))
    world.switches.approve(AGNES, public_id, Side.OURS)
    assert world.switch(public_id).state is SwitchState.PROPOSED
    assert world.switches.report(public_id).needs == (Side.OURS,)
