"""Several acts at the same moment, as of several people or processes."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from tests.patience import PATIENCE_SECONDS

T = TypeVar("T")


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """What each came to, in their order. Raises what one of them raised, and where they wait on each other for ever."""
    together = threading.Barrier(len(acts))
    outcomes: list[Future[T]] = [Future() for _ in acts]

    def run(act: Callable[[], T], outcome: Future[T]) -> None:
        try:
            together.wait(PATIENCE_SECONDS)
            outcome.set_result(act())
        except Exception as error:
            outcome.set_exception(error)

    for act, outcome in zip(acts, outcomes, strict=True):
        threading.Thread(target=run, args=(act, outcome), daemon=True).start()
    return [outcome.result(PATIENCE_SECONDS) for outcome in outcomes]
