"""The durable export of the audit: announced in a direct message, then made and sent into its thread.

Workflow arguments and results hold ids and the words of the command only; the table itself is never kept.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import uuid4

import structlog
from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID

from bot.services.audit import Audit
from bot.services.errors import ServiceError
from bot.services.partners import Partners
from bot.services.people import Person, Spot
from handlers.audit_query import query_of
from handlers.intake_jobs import StepFailed
from handlers.parcels import Parcels
from handlers.people import People
from handlers.views import audit as views

log = structlog.get_logger(__name__)

EXPORTS = "exports"
AT_ONCE = 1  # a table is built in memory, up to 60 MB
QUEUE_POLL_SECONDS = 0.2
STEP_TRIES = 4
STEP_PAUSE_SECONDS = 1.0
FILE_NAME = "countersign-audit.csv"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Who wants the table, from where it was asked for, and the words that say of what."""

    user_id: str
    team_id: str
    channel: str
    thread_ts: str | None
    words: str

    @classmethod
    def of(cls, person: Person, spot: Spot, words: str) -> ExportRequest:
        """The request of a person."""
        return cls(person.user_id, person.team_id, spot.channel, spot.thread_ts, words)


@DBOS.dbos_class("countersign-exports")
class ExportJobs(DBOSConfiguredInstance):
    """Makes and sends tables, one after the other. Build it before the engine is launched, then `open`.

    Args:
        audit: the audit.
        partners: whom the words may name.
        people: who may take it away is looked up anew.
        parcels: sends it.
    """

    def __init__(self, audit: Audit, partners: Partners, people: People, parcels: Parcels) -> None:
        super().__init__("exports")
        self._audit = audit
        self._people = people
        self._parcels = parcels
        self._partners = partners

    def open(self) -> None:
        """Once the engine is launched: let waiting requests run."""
        DBOS.register_queue(
            EXPORTS,
            worker_concurrency=AT_ONCE,
            polling_interval_sec=QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )

    def start(self, request: ExportRequest) -> None:
        """Once for each call; returns as soon as that is on disk."""
        with SetWorkflowID(f"export:{uuid4().hex}"):
            DBOS.enqueue_workflow(EXPORTS, self.export, asdict(request))

    @DBOS.workflow()
    def export(self, fields: dict[str, object]) -> None:
        """Announce, send; where that breaks the announcement says so, and where nothing can be said the log does."""
        try:
            channel, ts = self.announce(fields)
        except Exception as error:
            log.error("export_not_announced", error=type(error).__name__)
            return
        try:
            told = self.send(fields, channel, ts)
        except Exception as error:
            log.error("export_failed", error=type(error).__name__)
            told = False
        if not told:
            self.apologise(channel, ts)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def announce(self, fields: dict[str, object]) -> tuple[str, str]:
        """The direct message in whose thread the table will be."""
        return self._parcels.announce(str(fields["user_id"]), views.announced())

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def send(self, fields: dict[str, object], channel: str, ts: str) -> bool:
        """Make the table of this moment and send it; False where the person may not have it any more."""
        request = ExportRequest(**fields)  # type: ignore[arg-type]
        try:
            person = self._people.person(request.user_id, request.team_id)
            spot = Spot(request.channel, request.thread_ts)
            made = self._audit.export(person, query_of(self._partners, request.words), spot)
            self._parcels.send(channel, ts, FILE_NAME, made.content)
            self._parcels.change(channel, ts, views.sent(made))
        except ServiceError as refused:
            log.info("export_refused", code=refused.code)
            return False
        except Exception as error:
            # The engine keeps what a step raised, with all that it holds.
            raise StepFailed(type(error).__name__) from None
        return True

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def apologise(self, channel: str, ts: str) -> None:
        """The announcement says that nothing comes."""
        self._parcels.change(channel, ts, views.not_sent())
