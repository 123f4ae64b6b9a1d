"""A gateway that holds something else than is on record: found, kept once, and gone when it is settled."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from bot.gateways.registry import open_gateway
from bot.services.drift import Drifts
from bot.services.drift_facts import NOTHING_THERE, OTHER_CERTIFICATE, Effect, Found, effect_of
from bot.services.errors import NotFound
from bot.services.overview import Overview
from bot.services.sights import Reader
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from storage.switch_records import DriftState, Role
from tests.databases import Database
from tests.lab.builders import NOW, Ca, Issued, days
from tests.services.drift_world import CHANNEL, NAME, DriftWorld, changed
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import ADAM, NEW, OLD, OLIVIA, PAULA, SPOT, STRANGER, THIRD, begun


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """The gateway holds what is on record."""
    return DriftWorld.agreeing(database, endpoint.uri)


@pytest.fixture
def quick_world(quick_database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """The same on one database, for what does not depend on which."""
    return DriftWorld.agreeing(quick_database, endpoint.uri)


def test_where_store_and_gateway_agree_nothing_is_written(quick_world: DriftWorld) -> None:
    """Connections without a certificate are not looked at."""
    quick_world.add_connection("acme-bare")
    assert quick_world.drifts().due() == (NAME,)
    quick_world.round()
    assert (quick_world.every(), quick_world.drift_actions()) == ((), [])


def test_a_certificate_exchanged_on_the_gateway_is_found_once_with_what_it_means(world: DriftWorld) -> None:
    """One row, one entry, one message in the partner's channel, however often one looks."""
    world.exchange(THIRD)
    for _ in range(3):
        world.round()
    report = world.only()
    assert report.drift.state is DriftState.OPEN
    assert report.found.codes == (OTHER_CERTIFICATE,)
    assert (report.found.recorded, report.found.files, report.found.memory) == ((OLD.sha256,), (THIRD.sha256,), None)
    assert report.found.presented is not None
    assert report.found.presented["display_name"] == "acme-b2b 2025-11-02"
    assert effect_of(report.found, Role.ACCEPTS) is Effect.FAILS
    (entry,) = world.drift_audit()
    assert (entry.action, entry.actor, entry.source) == ("drift.found", "system", f"slack:{CHANNEL}/")
    assert (entry.data["files"], entry.data["presented"]) == ([THIRD.sha256], OLD.sha256)
    assert f"drift:{report.drift.public_id}" in world.pending()
    with world.store.reading() as tx:
        place = tx.places.get(f"drift:{report.drift.public_id}")
    assert place is not None
    assert (place.channel, place.thread_ts) == (CHANNEL, None)


def test_what_comes_back_soon_is_told_in_the_thread_of_the_one_before(quick_world: DriftWorld) -> None:
    """A tool that writes the gateway again and again fills a thread and not a channel; a day later it is news."""
    world = quick_world
    threads: list[str | None] = []
    for pause in (days(0), days(0), days(1)):
        world.exchange(THIRD)
        world.clock.now += pause
        world.round()
        subject = f"drift:{world.every()[-1].public_id}"
        with world.store.begin() as tx:
            place = tx.places.get(subject)
            assert place is not None
            tx.places.posted(subject, f"170000000{len(threads)}.000100", "shown")
        threads.append(place.thread_ts)
        world.exchange(OLD)
        world.round()
    assert threads == [None, "1700000000.000100", None]


def test_a_partner_without_a_channel_has_the_drift_on_record_all_the_same(quick_world: DriftWorld) -> None:
    """App Home shows it."""
    quick_world.unlink_channel()
    quick_world.exchange(NEW)
    quick_world.round()
    assert quick_world.only().drift.state is DriftState.OPEN
    with quick_world.store.reading() as tx:
        assert tx.places.get(f"drift:{quick_world.only().drift.public_id}") is None


def test_a_gateway_with_nothing_in_it_and_one_with_broken_files_differ_too(quick_world: DriftWorld) -> None:
    """Each is told apart from another certificate."""
    shutil.rmtree(quick_world.folder / "gateway" / NAME)
    quick_world.round()
    assert quick_world.only().found.codes == (NOTHING_THERE,)
    quick_world.exchange(OLD)
    pins = quick_world.folder / "gateway" / NAME / "current/pins.json"
    pins.write_text("no longer ours")
    quick_world.round()
    report = quick_world.only()
    assert (report.found.codes, report.found.files, report.drift.revision) == (("files",), None, 2)


