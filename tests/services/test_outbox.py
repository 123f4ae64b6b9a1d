"""What messages still have to follow: each subject once, and none of them crowded out by another."""

from bot.services.outbox import Outbox
from storage.store import Store
from tests.databases import Database
from tests.lab.builders import NOW

# More than are read at once.
CHANGES = 150


def changed(store: Store, subject: str) -> None:
    """It is to be shown anew."""
    with store.begin() as tx:
        tx.notices.add(subject, NOW)


def test_a_message_that_never_gets_through_does_not_hold_up_those_of_others(database: Database) -> None:
    """Its subject changes and changes; the newest notice stands for all of them."""
    store = database.open()
    outbox = Outbox(store, lambda: NOW)
    for _ in range(CHANGES):
        changed(store, "switch:stuck")
    changed(store, "switch:other")
    changed(store, "switch:stuck")
    stuck, other = outbox.due()
    assert (stuck.notice.subject, other.notice.subject) == ("switch:stuck", "switch:other")
    assert stuck.notice.id > other.notice.id, "the newest one"
    assert stuck.notice.created_at == NOW
    outbox.done("switch:stuck", other.notice.id)
    assert [one.notice.subject for one in outbox.due()] == ["switch:other", "switch:stuck"], "one came after that"
    outbox.done("switch:stuck", stuck.notice.id)
    assert outbox.due() == (other,)
