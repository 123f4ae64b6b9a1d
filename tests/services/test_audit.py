"""What the audit answers: filters, pages, a table to take away, and whether it is whole."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.services.audit import EVERYTHING, Audit, AuditQuery
from bot.services.audit_csv import COLUMNS
from bot.services.audit_verification import Verdict
from bot.services.errors import BadInput, NotAllowed, NotFound
from bot.services.people import Spot
from storage.audit_chain import GENESIS
from storage.records import AuditEntry
from tests.lab.builders import NOW, Ca
from tests.services.by_hand import by_hand
from tests.services.desk import ACME, GLOBEX, OLIVIA, OSCAR, VERA, Desk

SPOT = Spot(ACME, "1.0")


@dataclass(frozen=True)
class Book:
    """An audit of ten entries, and a pen for whoever has the database's password."""

    desk: Desk
    audit: Audit

    def write(self, *statements: str, **values: object) -> None:
        """Change the database by hand."""
        by_hand(self.desk.store, *statements, **values)

    def entry(self, number: int) -> AuditEntry:
        """The entry with this number."""
        with self.desk.store.reading() as tx:
            return next(one for one in tx.audit.walk() if one.id == number)

    def faults(self) -> list[tuple[str, int]]:
        """What `verify` finds."""
        return [(one.fault.value, one.entry_id) for one in self.audit.verify().faults]


@pytest.fixture
def book(bare_desk: Desk) -> Book:
    """Ten entries, numbers 1 to 10."""
    for number in range(1, 11):
        with bare_desk.store.begin() as tx:
            tx.audit.add(NOW, "U1", "T1", "act", f"s:{number}", "", {"number": number})
    return Book(bare_desk, Audit(bare_desk.store, bare_desk.clock))


def test_an_audit_that_nobody_touched_is_whole(book: Book) -> None:
    """All entries counted; the head is the newest entry's digest, and goes on with the next entry."""
    verdict = book.audit.verify(expect=book.entry(4).digest)
    assert (verdict.is_whole, verdict.entries, verdict.expected) == (True, 10, 4)
    assert verdict.head == book.audit.head()
    assert verdict.head.digest == book.entry(10).digest


def test_an_empty_audit_is_whole(bare_desk: Desk) -> None:
    """Nothing has happened yet; the digest that stands before everything can be kept already."""
    verdict = Audit(bare_desk.store, bare_desk.clock).verify(expect=GENESIS)
    assert (verdict.is_whole, verdict.entries, verdict.head.digest, verdict.expected) == (True, 0, GENESIS, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'U2' WHERE id = 6",
        "UPDATE audit SET team = 'T2' WHERE id = 6",
        "UPDATE audit SET action = 'other' WHERE id = 6",
        "UPDATE audit SET subject = 's:5' WHERE id = 6",
        "UPDATE audit SET source = 'slack:C/1' WHERE id = 6",
        "UPDATE audit SET data = '{\"number\": 7}' WHERE id = 6",
        "UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE id = 6",
        "UPDATE audit SET previous = 'x' WHERE id = 6",
    ],
)
def test_a_row_changed_by_hand_is_found_and_named(book: Book, statement: str) -> None:
    """Whichever column it was, that entry and no other."""
    book.write(statement)
    assert book.faults() == [("changed", 6)]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM audit WHERE id = 5", [("removed", 6)]),
        ("DELETE FROM audit WHERE id IN (4, 5, 6)", [("removed", 7)]),
        ("DELETE FROM audit WHERE id IN (3, 8)", [("removed", 4), ("removed", 9)]),
        ("DELETE FROM audit WHERE id = 1", [("removed", 2)]),
        ("DELETE FROM audit WHERE id = 10", [("end_removed", 9)]),
        ("DELETE FROM audit WHERE id > 3", [("end_removed", 3)]),
        ("DELETE FROM audit", [("end_removed", 0)]),
        ("UPDATE audit SET digest = 'x' WHERE id = 5", [("changed", 5), ("removed", 6)]),
        ("UPDATE audit SET id = 100 WHERE id = 4", [("moved", 100)]),
        ("UPDATE audit SET id = -id", [("moved", number) for number in range(-10, 0)]),
        ("UPDATE audit_head SET digest = 'x'", [("end_removed", 10)]),
    ],
)
def test_what_was_taken_away_or_moved_is_found_and_named(
    book: Book, statement: str, found: list[tuple[str, int]]
) -> None:
    """A removed entry is named by the one that followed it, a removed end by the newest that is left."""
    book.write(statement)
    faults = book.faults()
    if statement.endswith("-id"):  # the whole order is turned round: all but one stand elsewhere
        assert {fault for fault, _ in faults} == {"moved"}
        assert len(faults) >= len(found) - 1
    else:
        assert faults == found


