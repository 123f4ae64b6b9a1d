"""What a proposal keeps, who makes one, and what cannot be proposed."""

from datetime import timedelta

import pytest

from bot.services.errors import AlreadyThere, BadInput, NotAllowed
from bot.services.people import Spot
from bot.services.switches import Side, SwitchState
from storage.records import AnchorState
from tests.databases import Database
from tests.lab.builders import NOW, Ca, days
from tests.services.switch_world import ADAM, GUEST, ISSUING, OLIVIA, PAULA, PINNED, ROBOT, SPOT, THIRD, World


@pytest.fixture
def world(database: Database) -> World:
    """ACME with an old and a new certificate."""
    return World(database)


def test_a_proposal_keeps_exactly_what_was_shown(world: World) -> None:
    """Fingerprints, version, reason, place, audit and outbox come from one transaction."""
    switch = world.propose()
    assert (switch.from_sha256, switch.to_sha256) == (world.old.sha256, world.new.sha256)
    assert switch.connection_version == world.connection.version
    assert (switch.state, switch.reason) == (SwitchState.PROPOSED, "renewal")
    assert world.actions(switch.public_id) == ["switch.proposed"]
    assert world.audit(switch.public_id)[0].source == SPOT.source
    assert world.pending() == {f"switch:{switch.public_id}"}
    assert world.switches.unobserved() == (switch.public_id,)


def test_the_report_holds_all_that_a_message_shows(world: World) -> None:
    """Old and new, chain, choreographies, and the two sides that are asked."""
    report = world.switches.report(world.propose().public_id)
    assert report.old == world.old
    assert report.new == world.new
    assert report.old_certificate is not None
    assert report.chain.verdict == "complete"
    assert [one.name for one in report.connection.choreographies] == ["Invoicing", "OrderToCash", "Übergabe"]
    assert report.needs == (Side.OURS, Side.PARTNER)
    assert {one.switch.public_id for one in world.switches.list()} == {report.switch.public_id}


def test_only_operators_propose(world: World) -> None:
    """Neither an approver nor the partner asks for a change of our gateway."""
    for person, reason in ((ADAM, "not_operator"), (PAULA, "stranger"), (GUEST, "guest"), (ROBOT, "bot")):
        with pytest.raises(NotAllowed) as refusal:
            world.switches.propose(person, world.connection.id, world.new.id, "why", SPOT)
        assert refusal.value.reason == reason


def test_a_proposal_is_not_told_in_another_partners_channel(world: World) -> None:
    """Its people would read of this partner's certificates; a channel that belongs to nobody is fine."""
    with world.store.begin() as tx:
        tx.partners.link(world.other_partner_id, "C0INITECH")
    with pytest.raises(BadInput) as refusal:
        world.switches.propose(OLIVIA, world.connection.id, world.new.id, "why", Spot("C0INITECH", None))
    assert (refusal.value.field, refusal.value.reason) == ("connection", "other_partners_channel")
    assert world.switches.propose(OLIVIA, world.connection.id, world.new.id, "why", Spot("C0OURS", None))


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501])
def test_a_proposal_needs_a_reason_of_sensible_length(world: World, reason: str) -> None:
    """The second pair of eyes has to know why."""
    with pytest.raises(BadInput) as refusal:
        world.switches.propose(OLIVIA, world.connection.id, world.new.id, reason, SPOT)
    assert refusal.value.field == "reason"


def test_what_cannot_become_current_is_refused_by_name(world: World) -> None:
    """Each obstacle has its own word."""
    lost = Ca.root("Unknown Root").leaf("b2b.acme.example")
    gone = ISSUING.leaf("b2b.acme.example", not_before=NOW - days(400), not_after=NOW - days(1))
    for entry, obstacle in (
        (world.old, "same_as_current"),
        (world.entry(lost, "lost"), "chain_not_complete"),
        (world.entry(gone, "gone"), "expired"),
        (world.entry(THIRD, "other", world.other_partner_id), "other_partner"),
    ):
        with pytest.raises(BadInput) as refusal:
            world.propose(entry)
        assert refusal.value.reason == obstacle
    assert world.switches.list(open_only=False) == ()


def test_a_certificate_can_be_proposed_to_its_last_second(world: World) -> None:
    """RFC 5280 4.1.2.5: notAfter is part of the validity."""
    last = world.entry(ISSUING.leaf("b2b.acme.example", not_after=NOW), "in its last second")
    public_id = world.propose(last).public_id
    world.switches.cancel(OLIVIA, public_id)
    world.clock.now += timedelta(seconds=1)
    with pytest.raises(BadInput) as refusal:
        world.propose(last)
    assert refusal.value.reason == "expired"


def test_a_chain_to_an_unapproved_root_is_not_complete(world: World) -> None:
    """Only an approved fingerprint is an anchor."""
    root = Ca.root("Requested Root")
    world.add_ca(root, AnchorState.REQUESTED)
    with pytest.raises(BadInput) as refusal:
        world.propose(world.entry(root.leaf("b2b.acme.example"), "pending"))
    assert refusal.value.data["verdict"] == "unapproved_root"


def test_a_self_signed_certificate_may_be_pinned(world: World) -> None:
    """It is its own trust."""
    assert world.propose(world.entry(PINNED, "as2")).state is SwitchState.PROPOSED


def test_a_connection_has_one_open_switch(world: World) -> None:
    """The second proposal names the first."""
    first = world.propose()
    with pytest.raises(AlreadyThere) as refusal:
        world.propose()
    assert refusal.value.data["public_id"] == first.public_id
