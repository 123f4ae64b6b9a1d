"""A roll-out that dies at any boundary, and starts again from the beginning in a process that knows nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

import pytest

from bot.services.rollout import Rollout
from bot.services.rollout_leg import Leg
from bot.services.switches import SwitchState
from storage.records import PartnerCertificate
from tests.databases import Database
from tests.lab.builders import Issued
from tests.services.endpoint import PartnerEndpoint, partner_endpoint
from tests.services.power import FailingGateway, FailingStore, Power, PowerCut
from tests.services.switch_world import NEW, OLD, World, begun

# Counted, not listed; if a roll-out had fewer, the boundaries would no longer be where the work is.
FEWEST_BOUNDARIES = 20


class Bench:
    """One world for many crashes: each switch leads from the certificate in use to the other one."""

    def __init__(self, world: World, endpoint: PartnerEndpoint) -> None:
        self.world = world
        self.endpoint = endpoint
        self._sides: list[tuple[PartnerCertificate, Issued]] = [(world.old, OLD), (world.new, NEW)]

    def boundaries(self) -> Iterator[int]:
        """Every one on SQLite, every third on PostgreSQL, where the real bot is killed as well (`e2e/test_crashes`)."""
        return iter(count(1, 3) if self.world.store.engine.dialect.name == "postgresql" else count())

    def approved(self) -> tuple[str, PartnerCertificate, Issued]:
        """A switch to the other certificate, with both approvals; the partner has not flipped."""
        in_use = self.world.connection.partner_certificate_id
        entry, issued = next(side for side in self._sides if side[0].id != in_use)
        return self.world.approved(entry), entry, issued

    def run(self, public_id: str, lasts: int | None) -> bool:
        """Run everything in a process of its own; False when it died."""
        power = Power(lasts)
        store, gateway = FailingStore(self.world.store, power), FailingGateway(self.world.gateway, power)
        try:
            self.world.rollout(gateway, store).run(public_id)
        except PowerCut:
            return False
        return True

    def check_agreement(self, public_id: str) -> SwitchState:
        """Store, gateway and audit tell the same story: one beginning, one end, nothing in between."""
        report = self.world.switches.report(public_id)
        state = report.switch.state
        assert state in {SwitchState.PROVEN, SwitchState.ROLLED_BACK}
        expected = report.switch.to_sha256 if state is SwitchState.PROVEN else report.switch.from_sha256
        in_use = self.world.connections.by_name("acme-https").current
        assert in_use is not None
        assert in_use.sha256 == expected
        assert self.world.held() == expected
        actions = self.world.actions(public_id)
        ends = [one for one in actions if one in {"switch.proven", "switch.rolled_back", "switch.failed"}]
        assert (actions.count("switch.switching"), ends) == (1, [f"switch.{state.value}"])
        return state


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    """The connection runs one choreography, so that a crash test is many crashes and few handshakes."""
    with partner_endpoint(database.folder / "partner", OLD) as endpoint:
        world = World(database, endpoint.uri, over=("OrderToCash",))
        world.installed()
        yield Bench(world, endpoint)
        world.store.close()


def test_a_flipped_partner_ends_proven_wherever_the_process_dies(bench: Bench) -> None:
    """Every boundary once; the restarted roll-out finds its way."""
    for lasts in bench.boundaries():
        public_id, _, issued = bench.approved()
        bench.endpoint.present(issued)
        survived = bench.run(public_id, lasts)
        bench.run(public_id, None)
        assert bench.check_agreement(public_id) is SwitchState.PROVEN, f"died after {lasts} boundaries"
        if survived:
            break
    assert lasts >= FEWEST_BOUNDARIES


def test_an_unflipped_partner_ends_restored_and_proven_wherever_the_process_dies(bench: Bench) -> None:
    """Also where it dies in the middle of the way back."""
    for lasts in bench.boundaries():
        public_id, _, _ = bench.approved()
        survived = bench.run(public_id, lasts)
        bench.run(public_id, None)
        assert bench.check_agreement(public_id) is SwitchState.ROLLED_BACK, f"died after {lasts} boundaries"
        assert bench.world.switch(public_id).outcome["restore_proven"] is True
        if survived:
            break
    assert lasts >= FEWEST_BOUNDARIES


def test_a_partner_that_flips_while_the_process_is_dead_finds_store_and_gateway_in_agreement(bench: Bench) -> None:
    """Proven where the undoing had not begun yet, rolled back where it had: never in between."""
    ends: set[SwitchState] = set()
    for lasts in bench.boundaries():
        public_id, _, issued = bench.approved()
        survived = bench.run(public_id, lasts)
        bench.endpoint.present(issued)
        bench.run(public_id, None)
        ends.add(state := bench.check_agreement(public_id))
        if state is SwitchState.ROLLED_BACK:
            bench.endpoint.present(OLD if issued is NEW else NEW)
        if survived:
            break
    assert ends == {SwitchState.PROVEN, SwitchState.ROLLED_BACK}


@pytest.mark.parametrize("flipped", [True, False], ids=["flipped", "not-flipped"])
def test_a_process_that_dies_again_and_again_comes_to_an_end(bench: Bench, flipped: bool) -> None:
    """The first life has no boundary, the second one, and so on."""
    public_id, _, issued = bench.approved()
    if flipped:
        bench.endpoint.present(issued)
    lives = next(lasts for lasts in count() if bench.run(public_id, lasts))
    assert lives > 0
    expected = SwitchState.PROVEN if flipped else SwitchState.ROLLED_BACK
    assert bench.check_agreement(public_id) is expected


Step = Callable[[Rollout, Leg], object]
STEPS: list[Step] = [
    lambda rollout, leg: rollout.begin(leg.public_id),
    lambda rollout, leg: rollout.apply(leg),
    lambda rollout, leg: rollout.prove(leg),
    lambda rollout, leg: rollout.keep(leg),
]


@pytest.mark.parametrize("stops_after", range(len(STEPS) + 1))
@pytest.mark.parametrize("flipped", [True, False], ids=["flipped", "not-flipped"])
def test_each_step_repeated_by_a_new_roll_out_changes_nothing(bench: Bench, stops_after: int, flipped: bool) -> None:
    """The durable workflow repeats a step whose result it could not record."""
    public_id, _, issued = bench.approved()
    if flipped:
        bench.endpoint.present(issued)
    if stops_after:
        leg = begun(bench.world.rollout(), public_id)
        for step in STEPS[:stops_after]:
            for _ in range(2):
                step(bench.world.rollout(), leg)
    bench.world.rollout().run(public_id)
    expected = SwitchState.PROVEN if flipped else SwitchState.ROLLED_BACK
    assert bench.check_agreement(public_id) is expected


def test_a_gateway_that_dies_between_staging_and_commit_keeps_the_old_certificate(bench: Bench) -> None:
    """What lies beside the live version is not in use."""
    public_id, _, issued = bench.approved()
    bench.endpoint.present(issued)
    power = Power(2)  # before and after the staging; dead before the commit
    leg = begun(bench.world.rollout(), public_id)
    with suppress(PowerCut):
        bench.world.rollout(FailingGateway(bench.world.gateway, power)).apply(leg)
    assert bench.world.held() == OLD.sha256
    bench.run(public_id, None)
    assert bench.check_agreement(public_id) is SwitchState.PROVEN
