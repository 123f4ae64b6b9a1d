"""A gateway that is being put right while a switch of the same connection begins: the way back is never a drifted one.

A switch that begins keeps the gateway's version as its way back. Were that looked up before a mending writes and kept
after it, undoing the switch would bring back what an approver had just had put right.
"""

import pytest

from bot.gateways import probe
from bot.gateways.base import Gateway, overlap
from bot.gateways.endpoint import Endpoint
from bot.services.overlaps import Overlaps
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from storage.switch_records import DriftState
from tests.databases import Database
from tests.gateways.site import material
from tests.lab.builders import NOW, days
from tests.patience import PATIENCE_SECONDS
from tests.services.drift_world import NAME, DriftWorld
from tests.services.endpoint import PartnerEndpoint
from tests.services.halting import LONG_SECONDS, HaltingStore, WatchedGateway, meanwhile
from tests.services.switch_world import ADAM, NEW, OLD, OLIVIA, PAULA, SPOT, THIRD


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """The gateway accepts a third certificate beside the one on record, and that was found."""
    made = DriftWorld.agreeing(database, endpoint.uri)
    made.gateway.commit(made.gateway.stage(NAME, overlap(material(OLD), material(THIRD))))
    made.round()
    return made


def pins(gateway: Gateway) -> set[str]:
    """What it accepts."""
    current = gateway.current(NAME)
    assert current is not None
    return set(current.pins)


def to_be_put_back(world: DriftWorld) -> str:
    """An approver says so."""
    drift = world.every()[-1]
    world.drifts().approve(ADAM, drift.public_id, drift.revision)
    return drift.public_id


def test_a_mending_does_not_write_between_a_switchs_look_at_the_gateway_and_its_beginning(world: DriftWorld) -> None:
    """The switch has seen the gateway and is about to write that down; the mending comes after it."""
    switch, gateway, store = world.approved(), WatchedGateway(world.gateway), HaltingStore(world.store)
    store.before_beginning = lambda: gateway.was_asked
    with meanwhile(lambda: world.rollout(gateway, store).begin(switch)):
        assert store.reached.wait(PATIENCE_SECONDS)
        drift = to_be_put_back(world)
        with meanwhile(lambda: world.mending().run(drift)) as mending:
            mending.join(LONG_SECONDS)
            store.goes_on.set()
    world.rollout().run(switch)
    assert world.switch(switch).state is SwitchState.FAILED
    assert pins(world.gateway) == {OLD.sha256}


def test_a_switch_does_not_begin_where_the_gateway_accepts_one_more_than_is_on_record(world: DriftWorld) -> None:
    """Undoing it would bring back what nobody has approved."""
    switch = world.approved()
    assert world.rollout().run(switch) is SwitchState.FAILED
    outcome = world.switch(switch).outcome
    assert (outcome["code"], outcome["phase"]) == ("gateway_differs", "begin")
    assert outcome["data"] == {"store": OLD.sha256, "gateway": f"{OLD.sha256}, {THIRD.sha256}"}


def test_an_approved_switch_waits_while_its_gateway_is_being_put_right_and_is_due_again_afterwards(
    world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """It neither fails for what is about to be mended, nor gets between the mending and its proof."""
    drift, switch = to_be_put_back(world), world.approved()
    assert world.switches.due() == ()
    assert world.rollout().begin(switch) is None
    assert world.mending().put_back(drift)
    assert world.rollout().run(switch) is SwitchState.APPROVED
    world.mending().prove(drift)
    assert world.drifts().report(drift).drift.outcome["proven"] is True
    assert world.switches.due() == (switch,)
    endpoint.present(NEW)
    assert world.rollout().run(switch) is SwitchState.PROVEN


def test_a_switch_under_way_is_left_alone_by_a_mending(world: DriftWorld, endpoint: PartnerEndpoint) -> None:
    """The click was in time, the switch was faster: the drift is open again, with the reason."""
    endpoint.present(OLD)
    world.mending().run(to_be_put_back(world))
    world.gateway.commit(world.gateway.stage(NAME, material(THIRD)))
    world.round()
    world.gateway.commit(world.gateway.stage(NAME, material(OLD)))
    switch = world.approved()
    assert world.rollout().begin(switch)
    drift = to_be_put_back(world)
    assert world.switches.due() == (switch,)
    assert world.mending().run(drift) is DriftState.OPEN
    assert world.drifts().report(drift).drift.outcome["code"] == "open_switch"
    assert pins(world.gateway) == {OLD.sha256}


def test_a_mending_whose_proof_falls_into_a_retirement_says_that_a_switch_is_under_way(
    world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """The gateway reports one certificate less by then, which is no fault of the mending's."""
    world.mending().run(to_be_put_back(world))
    timing = Timing(SwitchMode.OVERLAP, until=NOW + days(3))
    switch = world.switches.propose(OLIVIA, world.connection.id, world.new.id, "renewal", SPOT, timing).public_id
    world.switches.approve(ADAM, switch, Side.OURS)
    world.switches.approve(PAULA, switch, Side.PARTNER)
    assert world.rollout().run(switch) is SwitchState.OVERLAP
    endpoint.present(NEW)
    overlaps = Overlaps(world.store, world.clock)
    overlaps.seen(switch, probe.look(Endpoint.parse(world.connection.uri), NOW, 5.0))
    world.exchange(THIRD)
    world.round()
    drift = to_be_put_back(world)
    assert world.mending().put_back(drift)
    overlaps.retire(ADAM, switch)
    leg = world.rollout().begin(switch)
    assert leg is not None
    assert world.rollout().apply(leg).done
    world.mending().prove(drift)
    outcome = world.drifts().report(drift).drift.outcome
    assert (outcome["proven"], outcome["trouble"]) == (False, "open_switch")
    assert world.rollout().run(switch) is SwitchState.PROVEN
