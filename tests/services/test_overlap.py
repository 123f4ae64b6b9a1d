"""Old and new accepted at once: until the new one has been seen for a while, somebody decides, or the window ends."""

from datetime import timedelta
from itertools import count

import pytest

from bot.gateways import probe
from bot.gateways.endpoint import Endpoint
from bot.services.errors import BadInput, NotAllowed, Outdated, WrongState
from bot.services.overlaps import SETTLES_AFTER, Overlaps
from bot.services.rollout_leg import Leg
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from tests.databases import Database
from tests.lab.builders import NOW
from tests.services.endpoint import PartnerEndpoint
from tests.services.power import FailingGateway, FailingStore, Power, PowerCut
from tests.services.switch_world import ADAM, NEW, OLD, OLIVIA, PAULA, SPOT, STRANGER, THIRD, World
from tests.services.switch_world import begun as leg_begun

WINDOW = NOW + timedelta(days=3)


def agreed(world: World) -> str:
    """A switch by overlap with both approvals."""
    return world.approved(timing=Timing(SwitchMode.OVERLAP, until=WINDOW))


def begun(world: World) -> str:
    """The same, with the gateway accepting both."""
    public_id = agreed(world)
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    return public_id


def overlaps(world: World) -> Overlaps:
    """As another replica would have it."""
    return Overlaps(world.store, world.clock)


def look(world: World, public_id: str) -> None:
    """What the clock does every few seconds."""
    endpoint = Endpoint.parse(world.connection.uri)
    overlaps(world).seen(public_id, probe.look(endpoint, world.clock(), 5.0))


def pins(world: World) -> set[str]:
    """What the gateway accepts."""
    current = world.gateway.current("acme-https")
    assert current is not None
    return set(current.pins)


def test_both_are_accepted_at_once_and_proven_with_whichever_the_partner_presents(world: World) -> None:
    """The certificate in use stays the old one until the new one is proven alone."""
    public_id = begun(world)
    assert pins(world) == {OLD.sha256, NEW.sha256}
    assert world.connection.partner_certificate_id == world.old.id
    assert [one.purpose for one in world.switches.report(public_id).proofs_for("overlap")] == ["overlap"] * 2
    assert world.switches.due() == ()
    assert overlaps(world).watched() == (public_id,)
    assert world.actions(public_id)[-2:] == ["switch.switching", "switch.overlap"]


