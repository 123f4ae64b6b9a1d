"""What two have read at the same moment only one of them changes, also where no lock makes them take turns."""

from collections.abc import Callable

import pytest

from storage.records import AnchorState
from storage.store import Transaction
from storage.switch_records import DriftState, SwitchState
from tests.databases import Database
from tests.lab.builders import NOW, Ca, days
from tests.services.switch_world import OLIVIA, World


@pytest.fixture
def world(database: Database) -> World:
    """ACME with an old and a new certificate."""
    return World(database)


def outcomes(world: World, *acts: Callable[[Transaction], bool]) -> list[bool]:
    """Each in a transaction of its own, one after the other."""
    made: list[bool] = []
    for act in acts:
        with world.store.begin() as tx:
            made.append(act(tx))
    return made


def test_a_switch_leaves_the_state_that_it_was_read_in_and_no_other(world: World) -> None:
    """Whoever holds an older reading changes neither the state nor what is noted beside it."""
    read = world.propose()
    assert outcomes(
        world,
        lambda tx: tx.switches.move(read, SwitchState.CANCELLED, NOW, {"code": "cancelled"}),
        lambda tx: tx.switches.move(read, SwitchState.APPROVED, NOW, {"code": "late"}),
        lambda tx: tx.switches.note_outcome(read, {"code": "late"}),
    ) == [True, False, False]
    switch = world.switch(read.public_id)
    assert (switch.state, switch.outcome) == (SwitchState.CANCELLED, {"code": "cancelled"})


def test_a_reminder_is_counted_once_for_each_reading(world: World) -> None:
    """Two replicas whose clocks strike at once send one; nobody is reminded of what was decided meanwhile."""
    read = world.propose()
    twice = outcomes(world, *[lambda tx: tx.switches.remind(read, NOW + days(1))] * 2)
    assert twice == [True, False]
    once = world.switch(read.public_id)
    assert (once.reminders, once.reminded_at) == (1, NOW + days(1))
    world.switches.cancel(OLIVIA, read.public_id)
    assert outcomes(world, lambda tx: tx.switches.remind(once, NOW + days(2))) == [False]


def test_a_drift_leaves_the_state_and_revision_that_it_was_read_in(world: World) -> None:
    """An approval of what was shown before, and an end by a look that is older, move nothing."""
    with world.store.begin() as tx:
        first = tx.drifts.add("0123456789abcdef", world.connection.id, {"codes": ["files"]}, NOW)
    assert first is not None
    assert outcomes(
        world,
        lambda tx: tx.drifts.find_anew(first, {"codes": ["other"]}, NOW),
        lambda tx: tx.drifts.move(first, DriftState.GONE, NOW, {"code": "gone"}),
    ) == [True, False]
    with world.store.reading() as tx:
        second = tx.drifts.by_public_id(first.public_id)
    assert second is not None
    assert (second.state, second.revision, second.found) == (DriftState.OPEN, 2, {"codes": ["other"]})
    assert outcomes(
        world,
        lambda tx: tx.drifts.move(second, DriftState.MENDED, NOW, {"code": "mended"}),
        lambda tx: tx.drifts.move(second, DriftState.OPEN, NOW, {"code": "late"}),
    ) == [True, False]
    with world.store.reading() as tx:
        ended = tx.drifts.by_public_id(first.public_id)
    assert ended is not None
    assert (ended.state, ended.outcome) == (DriftState.MENDED, {"code": "mended"})


def test_a_root_is_decided_on_once(world: World) -> None:
    """The first word stands, with who said it."""
    ca = world.add_ca(Ca.root("Asked Root"), AnchorState.REQUESTED)
    asked = AnchorState.REQUESTED
    assert outcomes(
        world,
        lambda tx: tx.ca_certificates.decide(ca, asked, AnchorState.DECLINED, "UTESS", NOW),
        lambda tx: tx.ca_certificates.decide(ca, asked, AnchorState.APPROVED, "UTOM", NOW),
    ) == [True, False]
    with world.store.reading() as tx:
        kept = tx.ca_certificates.by_id(ca)
    assert kept is not None
    assert (kept.anchor, kept.decided_by) == (AnchorState.DECLINED, "UTESS")
