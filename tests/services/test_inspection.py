"""One connection as it stands: what the gateway says at this moment, what is open, what was proven, what is ready."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from bot.gateways.base import Current, Gateway
from bot.gateways.errors import GatewayUnreachable
from bot.gateways.files import FilesGateway, FilesSettings
from bot.services.errors import AlreadyThere, BadInput, NotFound
from bot.services.inspection import AtTheGateway, Inspection
from bot.services.people import Spot
from bot.services.switches import SwitchState
from storage.switch_records import DriftState
from tests.databases import Database
from tests.lab.builders import NOW
from tests.services.drift_world import CHANNEL, DriftWorld
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import ADAM, ISSUING, NEW, OLIVIA, THIRD

NAME = "acme-https"


class Silent(FilesGateway):
    """Its program has gone."""

    def current(self, connection: str) -> Current | None:
        """Nobody answers."""
        raise GatewayUnreachable("unreachable", {"asked": connection})


class Slow(FilesGateway):
    """Its program answers when the test is over."""

    def __init__(self, settings: FilesSettings, over: threading.Event) -> None:
        super().__init__(settings)
        self._over = over

    def current(self, connection: str) -> Current | None:
        """Not before that."""
        self._over.wait()
        return super().current(connection)


@pytest.fixture
def world(quick_database: Database, endpoint: PartnerEndpoint) -> DriftWorld:
    """The gateway holds what is on record."""
    return DriftWorld.agreeing(quick_database, endpoint.uri)


def inspection(world: DriftWorld, gateway: Gateway | None = None, answers_within_s: float = 30.0) -> Inspection:
    """A close look through this gateway."""
    chosen = gateway or world.gateway
    return Inspection(world.store, world.chains, lambda _: chosen, world.clock, world.connections, answers_within_s)


@contextmanager
def slow(world: DriftWorld) -> Iterator[Slow]:
    """A gateway that hangs meanwhile."""
    over = threading.Event()
    try:
        yield Slow(FilesSettings(root=world.folder / "gateway"), over)
    finally:
        over.set()


def test_what_the_gateway_says_is_asked_at_this_moment(world: DriftWorld) -> None:
    """It agrees; a hand changes it, and nobody has found that yet; the round finds it, and so it has a drift."""
    found = inspection(world).of(NAME)
    assert (found.gateway, found.drift) == (AtTheGateway.AGREES, None)
    assert (found.switch, found.proven, found.mended) == (None, None, None)
    world.exchange(THIRD)
    found = inspection(world).of(NAME)
    assert (found.gateway, found.drift) == (AtTheGateway.DIFFERS, None)
    world.round()
    found = inspection(world).of(NAME)
    assert found.gateway is AtTheGateway.DIFFERS
    assert found.drift is not None
    assert found.drift.drift.state is DriftState.OPEN
    assert found.drift_place is not None


def test_a_gateway_that_does_not_answer_or_not_in_time_is_silent(world: DriftWorld) -> None:
    """Whoever asks has to be answered in three seconds, whatever the gateway does."""
    gone = Silent(FilesSettings(root=world.folder / "gateway"))
    assert inspection(world, gone).of(NAME).gateway is AtTheGateway.SILENT
    with slow(world) as gateway:
        assert inspection(world, gateway, 0.01).of(NAME).gateway is AtTheGateway.SILENT


def test_a_gateway_is_not_asked_where_it_has_nothing_to_hold_or_is_being_changed(world: DriftWorld) -> None:
    """Without a certificate, and while an approved mending is under way: neither is a difference."""
    world.add_connection("acme-new")
    found = inspection(world).of("acme-new")
    assert (found.gateway, found.report.current, found.chain) == (AtTheGateway.NOT_ASKED, None, None)
    world.exchange(THIRD)
    world.round()
    drift = world.only().drift
    world.drifts().approve(ADAM, drift.public_id, drift.revision)
    found = inspection(world).of(NAME)
    assert found.drift is not None
    assert (found.gateway, found.drift.drift.state) == (AtTheGateway.NOT_ASKED, DriftState.MENDING)
    world.mending().run(drift.public_id)
    found = inspection(world).of(NAME)
    assert (found.gateway, found.drift) == (AtTheGateway.AGREES, None)
    assert found.mended is not None, "the last proof is that it was put back"


def test_the_last_proven_switch_is_told_and_whether_it_can_be_taken_back(
    world: DriftWorld, endpoint: PartnerEndpoint
) -> None:
    """Proven and in place; the open one beside it; after the way back was proven there is no way back from before."""
    public_id = world.approved()
    open_one = inspection(world).of(NAME)
    assert open_one.switch is not None
    assert open_one.switch.switch.public_id == public_id
    endpoint.present(NEW)
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    found = inspection(world).of(NAME)
    assert found.proven is not None
    assert (found.switch, found.proven.switch.public_id, found.in_place) == (None, public_id, True)
    world.clock.now += timedelta(hours=1)
    other = world.entry(THIRD, "third")
    again = world.approved(other)
    endpoint.present(THIRD)
    assert world.rollout().run(again) is SwitchState.PROVEN
    found = inspection(world).of(NAME)
    assert found.proven is not None
    assert (found.proven.switch.public_id, found.in_place) == (again, True)
    world.add_connection("acme-new")
    assert inspection(world).of("acme-new").proven is None, "that was another connection's"


def test_what_is_ready_ends_later_than_what_is_in_use(world: DriftWorld) -> None:
    """A certificate that ends with the one in use is no next one; where there is none in use any usable one is."""
    assert inspection(world).of(NAME).ready is None
    later = world.entry(ISSUING.leaf("b2b.acme.example", not_after=NOW + timedelta(days=800)), "acme-b2b later")
    assert inspection(world).of(NAME).ready == later
    world.add_connection("acme-new")
    assert inspection(world).of("acme-new").ready == later


def test_within_one_partner_nothing_is_known_of_others_not_even_by_a_near_name(world: DriftWorld) -> None:
    """Another partner's connection is as unknown as one that is not there."""
    world.connections.add(OLIVIA, "initech", "acme-https2", "accepts", "", "files", (), "test")
    look = inspection(world)
    assert look.of("acme-https2").report.partner.key == "initech"
    for name in ("acme-https2", "acme-https3"):
        with pytest.raises(NotFound) as refused:
            look.of(name, world.partner_id)
        assert refused.value.data["nearest"] == (NAME,)
    with pytest.raises(NotFound) as refused:
        look.of("acme-https3")
    assert set(refused.value.data["nearest"]) == {NAME, "acme-https2"}  # type: ignore[call-overload]
    assert (look.is_known("acme-https2"), look.is_known("acme-https3")) == (True, False)


