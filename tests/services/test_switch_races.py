"""What is changed around a switch while it is decided on: one outcome, and whoever came too late is told."""

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from bot.services.ca_list import CaList
from bot.services.errors import InUse, Outdated, ServiceError, WrongState
from bot.services.people import Person, PersonRole
from bot.services.switches import Side, SwitchState
from tests.databases import Database
from tests.patience import PATIENCE_SECONDS
from tests.services.endpoint import PartnerEndpoint, partner_endpoint
from tests.services.switch_world import ADAM, ISSUING, NEW, OLD, OLIVIA, PAULA, World

TESS = Person("UTESS", "T0HOME", "Tess", frozenset({PersonRole.OPERATOR, PersonRole.TRUST_ADMIN}), is_home=True)
ROUNDS = 6


@pytest.fixture
def endpoint(database: Database) -> Iterator[PartnerEndpoint]:
    """The partner's server, still with the old certificate."""
    with partner_endpoint(database.folder / "partner", OLD) as running:
        yield running


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> Iterator[World]:
    """A connection to that server; the gateway holds its old certificate."""
    made = World(database, endpoint.uri, over=("OrderToCash",))
    made.installed()
    yield made
    made.store.close()


def at_once(*acts: Callable[[], object]) -> list[ServiceError | None]:
    """All at the same moment; what each was refused with."""
    together = threading.Barrier(len(acts))
    refusals: list[ServiceError | None] = [None] * len(acts)

    def act(number: int) -> None:
        together.wait(PATIENCE_SECONDS)
        try:
            acts[number]()
        except ServiceError as refused:
            refusals[number] = refused

    threads = [threading.Thread(target=act, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    return refusals


def test_a_connection_edited_while_the_last_approval_is_given_voids_the_switch(world: World) -> None:
    """Whoever is first: the approvals were given for the old address, so nothing of them is carried out."""
    uri = world.connection.uri
    for number in range(ROUNDS):
        public_id = world.propose().public_id
        world.switches.approve(ADAM, public_id, Side.OURS)
        other = f"{uri}/{number}"
        approved, edited = at_once(
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
    ended, edited = at_once(
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
    tries += at_once(delete, partial(world.switches.approve, ADAM, public_id, Side.OURS))[:1]
    tries += at_once(delete, partial(world.switches.approve, PAULA, public_id, Side.PARTNER))[:1]
    tries += at_once(delete, delete, partial(world.rollout().run, public_id))[:2]
    assert world.switch(public_id).state is SwitchState.PROVEN
    used_by = {"acme-b2b 2025-11-02", "acme-b2b 2026-11-02"}
    for refused in tries:
        assert isinstance(refused, InUse)
        assert {one.name for one in refused.references} == used_by
