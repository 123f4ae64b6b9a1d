"""When a switch happens, and what the clock does: agreed moments, first sight, reminders."""

from datetime import datetime, timedelta

import pytest

from bot.gateways.handshake import Handshake, ProofVerdict
from bot.services.consent import REMINDED_AFTER
from bot.services.errors import BadInput, NotAllowed, Outdated, WrongState
from bot.services.policies import Policies
from bot.services.schedule import Schedule
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from storage.records import Policy, QuietHours
from tests.databases import Database
from tests.lab.builders import NOW, Issued, days
from tests.services.switch_world import ADAM, ISSUING, NEW, OLD, OLIVIA, PAULA, SPOT, TESS, THIRD, World

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def world(database: Database) -> World:
    """ACME with an old and a new certificate."""
    return World(database)


def schedule(world: World) -> Schedule:
    """The clock's side, as another replica would have it."""
    return Schedule(world.store, world.clock)


def shown(issued: Issued | None, at: datetime = NOW) -> Handshake:
    """A handshake in which the partner presented this certificate, or nothing."""
    presented = (issued.der,) if issued else ()
    verdict = ProofVerdict.SEEN if issued else ProofVerdict.UNREACHABLE
    return Handshake("https://127.0.0.1:1/b2b", at, 3, verdict, presented, "TLSv1.3", None, None, None)


def test_an_agreed_moment_is_waited_for_and_then_handed_to_the_roll_out(world: World) -> None:
    """Not a second too early, and once."""
    public_id = world.approved(timing=Timing(SwitchMode.AT, due_at=TOMORROW))
    assert world.switch(public_id).state is SwitchState.SCHEDULED
    world.clock.now = TOMORROW - timedelta(seconds=1)
    assert schedule(world).release_due() == ()
    world.clock.now = TOMORROW
    assert schedule(world).release_due() == (public_id,)
    assert schedule(world).release_due() == ()
    assert world.switches.due() == (public_id,)


def test_an_approval_after_the_moment_switches_at_once(world: World) -> None:
    """Nobody waits for a moment that has passed."""
    public_id = world.propose(timing=Timing(SwitchMode.AT, due_at=TOMORROW)).public_id
    world.switches.approve(ADAM, public_id, Side.OURS)
    world.clock.now = TOMORROW + timedelta(minutes=1)
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    assert world.switch(public_id).state is SwitchState.APPROVED


def test_a_scheduled_switch_can_be_cancelled(world: World) -> None:
    """Until its moment."""
    public_id = world.approved(timing=Timing(SwitchMode.AT, due_at=TOMORROW))
    world.switches.cancel(OLIVIA, public_id)
    world.clock.now = TOMORROW
    assert schedule(world).release_due() == ()


@pytest.mark.parametrize(
    ("timing", "field", "reason"),
    [
        (Timing(SwitchMode.AT), "due_at", "missing"),
        (Timing(SwitchMode.AT, due_at=NOW), "due_at", "in_past"),
        (Timing(SwitchMode.AT, due_at=TOMORROW.replace(tzinfo=None)), "due_at", "naive"),
        (Timing(SwitchMode.AT, due_at=NOW + timedelta(days=91)), "due_at", "too_far"),
        (Timing(SwitchMode.FIRST_SEEN), "until", "missing"),
        (Timing(SwitchMode.FIRST_SEEN, until=NOW - timedelta(hours=1)), "until", "in_past"),
        (Timing(SwitchMode.FIRST_SEEN, until=NOW + timedelta(days=31)), "until", "too_far"),
    ],
)
def test_a_moment_that_cannot_be_kept_is_refused(world: World, timing: Timing, field: str, reason: str) -> None:
    """And nothing is proposed."""
    with pytest.raises(BadInput) as refusal:
        world.propose(timing=timing)
    assert (refusal.value.field, refusal.value.reason) == (field, reason)
    assert world.switches.list() == ()


