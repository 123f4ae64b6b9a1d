"""A gateway that holds something else than is on record: found, kept once, and gone when it is settled."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.gateways.files import FilesGateway, FilesSettings
from bot.gateways.registry import open_gateway
from bot.services.drift import Drifts
from bot.services.drift_facts import NOTHING_THERE, OTHER_CERTIFICATE, Effect, effect_of
from bot.services.errors import NotFound
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from storage.records import DriftState, Role
from tests.databases import Database
from tests.lab.builders import NOW, Issued, days
from tests.services.drift_world import CHANNEL, NAME, DriftWorld, changed, reload_script
from tests.services.endpoint import PartnerEndpoint, partner_endpoint
from tests.services.switch_world import ADAM, NEW, OLD, OLIVIA, PAULA, SPOT, THIRD


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[PartnerEndpoint]:
    """The partner's server with the certificate on record."""
    with partner_endpoint(tmp_path / "partner", OLD) as running:
        yield running


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> Iterator[DriftWorld]:
    """The gateway holds what is on record."""
    made = DriftWorld(database, endpoint.uri, over=("OrderToCash",))
    made.link_channel()
    made.installed()
    yield made
    made.store.close()


def test_where_store_and_gateway_agree_nothing_is_written(world: DriftWorld) -> None:
    """Connections without a certificate are not looked at."""
    world.add_connection("acme-bare")
    assert world.drifts().due() == (NAME,)
    world.round()
    assert (world.every(), world.drift_actions()) == ((), [])


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


def test_a_partner_without_a_channel_has_the_drift_on_record_all_the_same(
    database: Database, endpoint: PartnerEndpoint
) -> None:
    """App Home shows it."""
    world = DriftWorld(database, endpoint.uri)
    world.installed()
    world.exchange(NEW)
    world.round()
    assert world.only().drift.state is DriftState.OPEN
    with world.store.reading() as tx:
        assert tx.places.get(f"drift:{world.only().drift.public_id}") is None


def test_a_gateway_with_nothing_in_it_and_one_with_broken_files_differ_too(world: DriftWorld) -> None:
    """Each is told apart from another certificate."""
    shutil.rmtree(world.folder / "gateway" / NAME)
    world.round()
    assert world.only().found.codes == (NOTHING_THERE,)
    world.exchange(OLD)
    pins = world.folder / "gateway" / NAME / "current/pins.json"
    pins.write_text("no longer ours")
    world.round()
    report = world.only()
    assert (report.found.codes, report.found.files, report.drift.revision) == (("files",), None, 2)


def test_a_reload_that_is_due_is_a_drift_though_the_files_are_right(world: DriftWorld) -> None:
    """The program was never told of what is on the disk."""
    (world.folder / "gateway" / NAME / "reload-due").write_text("")
    world.round()
    found = world.only().found
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
    ("presents", "holds", "effect"),
    [
        (OLD, NEW, Effect.FAILS),
        (NEW, NEW, Effect.ONLY_THUS),
        (THIRD, NEW, Effect.UNKNOWN_TO_BOTH),
    ],
    ids=["fails", "only-thus", "unknown"],
)
def test_what_it_means_for_the_traffic_depends_on_what_the_endpoint_presents(
    world: DriftWorld, endpoint: PartnerEndpoint, presents: Issued, holds: Issued, effect: Effect
) -> None:
    """On record is OLD; a partner that has moved on works only because somebody changed the gateway."""
    endpoint.present(presents)
    world.exchange(holds)
    world.round()
    assert effect_of(world.only().found, Role.ACCEPTS) is effect


def test_between_the_steps_of_a_switch_nothing_is_taken_for_a_drift(
    world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """The gateway has the new certificate, the store still the old one: that is a switch, and it ends proven."""
    public_id, rollout = world.approved(), world.rollout()
    endpoint.present(NEW)
    assert rollout.begin(public_id)
    assert rollout.apply(public_id).done
    world.round()
    assert rollout.run(public_id) is SwitchState.PROVEN
    world.round()
    assert world.every() == ()


def test_in_an_overlap_both_are_on_record(world: DriftWorld) -> None:
    """One alone at the gateway is a drift."""
    timing = Timing(SwitchMode.OVERLAP, until=NOW + days(3))
    public_id = world.switches.propose(
        OLIVIA, world.connection.id, world.new.id, "renewal", SPOT, timing=timing
    ).public_id
    world.switches.approve(ADAM, public_id, Side.OURS)
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    world.round()
    assert world.every() == ()
    world.exchange(OLD)
    world.round()
    assert world.only().found.recorded == (NEW.sha256, OLD.sha256)


def test_a_gateway_that_cannot_be_asked_is_no_drift_and_said_once(world: DriftWorld) -> None:
    """A program that is down holds what it held; the log says it at the first round, and when it answers again."""
    settings = {"root": world.folder / "haproxy", "socket": world.folder / "nobody.sock"}
    silent = open_gateway("haproxy", settings, "files")
    changed(silent, NEW)
    answers = iter([silent, silent, silent, world.gateway, world.gateway])
    drifts = Drifts(world.store, lambda _: next(answers), world.clock, 5.0, 0.0)
    with capture_logs() as logs:
        for _ in range(5):
            drifts.look(NAME)
    assert [entry["event"] for entry in logs] == ["gateway_cannot_be_asked", "gateway_can_be_asked_again"]
    assert logs[0]["code"] == "unreachable"
    assert world.every() == ()


def test_many_that_look_at_once_find_one(world: DriftWorld) -> None:
    """Replicas on one store: one row, one entry in the audit."""
    world.exchange(THIRD)
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(world.drifts().look, NAME) for _ in range(16)]:
            done.result()
    assert world.drift_actions() == ["drift.found"]


def test_what_is_no_drift_is_not_found(world: DriftWorld) -> None:
    """By an id from nowhere."""
    with pytest.raises(NotFound):
        world.drifts().report("0123456789abcdef")


def test_a_program_that_was_never_told_is_seen_through_the_reload_command(
    database: Database, endpoint: PartnerEndpoint
) -> None:
    """A reload that fails while it is installed leaves nothing live, and that is found."""
    world = DriftWorld(database, endpoint.uri)
    script = reload_script(world.folder, "exit 1")
    gateway = FilesGateway(FilesSettings(root=world.folder / "gateway", reload=(str(script),)))
    assert not world.rollout(gateway).install(world.connection.id).done
    world.round(gateway)
    assert world.only().found.codes == (NOTHING_THERE,)
