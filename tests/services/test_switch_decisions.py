"""A proposal's life up to its last approval: who decides, bound to what, and what each refusal leaves behind."""

from datetime import timedelta

import pytest

from bot.services.errors import AlreadyThere, BadInput, NotAllowed, NotFound, Outdated, WrongState
from bot.services.people import Person
from bot.services.switches import PROPOSAL_LIVES, Side, SwitchState
from tests.databases import Database
from tests.lab.builders import NOW
from tests.services.switch_world import ADAM, AGNES, GUEST, OLIVIA, PAULA, ROBOT, STRANGER, World


@pytest.fixture
def world(database: Database) -> World:
    """ACME with an old and a new certificate."""
    return World(database)


def test_an_unknown_switch_is_not_found(world: World) -> None:
    """A forged button value leads nowhere."""
    with pytest.raises(NotFound):
        world.switches.approve(ADAM, "0" * 16, Side.OURS)


def test_both_sides_make_it_due(world: World) -> None:
    """In whichever order they come."""
    public_id = world.propose().public_id
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    assert world.switches.report(public_id).needs == (Side.OURS,)
    assert world.switches.due() == ()
    world.switches.approve(ADAM, public_id, Side.OURS)
    assert world.switch(public_id).state is SwitchState.APPROVED
    assert world.switches.due() == (public_id,)
    assert world.actions(public_id)[1:] == ["switch.approval", "switch.approval", "switch.approved"]


def test_an_approval_is_bound_to_what_was_shown(world: World) -> None:
    """The row repeats fingerprints and version."""
    report = world.switches.report(world.approved())
    approval = report.approvals[Side.OURS]
    assert (approval.from_sha256, approval.to_sha256) == (world.old.sha256, world.new.sha256)
    assert approval.connection_version == report.switch.connection_version


REFUSED_CLICKS = [
    (OLIVIA, Side.OURS, "own_request"),
    (STRANGER, Side.OURS, "stranger"),
    (STRANGER, Side.PARTNER, "stranger"),
    (GUEST, Side.OURS, "guest"),
    (ROBOT, Side.OURS, "bot"),
    (PAULA, Side.OURS, "wrong_side"),
    (ADAM, Side.PARTNER, "partner_side_only"),
]


@pytest.mark.parametrize(
    ("person", "side", "reason"), REFUSED_CLICKS, ids=[f"{p.name}-{r}" for p, _, r in REFUSED_CLICKS]
)
def test_a_click_of_the_wrong_person_changes_nothing(world: World, person: Person, side: Side, reason: str) -> None:
    """Not the state, not the audit, no notice, no approval."""
    public_id = world.propose().public_id
    before = world.switches.report(public_id)
    with pytest.raises(NotAllowed) as refusal:
        world.switches.approve(person, public_id, side)
    assert refusal.value.reason == reason
    assert world.switches.report(public_id) == before
    assert world.actions(public_id) == ["switch.proposed"]


def test_a_second_click_is_told_who_was_first(world: World) -> None:
    """While the other side is still open, and after everything is decided."""
    public_id = world.propose().public_id
    world.switches.approve(ADAM, public_id, Side.OURS)
    with pytest.raises(AlreadyThere) as again:
        world.switches.approve(AGNES, public_id, Side.OURS)
    assert (again.value.data["by"], again.value.data["side"]) == ("UADAM", "ours")
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    with pytest.raises(WrongState) as decided:
        world.switches.approve(ADAM, public_id, Side.OURS)
    assert (decided.value.state, decided.value.data["by"]) == ("approved", "UPAULA")
    assert world.actions(public_id).count("switch.approval") == 2


def test_a_click_on_an_outdated_proposal_changes_nothing(world: World) -> None:
    """The connection was changed after the message had been made."""
    public_id = world.propose().public_id
    connection = world.connection
    with world.store.begin() as tx:
        assert tx.connections.set_certificate(connection.id, world.old.id, connection.version)
    with pytest.raises(Outdated) as refusal:
        world.switches.approve(ADAM, public_id, Side.OURS)
    assert refusal.value.data["reason"] == "connection_changed"
    assert world.switch(public_id).state is SwitchState.PROPOSED
    assert world.switches.report(public_id).approvals == {}
    world.switches.cancel(OLIVIA, public_id)  # so that a fresh proposal can be made
    assert world.propose().state is SwitchState.PROPOSED


def test_an_overdue_proposal_expires_at_the_click(world: World) -> None:
    """And its thread is told."""
    public_id = world.propose().public_id
    world.clock.now += PROPOSAL_LIVES + timedelta(seconds=1)
    with pytest.raises(Outdated) as refusal:
        world.switches.approve(ADAM, public_id, Side.OURS)
    assert refusal.value.data["reason"] == "overdue"
    assert world.switch(public_id).state is SwitchState.EXPIRED
    assert f"proof:{public_id}" in world.pending()


