"""Power cuts: a process that dies at the n-th boundary of its work, found by counting and not listed by hand.

The boundaries are the start and the end of every transaction, and before and after every change at the gateway: what
lies between two of them is atomic, or lost with the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.gateways.base import Current, Gateway, Material, Role, Snapshot, Staged, TrustMaterial
from bot.gateways.condition import Accepted, Check, Drift, Survivor
from storage.store import Store, Transaction


class PowerCut(BaseException):
    """The end of a process. Not an Exception: nothing may catch it and tidy up."""


class Power:
    """Current that lasts for so many boundaries; None for ever."""

    def __init__(self, lasts: int | None) -> None:
        self._left = lasts

    def boundary(self) -> None:
        """Pass a boundary, or die there."""
        if self._left is None:
            return
        if self._left == 0:
            raise PowerCut
        self._left -= 1


class FailingStore(Store):
    """A real store on the same database, in a process that may die around each transaction."""

    def __init__(self, store: Store, power: Power) -> None:
        # Not opened anew: migrations at every start would be most of the test's time.
        self.engine = store.engine
        self.on_notice = store.on_notice
        self._power = power

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """As the store does it."""
        self._power.boundary()
        with super().begin() as transaction:
            yield transaction
            self._power.boundary()  # all written, nothing committed
        self._power.boundary()


class FailingGateway:
    """A real gateway behind a process that may die around each of its calls."""

    def __init__(self, gateway: Gateway, power: Power) -> None:
        self._gateway = gateway
        self._power = power

    @property
    def kind(self) -> str:
        """As the gateway's."""
        return self._gateway.kind

    @property
    def name(self) -> str:
        """As the gateway's."""
        return self._gateway.name

    def current(self, connection: str) -> Current | None:
        """Only looks."""
        return self._gateway.current(connection)

    def snapshot(self, connection: str) -> Snapshot:
        """Only looks."""
        return self._gateway.snapshot(connection)

    def drift(self, connection: str) -> Drift | None:
        """Only looks."""
        return self._gateway.drift(connection)

    def accepted(self, connection: str) -> Accepted:
        """Only tells."""
        return self._gateway.accepted(connection)

    @property
    def counts_requests(self) -> bool:
        """Only tells."""
        return self._gateway.counts_requests

    def requests(self, connection: str, sha256: str) -> int | None:
        """Only tells."""
        return self._gateway.requests(connection, sha256)

    def survivors(self, role: Role) -> tuple[Survivor, ...]:
        """Only tells."""
        return self._gateway.survivors(role)

    def examine(self) -> tuple[Check, ...]:
        """Only looks."""
        return self._gateway.examine()

    def trust(self, connection: str) -> TrustMaterial:
        """Only looks."""
        return self._gateway.trust(connection)

    def stage(self, connection: str, material: Material, keep: str | None = None) -> Staged:
        """Die before it or after it."""
        self._power.boundary()
        staged = self._gateway.stage(connection, material, keep)
        self._power.boundary()
        return staged

    def commit(self, staged: Staged) -> None:
        """Die before it or after it."""
        self._power.boundary()
        self._gateway.commit(staged)
        self._power.boundary()

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """Die before it or after it."""
        self._power.boundary()
        self._gateway.restore(connection, snapshot)
        self._power.boundary()
