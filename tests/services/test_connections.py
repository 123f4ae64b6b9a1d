"""Connections: what is accepted from people who type, and what a connection can be switched to."""

import pytest

from bot.services.choreographies import Choreographies
from bot.services.errors import AlreadyThere, BadInput, InUse, NotAllowed, NotFound, WrongState
from storage.switch_records import Connection, Role
from tests.databases import Database
from tests.lab.builders import NOW, Ca, days
from tests.services.switch_world import ADAM, ISSUING, OLIVIA, PAULA, PINNED, THIRD, World

URI = "https://b2b.acme.example/as2"


@pytest.fixture
def world(database: Database) -> World:
    """ACME with the connection `acme-https`."""
    return World(database)


def _add(world: World, **given: object) -> Connection:
    asked: dict[str, object] = {
        "partner_key": "acme",
        "name": "acme-new",
        "role": "accepts",
        "uri": URI,
        "gateway": "files",
        "choreographies": ("OrderToCash",),
        "source": "slack:C1/",
        **given,
    }
    return world.connections.add(OLIVIA, **asked)  # type: ignore[arg-type]


def test_a_new_connection_has_no_certificate_and_shares_choreographies_by_name(world: World) -> None:
    """One process over two connections is one choreography."""
    connection = _add(world, choreographies=("OrderToCash", " OrderToCash ", "Returns"))
    assert (connection.role, connection.uri, connection.partner_certificate_id) == (Role.ACCEPTS, URI, None)
    assert [one.name for one in connection.choreographies] == ["OrderToCash", "Returns"]
    shared = {one.name: one.id for one in world.connection.choreographies}
    assert shared["OrderToCash"] == connection.choreographies[0].id


def test_two_spellings_of_one_name_are_one_choreography(world: World) -> None:
    """Composed and decomposed letters look the same to people."""
    connection = _add(world, choreographies=("U\u0308bergabe", "\u00dcbergabe"))
    assert [one.name for one in connection.choreographies] == ["\u00dcbergabe"]


def test_adding_a_connection_is_audited(world: World) -> None:
    """Who, where from, and what kind."""
    _add(world)
    with world.store.begin() as tx:
        (entry,) = tx.audit.recent(10, subject="connection:acme-new")
    assert (entry.actor, entry.action, entry.source) == ("UOLIVIA", "connection.added", "slack:C1/")
    assert entry.data["partner_id"] == world.partner_id


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "Acme HTTPS", "bad_slug"),
        ("name", "../etc", "bad_slug"),
        ("name", "", "bad_slug"),
        ("role", "both", "unknown"),
        ("gateway", "toaster", "unknown"),
        ("uri", "http://b2b.acme.example/", "not_https"),
        ("uri", "https://user:secret@b2b.acme.example/", "userinfo"),
        ("uri", "https://b2b.acme.example/<!channel> now", "bad_characters"),
        ("choreographies", ("",), "empty"),
        ("choreographies", ("x" * 81,), "too_long"),
        ("choreographies", tuple(str(n) for n in range(51)), "too_many"),
    ],
)
def test_what_people_type_wrong_is_refused_by_field(world: World, field: str, value: object, reason: str) -> None:
    """Nothing is stored."""
    with pytest.raises(BadInput) as refusal:
        _add(world, **{field: value})
    assert refusal.value.reason == reason
    assert [one.connection.name for one in world.connections.list("acme")] == ["acme-https"]


def test_a_name_is_given_once(world: World) -> None:
    """Also to another partner's connection: the name is a folder at the gateway."""
    with pytest.raises(AlreadyThere):
        _add(world, name="acme-https", partner_key="initech")


def test_only_operators_change_connections(world: World) -> None:
    """Neither approvers nor the partner."""
    for person, reason in ((ADAM, "not_operator"), (PAULA, "stranger")):
        with pytest.raises(NotAllowed) as refusal:
            world.connections.add(person, "acme", "acme-new", "accepts", URI, "files", (), "")
        assert refusal.value.reason == reason
        with pytest.raises(NotAllowed):
            world.connections.set_certificate(person, "acme-https", world.new.id)


def test_an_unknown_name_is_answered_with_the_nearest(world: World) -> None:
    """For partners and for connections."""
    with pytest.raises(NotFound) as partner:
        world.connections.list("acmee")
    assert partner.value.data["nearest"] == ("acme",)
    with pytest.raises(NotFound) as connection:
        world.connections.by_name("acme-htps")
    assert connection.value.data["nearest"] == ("acme-https",)


def test_the_list_shows_the_certificate_in_use_and_the_open_switch(world: World) -> None:
    """One line a connection, with what is to be known about its certificate."""
    (before,) = world.connections.list("acme")
    assert before.current == world.old
    assert before.certificate is not None
    assert before.certificate.sha256 == world.old.sha256
    assert before.open_switch is None
    switch = world.propose()
    (after,) = world.connections.list("acme")
    assert after.open_switch == switch


def test_an_expired_certificate_in_use_is_a_finding(world: World) -> None:
    """Seen without anybody asking for it."""
    world.clock.now = NOW + days(365)
    codes = {finding.code for finding in world.connections.by_name("acme-https").findings}
    assert "expired" in codes


def test_candidates_are_what_a_proposal_would_take(world: World) -> None:
    """Not the current one, none expired, none without a chain, none of another partner; newest upload first."""
    world.entry(Ca.root("Unknown Root").leaf("x"), "no chain")
    world.entry(ISSUING.leaf("x", not_before=NOW - days(400), not_after=NOW - days(1)), "expired")
    world.entry(THIRD, "other partner's", world.other_partner_id)
    pinned = world.entry(PINNED, "pinned")
    candidates = world.connections.candidates(world.connection)
    assert candidates == (pinned, world.new)
    for candidate in candidates:
        world.switches.cancel(OLIVIA, world.propose(candidate).public_id)


def test_the_first_certificate_is_set_once_and_every_later_one_takes_a_switch(world: World) -> None:
    """The two approvals cannot be walked around."""
    first = world.add_connection("acme-first")
    with pytest.raises(BadInput):
        world.connections.set_certificate(OLIVIA, "acme-first", world.entry(THIRD, "x", world.other_partner_id).id)
    with pytest.raises(NotFound):
        world.connections.set_certificate(OLIVIA, "acme-first", 999)
    changed = world.connections.set_certificate(OLIVIA, "acme-first", world.old.id)
    assert (changed.partner_certificate_id, changed.version) == (world.old.id, first.version + 1)
    with pytest.raises(WrongState):
        world.connections.set_certificate(OLIVIA, "acme-first", world.new.id)


def test_a_first_certificate_is_not_set_beside_an_open_switch(world: World) -> None:
    """It would void what is being approved."""
    empty = world.add_connection("acme-empty")
    switch = world.propose(on=empty.id)
    with pytest.raises(InUse) as refusal:
        world.connections.set_certificate(OLIVIA, "acme-empty", world.old.id)
    assert [reference.name for reference in refusal.value.references] == [switch.public_id]


def test_a_choreography_can_be_described(world: World) -> None:
    """The starter world brings descriptions along."""
    Choreographies(world.store, world.clock).describe(OLIVIA, "OrderToCash", "Orders in, invoices out")
    described = {one.name: one.description for one in world.connection.choreographies}
    assert described["OrderToCash"] == "Orders in, invoices out"
