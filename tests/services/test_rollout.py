"""From the last approval to a proof by a real handshake, or back to the old state and a proof of that."""

import shutil

import pytest

from bot.gateways.files import FilesGateway, FilesSettings
from bot.services.switches import SwitchState
from tests.databases import Database
from tests.lab.builders import NOW, days
from tests.services.endpoint import PartnerEndpoint, partner_endpoint
from tests.services.switch_world import CHOREOGRAPHIES, ISSUING, NEW, OLD, OLIVIA, PINNED, THIRD, World, begun


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> World:
    """The usual connection, with all of its choreographies."""
    made = World(database, endpoint.uri)
    made.installed()
    return made


def test_a_look_shows_what_the_endpoint_presents_now(world: World) -> None:
    """With the name that the partner's list has for it."""
    public_id = world.propose().public_id
    world.rollout().look(public_id)
    observed = world.switch(public_id).observed
    assert observed["sha256"] == OLD.sha256
    assert observed["display_name"] == "acme-b2b 2025-11-02"
    assert world.switches.unobserved() == ()
    assert [proof.purpose for proof in world.switches.report(public_id).proofs] == ["before"]


def test_a_look_at_a_dead_endpoint_is_an_observation_too(database: Database) -> None:
    """It says so, instead of leaving the proposal unobserved for ever."""
    world = World(database)
    public_id = world.propose().public_id
    world.rollout().look(public_id)
    assert world.switch(public_id).observed["verdict"] == "unreachable"
    assert world.switches.unobserved() == ()


def test_a_flipped_partner_is_proven_for_every_choreography(world: World, endpoint: PartnerEndpoint) -> None:
    """Two fresh handshakes with a request each; then connection, switch and gateway agree."""
    public_id = world.approved()
    endpoint.present(NEW)
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    report = world.switches.report(public_id)
    assert [proof.choreography for proof in report.proofs_for("switch")] == list(CHOREOGRAPHIES) * 2
    assert {proof.verdict for proof in report.proofs_for("switch")} == {"matched"}
    assert {proof.presented[0] for proof in report.proofs_for("switch")} == {NEW.sha256}
    assert endpoint.choreographies == ["Invoicing", "OrderToCash", "%C3%9Cbergabe"] * 2
    assert world.connection.partner_certificate_id == world.new.id
    assert world.connection.version == report.switch.connection_version + 1
    assert world.held() == NEW.sha256
    assert world.actions(public_id)[-2:] == ["switch.switching", "switch.proven"]
    assert {f"switch:{public_id}", f"proof:{public_id}"} <= world.pending()
    assert world.switches.due() == ()


def test_a_partner_that_has_not_flipped_is_rolled_back_and_the_certificate_seen_is_named(world: World) -> None:
    """The old certificate was seen instead; the old state is back and proven."""
    public_id = world.approved()
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    report = world.switches.report(public_id)
    seen = report.switch.outcome["seen"]
    assert isinstance(seen, dict)
    assert (seen["sha256"], seen["display_name"]) == (OLD.sha256, "acme-b2b 2025-11-02")
    assert seen["verdict"] == "other_certificate"
    assert "CN=b2b.acme.example" in str(seen["subject"])
    assert report.switch.outcome["code"] == "not_proven"
    assert report.switch.outcome["restored"] is True
    assert report.switch.outcome["restore_proven"] is True
    assert [proof.verdict for proof in report.proofs_for("restore")] == ["matched"] * len(CHOREOGRAPHIES)
    assert world.held() == OLD.sha256
    assert world.connection.partner_certificate_id == world.old.id
    assert world.propose(), "the way is free for another try"