def test_two_rows_that_changed_places_are_found(book: Book) -> None:
    """Only their numbers were exchanged."""
    swap = ("UPDATE audit SET id = -4 WHERE id = 4", "UPDATE audit SET id = 4 WHERE id = 7")
    book.write(*swap, "UPDATE audit SET id = 7 WHERE id = -4")
    assert {fault for fault, _ in book.faults()} == {"moved"}


INSERT = (
    "INSERT INTO audit (id, at, actor, team, action, subject, source, data, previous, digest) "
    "SELECT {id}, at, actor, team, action, subject, source, data, :previous, :digest FROM audit WHERE id = 3"
)


@pytest.mark.parametrize("number", [-1, 11])
def test_a_row_that_was_put_in_is_found(book: Book, number: int) -> None:
    """Before the first or after the last, with digests of its own making: the head does not come past it."""
    book.write(INSERT.format(id=number), previous="b" * 64, digest="c" * 64)
    assert book.faults() == [("inserted", number)]


def test_a_row_put_in_between_is_found_even_if_it_names_the_entry_before_it(book: Book) -> None:
    """The later ones were renumbered to make room, and the store's own refusal of a fork was taken away."""
    on_sqlite = book.desk.store.engine.dialect.name == "sqlite"
    if on_sqlite:
        book.write(INSERT.format(id=100), previous="b" * 64, digest="c" * 64)
    else:
        fork = "ALTER TABLE audit DROP CONSTRAINT uq_audit_previous"
        book.write(fork, INSERT.format(id=100), previous=book.entry(5).digest, digest="c" * 64)
    for number in range(10, 5, -1):
        book.write("UPDATE audit SET id = id + 1 WHERE id = :number", number=number)
    book.write("UPDATE audit SET id = 6 WHERE id = 100")
    assert book.faults() == [("inserted", 6)]


def test_links_that_were_forged_into_a_ring_are_followed_once(book: Book) -> None:
    """The oldest names the newest as the one before it."""
    book.write("UPDATE audit SET previous = :newest WHERE id = 1", newest=book.entry(10).digest)
    assert ("changed", 1) in book.faults()


def test_a_history_written_anew_is_whole_but_lacks_the_digest_that_was_kept(book: Book) -> None:
    """Every digest and the head computed again: only what was kept elsewhere tells."""
    kept, said = book.audit.head().digest, [book.entry(number) for number in range(1, 11)]
    book.write("DELETE FROM audit", "UPDATE audit_head SET digest = :genesis, entries = 0", genesis=GENESIS)
    for one in said:
        with book.desk.store.begin() as tx:
            tx.audit.add(one.at, one.actor, one.team, one.action, one.subject, one.source, {"number": 0})
    verdict: Verdict = book.audit.verify(expect=kept)
    assert (verdict.is_whole, verdict.entries, verdict.expected) == (True, 10, None)


@pytest.fixture
def told(desk: Desk) -> tuple[Desk, Audit]:
    """Two partners, one certificate each, with an hour between them."""
    desk.drop(Ca.root("R").leaf("acme-b2b"), channel=ACME)
    desk.wait(hours=1)
    desk.drop(Ca.root("S").leaf("globex-as2"), by=OSCAR, channel=GLOBEX)
    return desk, Audit(desk.store, desk.clock)


