"""One at a time changes something at a gateway for a connection, also where two processes carry the same switch out."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from bot.gateways.base import Snapshot, Staged
from bot.services.material import material_for
from bot.services.rollout_journal import RolloutJournal
from bot.services.switches import SwitchState
from storage.turns import Kind, turns_of
from tests.patience import PATIENCE_SECONDS, eventually
from tests.services.power import FailingGateway, Power
from tests.services.switch_world import NEW, OLD, World, begun

# Whoever is not kept waiting is through by then many times over.
LONG_SECONDS = 0.5


class SlowGateway(FailingGateway):
    """A real gateway that stands still in the middle of a change until it is told to go on."""

    def __init__(self, world: World) -> None:
        super().__init__(world.gateway, Power(None))
        self.reached, self.goes_on = threading.Event(), threading.Event()

    def commit(self, staged: Staged) -> None:
        """Slowly."""
        self._stand_still()
        super().commit(staged)

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """Slowly."""
        self._stand_still()
        super().restore(connection, snapshot)

    def _stand_still(self) -> None:
        self.reached.set()
        assert self.goes_on.wait(PATIENCE_SECONDS)


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[threading.Thread]:
    """Something that another process does at the same time."""
    thread = threading.Thread(target=act)
    thread.start()
    yield thread
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def test_an_undo_waits_for_a_write_that_is_under_way_and_undoes_it(world: World) -> None:
    """A process that was taken for dead is in its commit; the one that undoes comes after it, not before it."""
    public_id = world.approved()
    slow = SlowGateway(world)
    late, other = world.rollout(slow), world.rollout()
    leg = begun(late, public_id)
    with meanwhile(lambda: late.apply(leg)):
        assert slow.reached.wait(PATIENCE_SECONDS)
        with meanwhile(lambda: other.undo(leg, "not_proven")) as undoing:
            undoing.join(LONG_SECONDS)
            slow.goes_on.set()
    assert world.switch(public_id).state is SwitchState.ROLLED_BACK
    assert world.held() == OLD.sha256


def test_a_write_that_waited_for_an_undo_is_not_made_any_more(world: World) -> None:
    """It looks at the store again once it has the lease."""
    public_id = world.approved()
    slow = SlowGateway(world)
    first, late = world.rollout(slow), world.rollout()
    leg = begun(late, public_id)
    with meanwhile(lambda: first.undo(leg, "not_proven")):
        assert slow.reached.wait(PATIENCE_SECONDS)
        with meanwhile(lambda: late.apply(leg)) as applying:
            applying.join(LONG_SECONDS)
            slow.goes_on.set()
    assert world.switch(public_id).state is SwitchState.ROLLED_BACK
    assert world.held() == OLD.sha256


def test_an_undo_that_comes_late_does_not_touch_what_the_gateway_has_got_since(world: World) -> None:
    """The decision is on record, then that process stands still while another ends the undoing and a change follows."""
    public_id = world.approved()
    late = world.rollout()
    leg = begun(late, public_id)
    with meanwhile_leased(world, lambda: late.undo(leg, "not_proven")):
        eventually(lambda: "undo" in world.switch(public_id).outcome, "the decision")
        RolloutJournal(world.store, world.chains, world.clock).undone(leg, restore_proven=True)
        with world.store.begin() as tx:
            material = material_for("accepts", world.chains.report_of(tx, NEW.der))
        assert material is not None
        world.gateway.commit(world.gateway.stage("acme-https", material))
    assert world.held() == NEW.sha256


@contextmanager
def meanwhile_leased(world: World, act: Callable[[], object]) -> Iterator[None]:
    """Something that another process does at the same time, as far as it can without the lease."""
    with ExitStack() as stack:
        lease = stack.enter_context(ExitStack())
        lease.enter_context(turns_of(world.store.engine, Kind.LEASES)("acme-https"))
        stack.enter_context(meanwhile(act))
        stack.callback(lease.close)
        yield
