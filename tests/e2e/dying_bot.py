"""The product's own `run`, in a process that kills itself with SIGKILL at the n-th boundary of its durable work.

The boundaries are found, not listed: before and after every transaction of the store that a durable workflow makes,
every call that it makes to a gateway and to Slack, every handshake and request of a proof, and everything that the
engine writes down about it. What lies between two of them is atomic, or lost with the process.

`python -m tests.e2e.dying_bot PASSED` is a launcher (`launcher`) of such bots, which understands two more requests; the
boundaries that were passed are in the file:

    {"do": "arm", "lasts": 7, "within": "rollout:"} -> {"blown": false}
        null: for ever; only workflows whose id begins so count; blown: somebody has died of the fuse before
    {"do": "passed"} -> {"passed": ["rollout: gateway.commit, before", ...]}
"""

import fcntl
import mmap
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import dbos._sys_db
from dbos import DBOS
from slack_sdk import WebClient

import bot.replica
import handlers.jobs
import handlers.pace
from bot.gateways import passage, probe
from bot.gateways.configuration import Gateways
from bot.services import proving
from storage.store import Store, Transaction
from tests.e2e.launcher import Launcher, serve

# What the engine writes down: a step's result, a workflow's end; and where it looks whether a step was done before.
ENGINE_WRITES = ("check_operation_execution", "record_operation_result", "update_workflow_outcome")
LONGEST_PREFIX = 32
NEVER, BLOWN = -1, -2  # instead of how many boundaries are left


class Fuse:
    """How many boundaries are left, in memory that the launcher shares with the bot of the moment."""

    _LAYOUT = struct.Struct(f"=q{LONGEST_PREFIX}s")

    def __init__(self, passed: Path) -> None:
        self._shared = mmap.mmap(-1, self._LAYOUT.size)
        self._lock = threading.Lock()
        self._passed = passed
        self.arm(None, "")

    def arm(self, lasts: int | None, within: str) -> bool:
        """Die at the boundary after so many; None: never. What was passed before is forgotten.

        Whether somebody had died of it since it was armed last, or is about to.
        """
        with self._alone() as passed:
            passed.truncate(0)
            blown: bool = self._LAYOUT.unpack(self._shared[:])[0] == BLOWN
            self._write(NEVER if lasts is None else lasts, within.encode())
        return blown

    def boundary(self, name: str) -> None:
        """Pass a boundary, or die there."""
        if not self._counts():
            return
        with self._lock, self._alone() as passed:
            if not self._counts():
                return
            left, within = self._LAYOUT.unpack(self._shared[:])
            passed.write(f"{name}\n".encode())
            passed.flush()
            if left == 0:
                self._write(BLOWN, within)
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause()
            if left > 0:
                self._write(left - 1, within)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call with a boundary before and after it."""

        def called(*arguments: Any, **named: Any) -> Any:
            self.boundary(f"{name}, before")
            done = call(*arguments, **named)
            self.boundary(f"{name}, after")
            return done

        return called

    def _counts(self) -> bool:
        prefix = self._LAYOUT.unpack(self._shared[:])[1].rstrip(b"\0")
        return bool(prefix) and (DBOS.workflow_id or "").encode().startswith(prefix)

    @contextmanager
    def _alone(self) -> Iterator[IO[bytes]]:
        """No bot counts down what is being armed; a lock that ends with its process."""
        with self._passed.open("ab") as passed:
            fcntl.flock(passed, fcntl.LOCK_EX)
            yield passed

    def _write(self, left: int, within: bytes) -> None:
        self._shared[:] = self._LAYOUT.pack(left, within)


class DyingGateway:
    """A real gateway; whatever is called on it has a boundary on both sides."""

    def __init__(self, gateway: Any, fuse: Fuse) -> None:
        self._gateway = gateway
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        """The gateway's own."""
        found = getattr(self._gateway, name)
        return self._fuse.around(f"gateway.{name}", found) if callable(found) else found


def wire(fuse: Fuse) -> None:
    """Put the boundaries in, and let the clocks that wait for nothing in particular run faster."""
    begin, opened = Store.begin, Gateways.__call__

    @contextmanager
    def dying(store: Store) -> Iterator[Transaction]:
        fuse.boundary("transaction, before")
        with begin(store) as transaction:
            yield transaction
            fuse.boundary("transaction, written")
        fuse.boundary("transaction, committed")

    setattr(Store, "begin", dying)  # noqa: B010 - a method that mypy knows as another
    setattr(Gateways, "__call__", lambda gateways, name: DyingGateway(opened(gateways, name), fuse))  # noqa: B010
    setattr(probe, "prove", fuse.around("proof.handshake", probe.prove))  # noqa: B010
    setattr(proving, "pass_through", fuse.around("proof.request", passage.pass_through))  # noqa: B010
    setattr(WebClient, "api_call", _named_by_method(fuse, WebClient.api_call))  # noqa: B010
    for name in ENGINE_WRITES:
        engine = dbos._sys_db.SystemDatabase
        setattr(engine, name, fuse.around(f"engine.{name}", getattr(engine, name)))
    handlers.jobs.SWEEP_SECONDS = 0.2
    handlers.pace.PER_SECOND = 100.0
    bot.replica.LOOK_SECONDS = 0.5


def _named_by_method(fuse: Fuse, call: Callable[..., Any]) -> Callable[..., Any]:
    def called(client: WebClient, api_method: str, **named: Any) -> Any:
        return fuse.around(f"slack.{api_method}", call)(client, api_method, **named)

    return called


class DyingLauncher(Launcher):
    """All its bots share one fuse."""

    def __init__(self, passed: Path) -> None:
        super().__init__()
        self._passed = passed
        self.fuse = Fuse(passed)

    def answer(self, request: dict[str, Any]) -> dict[str, object]:
        """Do what is asked for."""
        match request["do"]:
            case "arm":
                return {"blown": self.fuse.arm(request["lasts"], request["within"])}
            case "passed":
                return {"passed": self._passed.read_text().splitlines()}
        return super().answer(request)


def main() -> None:
    """Until the standard input ends."""
    launcher = DyingLauncher(Path(sys.argv[1]))
    wire(launcher.fuse)
    serve(launcher)


if __name__ == "__main__":
    main()
