"""What is changed around a switch while it is decided on: one outcome, and whoever came too late is told."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.services.ca_list import CaList
from bot.services.errors import AlreadyThere, InUse, Outdated, ServiceError, WrongState
from bot.services.switches import Side, SwitchState
from tests.services.endpoint import PartnerEndpoint
from tests.services.refusals import refusals
from tests.services.switch_world import ADAM, BOTH, ISSUING, NEW, OLD, OLIVIA, PAULA, SPOT, TESS, World

ROUNDS = 6


def test_a_connection_edited_while_the_last_approval_is_given_voids_the_switch(world: World) -> None:
    """Whoever is first: the approvals were given for the old address, so nothing of them is carried out."""
    uri = world.connection.uri
    for number in range(ROUNDS):
        public_id = world.propose().public_id
        world.switches.approve(ADAM, public_id, Side.OURS)
        other = f"{uri}/{number}"
        approved, edited = refusals(
            partial(world.switches.approve, PAULA, public_id, Side.PARTNER),
            partial(world.connections.change, OLIVIA, "acme-https", other, ["OrderToCash"], "test"),
        )
        assert edited is None
        assert approved is None or isinstance(approved, WrongState | Outdated)
        switch = world.switch(public_id)
        assert (switch.state, switch.outcome["code"]) == (SwitchState.EXPIRED, "connection_changed")
        named = ["UADAM"] if approved else ["UADAM", "UPAULA"]
        assert switch.outcome["voided"] == named, "those whose approvals are void are named"
        assert world.rollout().run(public_id) is SwitchState.EXPIRED
        assert world.actions(public_id).count("switch.expired") == 1
    assert world.held() == OLD.sha256


def test_a_roll_out_and_an_edit_at_once_end_in_one_of_two_ways(world: World, endpoint: PartnerEndpoint) -> None:
    """Begun first: the edit is refused and the switch is proven. Edited first: it never begins."""
    endpoint.present(NEW)
    public_id = world.approved()
    ended, edited = refusals(
        partial(world.rollout().run, public_id),
        partial(world.connections.change, OLIVIA, "acme-https", f"{world.connection.uri}/b", ["OrderToCash"], "test"),
    )
    assert ended is None
    state = world.switch(public_id).state
    if edited is None and state is SwitchState.EXPIRED:
        assert world.held() == OLD.sha256
        assert "switch.switching" not in world.actions(public_id)
    else:  # refused while it was under way, or made when it was over
        assert edited is None or isinstance(edited, WrongState)
        assert state is SwitchState.PROVEN
        assert world.held() == NEW.sha256


def test_a_ca_certificate_that_an_open_switch_rests_on_is_not_deleted_at_any_of_its_stages(
    world: World, endpoint: PartnerEndpoint
) -> None:
    """Whoever tries is told what uses it; the switch goes on and is proven."""
    endpoint.present(NEW)
    listed = CaList(world.store, world.chains, world.clock)
    tries: list[ServiceError | None] = []

    def delete() -> None:
        listed.delete(TESS, ISSUING.sha256[:16])

    public_id = world.propose().public_id
    tries += refusals(delete, partial(world.switches.approve, ADAM, public_id, Side.OURS))[:1]
    tries += refusals(delete, partial(world.switches.approve, PAULA, public_id, Side.PARTNER))[:1]
    tries += refusals(delete, delete, partial(world.rollout().run, public_id))[:2]
    assert world.switch(public_id).state is SwitchState.PROVEN
    used_by = {"acme-b2b 2025-11-02", "acme-b2b 2026-11-02"}
    for refused in tries:
        assert isinstance(refused, InUse)
        assert {one.name for one in refused.references} == used_by


def test_twenty_people_at_once_come_to_one_outcome(world: World) -> None:
    """Approve, confirm, reject and cancel in parallel: one ends it, the others are told, the audit agrees."""
    public_id = world.propose().public_id
    clicks: list[Callable[[], None]] = []
    for number in range(5):
        adam = replace(ADAM, user_id=f"UADAM{number}")
        paula = replace(PAULA, user_id=f"UPAULA{number}")
        clicks += [
            partial(world.switches.approve, adam, public_id, Side.OURS),
            partial(world.switches.approve, paula, public_id, Side.PARTNER),
            partial(world.switches.reject, adam, public_id, "no"),
            partial(world.switches.cancel, adam, public_id),
        ]

    refused = [one for one in refusals(*clicks) if one is not None]
    ended = world.switch(public_id).state
    assert ended in {SwitchState.REJECTED, SwitchState.CANCELLED}
    actions = world.actions(public_id)
    assert actions[-1] == f"switch.{ended.value}"
    assert len([one for one in actions if one in {"switch.rejected", "switch.cancelled"}]) == 1
    assert actions.count("switch.approval") <= 2
    assert len(refused) + len(actions) - 1 - actions.count("switch.approved") == 20
    assert all(isinstance(refusal, AlreadyThere | WrongState) for refusal in refused)


def test_twenty_proposals_at_once_make_one_switch(world: World) -> None:
    """The store is the last judge."""
    ask = partial(world.switches.propose, BOTH, world.connection.id, world.new.id, "why", SPOT)
    refused = [one for one in refusals(*[ask] * 20) if one is not None]
    assert [type(one) for one in refused] == [AlreadyThere] * 19
    assert len(world.switches.list(open_only=False)) == 1
