"""The reload command: how a program beside the gateway's folder learns of a swap."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from bot.gateways.wire import printable

# What a person reads in a thread; the rest belongs into the program's own log.
MAX_OUTPUT = 2000


@dataclass(frozen=True)
class ReloadFailure:
    """Why the program did not take the new state."""

    reason: str  # "not_started", "timed_out", "exit"
    exit_code: int | None
    output: str  # printable, capped

    def data(self) -> dict[str, str]:
        """The fields of a refusal."""
        fields = {"reason": self.reason, "output": self.output}
        return fields if self.exit_code is None else {**fields, "exit": str(self.exit_code)}


def reload(command: Sequence[str], environment: dict[str, str], timeout: float) -> ReloadFailure | None:
    """Run the command without a shell and wait; None means that it succeeded. `timeout` in seconds.

    It gets a clean environment (PATH and what the caller names), because ours holds the bot's tokens; and its own
    process group, so that a time-out ends its children too.
    """
    clean = {"PATH": os.environ.get("PATH", os.defpath), **environment}
    with tempfile.TemporaryFile() as output:  # not a pipe: a child that stays behind would hold it open
        try:
            process = subprocess.Popen(  # noqa: S603 - an argument list from our own settings, no shell
                list(command), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=clean, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return ReloadFailure("not_started", None, printable(error.strerror or type(error).__name__))
        try:
            exit_code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return ReloadFailure("timed_out", None, _said(output.fileno()))
        return None if exit_code == 0 else ReloadFailure("exit", exit_code, _said(output.fileno()))


def _said(descriptor: int) -> str:
    text = os.pread(descriptor, MAX_OUTPUT, 0).decode("utf-8", "replace")
    return "\n".join(printable(line, MAX_OUTPUT) for line in text.splitlines())
