"""Taking over what a dead replica left in the middle of its work."""

from collections.abc import Callable
from typing import Protocol

import structlog
from dbos import DBOS

log = structlog.get_logger(__name__)


class Seat(Protocol):
    """The name of an executor, held for a moment."""

    def leave(self) -> None:
        """Let it go."""


def take_over(take_seat: Callable[[str], Seat | None]) -> None:
    """Hand the pending workflows of every executor that is not alive to those who are.

    The engine recovers an executor's workflows only where that executor starts again. Whoever gets the seat of an
    executor knows that it is dead, and keeps it from starting meanwhile; what it had begun is put back into its queue,
    and runs on from the last step that was recorded.
    """
    begun = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    for executor in {one.executor_id for one in begun if one.executor_id} - {DBOS.executor_id}:
        seat = take_seat(executor)
        if seat is None:
            continue
        try:
            # The engine's one way to recover for others; public only through its paid conductor.
            taken = DBOS._recover_pending_workflows([executor])  # noqa: SLF001
            log.warning("taken_over", executor=executor, workflows=len(taken))
        finally:
            seat.leave()
