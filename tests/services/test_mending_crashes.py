"""A mending, or a look, that dies at any boundary, and starts again in a process that knows nothing of it."""

from itertools import count

import pytest

from storage.switch_records import DriftState
from tests.databases import Database
from tests.services.drift_world import NAME, DriftWorld
from tests.services.endpoint import PartnerEndpoint
from tests.services.power import FailingGateway, FailingStore, Power, PowerCut
from tests.services.switch_world import ADAM, OLD, THIRD

# Counted, not listed; if a mending had fewer, the boundaries would no longer be where the work is.
FEWEST_BOUNDARIES = 10


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """Somebody has put another certificate on the gateway, and that was found."""
    return DriftWorld.drifted(database, endpoint.uri)


@pytest.fixture
def quick_world(quick_database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """The same on one database, for what does not depend on which."""
    return DriftWorld.drifted(quick_database, endpoint.uri)


def test_a_mending_that_dies_anywhere_is_ended_by_the_next_life(world: DriftWorld) -> None:
    """Every boundary once: mended and proven, one entry of each kind, and never taken for somebody else's doing."""
    for lasts in count(1, 3 if world.store.engine.dialect.name == "postgresql" else 1):
        world.exchange(THIRD)
        world.round()
        drift = world.every()[-1]
        world.drifts().approve(ADAM, drift.public_id, drift.revision)
        survived = _survives(world, drift.public_id, lasts)
        world.round()  # the rounds go on meanwhile
        assert world.mending().run(drift.public_id) is DriftState.MENDED, f"died after {lasts} boundaries"
        assert world.held() == OLD.sha256
        assert world.drifts().report(drift.public_id).drift.outcome["proven"] is True
        subject = f"drift:{drift.public_id}"
        actions = [one.action for one in world.drift_audit() if one.subject == subject]
        assert actions == ["drift.found", "drift.approved", "drift.mended"]
        if survived:
            break
    assert lasts >= FEWEST_BOUNDARIES


def test_a_look_that_dies_anywhere_leaves_one_drift_or_none(quick_world: DriftWorld) -> None:
    """The next look finds it, if it has to be found yet."""
    world = quick_world
    for lasts in range(4):
        world.exchange(OLD)
        world.round()
        world.exchange(THIRD)
        power = Power(lasts)
        try:
            world.drifts(FailingGateway(world.gateway, power), FailingStore(world.store, power)).look(NAME)
        except PowerCut:
            assert lasts < 3
        world.round()
    assert world.drift_actions() == ["drift.found", *(["drift.gone", "drift.found"] * 4)]


def _survives(world: DriftWorld, public_id: str, lasts: int) -> bool:
    power = Power(lasts)
    store, gateway = FailingStore(world.store, power), FailingGateway(world.gateway, power)
    try:
        world.mending(gateway, store).run(public_id)
    except PowerCut:
        return False
    return True
