"""A note for whatever takes longer than people wait for without asking: posted late, and taken over by the answer.

It is posted from within the durable step that it is about. After `kill -9` the step runs again and so does the clock;
the note's place in the store keeps it one note. The answer is written into the note's own message, so that a thread
never shows both.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from bot.services.outbox import Outbox
from handlers.messenger import Messenger
from handlers.views.blocks import Message

log = structlog.get_logger(__name__)

AFTER_SECONDS = 2.0


def progress_of(upload_key: str) -> str:
    """The subject of the note about an upload that is on its way."""
    return f"progress:{upload_key}"


@contextmanager
def late(tell: Callable[[], None], after: float = AFTER_SECONDS) -> Iterator[None]:
    """Call `tell` on a thread of its own where the block takes longer; on leaving, it has ended or will not begin."""
    clock = threading.Timer(after, tell)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        clock.join()


class Progress:
    """Notes in threads."""

    def __init__(self, messenger: Messenger, outbox: Outbox) -> None:
        self._messenger = messenger
        self._outbox = outbox

    @contextmanager
    def noted(
        self, subject: str, channel: str, thread_ts: str | None, note: Message, after: float = AFTER_SECONDS
    ) -> Iterator[None]:
        """Post the note where the block takes longer than `after` seconds."""
        with late(lambda: self.note(subject, channel, thread_ts, note), after):
            yield

    def note(self, subject: str, channel: str, thread_ts: str | None, note: Message) -> None:
        """Post the note now, if it is not there. One that cannot be posted is left out."""
        try:
            self._outbox.open_place(subject, channel, thread_ts)
            self._messenger.show(subject, note)
        except Exception as error:
            log.warning("no_progress_note", subject=subject, error=type(error).__name__)
