"""What the rounds look at, and what follows from a look."""

from datetime import timedelta

import pytest

from bot.services.errors import NotFound
from bot.services.overlaps import Overlaps
from bot.services.schedule import Schedule
from bot.services.switches import SwitchMode, SwitchState, Timing
from bot.services.watch import Watch
from tests.lab.builders import NOW
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import NEW, World

WINDOW = NOW + timedelta(days=3)


def watch(world: World) -> Watch:
    """As a replica has it; an overlap settles at the first sight."""
    overlaps = Overlaps(world.store, world.clock, timedelta())
    return Watch(world.store, Schedule(world.store, world.clock), overlaps, world.clock, 5.0)


def agreed(world: World, mode: SwitchMode) -> str:
    """A switch with both approvals."""
    return world.approved(timing=Timing(mode, until=WINDOW))


@pytest.mark.parametrize("mode", [SwitchMode.FIRST_SEEN, SwitchMode.OVERLAP])
def test_a_look_sets_the_switch_going_once_the_new_certificate_is_there(
    world: World, endpoint: PartnerEndpoint, mode: SwitchMode
) -> None:
    """Both kinds of waiting are looked at; a look at the old certificate leaves them waiting."""
    public_id = agreed(world, mode)
    if mode is SwitchMode.OVERLAP:
        assert world.rollout().run(public_id) is SwitchState.OVERLAP
    rounds = watch(world)
    assert rounds.due() == (public_id,)
    rounds.look(public_id)
    assert rounds.due() == (public_id,)
    endpoint.present(NEW)
    rounds.look(public_id)
    assert rounds.due() == ()
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    rounds.look(public_id)
    assert world.switch(public_id).state is SwitchState.PROVEN, "a look that came too late changes nothing"


def test_a_look_at_nothing_is_refused(world: World) -> None:
    """And a round without anything that waits is empty."""
    assert watch(world).due() == ()
    with pytest.raises(NotFound):
        watch(world).look("0123456789abcdef")