def test_trust_that_was_widened_by_hand_is_found_though_the_pin_is_right(quick_world: DriftWorld) -> None:
    """Another CA is written into every file that names one, so that they do not contradict each other."""
    live, theirs = quick_world.folder / "gateway" / NAME / "current", Ca.root("Somebody's Root").pem
    for name in ("anchors.pem", "pinned.pem"):
        with (live / name).open("a") as file:
            file.write(theirs)
    quick_world.round()
    assert quick_world.only().found.codes == ("files",)


def test_a_reload_that_is_due_is_a_drift_though_the_files_are_right(quick_world: DriftWorld) -> None:
    """The program was never told of what is on the disk."""
    (quick_world.folder / "gateway" / NAME / "reload-due").write_text("")
    quick_world.round()
    found = quick_world.only().found
    assert (found.codes, found.files, found.runs) == (("reload_due",), (OLD.sha256,), None)


def test_what_becomes_another_drift_stays_one_and_says_so(world: DriftWorld) -> None:
    """The number of the version shown rises, so that a click on the message of before counts no more."""
    world.exchange(THIRD)
    world.round()
    world.exchange(NEW)
    world.round()
    report = world.only()
    assert (report.drift.revision, report.found.files) == (2, (NEW.sha256,))
    assert world.drift_actions() == ["drift.found", "drift.changed"]


def test_a_drift_that_goes_away_by_itself_is_over_and_the_next_one_is_another(world: DriftWorld) -> None:
    """Somebody put it right at the gateway."""
    world.exchange(NEW)
    world.round()
    first = world.only().drift.public_id
    world.exchange(OLD)
    world.clock.now = NOW + days(1)
    world.round()
    gone = world.drifts().report(first).drift
    assert (gone.state, gone.ended_at, gone.outcome["code"]) == (DriftState.GONE, NOW + days(1), "gone")
    assert world.drift_actions() == ["drift.found", "drift.gone"]
    world.exchange(NEW)
    world.round()
    assert [one.state for one in world.every()] == [DriftState.GONE, DriftState.OPEN]


@pytest.mark.parametrize(
    ("role", "codes", "files", "memory", "presents", "effect"),
    [
        (Role.ACCEPTS, ("other_certificate",), (NEW,), None, OLD, Effect.FAILS),
        (Role.ACCEPTS, ("other_certificate",), (NEW,), None, NEW, Effect.ONLY_THUS),
        (Role.ACCEPTS, ("other_certificate",), (NEW,), None, THIRD, Effect.UNKNOWN_TO_BOTH),
        (Role.ACCEPTS, ("pins",), (OLD,), (NEW, OLD), OLD, Effect.GOES_ON),
        (Role.ACCEPTS, ("pins",), (OLD,), (NEW,), NEW, Effect.ONLY_THUS),
        (Role.ACCEPTS, ("other_certificate", "pins"), (NEW,), (OLD,), OLD, Effect.GOES_ON),
        (Role.ACCEPTS, ("trust",), (OLD,), (OLD,), OLD, Effect.UNSEEN),
        (Role.ACCEPTS, ("reload_due",), (OLD,), None, OLD, Effect.UNSEEN),
        (Role.ACCEPTS, ("files",), None, None, OLD, Effect.UNSEEN),
        (Role.ACCEPTS, ("nothing_there",), (), None, OLD, Effect.UNSEEN),
        (Role.ACCEPTS, ("nothing_there",), (), (OLD,), OLD, Effect.GOES_ON),
        (Role.ACCEPTS, ("other_certificate",), (NEW,), None, None, Effect.UNSEEN),
        (Role.PRESENTS, ("certificate",), (OLD,), None, OLD, Effect.SHOWS_RECORDED),
        (Role.PRESENTS, ("certificate",), (OLD,), None, NEW, Effect.SHOWS_OTHER),
    ],
)
def test_what_it_means_for_the_traffic_depends_on_what_runs_there_and_what_the_endpoint_presents(
    role: Role,
    codes: tuple[str, ...],
    files: tuple[Issued, ...] | None,
    memory: tuple[Issued, ...] | None,
    presents: Issued | None,
    effect: Effect,
) -> None:
    """On record is OLD. What cannot be known is not claimed; what is kept comes back as it was."""
    seen = {"sha256": presents.sha256} if presents else None
    found = Found(codes, (OLD.sha256,), _fingerprints(files), _fingerprints(memory), seen)
    assert effect_of(found, role) is effect
    assert Found.from_json(found.to_json()) == found


