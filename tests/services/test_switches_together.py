"""Several connections leave one certificate by one decision; each is rolled out, proven and told for itself."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from bot.gateways import probe
from bot.gateways.endpoint import Endpoint
from bot.gateways.handshake import Handshake
from bot.services.errors import AlreadyThere, BadInput, Outdated, ServiceError, WrongState
from bot.services.overlaps import Overlaps
from bot.services.schedule import Schedule
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from storage.switch_records import Connection, Switch
from tests.databases import Database
from tests.services.endpoint import PartnerEndpoint, partner_endpoint
from tests.services.refusals import refusals
from tests.services.switch_world import ADAM, AGNES, NEW, OLD, OLIVIA, PAULA, SPOT, THIRD, World

LEADS, FOLLOWS = "acme-https", "acme-as2"


class Pair(World):
    """Two connections with the same certificate in use, at two servers of the partner."""

    def __init__(self, database: Database, leads: PartnerEndpoint, follows: PartnerEndpoint) -> None:
        super().__init__(database, leads.uri, over=("OrderToCash",))
        self.add_connection(FOLLOWS, follows.uri, over=("Invoicing",))
        self.connections.set_certificate(OLIVIA, FOLLOWS, self.old.id)
        self.installed()
        assert self.rollout().install(self.named(FOLLOWS).id).done

    def named(self, name: str) -> Connection:
        """A connection as it stands."""
        return self.connections.by_name(name).connection

    def both(self, timing: Timing | None = None) -> list[Switch]:
        """A proposal for both, the leading one first."""
        made = self.switches.propose(
            OLIVIA, self.connection.id, self.new.id, "renewal", SPOT, timing or Timing(), [self.named(FOLLOWS).id]
        )
        return [one.switch for one in self.switches.report(made.public_id).together]

    def agreed(self, timing: Timing | None = None) -> tuple[str, str]:
        """Both sides have approved both, each by one click."""
        leading, other = self.both(timing)
        self.switches.approve(ADAM, leading.public_id, Side.OURS)
        self.switches.approve(PAULA, other.public_id, Side.PARTNER)
        return leading.public_id, other.public_id

    def states(self, *public_ids: str) -> list[SwitchState]:
        """How each stands."""
        return [self.switch(one).state for one in public_ids]

    def places(self) -> set[str]:
        """The subjects among those pending that have a message."""
        with self.store.begin() as tx:
            return {one.subject for one in tx.notices.pending(1_000) if tx.places.get(one.subject)}


@pytest.fixture
def leads(database: Database) -> Iterator[PartnerEndpoint]:
    """The server of the leading connection."""
    with partner_endpoint(database.folder / "leads", OLD) as running:
        yield running


@pytest.fixture
def follows(database: Database) -> Iterator[PartnerEndpoint]:
    """The server of the other one."""
    with partner_endpoint(database.folder / "follows", OLD) as running:
        yield running


@pytest.fixture
def world(database: Database, leads: PartnerEndpoint, follows: PartnerEndpoint) -> Iterator[Pair]:
    """Both connections, with what the gateway holds for each."""
    made = Pair(database, leads, follows)
    yield made
    made.store.close()


def test_one_decision_approves_both_and_each_ends_by_its_own_handshakes(world: Pair, leads: PartnerEndpoint) -> None:
    """One server has flipped and is proven; the other has not and goes back. Both are told in the one thread."""
    ours, theirs = world.agreed()
    assert world.switches.due() == (ours, theirs)
    leads.present(NEW)
    assert world.rollout().run(theirs) is SwitchState.ROLLED_BACK
    assert world.rollout().run(ours) is SwitchState.PROVEN
    assert (world.named(LEADS).partner_certificate_id, world.named(FOLLOWS).partner_certificate_id) == (
        world.new.id,
        world.old.id,
    )
    assert [world.gateway.snapshot(one).certificate for one in (LEADS, FOLLOWS)] == [NEW.sha256, OLD.sha256]
    proofs = [world.switches.report(one).proofs_for("switch") for one in (ours, theirs)]
    assert [{proof.choreography for proof in some} for some in proofs] == [{"OrderToCash"}, {"Invoicing"}]
    assert world.places() == {f"switch:{ours}", f"proof:{ours}", f"proof:{theirs}"}
    assert f"switch:{theirs}" not in world.pending(), "the message of the leading one shows it"
    with world.store.begin() as tx:
        told = tx.places.get(f"proof:{theirs}")
        assert told is not None
        assert (told.channel, told.thread_ts) == (SPOT.channel, SPOT.thread_ts)
    for public_id in (ours, theirs):
        assert world.actions(public_id)[:3] == ["switch.proposed", "switch.approval", "switch.approval"]
        assert world.audit(public_id)[0].data["bundle"] == ours, "an auditor finds those of the same decision"


def test_each_approval_is_bound_to_its_own_connection(world: Pair) -> None:
    """One click, and a row for each with that connection's version."""
    world.connections.change(OLIVIA, FOLLOWS, world.named(FOLLOWS).uri, ["Invoicing", "Returns"])
    for public_id in world.agreed():
        switch = world.switch(public_id)
        decisions = world.switches.report(public_id).consent.decisions
        assert {(one.side, one.connection_version) for one in decisions} == {
            (side, switch.connection_version) for side in Side
        }
    assert world.named(LEADS).version != world.named(FOLLOWS).version


