"""The outbox: which subjects changed, and where each is shown. Knows no Slack; the messenger does the posting."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from storage.records import Notice, Place
from storage.store import Store
from storage.turns import turns_of


@dataclass(frozen=True, slots=True)
class Due:
    """Messages that have to follow: a subject, its channel, and the newest notice about it."""

    notice: Notice
    channel: str


class Outbox:
    """What messages still have to follow the store."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._turn = turns_of(store.engine)

    def turn(self, subject: str) -> AbstractContextManager[None]:
        """One at a time says something about the subject, among all replicas; the others wait."""
        return self._turn(subject)

    def due(self) -> tuple[Due, ...]:
        """The newest open notice of each subject, oldest subject first."""
        with self._store.reading() as tx:
            found = [(notice, tx.places.get(notice.subject)) for notice in tx.notices.pending()]
        return tuple(Due(notice, place.channel if place else "") for notice, place in found)

    def place(self, subject: str) -> Place | None:
        """Where the subject is shown."""
        with self._store.reading() as tx:
            return tx.places.get(subject)

    def open_place(self, subject: str, channel: str, thread_ts: str | None) -> None:
        """Say where a subject will be shown; nothing happens when it has a place already."""
        with self._store.begin() as tx:
            if tx.places.get(subject) is None:
                tx.places.open(subject, channel, thread_ts)

    def attempting(self, subject: str) -> None:
        """Before a post: should we die after it, the next try looks for it first instead of posting twice."""
        with self._store.begin() as tx:
            tx.places.attempt(subject)

    def shown(self, subject: str, ts: str, digest: str) -> None:
        """After a post or an update."""
        with self._store.begin() as tx:
            tx.places.posted(subject, ts, digest)

    def forget(self, subject: str) -> None:
        """The message is not there any more; the subject keeps its place, where it is posted anew."""
        with self._store.begin() as tx:
            tx.places.forget(subject)

    def touch(self, subject: str) -> None:
        """The subject's message has something new to show that is not in the store's own tables."""
        with self._store.begin() as tx:
            tx.notices.add(subject, self._clock())

    def done(self, subject: str, notice_id: int) -> None:
        """The message is as new as this notice and all before it."""
        with self._store.begin() as tx:
            tx.notices.settle(subject, notice_id, self._clock())
