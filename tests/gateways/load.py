"""A bounded load: a few threads that try the same thing over and over, and count."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tests.patience import PATIENCE_SECONDS, eventually


@contextmanager
def load(attempts: Sequence[Callable[[], bool]], pause_s: float = 0.0) -> Iterator[list[int]]:
    """One thread for each attempt, over and over; how often each succeeded, and no failure at the end.

    `pause_s` is between two attempts, for who shares the machine with others.
    """
    done, good, failed = threading.Event(), [0] * len(attempts), [0] * len(attempts)

    def run(place: int) -> None:
        while not done.is_set():
            try:
                ok = attempts[place]()
            except OSError:
                ok = False
            (good if ok else failed)[place] += 1
            done.wait(pause_s)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(attempts))]
    for thread in threads:
        thread.start()
    try:
        yield good
    finally:
        done.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    assert failed == [0] * len(attempts)


def after(good: list[int], more: int = 5) -> None:
    """Wait until every thread has succeeded some more times."""
    wanted = [count + more for count in good]
    eventually(lambda: all(count >= want for count, want in zip(good, wanted, strict=True)), f"the load, from {good}")