def test_between_the_steps_of_a_switch_nothing_is_taken_for_a_drift(
    world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """The gateway has the new certificate, the store still the old one: that is a switch, and it ends proven."""
    public_id, rollout = world.approved(), world.rollout()
    endpoint.present(NEW)
    assert rollout.apply(begun(rollout, public_id)).done
    world.round()
    assert rollout.run(public_id) is SwitchState.PROVEN
    world.round()
    assert world.every() == ()


def test_in_an_overlap_both_are_on_record(quick_world: DriftWorld) -> None:
    """One alone at the gateway is a drift."""
    timing = Timing(SwitchMode.OVERLAP, until=NOW + days(3))
    public_id = quick_world.switches.propose(
        OLIVIA, quick_world.connection.id, quick_world.new.id, "renewal", SPOT, timing=timing
    ).public_id
    quick_world.switches.approve(ADAM, public_id, Side.OURS)
    quick_world.switches.approve(PAULA, public_id, Side.PARTNER)
    assert quick_world.rollout().run(public_id) is SwitchState.OVERLAP
    quick_world.round()
    assert quick_world.every() == ()
    quick_world.exchange(OLD)
    quick_world.round()
    assert quick_world.only().found.recorded == (NEW.sha256, OLD.sha256)


def test_a_gateway_that_cannot_be_asked_is_no_drift_and_said_once(quick_world: DriftWorld) -> None:
    """A program that is down holds what it held; the log says it at the first round, and when it answers again."""
    settings = {"root": quick_world.folder / "haproxy", "socket": quick_world.folder / "nobody.sock"}
    silent = open_gateway("haproxy", settings, "files")
    changed(silent, NEW)
    answers = iter([silent, silent, silent, quick_world.gateway, quick_world.gateway])
    drifts = Drifts(quick_world.store, lambda _: next(answers), quick_world.clock, 5.0, 0.0)
    with capture_logs() as logs:
        for _ in range(5):
            drifts.look(NAME)
    assert [entry["event"] for entry in logs] == ["gateway_cannot_be_asked", "gateway_can_be_asked_again"]
    assert logs[0]["code"] == "unreachable"
    assert quick_world.every() == ()


def test_it_waits_for_approvers_and_is_told_to_the_rest_but_not_to_other_partners(quick_world: DriftWorld) -> None:
    """On a front page; of our own people those of other channels see it where they ask for everything."""
    quick_world.exchange(THIRD)
    quick_world.round()
    overview = Overview(quick_world.store, quick_world.chains, quick_world.clock)

    def told(reader: Reader, *, everyone: bool = False) -> tuple[int, int]:
        front = overview.front(reader, everyone=everyone)
        return front.waiting.drifts.total, front.drifts.total

    assert told(Reader(ADAM, frozenset({CHANNEL}))) == (1, 0)
    assert told(Reader(OLIVIA, frozenset({CHANNEL}))) == (0, 1)
    assert told(Reader(PAULA)) == (0, 1)
    assert told(Reader(STRANGER)) == (0, 0)
    with quick_world.store.begin() as tx:
        tx.partners.link(quick_world.other_partner_id, "C0INITECH")
    initech = Reader(OLIVIA, frozenset({"C0INITECH"}))
    assert (told(initech), told(initech, everyone=True)) == ((0, 0), (0, 1))
    drift = quick_world.only().drift
    quick_world.drifts().approve(ADAM, drift.public_id, drift.revision)
    assert told(Reader(ADAM, frozenset({CHANNEL}))) == (0, 1), "it waits for nobody any more"


def test_many_that_look_at_once_find_one(world: DriftWorld) -> None:
    """Replicas on one store: one row, one entry in the audit."""
    world.exchange(THIRD)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(world.drifts().look, NAME) for _ in range(16)]:
            done.result()
    assert world.drift_actions() == ["drift.found"]


def test_what_is_no_drift_is_not_found(quick_world: DriftWorld) -> None:
    """By an id from nowhere."""
    with pytest.raises(NotFound):
        quick_world.drifts().report("0123456789abcdef")


def _fingerprints(holders: tuple[Issued, ...] | None) -> tuple[str, ...] | None:
    return None if holders is None else tuple(one.sha256 for one in holders)