def test_a_moment_after_the_end_of_the_certificate_in_use_needs_a_word(world: World) -> None:
    """The connection would stand still in between."""
    ending = world.entry(ISSUING.leaf("b2b.acme.example", not_after=NOW + days(2)), "ending")
    world.add_connection("acme-second")
    world.connections.set_certificate(OLIVIA, "acme-second", ending.id)
    on = world.connections.by_name("acme-second").connection.id
    late = NOW + timedelta(days=3)
    with pytest.raises(BadInput) as refusal:
        world.switches.propose(OLIVIA, on, world.new.id, "late", SPOT, Timing(SwitchMode.AT, due_at=late))
    assert refusal.value.reason == "old_ends_before"
    accepted = Timing(SwitchMode.AT, due_at=late, accepts_gap=True)
    assert world.switches.propose(OLIVIA, on, world.new.id, "late", SPOT, accepted).due_at == late


def test_a_moment_outside_the_new_certificate_s_validity_is_refused(world: World) -> None:
    """Before it begins, and after its end."""
    future = world.entry(ISSUING.leaf("b2b.acme.example", not_before=NOW + days(5)), "future")
    short = world.entry(ISSUING.leaf("b2b.acme.example", not_after=NOW + days(5)), "short")
    for entry, due_at, reason in (
        (future, NOW + days(4), "new_not_valid_yet"),
        (short, NOW + days(6), "new_has_ended"),
    ):
        timing = Timing(SwitchMode.AT, due_at=due_at)
        with pytest.raises(BadInput) as refusal:
            world.switches.propose(OLIVIA, world.connection.id, entry.id, "x", SPOT, timing)
        assert refusal.value.reason == reason


def test_a_certificate_that_begins_later_can_be_agreed_on_for_later_only(world: World) -> None:
    """The renewal arrived early: at once it is refused by its date, for a day on which it holds it is taken."""
    early = world.entry(ISSUING.leaf("b2b.acme.example", not_before=NOW + days(5)), "early")
    with pytest.raises(BadInput) as refusal:
        world.propose(early)
    assert refusal.value.reason == "not_yet_valid"
    later = Timing(SwitchMode.AT, due_at=NOW + days(6))
    switch = world.switches.propose(OLIVIA, world.connection.id, early.id, "early", SPOT, later)
    world.switches.approve(ADAM, switch.public_id, Side.OURS)
    world.switches.approve(PAULA, switch.public_id, Side.PARTNER)
    assert world.switch(switch.public_id).state is SwitchState.SCHEDULED


def test_first_sight_of_the_new_certificate_sets_the_switch_going(world: World) -> None:
    """The old one does not, a third one does not, silence does not; and what is seen is shown."""
    public_id = world.approved(timing=Timing(SwitchMode.FIRST_SEEN, until=TOMORROW))
    clock = schedule(world)
    assert clock.watched() == (public_id,)
    for one in (OLD, THIRD, None):
        assert not clock.seen(public_id, shown(one))
        assert world.switch(public_id).state is SwitchState.SCHEDULED
    assert clock.seen(public_id, shown(NEW))
    assert not clock.seen(public_id, shown(NEW))
    assert world.switches.due() == (public_id,)
    assert clock.watched() == ()
    assert world.switch(public_id).observed["sha256"] == world.new.sha256
    assert [one.purpose for one in world.switches.report(public_id).proofs] == ["seen"]


def test_a_window_in_which_nothing_was_seen_ends_the_switch(world: World) -> None:
    """And its thread is told."""
    public_id = world.approved(timing=Timing(SwitchMode.FIRST_SEEN, until=TOMORROW))
    world.clock.now = TOMORROW + timedelta(seconds=1)
    assert schedule(world).watched() == ()
    assert world.switch(public_id).state is SwitchState.EXPIRED
    assert world.switch(public_id).outcome["code"] == "never_seen"
    assert f"proof:{public_id}" in world.pending()


def test_what_our_own_gateway_presents_is_not_seen_first(database: Database) -> None:
    """The partner accepts it, so there is nothing to see at the partner's endpoint."""
    world = World(database, role="presents")
    with pytest.raises(BadInput) as refusal:
        world.propose(timing=Timing(SwitchMode.FIRST_SEEN, until=TOMORROW))
    assert (refusal.value.field, refusal.value.reason) == ("mode", "nothing_to_see")


