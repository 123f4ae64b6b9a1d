"""The reload command: real programs, good and bad, and what is live afterwards."""

import os
import signal
import sys
from pathlib import Path

import pytest

from bot.gateways.base import Gateway, Staged
from bot.gateways.errors import GatewayRefused
from bot.gateways.registry import open_gateway
from tests.gateways.switching import NEW, OLD, live, material, switch
from tests.patience import eventually

# Writes down what is live when it is told, like a program that reads its files; fails when it finds the marker.
PROGRAM = """
import json, os, pathlib, sys
folder = pathlib.Path(os.environ["COUNTERSIGN_FOLDER"])
current = folder / "current" / "pins.json"
pin = json.loads(current.read_text())["sha256"][0] if current.exists() else "nothing"
if (folder.parent / "refuses").exists() and (folder.parent / "refuses").read_text() == pin:
    print("config test failed: \\x1b[31mno\\x1b[0m")
    sys.exit(3)
with open(folder.parent / "told", "a") as told:
    told.write(pin + "\\n")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The gateway's folder."""
    (tmp_path / "gateway").mkdir()
    return tmp_path / "gateway"


@pytest.fixture
def gateway(root: Path) -> Gateway:
    """A gateway with a program beside it."""
    return open_gateway("files", {"root": root, "reload": [sys.executable, "-c", PROGRAM]})


def told(root: Path) -> list[str]:
    """What the program took, in order."""
    return (root / "told").read_text().split() if (root / "told").exists() else []


def die_in_reload(root: Path, staged: Staged) -> None:
    """Commit in a process of its own, whose reload command kills it."""
    child = os.fork()
    if child == 0:
        try:
            open_gateway("files", {"root": root, "reload": ["/bin/sh", "-c", "kill -9 $PPID"]}).commit(staged)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_the_program_is_told_after_each_swap_and_only_then(gateway: Gateway, root: Path) -> None:
    """Commit, commit again, restore: three states, two of them new."""
    switch(gateway, OLD)
    before = gateway.snapshot("acme-https")
    switch(gateway, NEW)
    switch(gateway, NEW)
    gateway.restore("acme-https", before)
    gateway.restore("acme-https", before)
    assert told(root) == [OLD.sha256, NEW.sha256, OLD.sha256]


def test_a_program_that_refuses_the_new_state_gets_the_old_one_back(gateway: Gateway, root: Path) -> None:
    """Swap, failed reload, swap back, reload: never a live version that the program does not run."""
    switch(gateway, OLD)
    (root / "refuses").write_text(NEW.sha256)
    with pytest.raises(GatewayRefused) as refused:
        switch(gateway, NEW)
    assert refused.value.code == "reload_failed"
    assert refused.value.data["exit"] == "3"
    assert refused.value.data["old_state_reloaded"] == "true"
    assert "config test failed" in refused.value.data["output"]
    assert "\x1b" not in refused.value.data["output"]
    assert live(gateway) == OLD.sha256
    assert told(root) == [OLD.sha256, OLD.sha256]


def test_a_first_switch_that_fails_leaves_nothing_live(gateway: Gateway, root: Path) -> None:
    """Back to nothing is a state like any other."""
    (root / "refuses").write_text(NEW.sha256)
    with pytest.raises(GatewayRefused, match="reload_failed"):
        switch(gateway, NEW)
    assert gateway.current("acme-https") is None
    assert told(root) == ["nothing"]


def test_a_crash_between_swap_and_reload_is_made_good_by_the_repeated_commit(gateway: Gateway, root: Path) -> None:
    """The program is killed in the middle of its reload, and the bot with it (the command kills its parent)."""
    switch(gateway, OLD)
    staged = gateway.stage("acme-https", material(NEW))
    die_in_reload(root, staged)
    assert live(gateway) == NEW.sha256
    assert told(root) == [OLD.sha256]
    gateway.commit(staged)
    assert told(root) == [OLD.sha256, NEW.sha256]


def test_after_such_a_crash_a_failed_reload_still_finds_the_way_back(gateway: Gateway, root: Path) -> None:
    """The version that the program took last is on the disk, not in the memory of a bot that died."""
    switch(gateway, OLD)
    staged = gateway.stage("acme-https", material(NEW))
    die_in_reload(root, staged)
    (root / "refuses").write_text(NEW.sha256)
    with pytest.raises(GatewayRefused, match="reload_failed"):
        gateway.commit(staged)
    assert live(gateway) == OLD.sha256
    assert told(root) == [OLD.sha256, OLD.sha256]


def test_a_restore_stays_restored_even_if_the_program_will_not_listen(gateway: Gateway, root: Path) -> None:
    """There is nothing better to go back to; the refusal says that the program is not up to date."""
    switch(gateway, OLD)
    before = gateway.snapshot("acme-https")
    switch(gateway, NEW)
    (root / "refuses").write_text(OLD.sha256)
    with pytest.raises(GatewayRefused, match="reload_failed"):
        gateway.restore("acme-https", before)
    assert live(gateway) == OLD.sha256
    (root / "refuses").unlink()
    gateway.restore("acme-https", before)
    assert told(root)[-1] == OLD.sha256


def test_a_reload_that_hangs_is_ended_with_its_children(root: Path) -> None:
    """The shell's child would outlive a kill of the shell alone."""
    command = ["/bin/sh", "-c", 'sleep 300 & echo $! > "$COUNTERSIGN_FOLDER/pid"; wait']
    gateway = open_gateway("files", {"root": root, "reload": command, "reload_timeout_s": 2.0})
    with pytest.raises(GatewayRefused, match="timed_out"):
        switch(gateway, NEW)
    assert gateway.current("acme-https") is None
    child = int((root / "acme-https" / "pid").read_text())
    eventually(lambda: not running(child), "the command to end")


def running(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_program_sees_none_of_our_secrets_and_its_output_is_capped(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot's environment holds tokens."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    gateway = open_gateway("files", {"root": root, "reload": ["/bin/sh", "-c", "env; yes | head -c 100000; exit 1"]})
    with pytest.raises(GatewayRefused) as refused:
        switch(gateway, NEW)
    output = refused.value.data["output"]
    assert "COUNTERSIGN_CONNECTION=acme-https" in output
    assert "xoxb-secret" not in output
    assert len(output) <= 2000


def test_a_program_that_is_not_there_is_a_failed_reload(root: Path) -> None:
    """Not started is not reloaded."""
    gateway = open_gateway("files", {"root": root, "reload": ["/nonexistent/reload"]})
    with pytest.raises(GatewayRefused) as refused:
        switch(gateway, NEW)
    assert refused.value.data["reason"] == "not_started"
    assert gateway.current("acme-https") is None
