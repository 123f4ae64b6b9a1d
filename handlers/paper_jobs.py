"""The durable delivery of files about a switch: each file a step, so that none comes twice.

The sheet for the partner goes into the thread of the switch. The evidence names who of us did what, so it goes to the
person who asked for it, in a direct message: a partner may read the thread.

Workflow arguments and results hold ids only; the files are made anew in their steps and never kept.
"""

from collections.abc import Callable
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

SHEET_FILE: Final = "txt"
EVIDENCE_FILES: Final = ("html", "json")


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

    def give_sheet(self, public_id: str) -> None:
        """Once for each call; returns as soon as that is on disk."""
        with SetWorkflowID(f"papers:{uuid4().hex}"):
            DBOS.enqueue_workflow(PAPERS, self.deliver_sheet, public_id)

    def give_evidence(self, public_id: str, user_id: str) -> None:
        """Once for each call; returns as soon as that is on disk."""
        with SetWorkflowID(f"papers:{uuid4().hex}"):
            DBOS.enqueue_workflow(PAPERS, self.deliver_evidence, public_id, user_id)

    @DBOS.workflow()
    def deliver_sheet(self, public_id: str) -> None:
        """Into the thread; what cannot be sent is in the log."""
        place = self._outbox.place(shown_in(self._services.switches.report(public_id).switch))
        thread = thread_of(place) if place else None
        try:
            if place is None or thread is None:
                raise StepFailed("no_thread")
            self.send(public_id, SHEET_FILE, place.channel, thread)
        except Exception as error:
            log.error("sheet_not_sent", switch=public_id, error=type(error).__name__)

    @DBOS.workflow()
    def deliver_evidence(self, public_id: str, user_id: str) -> None:
        """To the person; what cannot be sent is in the log, and the announcement says so."""
        try:
            channel, ts = self.announce(public_id, user_id)
        except Exception as error:
            log.error("evidence_not_announced", switch=public_id, error=type(error).__name__)
            return
        try:
            for ending in EVIDENCE_FILES:
                self.send(public_id, ending, channel, ts)
        except Exception as error:
            log.error("evidence_not_sent", switch=public_id, error=type(error).__name__)
            self.apologise(channel, ts)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def announce(self, public_id: str, user_id: str) -> tuple[str, str]:
        """The direct message in whose thread the files will be."""
        return self._parcels.announce(user_id, sheet.evidence_announced(self._services.switches.report(public_id)))

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def apologise(self, channel: str, ts: str) -> None:
        """The announcement says that not all of it comes."""
        self._parcels.change(channel, ts, sheet.evidence_not_sent())

    @DBOS.step(
        retries_allowed=True,
        max_attempts=STEP_TRIES,
        interval_seconds=STEP_PAUSE_SECONDS,
        # A file that cannot be made is our fault, and no later try makes it.
        should_retry=lambda error: isinstance(error, SlackUnavailable),
    )
    def send(self, public_id: str, ending: str, channel: str, thread_ts: str) -> None:
        """Make one file of this moment, and put it there."""
        try:
            name, content = self._make(public_id, ending)
            self._parcels.send(channel, thread_ts, name, content)
        except SlackUnavailable:
            raise
        except Exception as error:
            # The engine keeps what a step raised, with all that it holds.
            raise StepFailed(type(error).__name__) from None

    def _make(self, public_id: str, ending: str) -> tuple[str, bytes]:
        if ending == SHEET_FILE:
            report = self._services.switches.report(public_id)
            return sheet.file_name(report, ending), sheet.as_text(report)
        evidence = self._services.evidence.of(public_id)
        make: Callable[..., bytes] = sheet.evidence_json if ending == "json" else sheet.evidence_page
        return sheet.file_name(evidence.report, ending), make(evidence)
