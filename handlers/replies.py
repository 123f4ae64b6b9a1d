"""Answers to mentions, each given once: also where Slack delivers the event again, or the process died in between."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bot.services.outbox import Outbox
from bot.services.people import Spot
from handlers.messenger import Messenger
from handlers.slack_calls import SlackUnavailable
from handlers.views.blocks import Message

# The event is acknowledged when the answer is given, and Slack waits three seconds for that.
PAUSES_SECONDS = (0.3, 0.6)


class Replies:
    """The place of an answer tells that it was given; until then the answer may be given again.

    What a mention changes is refused the second time by the services, so a repeat after a crash is safe.
    """

    def __init__(self, messenger: Messenger, outbox: Outbox) -> None:
        self._messenger = messenger
        self._outbox = outbox
        self._under_way: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def once(self, subject: str) -> Iterator[bool]:
        """True for the one who has to answer now; False where it was answered, or is being answered at this moment.

        Another replica, to which Slack delivered the event again, waits and then sees the answer.
        """
        with self._lock:
            free = subject not in self._under_way
            self._under_way.add(subject)
        try:
            if not free:
                yield False
                return
            with self._outbox.turn(subject):
                yield not self._is_given(subject)
        finally:
            if free:
                with self._lock:
                    self._under_way.discard(subject)

    def _is_given(self, subject: str) -> bool:
        place = self._outbox.place(subject)
        return place is not None and place.ts is not None

    def give(self, subject: str, spot: Spot, answer: Message) -> None:
        """Post the answer for everybody in the place.

        Raises:
            SlackUnavailable: not now.
        """
        self._outbox.open_place(subject, spot.channel, spot.thread_ts)
        for pause in PAUSES_SECONDS:
            try:
                self._messenger.show(subject, answer)
            except SlackUnavailable:
                time.sleep(pause)
            else:
                return
        self._messenger.show(subject, answer)

    def told(self, subject: str, spot: Spot, ts: str) -> None:
        """It was answered to the one who asked only, which leaves no message behind; `ts` is that of the question."""
        self._outbox.open_place(subject, spot.channel, spot.thread_ts)
        self._outbox.shown(subject, ts, "")
