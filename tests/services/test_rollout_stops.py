"""Where a roll-out does not begin, does not go on, or touches nothing."""

from bot.gateways.base import Snapshot
from bot.services.switches import SwitchState
from storage.records import AnchorState
from tests.databases import Database
from tests.lab.builders import NOW, Ca, days
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import ISSUING, NEW, OLD, OLIVIA, World, begun


def test_a_gateway_that_holds_something_else_is_not_touched(world: World) -> None:
    """Drift: a roll-back would not lead to what everybody believes."""
    public_id = world.approved()
    world.gateway.restore("acme-https", _nothing(world))
    assert world.rollout().run(public_id) is SwitchState.FAILED
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["phase"]) == ("gateway_differs", "begin")
    assert world.held() is None


def test_a_connection_changed_after_the_approvals_voids_them(world: World) -> None:
    """Nothing is written to the gateway."""
    public_id = world.approved()
    connection = world.connection
    with world.store.begin() as tx:
        assert tx.connections.set_certificate(connection.id, world.old.id, connection.version)
    assert world.rollout().run(public_id) is SwitchState.EXPIRED
    assert world.switch(public_id).outcome["code"] == "connection_changed"
    assert world.held() == OLD.sha256


def test_a_certificate_that_expired_after_the_approvals_is_not_put_in_use(world: World) -> None:
    """Said as that, and not as a chain that is not complete."""
    short = world.entry(ISSUING.leaf("b2b.acme.example", not_after=NOW + days(1)), "short")
    public_id = world.approved(short)
    world.clock.now += days(2)
    assert world.rollout().run(public_id) is SwitchState.EXPIRED
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["phase"]) == ("expired", "begin")
    assert world.held() == OLD.sha256


def test_a_certificate_that_has_left_the_list_is_not_put_in_use(world: World) -> None:
    """Nobody can delete it while the switch is open; should it be gone all the same, nothing is written."""
    public_id = world.approved()
    with world.store.begin() as tx:
        tx.certificates.delete_entry(world.new.id)
    assert world.rollout().run(public_id) is SwitchState.EXPIRED
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["phase"]) == ("certificate_gone", "begin")
    assert world.held() == OLD.sha256


def test_an_anchor_lost_after_the_approvals_stops_the_switch(database: Database, endpoint: PartnerEndpoint) -> None:
    """The chain is looked at once more before anything is written."""
    world = World(database, endpoint.uri)
    world.installed()
    root = Ca.root("Short-lived Root")
    ca_id = world.add_ca(root, AnchorState.APPROVED)
    public_id = world.approved(world.entry(root.leaf("b2b.acme.example"), "short"))
    with world.store.begin() as tx:
        tx.ca_certificates.delete(ca_id)
    assert world.rollout().run(public_id) is SwitchState.EXPIRED
    assert world.switch(public_id).outcome["code"] == "chain_not_complete"


def test_a_connection_changed_during_the_roll_out_is_rolled_back(world: World, endpoint: PartnerEndpoint) -> None:
    """Proven, but no longer what both sides have agreed on."""
    public_id = world.approved()
    endpoint.present(NEW)
    rollout = world.rollout()
    assert rollout.begin(public_id)
    connection = world.connection
    with world.store.begin() as tx:
        assert tx.connections.set_certificate(connection.id, world.old.id, connection.version)
    assert rollout.run(public_id) is SwitchState.ROLLED_BACK
    assert world.switch(public_id).outcome["code"] == "connection_changed"
    assert world.held() == OLD.sha256


def test_nothing_is_kept_without_a_proof(world: World) -> None:
    """Whoever calls the steps in the wrong order."""
    public_id = world.approved()
    rollout = world.rollout()
    leg = begun(rollout, public_id)
    assert not rollout.keep(leg)
    assert rollout.apply(leg).done
    assert not rollout.keep(leg)
    assert world.connection.partner_certificate_id == world.old.id


def test_once_undoing_has_begun_nothing_is_applied_any_more(world: World, endpoint: PartnerEndpoint) -> None:
    """A second process that comes late must not bring the new certificate back."""
    public_id = world.approved()
    first, late = world.rollout(), world.rollout()
    leg = begun(first, public_id)
    assert first.apply(leg).done
    assert not first.prove(leg)
    first.undo(leg, "not_proven")
    endpoint.present(NEW)
    assert not late.begin(public_id)
    assert not late.apply(leg).done
    assert not late.prove(leg)
    assert not late.keep(leg)
    late.undo(leg, "too_late")
    assert world.switch(public_id).outcome["code"] == "not_proven"
    assert world.held() == OLD.sha256


def test_a_rejected_or_unapproved_switch_never_begins(world: World) -> None:
    """Two approvals, or nothing happens."""
    public_id = world.propose().public_id
    assert not world.rollout().begin(public_id)
    assert world.rollout().run(public_id) is SwitchState.PROPOSED
    world.switches.cancel(OLIVIA, public_id)
    assert world.rollout().run(public_id) is SwitchState.CANCELLED
    assert world.held() == OLD.sha256


def test_installing_never_overwrites_what_the_gateway_holds(world: World) -> None:
    """The first certificate only; again and again is fine."""
    assert world.rollout().install(world.connection.id).done
    foreign = world.add_connection("acme-foreign")
    assert world.rollout().install(foreign.id).code == "no_certificate"
    world.connections.set_certificate(OLIVIA, "acme-foreign", world.new.id)
    assert world.rollout().install(foreign.id).done
    folders = world.folder / "gateway"
    (folders / "acme-https").rename(folders / "moved")
    (folders / "acme-foreign").rename(folders / "acme-https")
    assert world.rollout().install(world.connection.id).code == "gateway_differs"


def _nothing(world: World) -> Snapshot:
    return Snapshot(gateway=world.gateway.kind, connection="acme-https", version=None, certificate=None)