def test_filters_answer_who_what_whose_and_when(told: tuple[Desk, Audit]) -> None:
    """By partner, person, certificate (name or fingerprint) and span."""
    desk, audit = told
    (acme,) = (one for one in desk.entries() if "acme" in one.display_name)

    def subjects(**query: object) -> set[str]:
        return {one.subject.split(":")[0] for one in audit.page(AuditQuery(**query), 50).entries}  # type: ignore[arg-type]

    assert {one.actor for one in audit.page(AuditQuery(partner="globex", since=desk.now), 50).entries} == {"UOSCAR"}
    assert {one.actor for one in audit.page(AuditQuery(person="UOSCAR"), 50).entries} == {"UOSCAR"}
    by_name, by_print = subjects(certificate=acme.display_name), subjects(certificate=acme.sha256.upper())
    assert by_name == by_print >= {"certificate"}
    assert audit.page(AuditQuery(since=desk.now + timedelta(seconds=1)), 50).entries == ()
    assert all(one.at == NOW for one in audit.page(AuditQuery(until=desk.now), 50).entries)
    assert audit.page(AuditQuery(switch="none"), 50).entries == ()
    assert subjects(certificate="ab" * 32) == set(), "a fingerprint that no list has is no mistake"


def test_pages_lead_from_the_newest_to_the_first(told: tuple[Desk, Audit]) -> None:
    """Three at a time, all of them, each once."""
    _, audit = told
    seen: list[int] = []
    older: int | None = None
    while True:
        page = audit.page(EVERYTHING, 3, older)
        seen += [one.id for one in page.entries]
        older = page.older
        if older is None:
            break
    assert seen == list(range(len(seen), 0, -1))
    assert len(seen) > 6


@pytest.mark.parametrize(
    ("query", "refusal"), [(AuditQuery(partner="nobody"), NotFound), (AuditQuery(certificate="nothing"), NotFound)]
)
def test_what_does_not_exist_is_said_to_be_unknown(
    told: tuple[Desk, Audit], query: AuditQuery, refusal: type[Exception]
) -> None:
    """Not an empty answer, which would read as: nothing has happened."""
    with pytest.raises(refusal):
        told[1].page(query, 10)


def test_a_name_that_means_several_certificates_is_asked_back(told: tuple[Desk, Audit]) -> None:
    """As everywhere."""
    desk, audit = told
    desk.trust(Ca.root("Twin G1"))
    desk.trust(Ca.root("Twin G2"))
    with pytest.raises(BadInput):
        audit.page(AuditQuery(certificate="Twin"), 10)


def table(content: bytes) -> list[dict[str, str]]:
    """The rows as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_table_holds_every_entry_with_its_digest_and_taking_it_away_is_an_entry_too(
    told: tuple[Desk, Audit],
) -> None:
    """Newest first; the fingerprints in a column of their own; who took it, and how much."""
    desk, audit = told
    before = audit.page(EVERYTHING, 100).entries
    made = audit.export(OLIVIA, EVERYTHING, SPOT)
    rows = table(made.content)
    assert tuple(rows[0]) == COLUMNS
    assert [(one["entry"], one["digest"]) for one in rows] == [(str(one.id), one.digest) for one in before]
    assert {one["fingerprints"] for one in rows} >= {one.sha256 for one in desk.entries()}
    assert (made.entries, made.is_cut, made.head.digest) == (len(before), False, before[0].digest)
    newest = audit.page(EVERYTHING, 1).entries[0]
    assert (newest.action, newest.actor, newest.source) == ("audit.exported", "UOLIVIA", SPOT.source)
    assert newest.data["entries"] == len(before)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\uff1d1"])
def test_no_cell_is_a_formula(bare_desk: Desk, name: str) -> None:
    """OWASP's signs, blanks before them, and the wide forms that Excel reads as the narrow ones."""
    with bare_desk.store.begin() as tx:
        tx.audit.add(NOW, name, name, "a", name, name, {name: name})
    made = Audit(bare_desk.store, bare_desk.clock).export(OLIVIA, EVERYTHING, SPOT)
    (row,) = table(made.content)
    assert [row[column] for column in ("person", "team", "subject", "source")] == [f"'{name}"] * 4
    assert not [cell for cell in row.values() if cell.strip().startswith(("=", "+", "-", "@", "\uff1d"))]


def test_only_operators_take_the_table_away(told: tuple[Desk, Audit]) -> None:
    """And a refusal leaves no entry."""
    _, audit = told
    before = audit.head()
    with pytest.raises(NotAllowed):
        audit.export(VERA, EVERYTHING, SPOT)
    assert audit.head() == before
