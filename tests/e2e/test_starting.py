"""How `python -m bot` begins and ends: each wrong start is one plain line and exit code 2, never a stack trace."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pytest

from bot import __version__
from bot.workspace.server import WorkspaceServer
from tests.e2e.launcher import ROOT, launcher
from tests.handlers.slack import SEED, running
from tests.lab.builders import Ca
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def workspace() -> Iterator[WorkspaceServer]:
    """A Slack that knows its own tokens only."""
    with running(SEED) as server:
        yield server


@dataclass(frozen=True)
class Done:
    """How it ended."""

    returncode: int
    stdout: str
    stderr: str


def environment_in(folder: Path, **settings: str) -> dict[str, str]:
    """These settings and no others."""
    names = ("PATH", "HOME", "PYTHONPATH", "LANG")
    environment = {name: os.environ[name] for name in names if name in os.environ}
    return {**environment, "DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT), **settings}


def run(folder: Path, *arguments: str, **settings: str) -> Done:
    """Run it to its end."""
    outputs = Path(mkdtemp(dir=folder))
    said, complained = outputs / "stdout", outputs / "stderr"
    environment = environment_in(folder, **settings)
    started = launcher().start(environment, said, complained, arguments=arguments, folder=folder)
    try:
        code = started.wait(PATIENCE_SECONDS)
    finally:
        started.kill()
    return Done(code, said.read_text(), complained.read_text())


def run_by_shell(folder: Path, *arguments: str) -> Done:
    """The same as people start it: by the shell's command."""
    command = [sys.executable, "-m", "bot", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment_in(folder), capture_output=True, text=True, timeout=PATIENCE_SECONDS,
        check=False,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def complaint(done: Done) -> str:
    """The one line that it complained with."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("countersign: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_one_token_without_the_other_is_named(tmp_path: Path) -> None:
    """It must not fall back to the demo world where somebody meant the real one."""
    told = complaint(run(tmp_path, "run", SLACK_BOT_TOKEN="xoxb-1"))
    assert "SLACK_APP_TOKEN" in told
    assert "SLACK_SIGNING_SECRET" in told
    assert "SLACK_BOT_TOKEN" in complaint(run(tmp_path, "run", SLACK_APP_TOKEN="xapp-1"))
    assert "SLACK_BOT_TOKEN" in complaint(run(tmp_path, "run", SLACK_SIGNING_SECRET="secret-1"))
    assert not (tmp_path / "data").exists(), "nothing was made"


def test_a_token_that_slack_refuses_is_named_and_not_shown(tmp_path: Path, workspace: WorkspaceServer) -> None:
    """The bot's, then the app's."""
    settings = {"SLACK_API_URL": workspace.api_url, "SLACK_APP_TOKEN": workspace.app_token}
    told = complaint(run(tmp_path, "run", **settings, SLACK_BOT_TOKEN="xoxb-secret-1"))
    assert "invalid_auth" in told
    assert "xoxb-secret-1" not in told
    settings = {"SLACK_API_URL": workspace.api_url, "SLACK_BOT_TOKEN": workspace.bot_token}
    done = run(tmp_path, "run", **settings, SLACK_APP_TOKEN="xapp-secret-1")
    told = complaint(done)
    assert "SLACK_APP_TOKEN" in told
    assert "xapp-secret-1" not in done.stderr + done.stdout
    assert workspace.bot_token not in done.stderr + done.stdout


def test_a_slack_that_cannot_be_reached_is_said_to_be_so(tmp_path: Path) -> None:
    """Nothing listens there."""
    url = "http://127.0.0.1:1/api/"
    told = complaint(run(tmp_path, "run", SLACK_API_URL=url, SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1"))
    assert url in told


def test_a_ctrl_c_before_it_is_up_ends_it_with_a_word(tmp_path: Path) -> None:
    """While it waits for a Slack that never answers; 130, as a shell has it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        settings = {"SLACK_API_URL": url, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
        said, complained = tmp_path / "said", tmp_path / "complained"
        started = launcher().start(environment_in(tmp_path, **settings), said, complained, folder=tmp_path)
        try:
            silent.settimeout(PATIENCE_SECONDS)
            with silent.accept()[0]:
                started.send_signal(signal.SIGINT)
                assert started.wait(PATIENCE_SECONDS) == 130
        finally:
            started.kill()
    assert (said.read_text(), complained.read_text()) == ("", "countersign: interrupted\n")


def test_a_port_that_is_taken_is_named(tmp_path: Path, workspace: WorkspaceServer) -> None:
    """By the settings that choose it."""
    settings = {"SLACK_API_URL": workspace.api_url, "SLACK_BOT_TOKEN": workspace.bot_token}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = run(tmp_path, "run", **settings, SLACK_SIGNING_SECRET="secret-1", HTTP_PORT=port)
    assert "HTTP_PORT" in complaint(done)
    assert "secret-1" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROPOSAL_DAYS", "soon"),
        ("WORKSPACE_PORT", "70000"),
        ("HTTP_PORT", "none"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "sqlite:///{a_file}/store.sqlite"),
        ("DATABASE_URL", "postgresql+psycopg://nobody:secret-word@127.0.0.1:1/none"),
        ("JOBS_DATABASE_URL", "nonsense"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, workspace: WorkspaceServer, name: str, value: str) -> None:
    """And a password in it is not shown."""
    (tmp_path / "file").write_text("not a folder")
    value = value.replace("{a_file}", str(tmp_path / "file"))
    tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
    done = run(tmp_path, "run", SLACK_API_URL=workspace.api_url, **tokens, **{name: value})
    assert name in complaint(done)
    assert "secret-word" not in done.stderr + done.stdout


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "data").write_text("not a folder")
    assert "DATA_DIR" in complaint(run(tmp_path, "migrate"))


def test_the_demo_names_its_folder_too_where_it_cannot_use_it(tmp_path: Path) -> None:
    """A file in its place, and what a version of later or a cut-off copy left there: named, and nothing is deleted."""
    (tmp_path / "data").write_text("not a folder")
    assert "DATA_DIR" in complaint(run(tmp_path, "run", WORKSPACE_PORT="0"))
    for name, content in (("workspace/state.json", '{"version": 99}'), ("lab/world.json", '{"ports"')):
        folder = tmp_path / name.partition("/")[0]
        kept = folder / "data" / name
        kept.parent.mkdir(parents=True)
        kept.write_text(content)
        told = complaint(run(folder, "run", WORKSPACE_PORT="0", DEMO_ENVOY="false"))
        assert f"rm -r {folder / 'data'} starts afresh" in told
        assert kept.read_text() == content


def test_migrate_and_version_say_what_they_did(tmp_path: Path) -> None:
    """Also a second time."""
    for _ in range(2):
        done = run(tmp_path, "migrate")
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "data/countersign.sqlite").exists()
    done = run_by_shell(tmp_path, "version")
    assert (done.returncode, done.stdout) == (0, f"countersign {__version__}\n")
    assert run_by_shell(tmp_path).returncode == 2
    assert run(tmp_path, "dance").returncode == 2


def test_check_tells_complete_incomplete_and_unreadable_by_its_exit_code(tmp_path: Path) -> None:
    """0, 1 and 2; without Slack, settings or a database."""
    root = Ca.root("Root")
    leaf = root.leaf("b2b.example")
    for name, content in (
        ("leaf.pem", leaf.pem),
        ("root.pem", root.pem),
        ("key.pem", leaf.key_pem),
        ("page", "<html>"),
    ):
        (tmp_path / name).write_text(content)
    at = ("--at", "2026-11-24T12:00Z")
    complete = run(tmp_path, "check", "leaf.pem", "--ca", "root.pem", *at, "--json")
    assert (complete.returncode, complete.stderr) == (0, "")
    assert run(tmp_path, "check", "leaf.pem", *at).returncode == 1
    for name in ("key.pem", "page", "nowhere.pem"):
        done = run(tmp_path, "check", name, *at)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert run(tmp_path, "check", "leaf.pem", "--at", "soon").returncode == 2
    assert not (tmp_path / "data").exists()
