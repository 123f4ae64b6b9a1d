"""A process that stands still around a transaction, and others go on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.gateways.base import Gateway, Snapshot
from storage.store import Store, Transaction
from tests.patience import PATIENCE_SECONDS
from tests.services.power import FailingGateway, Power

LONG_SECONDS = 0.5
"""Whoever is not kept waiting is through by then many times over."""


class HaltingStore(Store):
    """A real store on the same database, for a process that stands still where it is told to."""

    def __init__(self, store: Store) -> None:
        self.engine = store.engine
        self.on_notice = store.on_notice
        self.before_beginning: Callable[[], bool] = lambda: False
        self.before_commit: Callable[[], bool] = lambda: False
        self.reached, self.goes_on = threading.Event(), threading.Event()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """As the store does it."""
        self._halt(self.before_beginning())
        with super().begin() as transaction:
            yield transaction
            self._halt(self.before_commit())

    def _halt(self, halts: bool) -> None:
        if halts:
            self.reached.set()
            assert self.goes_on.wait(PATIENCE_SECONDS)


class WatchedGateway(FailingGateway):
    """A real gateway that remembers whether somebody has asked it for the way back."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway, Power(None))
        self.was_asked = False

    def snapshot(self, connection: str) -> Snapshot:
        """Only looks."""
        found = super().snapshot(connection)
        self.was_asked = True
        return found


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[threading.Thread]:
    """Something that another process does at the same time; it is through when this ends."""
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    yield thread
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