def test_where_it_is_talked_about_is_told_to_a_partner_in_its_own_channels_only(world: DriftWorld) -> None:
    """A proposal from a channel of ours: our people get its place, the partner's do not."""
    world.switches.propose(OLIVIA, world.connection.id, world.new.id, "renewal", Spot("C0OURS", None))
    look = inspection(world)
    place = look.of(NAME).switch_place
    assert place is not None
    assert (place.channel, look.of(NAME, world.partner_id).switch_place) == ("C0OURS", None)
    world.exchange(THIRD)
    world.round()
    drift_place = look.of(NAME, world.partner_id).drift_place
    assert drift_place is not None
    assert drift_place.channel == CHANNEL


def test_what_would_be_refused_later_is_refused_before_anybody_is_asked_for_the_rest(world: DriftWorld) -> None:
    """In use already; an open switch; a certificate that is not valid yet can wait for a later moment."""
    look, connection = inspection(world), world.connection.id
    look.check_proposal(connection, world.new.id)
    with pytest.raises(BadInput) as refused:
        look.check_proposal(connection, world.old.id)
    assert (refused.value.field, refused.value.reason) == ("certificate", "same_as_current")
    world.propose()
    with pytest.raises(AlreadyThere):
        look.check_proposal(connection, world.new.id)
