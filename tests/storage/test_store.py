"""A transaction is one unit, on every thread; what the store gives out is frozen and knows its time zone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.pki.certificate import Certificate
from storage.certificates import BATCH
from storage.engine import open_engine
from storage.records import AnchorState, PromptState, UploadState
from storage.store import Store
from storage.switch_records import Role
from storage.types import storable
from tests.databases import Database
from tests.lab.builders import NOW, self_signed


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """An empty store, on each of the two databases."""
    opened = database.open()
    yield opened
    opened.close()


def _listed(store: Store, cn: str) -> int:
    with store.begin() as tx:
        stored = tx.certificates.put(Certificate.from_der(self_signed(cn).der), NOW)
        return tx.ca_certificates.add(stored.id, AnchorState.LINK, "U1", NOW).id


def test_nothing_gets_between_a_check_and_its_write(store: Store) -> None:
    """Sixteen threads each make the partner if it is not there: one does, nobody fails.

    On SQLite the transaction sees to it, on PostgreSQL those that ask to be alone are.
    """

    def make(_: int) -> bool:
        with store.begin() as tx:
            tx.alone("partner:acme")
            if tx.partners.by_key("acme"):
                return False
            tx.partners.add("acme", "ACME", None, "U1", NOW)
            return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(make, range(16))) == 1


def test_what_only_reads_sees_one_moment_keeps_nobody_waiting_and_changes_nothing(store: Store) -> None:
    """A writer commits in the middle of a reading, which goes on to see what it saw; a write in it is refused."""
    with store.reading() as view:
        assert view.partners.list() == ()
        with store.begin() as tx:
            tx.partners.add("acme", "ACME", None, "U1", NOW)
        assert view.partners.list() == ()
    with store.reading() as view:
        assert [one.key for one in view.partners.list()] == ["acme"]
    with pytest.raises(DBAPIError), store.reading() as view:
        view.partners.add("globex", "Globex", None, "U1", NOW)
    with store.begin() as tx:
        tx.partners.add("globex", "Globex", None, "U1", NOW)


def test_lists_come_in_the_same_order_from_both_databases(store: Store) -> None:
    """By the code points of the name, whatever the language of the database's host."""
    names = ["zeta", "Acme", "acme-2", "Zeta", "acme 1", "\u00dcbel"]
    with store.begin() as tx:
        for number, name in enumerate(names):
            tx.partners.add(f"p{number}", name, None, "U1", NOW)
            tx.connections.add(1, name, Role.ACCEPTS, "https://h/", "files", names)
        assert [one.name for one in tx.partners.list()] == sorted(names)
        assert [one.name for one in tx.connections.all()] == sorted(names)
        assert [one.name for one in tx.connections.all()[0].choreographies] == sorted(names)


def test_a_transaction_that_fails_leaves_nothing_and_wakes_nobody(store: Store) -> None:
    """Neither rows nor notices; a committed one wakes the jobs once, after the commit."""
    woken: list[int] = []

    def wake() -> None:
        with store.begin() as tx:
            woken.append(len(tx.notices.pending()))

    store.on_notice = wake

    def fail() -> None:
        with store.begin() as tx:
            tx.partners.add("acme", "ACME", None, "U1", NOW)
            tx.notices.add("upload:1", NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert woken == []
    with store.begin() as tx:
        assert tx.partners.list() == ()
        tx.notices.add("upload:1", NOW)
        tx.notices.add("upload:1", NOW)
    assert woken == [1]


def test_a_notice_that_comes_while_the_message_is_rendered_is_not_lost(store: Store) -> None:
    """Read, changed again, settled up to what was read: the change is still to be shown."""
    with store.begin() as tx:
        tx.notices.add("upload:1", NOW)
    with store.begin() as tx:
        (read,) = tx.notices.pending()
    with store.begin() as tx:
        tx.notices.add("upload:1", NOW)
    with store.begin() as tx:
        tx.notices.settle("upload:1", read.id, NOW)
        (left,) = tx.notices.pending()
    assert left.id > read.id


def test_a_subject_keeps_its_first_place_and_remembers_what_it_shows(store: Store) -> None:
    """Opened twice, attempted, posted, forgotten."""
    with store.begin() as tx:
        tx.places.open("upload:1", "C1", "1.0")
        tx.places.open("upload:1", "C2", None)
        tx.places.attempt("upload:1")
    with store.begin() as tx:
        place = tx.places.get("upload:1")
        assert place is not None
        assert (place.channel, place.ts, place.attempted) == ("C1", None, True)
        tx.places.posted("upload:1", "2.0", "digest")
    with store.begin() as tx:
        place = tx.places.get("upload:1")
        assert place is not None
        assert (place.ts, place.shown) == ("2.0", "digest")
        tx.places.forget("upload:1")
    with store.begin() as tx:
        place = tx.places.get("upload:1")
        assert place is not None
        assert (place.ts, place.attempted, place.shown) == (None, False, "")


def test_times_come_back_aware_and_naive_ones_are_refused(store: Store) -> None:
    """Stored from another zone, read in UTC; a naive time is a mistake that must not reach the chain builder."""
    with store.begin() as tx:
        tx.audit.add(NOW.astimezone(timezone(timedelta(hours=5))), "U1", "T1", "a", "s", "", {})
    with store.begin() as tx:
        (entry,) = tx.audit.recent(1)
        assert entry.at == NOW
        assert entry.at.tzinfo is UTC
    with pytest.raises(ValueError, match="naive"), store.begin() as tx:
        tx.audit.add(datetime(2026, 1, 1), "U1", "T1", "a", "s", "", {})  # noqa: DTZ001 - the point of the test


def test_what_comes_out_cannot_be_changed(store: Store) -> None:
    """Rows stay inside; values are frozen."""
    with store.begin() as tx:
        partner = tx.partners.add("acme", "ACME", None, "U1", NOW)
    with pytest.raises(FrozenInstanceError):
        partner.name = "Other"  # type: ignore[misc]


def test_a_certificate_is_stored_once_whoever_brings_it(store: Store) -> None:
    """Eight threads, one fingerprint: one row."""
    certificate = Certificate.from_der(self_signed("as2").der)

    def put(_: int) -> int:
        with store.begin() as tx:
            return tx.certificates.put(certificate, NOW).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(put, range(8)))) == 1