def test_reminders_come_with_longer_pauses_and_then_stop(world: World) -> None:
    """Each is one reply in the thread; two replicas send it once."""
    public_id = world.propose().public_id
    sent = []
    for hour in range(14 * 24):
        world.clock.now = NOW + timedelta(hours=hour)
        sent += [hour for _ in (*schedule(world).remind(), *schedule(world).remind())]
    pauses = [after - before for before, after in zip([0, *sent], sent, strict=False)]
    assert pauses == [int(pause.total_seconds() // 3600) for pause in REMINDED_AFTER]
    assert {f"reminder:{public_id}/{number}" for number in (1, 2, 3, 4)} <= world.pending()


def test_nobody_is_reminded_in_quiet_hours_or_after_the_last_word(world: World) -> None:
    """Quiet from 22 to 6 in the partner's zone; NOW is noon UTC."""
    quiet = QuietHours(22 * 60, 6 * 60, "Asia/Tokyo")
    Policies(world.store, world.clock).change(TESS, "acme", Policy(quiet=quiet))
    public_id = world.propose().public_id
    world.clock.now = NOW + timedelta(hours=6)  # 3 in the night in Tokyo
    assert schedule(world).remind() == ()
    world.clock.now = NOW + timedelta(hours=10)
    assert schedule(world).remind() == (public_id,)
    world.switches.cancel(OLIVIA, public_id)
    world.clock.now = NOW + timedelta(days=5)
    assert schedule(world).remind() == ()


def test_an_edited_connection_voids_the_approvals_given_for_the_old_one(world: World) -> None:
    """The proposal ends, names those who had approved, and its thread is told."""
    public_id = world.propose().public_id
    world.switches.approve(ADAM, public_id, Side.OURS)
    after, ended = world.connections.change(OLIVIA, "acme-https", "https://127.0.0.1:2/b2b", ["Invoicing"], "test")
    assert (after.version, ended) == (world.connection.version, public_id)
    assert [one.name for one in after.choreographies] == ["Invoicing"]
    assert world.switch(public_id).state is SwitchState.EXPIRED
    assert world.switch(public_id).outcome["voided"] == ["UADAM"]
    assert f"proof:{public_id}" in world.pending()
    with pytest.raises(WrongState):
        world.switches.approve(PAULA, public_id, Side.PARTNER)
    assert world.propose().state is SwitchState.PROPOSED


def test_a_connection_is_not_edited_under_a_running_roll_out(world: World) -> None:
    """What the roll-out changes must not change under it."""
    public_id = world.approved()
    world.installed()
    assert world.rollout().begin(public_id)
    with pytest.raises(WrongState):
        world.connections.change(OLIVIA, "acme-https", "https://127.0.0.1:2/b2b", ["Invoicing"], "test")
    assert world.connection.uri == "https://127.0.0.1:1/b2b"


def test_an_undo_goes_back_to_the_certificate_before_and_needs_approvals_too(world: World) -> None:
    """Only from the newest proven switch of the connection."""
    public_id = world.approved()
    with pytest.raises(WrongState):
        world.switches.propose_undo(OLIVIA, public_id, "undo", SPOT)
    switch, connection = world.switch(public_id), world.connection
    with world.store.begin() as tx:
        assert tx.connections.set_certificate(connection.id, world.new.id, connection.version)
        assert tx.switches.move(switch, SwitchState.PROVEN, NOW)
    with pytest.raises(NotAllowed):
        world.switches.propose_undo(PAULA, public_id, "undo", SPOT)
    undo = world.switches.propose_undo(ADAM, public_id, "undo", SPOT)
    assert (undo.from_sha256, undo.to_sha256, undo.undoes) == (world.new.sha256, world.old.sha256, public_id)
    assert undo.state is SwitchState.PROPOSED
    with pytest.raises(NotAllowed):
        world.switches.approve(ADAM, undo.public_id, Side.OURS)
    world.switches.cancel(ADAM, undo.public_id)
    connection = world.connection
    with world.store.begin() as tx:
        assert tx.connections.set_certificate(connection.id, world.old.id, connection.version)
    with pytest.raises(Outdated) as refusal:
        world.switches.propose_undo(ADAM, public_id, "undo", SPOT)
    assert refusal.value.data["reason"] == "current_changed"
