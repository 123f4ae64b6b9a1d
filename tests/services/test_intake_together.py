"""Files that come again, at the same moment, or to another process: each is taken in once, and everybody sees it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.pki.chain import Verdict
from bot.services.intake import IncomingFile
from storage.records import AnchorState
from tests.lab.builders import Ca, Issued, self_signed
from tests.services.desk import ACME, OLIVIA, OSCAR, Desk, value


def test_the_same_key_twice_is_one_upload_one_notice_and_one_audit_entry(desk: Desk) -> None:
    """A redelivered event changes nothing."""
    leaf = self_signed("as2")
    first = desk.drop(leaf, key="event-1")
    before = desk.actions()
    with desk.noticing() as subjects:
        second = desk.drop(leaf, key="event-1")
    assert second.upload == first.upload
    assert subjects == set()
    assert desk.actions() == before


def test_eight_deliveries_at_once_are_one_upload(desk: Desk) -> None:
    """Threads, one key: one number comes back, one entry is there."""
    data = self_signed("as2").pem.encode()
    file = IncomingFile("event-1", ACME, "1.0", "as2.pem", data)
    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(lambda _: desk.intake.take_in(OLIVIA, file), range(8)))
    assert len(numbers) == 1
    assert len(desk.entries()) == 1
    assert desk.actions().count("upload.stored") == 1


def test_a_restart_finds_everything(desk: Desk) -> None:
    """A second process over the same file gives the same answers."""
    root = Ca.root("Root")
    desk.trust(root)
    leaf = root.leaf("acme-b2b")
    before = desk.drop(leaf)
    again = Desk(desk.database)
    assert again.intake.report(before.upload.id) == before
    again.store.close()


def test_two_processes_see_each_others_ca_list(desk: Desk) -> None:
    """What one replica approves completes the chain in the other's memory at once."""
    other = Desk(desk.database)
    root = Ca.root("Root")
    leaf = root.leaf("acme-b2b")
    report = desk.drop(leaf)
    assert report.items[0].report.verdict is Verdict.INCOMPLETE
    other.trust(root)
    assert desk.intake.report(report.upload.id).items[0].report.verdict is Verdict.COMPLETE
    other.store.close()


def test_a_change_that_is_rolled_back_is_forgotten_by_the_index_too(desk: Desk) -> None:
    """A CA certificate added in a transaction that fails gives no chain afterwards, though its number is used again."""
    root, other = Ca.root("Root"), Ca.root("Other")
    leaf = root.leaf("acme-b2b")
    upload = desk.drop(leaf).upload.id

    def add(issued: Issued, *, fail: bool) -> None:
        with desk.store.begin() as tx:
            stored = tx.certificates.put(value(issued), desk.now)
            tx.ca_certificates.add(stored.id, AnchorState.APPROVED, OSCAR.user_id, desk.now)
            desk.chains.ca_changed(tx)
            assert desk.chains.report(value(leaf), tx=tx).verdict is (Verdict.COMPLETE if fail else Verdict.INCOMPLETE)
            if fail:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        add(root, fail=True)
    add(other, fail=False)
    assert desk.intake.report(upload).items[0].report.verdict is Verdict.INCOMPLETE


def test_readers_and_writers_on_many_threads_never_wait_for_each_other_in_a_circle(desk: Desk) -> None:
    """Chains asked for with and without a transaction of one's own, while files come in: nobody runs into a lock."""
    root = Ca.root("Root")
    desk.trust(root)
    leaves = [root.leaf(f"acme-{number}") for number in range(6)]

    def work(number: int) -> Verdict:
        if number % 2:
            return desk.chains.report(value(leaves[number // 2])).verdict
        upload = desk.drop(leaves[number // 2], thread=f"{number}.0").upload.id
        return desk.intake.report(upload).items[0].report.verdict

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(12))) == {Verdict.COMPLETE}
    assert len(desk.entries()) == len(leaves)