def test_if_the_facts_of_one_no_longer_hold_nobody_is_approved_and_the_refusal_names_it(world: Pair) -> None:
    """Somebody put another certificate on record for the second one, past the bot."""
    leading, other = world.both()
    third = world.entry(THIRD, "third")
    follows = world.named(FOLLOWS)
    with world.store.begin() as tx:
        assert tx.connections.set_certificate(follows.id, third.id, follows.version)
    with pytest.raises(Outdated) as refused:
        world.switches.approve(ADAM, leading.public_id, Side.OURS)
    assert refused.value.data["connection"] == FOLLOWS
    assert refused.value.data["reason"] == "connection_changed"
    for one in (leading, other):
        assert world.switches.report(one.public_id).consent.decisions == ()


def test_a_connection_that_was_changed_leaves_and_the_others_are_decided_without_it(world: Pair) -> None:
    """Also where it is the leading one that left; its message then speaks for the one that is open."""
    leading, other = world.both()
    world.connections.change(OLIVIA, LEADS, world.named(LEADS).uri, ["OrderToCash", "Returns"])
    assert world.states(leading.public_id, other.public_id) == [SwitchState.EXPIRED, SwitchState.PROPOSED]
    assert world.switches.shown(leading.public_id).switch.public_id == other.public_id
    world.switches.approve(ADAM, leading.public_id, Side.OURS)
    world.switches.approve(PAULA, leading.public_id, Side.PARTNER)
    assert world.states(leading.public_id, other.public_id) == [SwitchState.EXPIRED, SwitchState.APPROVED]


def test_all_are_proposed_or_none(world: Pair) -> None:
    """The refusal names the connection that has an open switch, another certificate, or another role."""
    on_both = world.connection.id, [world.named(FOLLOWS).id]
    alone = world.propose(on=on_both[1][0])
    with pytest.raises(AlreadyThere) as open_already:
        world.switches.propose(OLIVIA, on_both[0], world.new.id, "renewal", SPOT, also=on_both[1])
    assert open_already.value.data["connection"] == FOLLOWS
    world.switches.cancel(OLIVIA, alone.public_id)
    presents = world.add_connection("acme-ours", role="presents")
    world.connections.set_certificate(OLIVIA, presents.name, world.old.id)
    bare = world.add_connection("acme-bare")
    for odd in (presents, bare):
        with pytest.raises(BadInput) as unlike:
            world.switches.propose(OLIVIA, on_both[0], world.new.id, "renewal", SPOT, also=[odd.id])
        assert (unlike.value.field, unlike.value.reason) == ("also", "not_alike")
        assert unlike.value.data["connection"] == odd.name
    with pytest.raises(BadInput) as many:
        world.switches.propose(OLIVIA, on_both[0], world.new.id, "renewal", SPOT, also=range(1_000, 1_011))
    assert many.value.reason == "too_many"
    assert world.switches.list() == ()


def test_those_that_can_be_switched_together_are_offered(world: Pair) -> None:
    """Same certificate in use, same role, no open switch."""
    presents = world.add_connection("acme-ours", role="presents")
    world.connections.set_certificate(OLIVIA, presents.name, world.old.id)
    world.add_connection("acme-bare")
    assert [one.name for one in world.connections.alike(world.connection)] == [FOLLOWS]
    world.propose(on=world.named(FOLLOWS).id)
    assert world.connections.alike(world.connection) == ()


def test_a_rejection_ends_both_and_is_told_once(world: Pair) -> None:
    """One decision, one reply."""
    leading, other = world.both()
    world.switches.reject(PAULA, other.public_id, "not this week")
    assert world.states(leading.public_id, other.public_id) == [SwitchState.REJECTED] * 2
    assert world.places() == {f"switch:{leading.public_id}", f"proof:{leading.public_id}"}
    with pytest.raises(WrongState):
        world.switches.approve(ADAM, leading.public_id, Side.OURS)


def test_both_expire_together_and_are_told_once(world: Pair) -> None:
    """Two weeks without a decision."""
    leading, other = world.both()
    world.clock.now += timedelta(days=15)
    world.switches.expire_overdue()
    assert world.states(leading.public_id, other.public_id) == [SwitchState.EXPIRED] * 2
    assert world.places() == {f"switch:{leading.public_id}", f"proof:{leading.public_id}"}


def test_a_cancellation_takes_back_what_waits_and_leaves_what_has_begun(world: Pair) -> None:
    """The gateway was touched for one of them already."""
    ours, theirs = world.agreed()
    assert world.rollout().begin(theirs)
    world.switches.cancel(OLIVIA, ours)
    assert world.states(ours, theirs) == [SwitchState.CANCELLED, SwitchState.SWITCHING]


