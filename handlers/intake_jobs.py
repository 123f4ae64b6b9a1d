"""The durable intake: from an acknowledged event to the answer in the thread, whatever dies in between.

Workflow arguments and results hold ids only. A file's bytes live inside one step, and what a step raises is a code, so
nothing of a private key, a file or a token can reach the job database.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import structlog
from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID

from bot.services import Services
from bot.services.intake import IncomingFile
from bot.services.outbox import Outbox
from bot.services.people import Person
from handlers.downloads import DownloadFailed, DownloadRefused, Downloads
from handlers.messenger import Messenger
from handlers.people import People
from handlers.progress import AFTER_SECONDS, Progress, progress_of
from handlers.slack_calls import SlackUnavailable
from handlers.views.upload import import_started, on_its_way

log = structlog.get_logger(__name__)

# 0.5 + 1 + 2 + ... + 32 s: over a minute, as long as Slack's own short troubles last.
STEP_TRIES = 8
STEP_PAUSE_SECONDS = 0.5
SLOW_TRIES = 2  # with the pauses after them a second and a half: then it takes long already
# Files that are read and stored at the same time: many dropped at once must not keep acknowledgements waiting.
AT_ONCE = 2


# A file of some fifty certificates. Two hundred are two seconds of work in one transaction, in which nothing can be
# noted down (measured), so it is said before.
BIG_BYTES = 40_000


class StepFailed(Exception):
    """A step met something unforeseen: the kind of it, and nothing of its contents."""


@dataclass(frozen=True, slots=True)
class IntakeRequest:
    """One message with files, or one modal: ids only."""

    key: str
    channel: str
    thread_ts: str | None
    user_id: str
    team_id: str
    file_ids: tuple[str, ...]
    partner_id: int | None


@DBOS.dbos_class("countersign-intake")
class IntakeJobs(DBOSConfiguredInstance):
    """Takes the files of one message in, one after the other."""

    def __init__(
        self, services: Services, outbox: Outbox, messenger: Messenger, downloads: Downloads, people: People
    ) -> None:
        super().__init__("intake")
        self._services = services
        self._outbox = outbox
        self._messenger = messenger
        self._downloads = downloads
        self._people = people
        self._progress = Progress(messenger, outbox)
        self._turns = threading.Semaphore(AT_ONCE)

    def start(self, request: IntakeRequest) -> None:
        """Once for each key; returns as soon as that is on disk."""
        with SetWorkflowID(f"intake:{request.key}"):
            DBOS.start_workflow(self.intake, asdict(request))

    @DBOS.workflow()
    def intake(self, fields: dict[str, object]) -> None:
        """Download, read, store; a file that fails does not hold up the rest."""
        request = IntakeRequest(**fields)  # type: ignore[arg-type]
        thread_ts = request.thread_ts or self.start_thread(fields)
        for file_id in request.file_ids:
            try:
                self.take_in_file(fields, file_id, thread_ts)
            except Exception as error:
                log.error("intake_failed", file=file_id, error=type(error).__name__)
                self.give_up_file(fields, file_id, thread_ts)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def start_thread(self, fields: dict[str, object]) -> str | None:
        """A file from a modal has no message to answer: one line in the channel opens the thread."""
        request = IntakeRequest(**fields)  # type: ignore[arg-type]
        subject = f"import:{request.key}"
        with _by_code():
            self._outbox.open_place(subject, request.channel, None)
            return self._messenger.show(subject, import_started(request.user_id, len(request.file_ids)))

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def take_in_file(self, fields: dict[str, object], file_id: str, thread_ts: str | None) -> int:
        """One file, from Slack into the store; the bytes do not leave this step."""
        request = IntakeRequest(**fields)  # type: ignore[arg-type]
        with _by_code():
            return self._take_in(request, file_id, thread_ts)

    def _take_in(self, request: IntakeRequest, file_id: str, thread_ts: str | None) -> int:
        key = file_key(request.key, file_id)
        person = self._people.person(request.user_id, request.team_id)
        after = 0.0 if _tries_before() >= SLOW_TRIES else AFTER_SECONDS
        try:
            with self._progress.noted(progress_of(key), request.channel, thread_ts, on_its_way(), after):
                fetched = self._downloads.fetch(file_id)
        except DownloadRefused as refused:
            name = str(refused.data.get("name", file_id))
            return self._services.intake.reject(
                person, key, request.channel, thread_ts, name, refused.code, refused.data
            )
        if len(fetched.data) > BIG_BYTES:
            self._progress.note(progress_of(key), request.channel, thread_ts, on_its_way())
        incoming = IncomingFile(key, request.channel, thread_ts, fetched.name, fetched.data)
        with self._turns:
            return self._services.intake.take_in(person, incoming, request.partner_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def give_up_file(self, fields: dict[str, object], file_id: str, thread_ts: str | None) -> int:
        """Slack did not hand the file out in all our tries: say so where it was dropped, without asking Slack again."""
        request = IntakeRequest(**fields)  # type: ignore[arg-type]
        person = Person(request.user_id, request.team_id, request.user_id)
        key = file_key(request.key, file_id)
        with _by_code():
            return self._services.intake.reject(
                person, key, request.channel, thread_ts, file_id, "download_failed", {"name": file_id}
            )


def _tries_before() -> int:
    """How often this step was tried in vain."""
    status = DBOS.step_status
    return (status.current_attempt or 0) if status else 0


def message_key(channel: str, ts: str) -> str:
    """The intake key of a message with files: two events about one message, and a shortcut on it, share it."""
    return f"{channel}:{ts}"


def file_key(key: str, file_id: str) -> str:
    """The upload's key of one file of an intake."""
    return f"{key}:{file_id}"


@contextmanager
def _by_code() -> Iterator[None]:
    """The engine keeps what a step raised, with all that it holds (SQL parameters, responses)."""
    try:
        yield
    except (SlackUnavailable, DownloadFailed):
        raise
    except Exception as error:
        raise StepFailed(type(error).__name__) from None
