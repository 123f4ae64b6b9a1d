"""The durable mending of a drift: what an approver has agreed to is carried out, also by a later life of the bot."""

from collections.abc import Iterator

import structlog
from dbos import DBOS, DBOSConfiguredInstance
from dbos import error as dbos_error

from bot.services.mending import Mending
from handlers.handover import Work
from handlers.intake_jobs import STEP_PAUSE_SECONDS, STEP_TRIES

log = structlog.get_logger(__name__)


@DBOS.dbos_class("countersign-mends")
class MendJobs(DBOSConfiguredInstance):
    """Mends drifts. Build it before the engine is launched."""

    def __init__(self, mending: Mending) -> None:
        super().__init__("mends")
        self._mending = mending

    def due(self) -> Iterator[Work]:
        """What somebody has approved and nobody has finished."""
        for public_id in self._mending.due():
            yield Work(f"mend:{public_id}", DBOS.start_workflow, (self.mend, public_id))

    @DBOS.workflow()
    def mend(self, public_id: str) -> None:
        """Put back what is on record, and prove it."""
        try:
            if self.put_back(public_id):
                self.prove(public_id)
        except dbos_error.DBOSMaxStepRetriesExceeded as error:
            log.error("mending_broke", drift=public_id, step=str(error.step_name))
            self.give_up(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def put_back(self, public_id: str) -> bool:
        """The gateway gets what is on record, or refuses, which the store then says."""
        return self._mending.put_back(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def prove(self, public_id: str) -> None:
        """Fresh handshakes; the drift is over, whatever they show."""
        self._mending.prove(public_id)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def give_up(self, public_id: str) -> None:
        """Something that no step foresaw: the drift is open again."""
        self._mending.give_up(public_id, "internal_error")
