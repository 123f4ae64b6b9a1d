"""Each entry vouches for the one before it, however many write at once; the database itself refuses to forget."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.audit import AuditFilter
from storage.audit_chain import GENESIS
from storage.records import AuditEntry
from storage.store import Store
from tests.at_once import at_once
from tests.databases import Database
from tests.lab.builders import NOW

WRITERS, EACH = 8, 12


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """An empty store."""
    opened = database.open()
    yield opened
    opened.close()


def add(store: Store, subject: str = "s", **data: object) -> None:
    """One entry in a transaction of its own."""
    with store.begin() as tx:
        tx.audit.add(NOW, "U1", "T1", "a", subject, "", data)


def entries(store: Store) -> list[AuditEntry]:
    """All of them, oldest first."""
    with store.reading() as tx:
        return list(reversed(list(tx.audit.walk())))


def is_chained(chain: list[AuditEntry]) -> bool:
    """Whether each names the one before it."""
    return [one.previous for one in chain] == [GENESIS, *(one.digest for one in chain[:-1])]


def test_a_stranger_can_compute_the_digest_from_what_is_written_about_it(store: Store) -> None:
    """SHA-256 of the JSON with the members sorted by name, without blanks, in UTF-8."""
    with store.begin() as tx:
        tx.audit.add(NOW, "U1", "T1", "switch.proven", "switch:1", "slack:C1/1.0", {"b": [1, None], "a": "ü"})
    (entry,) = entries(store)
    at = NOW.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    text = (
        '{"action":"switch.proven","actor":"U1","at":"' + at + '","data":{"a":"ü","b":[1,null]},"form":1,'
        f'"previous":"{"0" * 64}","source":"slack:C1/1.0","subject":"switch:1","team":"T1"}}'
    )
    assert json.loads(text)["previous"] == GENESIS
    assert entry.digest == hashlib.sha256(text.encode()).hexdigest()


def test_writers_at_once_make_one_chain_and_none_waits_for_another_in_a_ring(store: Store) -> None:
    """Half of them write before they wait for the others, half after: locks in both orders would be a deadlock."""

    def write(writer: int) -> None:
        for number in range(EACH):
            with store.begin() as tx:
                if writer % 2:
                    tx.alone("one at a time")
                tx.audit.add(NOW, f"U{writer}", "T1", "a", "s", "", {"number": number})
                tx.alone("one at a time")
                tx.audit.add(NOW, f"U{writer}", "T1", "b", "s", "", {"number": number})

    at_once([partial(write, writer) for writer in range(WRITERS)])
    chain = entries(store)
    assert len(chain) == 2 * WRITERS * EACH
    assert is_chained(chain)
    own = [one.data["number"] for one in chain if one.actor == "U3" and one.action == "a"]
    assert own == list(range(EACH))
    with store.reading() as tx:
        assert (tx.audit.head().digest, tx.audit.head().entries) == (chain[-1].digest, len(chain))


def test_writers_who_share_no_other_lock_make_one_chain(store: Store) -> None:
    """The end of the chain is held from its reading to the commit: nobody else can follow the same entry."""

    def write(writer: int) -> None:
        for number in range(EACH):
            with store.begin() as tx:
                tx.audit.add(NOW, f"U{writer}", "T1", "a", "s", "", {"number": number})

    at_once([partial(write, writer) for writer in range(WRITERS)])
    chain = entries(store)
    assert len(chain) == WRITERS * EACH
    assert is_chained(chain)
    with store.reading() as tx:
        assert (tx.audit.head().digest, tx.audit.head().entries) == (chain[-1].digest, len(chain))


def test_a_transaction_that_fails_leaves_no_gap(store: Store) -> None:
    """The next entry follows the last that was committed."""
    add(store)

    def fail() -> None:
        with store.begin() as tx:
            tx.audit.add(NOW, "U1", "T1", "a", "s", "", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    add(store)
    assert len(entries(store)) == 2
    assert is_chained(entries(store))


@pytest.mark.parametrize("statement", ["update audit set actor = 'U2'", "delete from audit"])
def test_the_database_refuses_to_change_or_forget_an_entry(store: Store, statement: str) -> None:
    """Nobody gets it wrong by accident; who takes the trigger away leaves a broken chain."""
    add(store)
    with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert len(entries(store)) == 1


def test_a_second_entry_after_the_same_one_is_refused(store: Store) -> None:
    """Two programs that both believe to be the last writer: one of them fails, the chain does not split."""
    add(store)
    with store.engine.begin() as connection:
        connection.execute(sa.text("update audit_head set digest = :genesis"), {"genesis": GENESIS})
    with pytest.raises(IntegrityError):
        add(store)


def test_what_the_database_gives_back_is_what_was_chained(store: Store) -> None:
    """Text that no database holds, numbers, lists, a time from another zone."""
    data = {"a\0": "b\ud800", "list": ("x", 1, True, None), "deep": {"z": 1, "a": {"ü": "\u202e"}}}
    with store.begin() as tx:
        tx.audit.add(datetime.fromisoformat("2026-11-02T09:00:00.000001+05:30"), "U\0", "T1", "a", "s", "", data)
    (entry,) = entries(store)
    assert entry.at == datetime(2026, 11, 2, 3, 30, 0, 1, tzinfo=UTC)
    assert entry.actor == "U\ufffd"
    assert entry.data == {"a\ufffd": "b?", "list": ["x", 1, True, None], "deep": {"z": 1, "a": {"ü": "\u202e"}}}


@pytest.mark.parametrize("data", [{"x": float("nan")}, {"x": object()}, {"x": NOW}])
def test_data_that_cannot_be_chained_is_refused_where_it_is_said(store: Store, data: dict[str, object]) -> None:
    """Not at the end of the transaction, where nobody knows any more whose it was."""
    with store.begin() as tx, pytest.raises((ValueError, TypeError)):
        tx.audit.add(NOW, "U1", "T1", "a", "s", "", data)
    assert entries(store) == []


def test_filters_narrow_and_pages_follow_each_other_without_gap(store: Store) -> None:
    """By subject, person, partner, fingerprint (in a list too) and span; page by page all of it, once."""
    fingerprint = "ab" * 32
    add(store, "one", partner_id=1, sha256=fingerprint)
    add(store, "two", partner_id=2, chain=[fingerprint])
    add(store, "three", partner_id=12)
    with store.reading() as tx:
        find = tx.audit.find
        assert [one.subject for one in find(AuditFilter(partner_id=1), 9)] == ["one"]
        assert [one.subject for one in find(AuditFilter(sha256=fingerprint), 9)] == ["two", "one"]
        assert [one.subject for one in find(AuditFilter(subject="three", actor="U1"), 9)] == ["three"]
        assert find(AuditFilter(actor="U2"), 9) == ()
        assert find(AuditFilter(until=NOW), 9) == ()
        assert len(find(AuditFilter(since=NOW), 9)) == 3
        first = find(AuditFilter(), 2)
        assert [one.subject for one in (*first, *find(AuditFilter(), 2, before=first[-1].id))] == [
            "three",
            "two",
            "one",
        ]
