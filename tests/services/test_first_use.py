"""The first use of a new certificate, as a gateway counted it: kept once, and told; never guessed."""

import pytest

from bot.gateways.errors import GatewayUnreachable
from bot.services.evidence import EvidenceFile
from bot.services.first_use import WATCHED_FOR, FirstUse
from bot.services.switches import SwitchState
from handlers.views import proof
from handlers.views.evidence import page
from storage.switch_records import Way
from tests.lab.builders import NOW
from tests.services.endpoint import PartnerEndpoint
from tests.services.power import FailingGateway, Power
from tests.services.switch_world import NEW, World


class CountingGateway(FailingGateway):
    """A real gateway before a program that counts requests by certificate, or says nothing at all."""

    def __init__(self, world: World, counts: bool = True) -> None:
        super().__init__(world.gateway, Power(None))
        self.made: int | None = 7 if counts else None
        self.silent = False

    @property
    def counts_requests(self) -> bool:
        """As it is told."""
        return self.made is not None

    def requests(self, connection: str, sha256: str) -> int | None:
        """Those made with the new certificate."""
        assert connection == "acme-https"
        if self.silent:
            raise GatewayUnreachable("unreachable")
        return self.made if self.made is None or sha256 == NEW.sha256 else 0


@pytest.fixture(autouse=True)
def _flipped(endpoint: PartnerEndpoint) -> None:
    """The partner has put the new certificate live."""
    endpoint.present(NEW)


def switched(world: World, gateway: CountingGateway) -> tuple[str, FirstUse]:
    """A proven switch, and who looks for the first use."""
    public_id = world.approved()
    assert world.rollout(gateway).run(public_id) is SwitchState.PROVEN
    return public_id, FirstUse(world.store, lambda _: gateway, world.clock)


@pytest.mark.parametrize("later", [8, 1], ids=["one more", "one, counted anew since a restart"])
def test_the_first_use_is_kept_once_and_told_in_the_thread(world: World, later: int) -> None:
    """What was counted before the gateway accepted it, in an earlier life of the certificate, is no use of it now."""
    gateway = CountingGateway(world)
    public_id, uses = switched(world, gateway)
    assert uses.due() == (public_id,)
    uses.look(public_id)
    gateway.silent = True
    uses.look(public_id)
    assert world.switches.report(public_id).proofs_for("used", Way.REPORT) == ()
    gateway.silent, gateway.made = False, later
    with world.store.begin() as tx:
        pending = {one.subject: one.id for one in tx.notices.pending()}
    for _ in range(2):
        uses.look(public_id)
    report = world.switches.report(public_id)
    (used,) = report.proofs_for("used", Way.REPORT)
    assert used.detail["requests"] == {NEW.sha256: later}
    assert uses.due() == ()
    with world.store.begin() as tx:
        assert any(
            one.subject == f"proof:{public_id}" and one.id > max(pending.values()) for one in tx.notices.pending()
        )
    assert "First use by a client seen at the gateway" in str(proof.render(report).blocks)
    evidence = EvidenceFile(world.store, world.chains, world.clock).of(public_id)
    assert evidence.doubts == (), "the audit named the proofs of the switch, and this came later"
    assert "first use of the new one" in page(evidence)


def test_where_nobody_counts_or_nobody_comes_nothing_is_claimed(world: World) -> None:
    """A gateway that does not count is not asked; after a month the look ends."""
    silent = CountingGateway(world, counts=False)
    public_id, uses = switched(world, silent)
    assert uses.due() == ()
    assert "First use" not in str(proof.render(world.switches.report(public_id)).blocks)
    silent.made = 9  # somebody has set the table since: what was counted before is not known
    assert uses.due() == (public_id,)
    uses.look(public_id)
    assert world.switches.report(public_id).proofs_for("used", Way.REPORT) == ()
    world.clock.now = NOW + 2 * WATCHED_FOR
    assert uses.due() == ()


def test_a_switch_that_was_undone_has_no_first_use(world: World) -> None:
    """Whoever came in meanwhile did so with what is not in use any more."""
    gateway = CountingGateway(world)
    public_id, uses = switched(world, gateway)
    gateway.made = 8
    with world.store.begin() as tx:
        switch = tx.switches.by_public_id(public_id)
        assert switch is not None
        assert tx.switches.move(switch, SwitchState.ROLLED_BACK, world.clock())
    assert uses.due() == ()
    uses.look(public_id)
    assert world.switches.report(public_id).proofs_for("used", Way.REPORT) == ()