def test_the_old_one_is_retired_when_the_new_one_has_been_seen_for_long_enough(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """A glance at the old one in between starts the wait anew."""
    public_id = begun(world)
    for presented, minutes in ((OLD, 0), (NEW, 1), (NEW, 5), (OLD, 6), (NEW, 7), (NEW, 16)):
        endpoint.present(presented)
        world.clock.now = NOW + timedelta(minutes=minutes)
        look(world, public_id)
        assert world.switch(public_id).state is SwitchState.OVERLAP
    world.clock.now = NOW + timedelta(minutes=7) + SETTLES_AFTER
    look(world, public_id)
    assert world.switches.due() == (public_id,)
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    assert pins(world) == {NEW.sha256}
    assert world.connection.partner_certificate_id == world.new.id


def test_people_may_retire_the_old_one_as_soon_as_the_new_one_was_seen(world: World, endpoint: PartnerEndpoint) -> None:
    """Not before: traffic would break. And not just anybody."""
    public_id = begun(world)
    look(world, public_id)
    with pytest.raises(Outdated) as refusal:
        overlaps(world).retire(ADAM, public_id)
    assert refusal.value.data["reason"] == "not_seen"
    endpoint.present(NEW)
    look(world, public_id)
    for person in (PAULA, STRANGER):
        with pytest.raises(NotAllowed):
            overlaps(world).retire(person, public_id)
    overlaps(world).retire(ADAM, public_id)
    with pytest.raises(WrongState):
        overlaps(world).retire(OLIVIA, public_id)
    assert world.rollout().run(public_id) is SwitchState.PROVEN


def retiring(world: World, public_id: str) -> Leg:
    """Somebody retires the old one, and the roll-out of that has begun; a minute after what was before."""
    world.clock.now += timedelta(minutes=1)
    look(world, public_id)
    overlaps(world).retire(ADAM, public_id)
    return leg_begun(world.rollout(), public_id)


def carry_on(world: World, leg: Leg) -> None:
    """What is left of an earlier roll-out: a process that was taken for dead, a step that is repeated."""
    late = world.rollout()
    assert not late.apply(leg).done
    assert not late.prove(leg)
    assert not late.keep(leg)
    late.undo(leg, "connection_changed")


def test_what_is_left_of_the_way_into_an_overlap_does_not_undo_the_retirement(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """Both go through `switching`, and the retirement is not yet proven."""
    public_id = agreed(world)
    into = leg_begun(world.rollout(), public_id)
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    endpoint.present(NEW)
    retiring(world, public_id)
    carry_on(world, into)
    assert "undo" not in world.switch(public_id).outcome
    assert world.rollout().run(public_id) is SwitchState.PROVEN


def test_what_is_left_of_a_retirement_that_was_given_up_does_not_undo_the_next_one(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """The same switch, the same states, another time."""
    public_id = begun(world)
    endpoint.present(NEW)
    first = retiring(world, public_id)
    world.rollout().undo(first, "not_proven")
    assert world.switch(public_id).state is SwitchState.OVERLAP
    retiring(world, public_id)
    carry_on(world, first)
    assert "undo" not in world.switch(public_id).outcome
    assert world.rollout().run(public_id) is SwitchState.PROVEN


def test_a_retirement_that_is_not_proven_leads_back_to_accepting_both(world: World, endpoint: PartnerEndpoint) -> None:
    """The partner turned back in the same minute; its traffic goes on, and the reason is on record."""
    public_id = begun(world)
    endpoint.present(NEW)
    look(world, public_id)
    overlaps(world).retire(ADAM, public_id)
    endpoint.present(OLD)
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    assert pins(world) == {OLD.sha256, NEW.sha256}
    trouble = world.switch(public_id).outcome["trouble"]
    assert isinstance(trouble, dict)
    assert trouble["code"] == "not_proven"
    endpoint.present(NEW)
    look(world, public_id)
    overlaps(world).retire(ADAM, public_id)
    assert world.rollout().run(public_id) is SwitchState.PROVEN


def test_an_endpoint_that_presents_a_third_certificate_ends_restored(world: World, endpoint: PartnerEndpoint) -> None:
    """Neither old nor new was seen, so nothing is proven."""
    endpoint.present(THIRD)
    public_id = agreed(world)
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    assert pins(world) == {OLD.sha256}


def test_an_overlap_whose_window_ends_unused_is_taken_back_and_proven(world: World) -> None:
    """Nobody forgets that a second certificate is still accepted; the last second is part of the window."""
    public_id = begun(world)
    world.clock.now = WINDOW
    assert overlaps(world).watched() == (public_id,)
    world.clock.now = WINDOW + timedelta(seconds=1)
    assert overlaps(world).watched() == ()
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    assert (world.switch(public_id).outcome["code"], pins(world)) == ("never_seen", {OLD.sha256})
    assert world.switch(public_id).outcome["restore_proven"] is True


def test_people_may_give_an_overlap_up(world: World) -> None:
    """The new certificate is refused again."""
    public_id = begun(world)
    with pytest.raises(NotAllowed):
        overlaps(world).abandon(STRANGER, public_id)
    overlaps(world).abandon(OLIVIA, public_id)
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    assert pins(world) == {OLD.sha256}


def test_what_our_own_gateway_presents_cannot_overlap(database: Database) -> None:
    """One handshake shows one certificate."""
    world = World(database, role="presents")
    with pytest.raises(BadInput) as refusal:
        agreed(world)
    assert refusal.value.reason == "nothing_to_see"


def run(world: World, public_id: str, lasts: int | None) -> bool:
    """Run everything in a process of its own; False when it died."""
    power = Power(lasts)
    try:
        world.rollout(FailingGateway(world.gateway, power), FailingStore(world.store, power)).run(public_id)
    except PowerCut:
        return False
    return True


def test_wherever_the_process_dies_an_overlap_is_begun_retired_or_taken_back_as_a_whole(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """One switch after the other, each dying a few boundaries later in its two phases.

    Every third one, with another start on each database: a switch by overlap has two roll-outs, and each boundary costs
    four of them. `test_rollout_crashes` dies at every one.
    """
    for lasts in count(1 if world.store.engine.dialect.name == "postgresql" else 0, 3):
        current = world.connection.partner_certificate_id
        to, sight, before = (world.new, NEW, OLD) if current == world.old.id else (world.old, OLD, NEW)
        timing = Timing(SwitchMode.OVERLAP, until=WINDOW)
        public_id = world.switches.propose(OLIVIA, world.connection.id, to.id, "x", SPOT, timing).public_id
        world.switches.approve(ADAM, public_id, Side.OURS)
        world.switches.approve(PAULA, public_id, Side.PARTNER)
        first = run(world, public_id, lasts)
        run(world, public_id, None)
        assert world.switch(public_id).state is SwitchState.OVERLAP, f"died after {lasts} boundaries"
        assert pins(world) == {OLD.sha256, NEW.sha256}
        endpoint.present(sight)
        look(world, public_id)
        overlaps(world).retire(ADAM, public_id)
        second = run(world, public_id, lasts)
        run(world, public_id, None)
        assert world.switch(public_id).state is SwitchState.PROVEN, f"died after {lasts} boundaries"
        assert pins(world) == {sight.sha256} != {before.sha256}
        if first and second:
            break
    assert lasts > 15