def test_a_third_certificate_is_rolled_back_and_the_restore_is_not_called_proven(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """The gateway is as before, but the endpoint shows neither the old nor the new one."""
    public_id = world.approved()
    endpoint.present(THIRD)
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert isinstance(outcome["seen"], dict)
    assert outcome["seen"]["sha256"] == THIRD.sha256
    assert (outcome["restored"], outcome["restore_proven"]) == (True, False)
    assert world.held() == OLD.sha256


def test_an_endpoint_that_is_down_is_rolled_back_without_a_proven_restore(database: Database) -> None:
    """What could not be seen is not claimed."""
    with partner_endpoint(database.folder / "partner", OLD) as running:
        uri = running.uri
    world = World(database, uri)
    world.installed()
    public_id = world.approved()
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    report = world.switches.report(public_id)
    assert (report.switch.outcome["restored"], report.switch.outcome["restore_proven"]) == (True, False)
    assert [proof.verdict for proof in report.proofs_for("switch")] == ["unreachable"], "the first failure ends it"
    assert world.held() == OLD.sha256


def test_an_expired_old_certificate_can_be_replaced_and_restored(database: Database) -> None:
    """Its return is the state before, though no proof could match it any more."""
    expired = ISSUING.leaf("b2b.acme.example", not_before=NOW - days(400), not_after=NOW - days(3))
    with partner_endpoint(database.folder / "partner", expired) as endpoint:
        world = World(database, endpoint.uri)
        world.add_connection("acme-late", endpoint.uri)
        world.connections.set_certificate(OLIVIA, "acme-late", world.entry(expired, "late").id)
        late = world.connections.by_name("acme-late").connection
        assert world.rollout().install(late.id).done
        public_id = world.approved(on=late.id)
        assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
        report = world.switches.report(public_id)
        assert report.switch.outcome["restore_proven"] is True
        assert {proof.verdict for proof in report.proofs_for("restore")} == {"expired"}
        endpoint.present(NEW)
        assert world.rollout().run(world.approved(on=late.id)) is SwitchState.PROVEN


def test_a_connection_without_a_certificate_gets_its_first_by_a_switch(world: World, endpoint: PartnerEndpoint) -> None:
    """And where that fails, the gateway holds nothing again."""
    world.add_connection("acme-second", endpoint.uri, over=())
    second = world.connections.by_name("acme-second").connection
    failed = world.approved(on=second.id)
    assert world.rollout().run(failed) is SwitchState.ROLLED_BACK
    assert world.gateway.current("acme-second") is None
    assert world.switch(failed).outcome["restore_proven"] is True
    endpoint.present(NEW)
    proven = world.approved(on=second.id)
    assert world.rollout().run(proven) is SwitchState.PROVEN
    assert [proof.choreography for proof in world.switches.report(proven).proofs_for("switch")] == [None, None]


def test_a_self_signed_pin_is_proven_as_its_own_trust(world: World, endpoint: PartnerEndpoint) -> None:
    """No chain, no anchors."""
    public_id = world.approved(world.entry(PINNED, "as2"))
    endpoint.present(PINNED)
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    assert world.gateway.trust("acme-https").anchors == ()


def test_a_certificate_that_fits_no_key_is_refused_and_the_old_state_stays(
    database: Database, endpoint: PartnerEndpoint
) -> None:
    """Role presents: the private key lies at the gateway and never comes here."""
    world = World(database, endpoint.uri, role="presents")
    key = database.folder / "gateway" / "acme-https" / "private.key"
    key.parent.mkdir(parents=True)
    key.write_text(OLD.key_pem)
    world.installed()
    public_id = world.approved()
    endpoint.present(NEW)
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert outcome["code"] == "key_does_not_fit"
    assert outcome["restored"] is True
    assert world.held() == OLD.sha256
    endpoint.present(OLD)
    renewed = world.entry(ISSUING.renew(OLD), "renewed with the same key")
    assert world.rollout().run(world.approved(renewed)) is SwitchState.ROLLED_BACK, "it fits, but is not served yet"


def test_a_reload_that_fails_is_rolled_back_with_its_code(world: World, endpoint: PartnerEndpoint) -> None:
    """The gateway's program does not take the new files, the old ones it takes."""
    script = world.folder / "reload.sh"
    script.write_text(f'#!/bin/sh\n! grep -q {NEW.sha256} "$COUNTERSIGN_FOLDER/current/pins.json"\n')
    script.chmod(0o700)
    gateway = FilesGateway(FilesSettings(root=world.folder / "gateway", reload=(str(script),)))
    public_id = world.approved()
    endpoint.present(NEW)
    assert world.rollout(gateway).run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restored"]) == ("reload_failed", True)
    assert world.held() == OLD.sha256


def test_a_restore_that_is_refused_ends_failed_and_says_so(world: World, endpoint: PartnerEndpoint) -> None:
    """The old version has vanished from the gateway: nothing is claimed."""
    public_id = world.approved()
    rollout = world.rollout()
    assert rollout.apply(begun(rollout, public_id)).done
    _lose_old_version(world)
    endpoint.present(THIRD)
    assert rollout.run(public_id) is SwitchState.FAILED
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restored"], outcome["restore_code"]) == ("not_proven", False, "version_gone")
    assert world.connection.partner_certificate_id == world.old.id


def test_a_gateway_whose_files_another_hand_has_changed_is_not_touched(world: World) -> None:
    """A version that is not what it was made for cannot be gone back to."""
    public_id = world.approved()
    bundle = world.folder / "gateway/acme-https/current/pinned.pem"
    bundle.write_text(THIRD.pem)
    assert world.rollout().run(public_id) is SwitchState.FAILED
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["phase"]) == ("drifted", "begin")
    assert bundle.read_text() == THIRD.pem


def _lose_old_version(world: World) -> None:
    versions = world.folder / "gateway" / "acme-https" / "versions"
    for version in versions.iterdir():
        if OLD.sha256 in (version / "pins.json").read_text():
            shutil.rmtree(version)
