"""The durable delivery of files about a switch into its own thread: each file a step, so that none comes twice.

Workflow arguments and results hold ids only; the files are made anew in their steps and never kept.
"""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import uuid4

import structlog
from dbos import DBOS, DBOSConfiguredInstance, SetWorkflowID

from bot.services import Services
from bot.services.outbox import Outbox
from bot.services.switch_ledger import shown_in, thread_of
from handlers.intake_jobs import StepFailed
from handlers.parcels import Parcels
from handlers.slack_calls import SlackUnavailable
from handlers.views import sheet

log = structlog.get_logger(__name__)

STEP_TRIES = 4
STEP_PAUSE_SECONDS = 1.0
PAPERS: Final = "papers"
QUEUE_POLL_SECONDS = 0.2
AT_ONCE = 1

SHEET, EVIDENCE = "sheet", "evidence"
_FILES: Mapping[str, tuple[str, ...]] = {SHEET: ("txt",), EVIDENCE: ("json", "html")}


@DBOS.dbos_class("countersign-papers")
class PaperJobs(DBOSConfiguredInstance):
    """Makes and sends the files. Build it before the engine is launched, then `open`."""

    def __init__(self, services: Services, outbox: Outbox, parcels: Parcels) -> None:
        super().__init__("papers")
        self._services = services
        self._outbox = outbox
        self._parcels = parcels

    def open(self) -> None:
        """Once the engine is launched: let waiting requests run."""
        DBOS.register_queue(
            PAPERS, worker_concurrency=AT_ONCE, polling_interval_sec=QUEUE_POLL_SECONDS, on_conflict="always_update"
        )

    def give(self, kind: str, public_id: str) -> None:
        """Once for each call; returns as soon as that is on disk."""
        with SetWorkflowID(f"papers:{uuid4().hex}"):
            DBOS.enqueue_workflow(PAPERS, self.deliver, kind, public_id)

    @DBOS.workflow()
    def deliver(self, kind: str, public_id: str) -> None:
        """One file after the other; what cannot be sent is in the log."""
        try:
            for ending in _FILES[kind]:
                self.send(public_id, ending)
        except Exception as error:
            log.error("papers_not_sent", kind=kind, switch=public_id, error=type(error).__name__)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def send(self, public_id: str, ending: str) -> None:
        """Make one file of this moment, and put it into the thread of the switch."""
        place = self._outbox.place(shown_in(self._services.switches.report(public_id).switch))
        thread = thread_of(place) if place else None
        if place is None or thread is None:
            raise StepFailed("no_thread")
        try:
            name, content = self._make(public_id, ending)
            self._parcels.send(place.channel, thread, name, content)
        except SlackUnavailable:
            raise
        except Exception as error:
            # The engine keeps what a step raised, with all that it holds.
            raise StepFailed(type(error).__name__) from None

    def _make(self, public_id: str, ending: str) -> tuple[str, bytes]:
        if ending == "txt":
            report = self._services.switches.report(public_id)
            return sheet.file_name(report, ending), sheet.as_text(report)
        evidence = self._services.evidence.of(public_id)
        make: Callable[..., bytes] = sheet.evidence_json if ending == "json" else sheet.evidence_page
        return sheet.file_name(evidence.report, ending), make(evidence)
