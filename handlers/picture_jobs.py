"""The durable pictures: a message is posted without one, and gets it when it is drawn and in Slack.

The picture's place is kept beside the message's (`picture:SUBJECT`), with its file and what it shows, so a restart or
another replica hangs the same file. Slack takes about fifty changes of messages a minute and workspace (Tier 3); the
pictures leave room for the words.
"""

import structlog
from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID

from bot.services import Services
from bot.services.outbox import Outbox
from handlers.intake_jobs import STEP_PAUSE_SECONDS, StepFailed
from handlers.pictures.gallery import Gallery, PictureRefused
from handlers.pictures.paint import draw
from handlers.projections import render
from handlers.slack_calls import SlackUnavailable
from handlers.views.blocks import Message, with_image

log = structlog.get_logger(__name__)

PICTURES = "pictures"
A_MINUTE = 30
AT_ONCE = 1  # drawing is our own work, on processors that the answers need more
QUEUE_POLL_SECONDS = 0.2
STEP_TRIES = 5


def _may_be_tried_again(error: BaseException) -> bool:
    return isinstance(error, SlackUnavailable)


@DBOS.dbos_class("countersign-pictures")
class PictureJobs(DBOSConfiguredInstance):
    """Draws and hangs pictures, one after the other. Build it before the engine is launched, then `open`."""

    def __init__(self, services: Services, outbox: Outbox, gallery: Gallery) -> None:
        super().__init__("pictures")
        self._services = services
        self._outbox = outbox
        self._gallery = gallery

    def open(self) -> None:
        """Once the engine is launched: let waiting pictures be drawn."""
        DBOS.register_queue(
            PICTURES,
            worker_concurrency=AT_ONCE,
            limiter={"limit": A_MINUTE, "period": 60.0},
            polling_interval_sec=QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )

    def hung(self, subject: str, message: Message) -> Message:
        """The message with its picture, where that one is in Slack already."""
        if message.picture is None:
            return message
        place = self._outbox.place(_place_of(subject))
        if place is None or place.ts is None or place.shown != message.picture.digest:
            return message
        return with_image(message, place.ts)

    def order(self, subject: str, digest: str) -> None:
        """Have a picture drawn, once in place of the one from before; returns as soon as that is on disk."""
        place = self._outbox.place(_place_of(subject))
        with SetWorkflowID(f"picture:{subject}:{digest}:{place.ts if place else None}"):
            DBOS.enqueue_workflow(PICTURES, self.picture, subject, digest)

    @DBOS.workflow()
    def picture(self, subject: str, digest: str) -> None:
        """Draw, upload, hang. Where that cannot be, the message stays without: its words say the same."""
        try:
            file_id = self.put(subject, digest)
            if file_id is not None:
                self.finish(file_id)
                self.hang(subject, digest, file_id)
        except Exception as error:
            log.warning("no_picture", subject=subject, error=type(error).__name__)

    @DBOS.step(
        retries_allowed=True,
        max_attempts=STEP_TRIES,
        interval_seconds=STEP_PAUSE_SECONDS,
        should_retry=_may_be_tried_again,
    )
    def put(self, subject: str, digest: str) -> str | None:
        """The file's id; None where the store asks for another picture by now, or Slack takes none."""
        try:
            picture = render(self._services, subject).picture
            if picture is None or picture.digest != digest:
                return None
            return self._gallery.put(picture, draw(picture))
        except PictureRefused as refused:
            log.warning("picture_refused", subject=subject, error=str(refused))
            return None
        except SlackUnavailable:
            raise
        except Exception as error:
            # The engine keeps what a step raised, with all that it holds.
            raise StepFailed(type(error).__name__) from None

    @DBOS.step(
        retries_allowed=True,
        max_attempts=STEP_TRIES,
        interval_seconds=STEP_PAUSE_SECONDS,
        should_retry=_may_be_tried_again,
    )
    def finish(self, file_id: str) -> None:
        """Make it a file of Slack."""
        self._gallery.finish(file_id, TITLE)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def hang(self, subject: str, digest: str, file_id: str) -> None:
        """Keep it as the message's picture, let the message follow, and delete the one from before.

        The message has shown no picture since the store asked for this one, so nobody looks at the old file.
        """
        name, place = _place_of(subject), self._outbox.place(subject)
        if place is None:
            return
        self._outbox.open_place(name, place.channel, None)
        before = self._outbox.place(name)
        self._outbox.shown(name, file_id, digest)
        self._outbox.touch(subject)
        if before is not None and before.ts not in {None, file_id}:
            self._gallery.remove(str(before.ts))


TITLE = "Chain of certificates"


def _place_of(subject: str) -> str:
    return f"picture:{subject}"