def test_a_proposal_may_be_decided_on_to_its_last_second(world: World) -> None:
    """The end of its life is part of it."""
    public_id = world.propose().public_id
    world.clock.now += PROPOSAL_LIVES
    world.switches.approve(ADAM, public_id, Side.OURS)
    assert world.switches.report(public_id).needs == (Side.PARTNER,)


def test_overdue_proposals_go_by_the_clock_too(world: World) -> None:
    """To the second, and they stand in nobody's way: a new proposal takes their place."""
    public_id = world.propose().public_id
    world.clock.now += PROPOSAL_LIVES
    assert world.switches.expire_overdue() == ()
    world.clock.now += timedelta(seconds=1)
    second = world.propose()
    assert world.switch(public_id).state is SwitchState.EXPIRED
    assert world.switches.expire_overdue() == ()
    assert world.switch(second.public_id).state is SwitchState.PROPOSED


def test_a_certificate_that_has_left_the_list_is_not_approved(world: World) -> None:
    """Nobody can delete it while the proposal is open; should it be gone all the same, a click changes nothing."""
    public_id = world.propose().public_id
    with world.store.begin() as tx:
        tx.certificates.delete_entry(world.new.id)
    with pytest.raises(Outdated) as refusal:
        world.switches.approve(ADAM, public_id, Side.OURS)
    assert refusal.value.data["reason"] == "certificate_gone"
    assert world.actions(public_id) == ["switch.proposed"]


def test_a_rejection_needs_a_reason_and_ends_it(world: World) -> None:
    """From either side."""
    public_id = world.propose().public_id
    with pytest.raises(BadInput):
        world.switches.reject(PAULA, public_id, " ")
    with pytest.raises(NotAllowed):
        world.switches.reject(STRANGER, public_id, "no")
    world.switches.reject(PAULA, public_id, "not before <Monday>")
    ended = world.switch(public_id)
    assert ended.state is SwitchState.REJECTED
    assert ended.outcome["by"] == "UPAULA"
    assert ended.outcome["reason"] == "not before <Monday>"
    assert world.switches.report(public_id).consent.given(Side.PARTNER) == (), "a no is not shown as a yes"
    assert world.switches.list() == ()
    with pytest.raises(WrongState) as decided:
        world.switches.approve(ADAM, public_id, Side.OURS)
    assert decided.value.data["by"] == "UPAULA"


def test_a_side_that_approved_may_still_reject_before_the_other_has_decided(world: World) -> None:
    """The approval stays on record, the rejection decides."""
    public_id = world.propose().public_id
    world.switches.approve(ADAM, public_id, Side.OURS)
    world.switches.reject(AGNES, public_id, "wrong week")
    report = world.switches.report(public_id)
    assert report.switch.state is SwitchState.REJECTED
    assert report.approvals[Side.OURS].user_id == "UADAM"


def test_a_word_given_elsewhere_is_kept_with_who_how_and_when(world: World) -> None:
    """One of ours records it; it counts for the partner's side."""
    public_id = world.propose().public_id
    told = NOW - timedelta(hours=2)
    world.switches.record_word(OLIVIA, public_id, "Paula Reyes", "telephone", told)
    approval = world.switches.report(public_id).approvals[Side.PARTNER]
    assert (approval.user_id, approval.word_name, approval.word_channel, approval.word_at) == (
        "UOLIVIA",
        "Paula Reyes",
        "telephone",
        told,
    )
    with pytest.raises(NotAllowed):
        world.switches.approve(OLIVIA, public_id, Side.OURS)
    world.switches.approve(ADAM, public_id, Side.OURS)
    assert world.switch(public_id).state is SwitchState.APPROVED


def test_a_word_from_the_future_or_from_nobody_is_refused(world: World) -> None:
    """Evidence has to be evidence."""
    public_id = world.propose().public_id
    for name, how, at, field in (
        ("", "telephone", NOW, "name"),
        ("Paula", " ", NOW, "channel"),
        ("Paula", "telephone", NOW + timedelta(minutes=1), "at"),
        ("Paula", "telephone", NOW.replace(tzinfo=None), "at"),
    ):
        with pytest.raises(BadInput) as refusal:
            world.switches.record_word(OLIVIA, public_id, name, how, at)
        assert refusal.value.field == field
    with pytest.raises(NotAllowed):
        world.switches.record_word(PAULA, public_id, "Paula", "here", NOW)
    assert world.switches.report(public_id).approvals == {}


def test_a_switch_can_be_cancelled_until_it_begins(world: World) -> None:
    """By the requester or an approver; afterwards it is too late."""
    public_id = world.approved()
    with pytest.raises(NotAllowed):
        world.switches.cancel(PAULA, public_id)
    world.switches.cancel(OLIVIA, public_id)
    assert world.switch(public_id).state is SwitchState.CANCELLED
    assert world.switches.due() == ()
    second = world.approved()
    world.installed()
    assert world.rollout().begin(second)
    with pytest.raises(WrongState) as late:
        world.switches.cancel(ADAM, second)
    assert late.value.state == "switching"