def test_one_reminder_goes_out_for_both(world: Pair) -> None:
    """They wait for the same people."""
    leading, _ = world.both()
    schedule = Schedule(world.store, world.clock)
    world.clock.now += timedelta(hours=5)
    assert len(schedule.remind()) == 1
    assert schedule.remind() == ()
    (place,) = [one for one in world.places() if one.startswith("reminder:")]
    world.connections.change(OLIVIA, LEADS, world.named(LEADS).uri, ["OrderToCash", "Returns"])
    assert schedule.remind() == (), "the one that is left was reminded of with the other"
    assert place.startswith(f"reminder:{leading.public_id}")


def test_each_is_seen_for_itself(world: Pair, leads: PartnerEndpoint) -> None:
    """The partner moves server by server; what is seen with the new one is switched, the other waits on."""
    until = world.clock.now + timedelta(days=1)
    ours, theirs = world.agreed(Timing(SwitchMode.FIRST_SEEN, until=until))
    assert world.states(ours, theirs) == [SwitchState.SCHEDULED] * 2
    leads.present(NEW)
    schedule = Schedule(world.store, world.clock)
    assert schedule.watched() == (ours, theirs)
    assert [schedule.seen(one, look(world, one)) for one in (ours, theirs)] == [True, False]
    assert world.states(ours, theirs) == [SwitchState.APPROVED, SwitchState.SCHEDULED]
    assert world.rollout().run(ours) is SwitchState.PROVEN
    assert world.switches.shown(ours).switch.public_id == theirs, "what still waits speaks for both"


def test_an_overlap_is_retired_on_both_or_on_none(
    world: Pair, leads: PartnerEndpoint, follows: PartnerEndpoint
) -> None:
    """The refusal names the endpoint that was not seen with the new one yet."""
    until = world.clock.now + timedelta(days=1)
    ours, theirs = world.agreed(Timing(SwitchMode.OVERLAP, until=until))
    leads.present(NEW)
    assert [world.rollout().run(one) for one in (ours, theirs)] == [SwitchState.OVERLAP] * 2
    overlaps = Overlaps(world.store, world.clock)
    seen(world, overlaps, ours, theirs)
    with pytest.raises(Outdated) as refused:
        overlaps.retire(ADAM, ours)
    assert refused.value.data["connection"] == FOLLOWS
    assert world.states(ours, theirs) == [SwitchState.OVERLAP] * 2
    follows.present(NEW)
    seen(world, overlaps, ours, theirs)
    overlaps.retire(ADAM, theirs)
    assert [world.rollout().run(one) for one in (ours, theirs)] == [SwitchState.PROVEN] * 2


def test_the_way_back_is_for_all_that_were_proven(
    world: Pair, leads: PartnerEndpoint, follows: PartnerEndpoint
) -> None:
    """One proposal again, each taking its own switch back."""
    ours, theirs = world.agreed()
    leads.present(NEW)
    follows.present(NEW)
    assert [world.rollout().run(one) for one in (ours, theirs)] == [SwitchState.PROVEN] * 2
    back = world.switches.propose_undo(ADAM, theirs, "their clients fail", SPOT)
    together = world.switches.report(back.public_id).together
    assert [one.switch.undoes for one in together] == [theirs, ours]
    assert {(one.switch.from_sha256, one.switch.to_sha256) for one in together} == {(NEW.sha256, OLD.sha256)}


def test_two_who_click_at_once_and_two_requests_at_once_leave_one_outcome(world: Pair) -> None:
    """Whatever comes first, both connections follow the same one, and nobody waits for ever."""
    follows, leads = world.named(FOLLOWS).id, world.connection.id

    def ask(first: int, second: int) -> object:
        return world.switches.propose(OLIVIA, first, world.new.id, "renewal", SPOT, also=[second])

    for _ in range(4):
        refused = refusals(lambda: ask(leads, follows), lambda: ask(follows, leads))
        assert [type(one) for one in refused if one] == [AlreadyThere]
        lines = world.switches.list()
        first, second = [line.switch.public_id for line in lines]
        refused = refusals(
            partial(world.switches.approve, ADAM, first, Side.OURS),
            partial(world.switches.reject, AGNES, second, "no"),
        )
        states = world.states(first, second)
        assert states[0] is states[1] is SwitchState.REJECTED
        assert all(isinstance(one, ServiceError) for one in refused if one)
        given = [len(world.switches.report(one).consent.decisions) for one in (first, second)]
        assert given[0] == given[1], "an approval is given for both or for none"


def seen(world: Pair, overlaps: Overlaps, *public_ids: str) -> None:
    """A look at each endpoint, as the watch makes it."""
    for public_id in public_ids:
        overlaps.seen(public_id, look(world, public_id))


def look(world: Pair, public_id: str) -> Handshake:
    """What the endpoint presents now."""
    return probe.look(Endpoint.parse(world.switches.report(public_id).connection.uri), world.clock(), 5.0)
