"""A partner's policy: how many of ours, whether the partner confirms, how long a proposal lives; and who sets it."""

from datetime import timedelta

import pytest

from bot.services.approval_rules import deciders
from bot.services.decisions import acts_asked
from bot.services.errors import BadInput, NotAllowed
from bot.services.people import Person
from bot.services.policies import Policies
from bot.services.switches import Side, SwitchState
from storage.records import Policy, QuietHours
from tests.databases import Database
from tests.lab.builders import NOW
from tests.services.switch_world import ADAM, AGNES, OLIVIA, PAULA, STRANGER, TESS, World


@pytest.fixture
def world(database: Database) -> World:
    """ACME with an old and a new certificate."""
    return World(database)


def test_a_policy_may_ask_for_two_of_ours(world: World) -> None:
    """Two people, not one twice."""
    Policies(world.store, world.clock).change(TESS, "acme", Policy(ours=2))
    public_id = world.propose().public_id
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    world.switches.approve(ADAM, public_id, Side.OURS)
    assert world.switches.report(public_id).needs == (Side.OURS,)
    with pytest.raises(Exception, match="already_there"):
        world.switches.approve(ADAM, public_id, Side.OURS)
    world.switches.approve(AGNES, public_id, Side.OURS)
    assert world.switch(public_id).state is SwitchState.APPROVED


def test_a_policy_may_do_without_the_partner(world: World) -> None:
    """The requester and the approver are still two people."""
    Policies(world.store, world.clock).change(TESS, "acme", Policy(partner_confirms=False))
    public_id = world.propose().public_id
    assert world.switches.report(public_id).needs == (Side.OURS,)
    world.switches.approve(ADAM, public_id, Side.OURS)
    assert world.switch(public_id).state is SwitchState.APPROVED


def test_a_policy_may_shorten_the_life_of_a_proposal(world: World) -> None:
    """To the second."""
    Policies(world.store, world.clock).change(TESS, "acme", Policy(lives_days=2))
    public_id = world.propose().public_id
    world.clock.now = NOW + timedelta(days=2)
    assert world.switches.expire_overdue() == ()
    world.clock.now += timedelta(seconds=1)
    assert world.switches.expire_overdue() == (public_id,)


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        (Policy(ours=0), "ours"),
        (Policy(ours=6), "ours"),
        (Policy(lives_days=0), "lives_days"),
        (Policy(quiet=QuietHours(0, 1440, "UTC")), "quiet"),
        (Policy(quiet=QuietHours(0, 60, "Mars/Olympus")), "quiet"),
        (Policy(quiet=QuietHours(0, 60, "../../etc/passwd")), "quiet"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(world: World, policy: Policy, field: str) -> None:
    """And the old one stays in force."""
    policies = Policies(world.store, world.clock)
    with pytest.raises(BadInput) as refusal:
        policies.change(TESS, "acme", policy)
    assert refusal.value.field == field
    assert policies.of("acme") == Policy()


def test_only_trust_admins_change_a_policy(world: World) -> None:
    """Nobody lowers the bar that they are about to jump over."""
    for person in (OLIVIA, ADAM, PAULA, STRANGER):
        with pytest.raises(NotAllowed):
            Policies(world.store, world.clock).change(person, "acme", Policy(partner_confirms=False))


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