def test_the_number_of_a_deleted_entry_is_never_given_again(store: Store) -> None:
    """A button that carries it must not speak of another certificate."""
    first = _listed(store, "one")
    with store.begin() as tx:
        tx.ca_certificates.delete(first)
    assert _listed(store, "two") > first


def test_every_change_of_the_ca_list_changes_its_stamp(store: Store) -> None:
    """Added, decided, decided again, deleted, exchanged."""
    stamps = []

    def note() -> None:
        with store.begin() as tx:
            stamps.append(tx.ca_certificates.stamp())

    note()
    first = _listed(store, "one")
    note()
    for step, (old, new) in enumerate(
        ((AnchorState.LINK, AnchorState.APPROVED), (AnchorState.APPROVED, AnchorState.DECLINED))
    ):
        with store.begin() as tx:
            assert tx.ca_certificates.decide(first, old, new, "U1", NOW + timedelta(seconds=step))
        note()
    with store.begin() as tx:
        tx.ca_certificates.delete(first)
    _listed(store, "two")
    note()
    assert len(set(stamps)) == len(stamps)


def test_a_decision_is_taken_once(store: Store) -> None:
    """Compare-and-set: the second one finds another state."""
    ca_id = _listed(store, "one")
    with store.begin() as tx:
        assert tx.ca_certificates.decide(ca_id, AnchorState.LINK, AnchorState.APPROVED, "U1", NOW)
        assert not tx.ca_certificates.decide(ca_id, AnchorState.LINK, AnchorState.DECLINED, "U2", NOW)


def test_a_prompt_is_closed_once(store: Store) -> None:
    """Answered; a later withdrawal finds it closed."""
    with store.begin() as tx:
        stored = tx.certificates.put(Certificate.from_der(self_signed("as2").der), NOW)
        prompt = tx.prompts.add(stored.id, None, "key", "CN=Issuer")
        assert tx.prompts.close(prompt.id, PromptState.ANSWERED, NOW, "U1", stored.sha256)
        assert not tx.prompts.close(prompt.id, PromptState.WITHDRAWN, NOW)
        again = tx.prompts.get(prompt.id)
        assert again is not None
        assert (again.state, again.answered_by) == (PromptState.ANSWERED, "U1")
        assert again.answered_sha256 == stored.sha256
        assert tx.prompts.of_certificate(stored.id) == (again,)


def test_the_store_itself_refuses_the_second_upload_of_a_key(store: Store) -> None:
    """The last judge, whatever the code above believes."""
    with store.begin() as tx:
        tx.uploads.add("k", "C1", None, "a.pem", "U1", "T1", NOW, UploadState.STORED, {})
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.uploads.add("k", "C1", None, "a.pem", "U1", "T1", NOW, UploadState.STORED, {})


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d"])
def test_a_database_that_cannot_hold_the_store_is_refused_at_once(url: str) -> None:
    """In memory every connection would see its own; other products are not tested."""
    with pytest.raises(ValueError, match=r"SQLite store needs a file|unsupported database"):
        open_engine(url)


def test_a_plain_postgresql_url_means_the_driver_that_is_shipped() -> None:
    """As hosts hand it out."""
    engine = open_engine("postgresql://user:secret@127.0.0.1/db")
    assert engine.dialect.driver == "psycopg"
    engine.dispose()


def test_text_that_no_database_holds_is_made_harmless() -> None:
    """NUL and half of a surrogate pair; everything else stays."""
    assert storable("a\0b\ud800ü") == "a\ufffdb?ü"


def test_many_certificates_are_stored_once_each_and_come_back_in_the_order_asked(store: Store) -> None:
    """More than one batch, with duplicates inside the list and others that were there before."""
    certificates = [Certificate.from_der(self_signed(f"as2-{n}").der) for n in range(BATCH + 20)]
    with store.begin() as tx:
        before = tx.certificates.put(certificates[7], NOW)
        asked = [*certificates, *reversed(certificates[:30])]
        stored = tx.certificates.put_all(asked, NOW)
        assert [one.sha256 for one in stored] == [one.sha256 for one in asked]
        assert stored[7] == before
        assert len({one.id for one in stored}) == len(certificates)
        assert tx.certificates.put_all([], NOW) == ()
