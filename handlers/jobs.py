"""What runs durably: the messages that follow the store, the look at an endpoint, the roll-out; other jobs beside it.

DBOS records each step's result; after a crash the interrupted step runs again, so every step first looks at what is
already there. Workflow arguments and results hold ids only.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from dbos import DBOS, DBOSConfig, DBOSConfiguredInstance, SetEnqueueOptions
from dbos import error as dbos_error

from bot.services import Services
from bot.services.outbox import Due, Outbox
from bot.services.people import Person
from bot.services.rollout import StepResult
from bot.services.rollout_leg import Leg
from handlers.downloads import Downloads
from handlers.export_jobs import ExportJobs, ExportRequest
from handlers.fetch_jobs import FetchJobs, FetchRequest
from handlers.handover import Handover, Work
from handlers.intake_jobs import STEP_PAUSE_SECONDS, STEP_TRIES, IntakeJobs, IntakeRequest
from handlers.mend_jobs import MendJobs
from handlers.messenger import Messenger
from handlers.paper_jobs import PaperJobs
from handlers.parcels import Parcels
from handlers.people import People
from handlers.picture_jobs import PictureJobs
from handlers.pictures.gallery import Gallery
from handlers.projections import render
from handlers.replies import Replies
from handlers.slack_calls import SlackUnavailable

log = structlog.get_logger(__name__)

MESSAGES = "messages"
QUEUE_POLL_SECONDS = 0.05
# The outbox is drained at once after a commit; this is the safety net for what another replica left.
SWEEP_SECONDS = 2.0
# While a message is tried its whole channel waits, so not for long: 0.5 + 1 + 2 + 4 s. The sweep comes back to it.
SHOW_TRIES = 5


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
        gallery: Gallery,
        parcels: Parcels,
    ) -> None:
        super().__init__("jobs")
        self._services = services
        self._outbox = outbox
        self._messenger = messenger
        self._people = people
        self._intake = IntakeJobs(services, outbox, messenger, downloads, people)
        self._fetches = FetchJobs(services.fetching, outbox, people)
        self._mends = MendJobs(services.mending)
        self._pictures = PictureJobs(services, outbox, gallery)
        self._exports = ExportJobs(services.audit, services.partners, people, parcels)
        self.papers = PaperJobs(services, outbox, parcels)
        self.replies = Replies(messenger, outbox)
        self._handover = Handover()
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="outbox", daemon=True)

    def start(self) -> None:
        """Recover what an earlier process left, then follow the outbox."""
        DBOS.launch()
        DBOS.register_queue(
            MESSAGES,
            partition_concurrency=1,  # one channel's messages one after the other; `Pace` sees to how fast
            polling_interval_sec=QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )
        self._fetches.open()
        self._pictures.open()
        self._exports.open()
        self.papers.open()
        self._sweeper.start()

    def stop(self) -> None:
        """Stop following; running steps are given up and taken up again at the next start."""
        self._stopping.set()
        self._awake.set()
        self._sweeper.join(timeout=5)
        DBOS.destroy()

    @property
    def running(self) -> bool:
        """Whether the outbox is being followed."""
        return self._sweeper.is_alive() and not self._stopping.is_set()

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
        self._intake.start(IntakeRequest(key, channel, thread_ts, user_id, team_id, tuple(file_ids), partner_id))

    def fetch_issuer(self, person: Person, prompt_id: int, click: str) -> None:
        """Fetch what a request for an issuer asks for, once for each click."""
        self._fetches.start(FetchRequest(prompt_id, person.user_id, person.team_id), click)

    def export_audit(self, request: ExportRequest) -> None:
        """Make the audit a table and send it to the one who asked."""
        self._exports.start(request)

    @DBOS.workflow()
    def follow(self, subject: str, notice_id: int) -> None:
        """Bring a subject's message up to date, then clear its notices. What failed stays due; see `Handover`."""
        try:
            picture = self.show(subject)
        except Exception as error:
            log.error("message_waits", subject=subject, error=type(error).__name__)
            return
        self.settle(subject, notice_id)
        if picture is not None:
            self._pictures.order(subject, picture)

    @DBOS.step(
        retries_allowed=True,
        max_attempts=SHOW_TRIES,
        interval_seconds=STEP_PAUSE_SECONDS,
        # A message that cannot be made is our fault, and would hold up its channel for nothing.
        should_retry=lambda error: isinstance(error, SlackUnavailable),
    )
    def show(self, subject: str) -> str | None:
        """What the store says now, not what it said when the notice was written.

        Returns:
            the digest of the picture that the message still lacks.
        """
        message = render(self._services, subject, under_way=self._fetches.under_way, holders=self._people.named)
        hung = self._pictures.hung(subject, message)
        ts = self._messenger.show(subject, hung)
        return message.picture.digest if message.picture and ts and hung is message else None

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def settle(self, subject: str, notice_id: int) -> None:
        """The message is as new as the notice."""
        self._outbox.done(subject, notice_id)

    @DBOS.workflow()
    def observe(self, public_id: str) -> None:
        """What does the endpoint present right now? Shown in the proposal."""
        self.look(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def look(self, public_id: str) -> None:
        """One handshake, nothing changed."""
        self._services.rollout.look(public_id)

    @DBOS.workflow()
    def roll_out(self, public_id: str) -> None:
        """Begin, apply, prove, keep; or undo, and prove that too."""
        leg = self.begin(public_id)
        if leg is None:
            return
        try:
            self._carry_out(leg)
        except dbos_error.DBOSMaxStepRetriesExceeded as error:
            # Something that no step foresaw: nothing unproven stays in use for it.
            log.error("rollout_broke", switch=public_id, step=str(error.step_name))
            self.undo(leg, "internal_error", {})

    def _carry_out(self, leg: Leg) -> None:
        applied = self.apply(leg)
        if not applied.done:
            self.undo(leg, applied.code or "not_applied", dict(applied.data))
        elif not self.prove(leg):
            self.undo(leg, "not_proven", {})
        elif not self.keep(leg):
            self.undo(leg, "connection_changed", {})

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def begin(self, public_id: str) -> Leg | None:
        """Take the switch, once; the gateway's snapshot is kept."""
        return self._services.rollout.begin(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def apply(self, leg: Leg) -> StepResult:
        """The gateway writes, or refuses with its reason."""
        return self._services.rollout.apply(leg)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def prove(self, leg: Leg) -> bool:
        """Fresh handshakes, one for each choreography."""
        return self._services.rollout.prove(leg)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def keep(self, leg: Leg) -> bool:
        """The new certificate is the connection's; False when somebody changed the connection meanwhile."""
        return self._services.rollout.keep(leg)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def undo(self, leg: Leg, code: str, data: dict[str, str]) -> None:
        """The old state comes back and is proven."""
        self._services.rollout.undo(leg, code, data)

    def _sweep(self) -> None:
        while not self._stopping.is_set():
            self._awake.wait(SWEEP_SECONDS)
            self._awake.clear()
            if self._stopping.is_set():
                return
            try:
                self._services.schedule.release_due()  # first, so that its roll-out is due in this same sweep
                self._handover.run(self._due())
                self._services.switches.expire_overdue()  # after the messages, which somebody waits for
                self._services.schedule.remind()
            except Exception:
                log.exception("sweep_failed")

    def _due(self) -> Iterator[Work]:
        for due in self._outbox.due():
            yield Work(f"follow:{due.notice.id}", self._enqueue, (due,), self._give_up_message)
        for public_id in self._services.switches.unobserved():
            yield Work(f"look:{public_id}", DBOS.start_workflow, (self.observe, public_id))
        for public_id in self._services.switches.due():
            yield Work(f"rollout:{public_id}", DBOS.start_workflow, (self.roll_out, public_id))
        yield from self._mends.due()

    def _enqueue(self, due: Due) -> None:
        with SetEnqueueOptions(queue_partition_key=due.channel or "nowhere"):
            DBOS.enqueue_workflow(MESSAGES, self.follow, due.notice.subject, due.notice.id)

    def _give_up_message(self, due: Due) -> None:
        log.error("message_given_up", subject=due.notice.subject)
        self._outbox.done(due.notice.subject, due.notice.id)


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
