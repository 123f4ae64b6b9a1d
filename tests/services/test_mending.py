"""What an approver has agreed to is put back and proven, wherever the process dies; what is refused stays open."""

import shutil

import pytest

from bot.gateways.files import FilesGateway, FilesSettings
from bot.gateways.listener import Listener
from bot.services.drift import CHANGED
from bot.services.errors import NotAllowed, NotFound, Outdated, WrongState
from bot.services.switches import SwitchMode, SwitchState, Timing
from storage.records import AnchorState
from storage.switch_records import DriftState, Way
from tests.databases import Database
from tests.lab.builders import NOW, Ca, days
from tests.services.drift_world import NAME, DriftWorld, reload_script
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import ADAM, AGNES, CLERK, GUEST, NEW, OLD, OLIVIA, PAULA, ROBOT, STRANGER, THIRD

REFUSED = {
    OLIVIA: "not_approver",
    CLERK: "not_approver",
    PAULA: "wrong_side",
    STRANGER: "stranger",
    GUEST: "guest",
    ROBOT: "bot",
}


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """Somebody has put another certificate on the gateway, and that was found."""
    return DriftWorld.drifted(database, endpoint.uri)


@pytest.fixture
def quick_world(quick_database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """The same on one database, for what does not depend on which."""
    return DriftWorld.drifted(quick_database, endpoint.uri)


def test_what_is_on_record_comes_back_and_is_proven_and_everybody_can_read_by_whom(
    world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """The gateway's own word, and two rounds of one handshake for each choreography; all kept with the drift."""
    public_id = world.approved_drift()
    assert world.mending().due() == (public_id,)
    assert world.mending().run(public_id) is DriftState.MENDED
    assert world.held() == OLD.sha256
    drift = world.only().drift
    assert (drift.approved_by, drift.ended_at, drift.outcome["proven"]) == ("UADAM", NOW, True)
    told, *seen = world.only().proofs
    assert (told.way, told.verdict, told.detail["accepted"]) == (Way.REPORT, "agrees", [OLD.sha256])
    shown = [(one.choreography, one.verdict, one.presented[0]) for one in seen]
    assert shown == [("OrderToCash", "matched", OLD.sha256)] * 2
    assert endpoint.choreographies == ["OrderToCash"] * 2
    assert world.drift_actions() == ["drift.found", "drift.approved", "drift.mended"]
    found, decided, mended = world.drift_audit()
    assert (found.actor, decided.actor, mended.actor) == ("system", "UADAM", "system")
    assert (mended.data["by"], mended.data["proofs"]) == ("UADAM", 3)
    assert world.mending().due() == ()
    world.round()
    assert world.only().drift.state is DriftState.MENDED


def test_only_an_approver_of_ours_can_have_it_put_back(quick_world: DriftWorld) -> None:
    """Whoever else presses is refused with the reason, and nothing moves."""
    for person, reason in REFUSED.items():
        with pytest.raises(NotAllowed) as refused:
            quick_world.approved_drift(person)
        assert refused.value.reason == reason
    assert quick_world.only().drift.state is DriftState.OPEN
    assert quick_world.mending().due() == ()


def test_of_two_approvers_the_second_is_told_who_was_faster(world: DriftWorld) -> None:
    """And after the end that it is over."""
    public_id = world.approved_drift()
    with pytest.raises(WrongState) as late:
        world.drifts().approve(AGNES, public_id, 1)
    assert (late.value.state, late.value.data["by"]) == ("mending", "UADAM")
    world.mending().run(public_id)
    with pytest.raises(WrongState) as over:
        world.drifts().approve(AGNES, public_id, 1)
    assert over.value.state == "mended"
    with pytest.raises(NotFound):
        world.drifts().approve(AGNES, "0123456789abcdef", 1)


def test_a_click_on_what_is_shown_no_more_counts_for_nothing(world: DriftWorld) -> None:
    """The gateway holds something else again; what was read before the click is not what is there."""
    shown = world.only().drift
    world.exchange(NEW)
    world.round()
    with pytest.raises(Outdated):
        world.drifts().approve(ADAM, shown.public_id, shown.revision)
    assert world.only().drift.state is DriftState.OPEN


def test_where_the_endpoint_shows_something_else_it_is_put_back_and_not_called_proven(
    quick_world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """The gateway holds what was agreed on; what the partner does is told, and nothing is undone for it."""
    endpoint.present(THIRD)
    public_id = quick_world.approved_drift()
    assert quick_world.mending().run(public_id) is DriftState.MENDED
    outcome = quick_world.only().drift.outcome
    assert outcome["proven"] is False
    verdicts = [one.verdict for one in quick_world.only().proofs]
    assert verdicts == ["agrees", "other_certificate"], "the first failure ends it"
    assert quick_world.held() == OLD.sha256


def test_where_nobody_listens_at_the_gateways_own_address_it_is_not_called_proven(quick_world: DriftWorld) -> None:
    """The endpoint is as it should be; what goes through the gateway is not."""
    public_id = quick_world.approved_drift()
    nobody = Listener.parse("http://127.0.0.1:1/b2b")
    assert quick_world.mending(listener=nobody).run(public_id) is DriftState.MENDED
    report = quick_world.only()
    assert report.drift.outcome["proven"] is False
    tries = [(one.way, one.verdict) for one in report.proofs]
    assert tries == [(Way.REPORT, "agrees"), *([(Way.ENDPOINT, "matched")] * 2), (Way.THROUGH, "no_listener")]


def test_a_reload_that_fails_leaves_the_drift_open_with_the_reason_and_the_next_try_mends_it(
    quick_world: DriftWorld,
) -> None:
    """Files that are right, and a program that was not told of them."""
    quick_world.exchange(OLD)
    (quick_world.folder / "gateway" / NAME / "reload-due").write_text("")
    allowed = quick_world.folder / "allowed"
    script = reload_script(quick_world.folder, f'test -e "{allowed}"')
    gateway = FilesGateway(FilesSettings(root=quick_world.folder / "gateway", reload=(str(script),)))
    quick_world.round(gateway)
    public_id = quick_world.approved_drift()
    assert quick_world.mending(gateway).run(public_id) is DriftState.OPEN
    drift = quick_world.only().drift
    assert (drift.outcome["code"], drift.approved_by, drift.ended_at) == ("reload_failed", "UADAM", None)
    assert quick_world.mending(gateway).due() == (), "it is not tried again by itself"
    allowed.touch()
    quick_world.drifts().approve(AGNES, public_id, drift.revision)
    assert quick_world.mending(gateway).run(public_id) is DriftState.MENDED
    assert quick_world.drift_actions()[-4:] == ["drift.approved", "drift.not_mended", "drift.approved", "drift.mended"]


def test_a_certificate_whose_root_is_approved_no_more_cannot_be_put_back(
    quick_world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """The gateway would trust what nobody vouches for."""
    world = quick_world
    world.exchange(OLD)
    world.round()
    root = Ca.root("Short-lived Root")
    ca_id = world.add_ca(root, AnchorState.APPROVED)
    entry = world.entry(root.leaf("b2b.acme.example", san=("127.0.0.1",)), "short")
    world.add_connection("acme-short", endpoint.uri)
    world.connections.set_certificate(OLIVIA, "acme-short", entry.id)
    with world.store.begin() as tx:
        tx.ca_certificates.delete(ca_id)
    world.drifts().look("acme-short")
    drift = world.every()[-1]
    world.drifts().approve(ADAM, drift.public_id, drift.revision)
    assert world.mending().run(drift.public_id) is DriftState.OPEN
    assert world.drifts().report(drift.public_id).drift.outcome["code"] == "chain_not_complete"


def test_of_two_in_an_overlap_not_the_one_alone_is_put_back_whose_root_is_still_approved(
    quick_world: DriftWorld,
) -> None:
    """That would cut off whoever presents the other."""
    world = quick_world
    world.exchange(OLD)
    world.round()
    root = Ca.root("Short-lived Root")
    ca_id = world.add_ca(root, AnchorState.APPROVED)
    entry = world.entry(root.leaf("b2b.acme.example", san=("127.0.0.1",)), "short")
    switch = world.approved(entry, timing=Timing(SwitchMode.OVERLAP, until=NOW + days(3)))
    assert world.rollout().run(switch) is SwitchState.OVERLAP
    with world.store.begin() as tx:
        tx.ca_certificates.delete(ca_id)
    world.exchange(THIRD)
    world.round()
    drift = world.every()[-1]
    world.drifts().approve(ADAM, drift.public_id, drift.revision)
    assert world.mending().run(drift.public_id) is DriftState.OPEN
    assert world.drifts().report(drift.public_id).drift.outcome["code"] == "chain_not_complete"
    assert world.held() == THIRD.sha256


def test_where_another_certificate_is_on_record_by_now_nothing_is_put_back(quick_world: DriftWorld) -> None:
    """The word was given for what was shown, and not for whatever follows."""
    public_id, connection = quick_world.approved_drift(), quick_world.connection
    with quick_world.store.begin() as tx:
        assert tx.connections.set_certificate(connection.id, quick_world.new.id, connection.version)
    assert quick_world.mending().run(public_id) is DriftState.OPEN
    assert quick_world.drifts().report(public_id).drift.outcome["code"] == CHANGED
    assert quick_world.held() == THIRD.sha256


def test_what_is_in_the_way_of_the_gateways_files_cannot_be_written_over(quick_world: DriftWorld) -> None:
    """A folder where the link to the live version was: people have to look, and the drift stays open until then."""
    live = quick_world.folder / "gateway" / NAME / "current"
    live.unlink()
    live.mkdir()
    quick_world.round()
    assert quick_world.only().found.codes == ("files",)
    assert quick_world.mending().run(quick_world.approved_drift()) is DriftState.OPEN
    assert quick_world.only().drift.outcome["code"] == "unreadable"
    live.rmdir()
    quick_world.round()
    assert quick_world.mending().run(quick_world.approved_drift()) is DriftState.MENDED


def test_what_somebody_else_has_put_right_meanwhile_is_not_claimed(quick_world: DriftWorld) -> None:
    """Approved, and then there is nothing to do."""
    public_id = quick_world.approved_drift()
    quick_world.exchange(OLD)
    assert quick_world.mending().run(public_id) is DriftState.GONE
    assert quick_world.drift_actions()[-1] == "drift.gone"


def test_in_an_overlap_both_come_back(quick_world: DriftWorld, endpoint: PartnerEndpoint) -> None:
    """The connection goes on accepting old and new."""
    quick_world.exchange(OLD)
    quick_world.round()
    switch = quick_world.approved(timing=Timing(SwitchMode.OVERLAP, until=NOW + days(3)))
    assert quick_world.rollout().run(switch) is SwitchState.OVERLAP
    shutil.rmtree(quick_world.folder / "gateway" / NAME)
    quick_world.round()
    drift = quick_world.every()[-1]
    quick_world.drifts().approve(ADAM, drift.public_id, drift.revision)
    endpoint.present(NEW)
    assert quick_world.mending().run(drift.public_id) is DriftState.MENDED
    current = quick_world.gateway.current(NAME)
    assert current is not None
    assert current.pins == (NEW.sha256, OLD.sha256)
    assert quick_world.drifts().report(drift.public_id).drift.outcome["proven"] is True


def test_a_switch_does_not_begin_while_the_gateway_differs_and_does_once_it_is_put_right(
    quick_world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """There would be no safe way back."""
    failed = quick_world.approved()
    assert quick_world.rollout().run(failed) is SwitchState.FAILED
    assert quick_world.switch(failed).outcome["code"] == "gateway_differs"
    assert quick_world.mending().run(quick_world.approved_drift()) is DriftState.MENDED
    again = quick_world.approved()
    endpoint.present(NEW)
    assert quick_world.rollout().run(again) is SwitchState.PROVEN
