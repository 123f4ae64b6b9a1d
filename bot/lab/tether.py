"""A program that ends when we do, however we end: this file, run by its path, stands between us and the program.

We hold the other end of its standard input. When that closes - we stopped, or were killed and could not stop anything -
it ends the program. On Linux the program also dies when this process is killed.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

# Envoy ends within some milliseconds of the signal (measured).
PATIENCE_S = 3.0

# prctl(2): the signal that a process gets when its parent dies.
_PR_SET_PDEATHSIG = 1


class Tethered:
    """The program with its arguments; what it writes goes to `log`."""

    def __init__(self, command: Sequence[str], log: BinaryIO) -> None:
        # Isolated and without site: it needs the standard library alone, and starts in a fraction of the time.
        between = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), *command]
        # A session of its own: Ctrl-C at the terminal is for us, and we end the program when we are done with it.
        self._process = subprocess.Popen(  # noqa: S603 - the caller's own program
            between, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )

    @property
    def lives(self) -> bool:
        """Whether the program still runs."""
        return self._process.poll() is None

    def wait(self) -> None:
        """Return when the program has ended."""
        self._process.wait()

    def stop(self) -> None:
        """End the program; it is gone when this returns."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(2 * PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _run(command: Sequence[str]) -> int:
    """Run the program until it ends by itself, or standard input does."""
    linux = sys.platform.startswith("linux")
    # One thread as yet, so that running code between fork and exec is safe.
    program = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_parent if linux else None,  # noqa: PLW1509
    )
    threading.Thread(target=_end_with_input, args=(program,), daemon=True).start()
    return program.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_input(program: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    program.terminate()
    try:
        program.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1:]))
