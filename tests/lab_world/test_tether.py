"""A program that is started by way of the tether is gone when whoever started it is, however that one ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from bot.lab.tether import Tethered
from tests.e2e.conftest import ROOT
from tests.gateways.programs import listens
from tests.patience import eventually

# Listens somewhere, says where, and would go on for ever.
PROGRAM = """
import os, socket, time
listener = socket.create_server(("127.0.0.1", 0))
print(os.getppid(), listener.getsockname()[1], flush=True)
while True: time.sleep(60)
"""
COMMAND = [sys.executable, "-I", "-S", "-c", PROGRAM]

STARTER = """
import sys, time
from bot.lab.tether import Tethered
with open(sys.argv[1], "wb") as log: tethered = Tethered(sys.argv[2:], log)
while True: time.sleep(60)
"""


def said(log: Path) -> tuple[int, int]:
    """The process between, and the port at which the program listens, once it does."""
    eventually(lambda: log.exists() and log.read_text().endswith("\n"), "the program to listen")
    between, port = log.read_text().split()
    return int(between), int(port)


def test_a_stop_ends_the_program(tmp_path: Path) -> None:
    """It is gone when the call returns."""
    log = tmp_path / "log"
    with log.open("wb") as output:
        tethered = Tethered(COMMAND, output)
    _, port = said(log)
    assert listens(port)
    tethered.stop()
    assert not tethered.lives
    assert not listens(port)


def test_a_killed_starter_leaves_no_program(tmp_path: Path) -> None:
    """`kill -9`: nothing of its own code runs any more."""
    log = tmp_path / "log"
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(log), *COMMAND], cwd=ROOT)
    _, port = said(log)
    starter.kill()
    starter.wait()
    eventually(lambda: not listens(port), "the program to end")


def test_where_the_process_between_is_killed_the_program_dies_with_it(tmp_path: Path) -> None:
    """On Linux, where the system can do that."""
    log = tmp_path / "log"
    with log.open("wb") as output:
        tethered = Tethered(COMMAND, output)
    between, port = said(log)
    os.kill(between, signal.SIGKILL)
    if sys.platform.startswith("linux"):
        eventually(lambda: not listens(port), "the program to end")
    tethered.stop()
    assert not tethered.lives


def test_a_program_that_ends_by_itself_is_noticed(tmp_path: Path) -> None:
    """So that whoever waits for it need not wait on."""
    with (tmp_path / "log").open("wb") as output:
        tethered = Tethered([sys.executable, "-I", "-S", "-c", "raise SystemExit(3)"], output)
    eventually(lambda: not tethered.lives, "the end to be noticed")
    tethered.stop()
