"""Starts bots faster than Python imports them: a process that has the product imported, and forks for each start.

What runs in the fork is the product's own command line in a process of its own, which is killed, frozen and stopped as
such. `python -m tests.e2e.launcher` takes one JSON document a line on its standard input and gives one answer each:

    {"do": "start", "arguments": ["run"], "environment": {...}, "folder": "...", "said": "...", "complained": "..."}
        -> {"pid": 123}     in this working directory; its two outputs are added to these files
    {"do": "look", "pid": 123} -> {"code": null}     null while it lives; else as `subprocess` has it

Its bots end with it. They look into their queues less often than they do elsewhere: a bot that waits takes a sixth of
a core for that, and most of a test is waiting. One by the shell's command is seen in `test_health` and `test_starting`.
"""

import gc
import inspect
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.cli import main as command_line
from bot.running import run
from handlers import export_jobs, fetch_jobs, jobs, paper_jobs, picture_jobs

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.01
# What the command line imports only when a verb needs it.
LATE = ("bot.auditing", "bot.doctor", "bot.terminal", "bot.workspace.server", "alembic.script")


class Launcher:
    """Inside the process that forks."""

    def __init__(self) -> None:
        self._bots: set[int] = set()

    def answer(self, request: dict[str, Any]) -> dict[str, object]:
        """Do what is asked for."""
        match request["do"]:
            case "start":
                return {"pid": self._start(request)}
            case "look":
                return {"code": self.look(request["pid"])}
        raise ValueError(request["do"])

    def _start(self, request: dict[str, Any]) -> int:
        pid = os.fork()
        if pid == 0:
            _become(request)
        self._bots.add(pid)
        return pid

    def look(self, pid: int) -> int | None:
        """Its exit code, if it has ended; asked for once."""
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            return None
        self._bots.discard(pid)
        return os.waitstatus_to_exitcode(status)

    def end(self) -> None:
        """Nobody is left behind."""
        for pid in self._bots:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _become(request: dict[str, Any]) -> None:
    os.chdir(request["folder"])
    for standard, path in enumerate((os.devnull, request["said"], request["complained"])):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), standard)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["environment"])
    try:
        code = _exit_code(request["arguments"])
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    finally:  # whatever it is, this process is not the launcher
        sys.excepthook(*sys.exc_info())
        os._exit(1)


def _exit_code(arguments: Sequence[str]) -> int:
    try:
        return command_line(arguments)
    except SystemExit as end:  # argparse
        return end.code if isinstance(end.code, int) else 1


def serve(launcher: Launcher) -> None:
    """Until the standard input ends."""
    jobs.QUEUE_POLL_SECONDS = 0.1
    export_jobs.QUEUE_POLL_SECONDS = fetch_jobs.QUEUE_POLL_SECONDS = 0.4
    paper_jobs.QUEUE_POLL_SECONDS = picture_jobs.QUEUE_POLL_SECONDS = 0.4
    for module in LATE:
        import_module(module)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the test run, which then ends the input
    inspect.getmodule(run.__code__)  # Bolt asks at its start; what is found out about all modules is kept for every bot
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(launcher.answer(json.loads(line))) + "\n")
        sys.stdout.flush()
    launcher.end()


class Launching:
    """The other side: a launcher, and what is asked of it."""

    def __init__(self, module: str = __name__, *arguments: str) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, **more: object) -> Any:
        """One request."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        assert line, "the launcher is gone"
        return json.loads(line)

    def start(
        self,
        environment: Mapping[str, str],
        said: Path,
        complained: Path | None = None,
        *,
        arguments: Sequence[str] = ("run",),
        folder: Path = ROOT,
    ) -> "Launched":
        """A process of the product's command line. Both outputs go to the same file, unless told."""
        said.touch()  # there for whoever looks into it at once
        asked = {"arguments": arguments, "environment": {**environment}, "folder": str(folder)}
        outputs = {"said": str(said), "complained": str(complained or said)}
        return Launched(self, self.ask("start", **asked, **outputs)["pid"])

    def close(self) -> None:
        """End it, and its bots."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait()


class Launched:
    """One process that was forked, to be used as a `subprocess.Popen`."""

    def __init__(self, launching: Launching, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._launching = launching

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        if self.returncode is None:
            self.returncode = self._launching.ask("look", pid=self.pid)["code"]
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not in so many seconds.
        """
        end = time.monotonic() + timeout if timeout is not None else None
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(LOOK_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`."""
        self.send_signal(signal.SIGKILL)


@cache
def launcher() -> Launching:
    """The one of this test process; see `stop_launcher`."""
    return Launching()


def stop_launcher() -> None:
    """End it, if there is one."""
    if launcher.cache_info().currsize:
        launcher().close()
        launcher.cache_clear()


if __name__ == "__main__":
    serve(Launcher())
