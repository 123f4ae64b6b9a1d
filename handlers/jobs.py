"""What runs durably: the intake of files, the messages that follow the store, the look at an endpoint, the roll-out.

DBOS records each step's result; after a crash the interrupted step runs again, so every step first looks at what is
already there. Workflow arguments and results hold ids only: a file's bytes live inside one step, so nothing of a
private key can reach the job database.
"""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog
from dbos import DBOS, DBOSConfig, DBOSConfiguredInstance, SetEnqueueOptions, SetWorkflowID

from bot.services import Services
from bot.services.intake import IncomingFile
from bot.services.outbox import Due, Outbox
from bot.services.rollout import StepResult
from handlers.downloads import DownloadRefused, Downloads
from handlers.messenger import Messenger
from handlers.people import People
from handlers.projections import render
from handlers.views.upload import import_started

log = structlog.get_logger(__name__)

MESSAGES = "messages"
# Slack takes one message a second and channel and tolerates short bursts (docs: rate limits); a 429 is waited out.
BURST = 20
BURST_SECONDS = 20.0
QUEUE_POLL_SECONDS = 0.05
# The outbox is drained at once after a commit; this is the safety net for what another replica left.
SWEEP_SECONDS = 2.0
STEP_TRIES = 8
STEP_PAUSE_SECONDS = 0.5


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


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Where DBOS keeps its own tables, and who this executor is: the same id after a restart takes its work up."""

    database_url: str
    executor_id: str = "countersign-1"
    application_version: str = "1"


@DBOS.dbos_class("countersign-jobs")
class Jobs(DBOSConfiguredInstance):
    """The durable side of the bot. Build it, then `start`; `stop` leaves unfinished work for the next start."""

    def __init__(
        self,
        services: Services,
        outbox: Outbox,
        messenger: Messenger,
        downloads: Downloads,
        people: People,
    ) -> None:
        super().__init__("jobs")
        self._services = services
        self._outbox = outbox
        self._messenger = messenger
        self._downloads = downloads
        self._people = people
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="outbox", daemon=True)
        self._handed_over: set[str] = set()

    def start(self) -> None:
        """Recover what an earlier process left, then follow the outbox."""
        DBOS.launch()
        DBOS.register_queue(
            MESSAGES,
            partition_concurrency=1,
            partition_limiter={"limit": BURST, "period": BURST_SECONDS},
            polling_interval_sec=QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )
        self._sweeper.start()

    def stop(self) -> None:
        """Stop following; running steps are given up and taken up again at the next start."""
        self._stopping.set()
        self._awake.set()
        self._sweeper.join(timeout=5)
        DBOS.destroy()

    def wake(self) -> None:
        """Something was committed that messages or roll-outs have to follow."""
        self._awake.set()

    def take_in(
        self,
        *,
        key: str,
        channel: str,
        thread_ts: str | None,
        user_id: str,
        team_id: str,
        file_ids: list[str],
        partner_id: int | None = None,
    ) -> None:
        """Take files in, once for each key; returns as soon as that is on disk (1 to 2 ms)."""
        request = IntakeRequest(key, channel, thread_ts, user_id, team_id, tuple(file_ids), partner_id)
        with SetWorkflowID(f"intake:{key}"):
            DBOS.start_workflow(self.intake, asdict(request))

    @DBOS.workflow()
    def intake(self, fields: dict[str, object]) -> None:
        """Download, read, store, one file after the other; a file that fails does not hold up the rest."""
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
        self._outbox.open_place(subject, request.channel, None)
        return self._messenger.show(subject, import_started(request.user_id, len(request.file_ids)))

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def take_in_file(self, fields: dict[str, object], file_id: str, thread_ts: str | None) -> int:
        """One file, from Slack into the store; the bytes do not leave this step."""
        request = IntakeRequest(**fields)  # type: ignore[arg-type]
        key = f"{request.key}:{file_id}"
        person = self._people.person(request.user_id, request.team_id)
        try:
            fetched = self._downloads.fetch(file_id)
        except DownloadRefused as refused:
            name = str(refused.data.get("name", file_id))
            return self._services.intake.reject(
                person, key, request.channel, thread_ts, name, refused.code, refused.data
            )
        incoming = IncomingFile(key, request.channel, thread_ts, fetched.name, fetched.data)
        return self._services.intake.take_in(person, incoming, request.partner_id)

    @DBOS.step()
    def give_up_file(self, fields: dict[str, object], file_id: str, thread_ts: str | None) -> int:
        """Slack did not hand the file out in all our tries: say so where it was dropped."""
        request = IntakeRequest(**fields)  # type: ignore[arg-type]
        person = self._people.person(request.user_id, request.team_id)
        key = f"{request.key}:{file_id}"
        return self._services.intake.reject(
            person, key, request.channel, thread_ts, file_id, "download_failed", {"name": file_id}
        )

    @DBOS.workflow()
    def follow(self, subject: str, notice_id: int) -> None:
        """Bring a subject's message up to date, then clear its notices."""
        try:
            self.show(subject)
        except Exception as error:
            log.error("message_given_up", subject=subject, error=type(error).__name__)
        self._outbox.done(subject, notice_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def show(self, subject: str) -> None:
        """What the store says now, not what it said when the notice was written."""
        self._messenger.show(subject, render(self._services, subject))

    @DBOS.workflow()
    def observe(self, public_id: str) -> None:
        """What does the endpoint present right now? Shown in the proposal."""
        self.look(public_id)

    @DBOS.step()
    def look(self, public_id: str) -> None:
        """One handshake, nothing changed."""
        self._services.rollout.look(public_id)

    @DBOS.workflow()
    def roll_out(self, public_id: str) -> None:
        """Begin, apply, prove, keep; or undo, and prove that too."""
        if not self.begin(public_id):
            return
        applied = self.apply(public_id)
        if not applied.done:
            self.undo(public_id, applied.code or "not_applied", dict(applied.data))
        elif not self.prove(public_id):
            self.undo(public_id, "not_proven", {})
        elif not self.keep(public_id):
            self.undo(public_id, "connection_changed", {})

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def begin(self, public_id: str) -> bool:
        """Take the switch, once; the gateway's snapshot is kept."""
        return self._services.rollout.begin(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def apply(self, public_id: str) -> StepResult:
        """The gateway writes, or refuses with its reason."""
        return self._services.rollout.apply(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def prove(self, public_id: str) -> bool:
        """Fresh handshakes, one for each choreography."""
        return self._services.rollout.prove(public_id, "switch")

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def keep(self, public_id: str) -> bool:
        """The new certificate is the connection's; False when somebody changed the connection meanwhile."""
        return self._services.rollout.keep(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def undo(self, public_id: str, code: str, data: dict[str, str]) -> None:
        """The old state comes back and is proven."""
        self._services.rollout.undo(public_id, code, data)

    def _sweep(self) -> None:
        while not self._stopping.is_set():
            self._awake.wait(SWEEP_SECONDS)
            self._awake.clear()
            if self._stopping.is_set():
                return
            try:
                self._hand_over()
            except Exception:
                log.exception("sweep_failed")

    def _hand_over(self) -> None:
        self._services.switches.expire_overdue()
        for due in self._outbox.due():
            self._once(f"follow:{due.notice.id}", self._enqueue, due)
        for public_id in self._services.switches.unobserved():
            self._once(f"look:{public_id}", DBOS.start_workflow, self.observe, public_id)
        for public_id in self._services.switches.due():
            self._once(f"rollout:{public_id}", DBOS.start_workflow, self.roll_out, public_id)

    def _enqueue(self, due: Due) -> None:
        with SetEnqueueOptions(queue_partition_key=due.channel or "nowhere"):
            DBOS.enqueue_workflow(MESSAGES, self.follow, due.notice.subject, due.notice.id)

    def _once(self, workflow_id: str, start: Callable[..., object], *arguments: object) -> None:
        # The id makes a repeat the same workflow; remembering it spares the question.
        if workflow_id in self._handed_over:
            return
        with SetWorkflowID(workflow_id):
            start(*arguments)
        self._handed_over.add(workflow_id)


def open_jobs_database(settings: JobSettings) -> None:
    """Configure DBOS for this process; call once before `Jobs` is started.

    The application version is pinned, so that an upgrade strands no pending workflow.
    """
    if settings.database_url.startswith("sqlite:///"):
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    config: DBOSConfig = {
        "name": "countersign",
        "system_database_url": settings.database_url,
        "executor_id": settings.executor_id,
        "application_version": settings.application_version,
        "log_level": "WARNING",
    }
    DBOS(config=config)
