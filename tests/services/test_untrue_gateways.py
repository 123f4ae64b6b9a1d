"""A gateway that says one thing and holds another: its word is held against what is read back, and proves nothing."""

from dataclasses import replace

from bot.gateways.base import Snapshot, TrustMaterial
from bot.gateways.condition import Accepted
from bot.services.switches import SwitchState
from storage.switch_records import Way
from tests.services.endpoint import PartnerEndpoint
from tests.services.power import FailingGateway, Power
from tests.services.switch_world import NEW, OLD, World


class Idle(FailingGateway):
    """It takes every restore for done, and restores nothing."""

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """Nothing."""


class Lavish(FailingGateway):
    """Its program goes on accepting the old certificate beside whatever it was given."""

    def accepted(self, connection: str) -> Accepted:
        """The old one as well."""
        told = super().accepted(connection)
        return replace(told, pins=told.pins | {OLD.sha256})


class Forgiving(FailingGateway):
    """What is read back from it as the yardstick of a handshake has the old certificate in it as well."""

    def trust(self, connection: str) -> TrustMaterial:
        """The old one as well."""
        held = super().trust(connection)
        return replace(held, pins=(*held.pins, OLD.sha256))


def test_a_restore_that_restored_nothing_ends_failed_and_says_so(world: World) -> None:
    """What the gateway holds is read back; people have to look."""
    public_id = world.approved()
    assert world.rollout(Idle(world.gateway, Power(None))).run(public_id) is SwitchState.FAILED
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restored"], outcome["restore_code"]) == ("not_proven", False, "gateway_differs")
    assert world.held() == NEW.sha256


def test_a_gateway_that_accepts_more_than_was_agreed_on_proves_nothing(world: World, endpoint: PartnerEndpoint) -> None:
    """The old certificate would be admitted for ever; the new one being accepted, too, is not enough."""
    public_id = world.approved()
    endpoint.present(NEW)
    assert world.rollout(Lavish(world.gateway, Power(None))).run(public_id) is SwitchState.ROLLED_BACK
    assert world.switch(public_id).outcome["code"] == "other_accepted"
    (told,) = world.switches.report(public_id).proofs_for("switch", Way.REPORT)
    assert (told.verdict, told.detail["accepted"]) == ("differs", sorted([OLD.sha256, NEW.sha256]))


def test_a_handshake_with_another_than_the_agreed_certificate_proves_nothing_whatever_the_gateway_would_admit(
    world: World,
) -> None:
    """The partner has not flipped; the first handshake ends it."""
    public_id = world.approved()
    assert world.rollout(Forgiving(world.gateway, Power(None))).run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    tries = [
        one for one in world.switches.report(public_id).proofs if (one.purpose, one.way) == ("switch", Way.ENDPOINT)
    ]
    assert [(one.verdict, one.presented[0]) for one in tries] == [("matched", OLD.sha256)]
    assert outcome["code"] == "not_proven"
