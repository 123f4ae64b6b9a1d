"""The ends of an overlap that nobody clicked for, and what must not get lost before it."""

from datetime import timedelta

import pytest

from bot.gateways import probe
from bot.gateways.endpoint import Endpoint
from bot.services.errors import WrongState
from bot.services.overlaps import Overlaps
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from tests.databases import Database
from tests.lab.builders import NOW
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import ADAM, NEW, OLD, OLIVIA, PAULA, SPOT, World

WINDOW = NOW + timedelta(days=3)
# Each writes two versions beside the old one: more than a gateway keeps for people to compare.
MANY_RETIREMENTS = 6


@pytest.fixture
def world(quick_database: Database, endpoint: PartnerEndpoint) -> World:
    """What follows from the rows alone, on one database."""
    made = World(quick_database, endpoint.uri, over=())
    made.installed()
    return made


def begun(world: World) -> str:
    """The gateway accepts both."""
    timing = Timing(SwitchMode.OVERLAP, until=WINDOW)
    public_id = world.switches.propose(OLIVIA, world.connection.id, world.new.id, "overlap", SPOT, timing).public_id
    world.switches.approve(ADAM, public_id, Side.OURS)
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    return public_id


def overlaps(world: World) -> Overlaps:
    """As another replica would have it."""
    return Overlaps(world.store, world.clock)


def look(world: World, public_id: str) -> None:
    """What the clock does every few seconds."""
    overlaps(world).seen(public_id, probe.look(Endpoint.parse(world.connection.uri), world.clock(), 5.0))


def pins(world: World) -> set[str]:
    """What the gateway accepts."""
    current = world.gateway.current("acme-https")
    assert current is not None
    return set(current.pins)


def moved_late(world: World, endpoint: PartnerEndpoint) -> str:
    """The partner was seen to move a minute before the end of the window, which is over now."""
    public_id = begun(world)
    endpoint.present(NEW)
    world.clock.now = WINDOW - timedelta(minutes=1)
    look(world, public_id)
    world.clock.now = WINDOW + timedelta(seconds=1)
    assert overlaps(world).watched() == ()
    return public_id


def test_a_partner_that_moved_just_before_the_end_of_the_window_is_not_cut_off(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """Only the new one is seen, so the old one goes, and fresh handshakes prove that it may."""
    public_id = moved_late(world, endpoint)
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    assert pins(world) == {NEW.sha256}


def test_a_partner_that_turns_back_at_the_end_of_the_window_has_the_old_state_again(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """The one try to retire the old one is not proven; the window is over all the same."""
    public_id = moved_late(world, endpoint)
    endpoint.present(OLD)
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    assert overlaps(world).watched() == ()
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restore_proven"], pins(world)) == ("never_seen", True, {OLD.sha256})


def test_the_way_back_is_there_after_however_many_retirements_that_were_not_proven(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """The gateway keeps ten versions for people, and the one that the switch may lead back to."""
    public_id = begun(world)
    for _ in range(MANY_RETIREMENTS):
        endpoint.present(NEW)
        look(world, public_id)
        overlaps(world).retire(ADAM, public_id)
        endpoint.present(OLD)
        assert world.rollout().run(public_id) is SwitchState.OVERLAP
    overlaps(world).abandon(ADAM, public_id)
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    assert pins(world) == {OLD.sha256}


def test_a_connection_is_not_edited_in_its_overlap(world: World, endpoint: PartnerEndpoint) -> None:
    """The gateway would go on accepting both, with no switch left that could retire one of them."""
    public_id = begun(world)
    with pytest.raises(WrongState) as refused:
        world.connections.change(OLIVIA, "acme-https", f"{endpoint.uri}/other", ["OrderToCash"])
    assert (refused.value.state, refused.value.data["public_id"]) == ("overlap", public_id)
    overlaps(world).abandon(OLIVIA, public_id)
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    changed, ended = world.connections.change(OLIVIA, "acme-https", f"{endpoint.uri}/other", ["OrderToCash"])
    assert (changed.uri, ended) == (f"{endpoint.uri}/other", None)
