"""What is shown in Slack and where: places, and the outbox that tells which message has to follow a change."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from storage.prompts import Prompts
from storage.records import Notice, Place
from storage.tables import NoticeRow, PlaceRow
from storage.uploads import Uploads

__all__ = ["Notices", "Places", "Prompts", "Uploads"]


class Places:
    """The repository of places: one message in Slack for one subject."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def open(self, subject: str, channel: str, thread_ts: str | None) -> None:
        """Say where the subject is to be shown; a subject that has a place keeps it."""
        if self._session.get(PlaceRow, subject) is None:
            self._session.add(PlaceRow(subject=subject, channel=channel, thread_ts=thread_ts))
            self._session.flush()

    def get(self, subject: str) -> Place | None:
        """The subject's place, or None."""
        row = self._session.get(PlaceRow, subject)
        return Place(row.subject, row.channel, row.thread_ts, row.ts, row.attempted, row.shown) if row else None

    def attempt(self, subject: str) -> None:
        """Remember, before posting, that a message may be out there even if no answer comes back."""
        self._change(subject, attempted=True)

    def posted(self, subject: str, ts: str, shown: str) -> None:
        """The message is at `ts` and shows what `shown` (a digest) stands for."""
        self._change(subject, attempted=True, ts=ts, shown=shown)

    def forget(self, subject: str) -> None:
        """The message is gone (deleted in Slack, or never arrived): the next change posts it anew."""
        self._change(subject, attempted=False, ts=None, shown="")

    def _change(self, subject: str, **values: object) -> None:
        self._session.exec(sa.update(PlaceRow).where(col(PlaceRow.subject) == subject).values(**values))


class Notices:
    """The outbox. A change adds a notice in its own transaction; the messages follow after the commit."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.added: list[str] = []

    def add(self, subject: str, at: datetime) -> None:
        """The subject changed. Said again for each change, so that a message being rendered now is not the last."""
        if subject not in self.added:
            self._session.add(NoticeRow(subject=subject, created_at=at))
            self.added.append(subject)

    def pending(self, limit: int = 100) -> tuple[Notice, ...]:
        """What the messages still have to follow: the newest notice of each subject, the oldest subject first.

        `limit` is for subjects, so that one whose message fails again and again does not crowd out the others.
        """
        number = col(NoticeRow.id)
        wanted = (
            sa.select(sa.func.max(number), col(NoticeRow.subject), sa.func.max(col(NoticeRow.created_at)))
            .where(col(NoticeRow.done_at).is_(None))
            .group_by(col(NoticeRow.subject))
            .order_by(sa.func.min(number))
            .limit(limit)
        )
        return tuple(Notice(*row) for row in self._session.execute(wanted))

    def settle(self, subject: str, up_to: int, at: datetime) -> None:
        """The message shows the subject as of notice number `up_to`; later notices stay pending."""
        done = sa.update(NoticeRow).where(
            col(NoticeRow.subject) == subject, col(NoticeRow.id) <= up_to, col(NoticeRow.done_at).is_(None)
        )
        self._session.exec(done.values(done_at=at))
