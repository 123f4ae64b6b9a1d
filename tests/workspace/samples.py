"""Apps written by nobody here, run as they are: samples of slack-bolt's and slack-sdk's documentation.

They are read out of the installed packages themselves (their README and docstrings), so that nothing is copied and an
upgrade brings its own; for the longer ones see `check_bolt_examples`.

Each runs as a process of its own, with tokens in the environment as its documentation asks. Two things are done around
a sample, never in it: the default address of the Web API is the local one, and what its last line does (`app.start`,
or a SocketModeHandler) is done by `run_sample`, so that the same file runs over either transport.
"""

import importlib.metadata
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slack_bolt import App

from bot.workspace.server import WorkspaceServer
from tests.patience import eventually

ROOT = Path(__file__).parents[2]
PLACE_FOR_LISTENERS = "# Add functionality here\n"
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def readme(package: str, holding: str) -> str:
    """The first Python sample in a package's README that holds these words."""
    samples: list[str] = _PYTHON.findall(str(importlib.metadata.metadata(package).json["description"]))
    return next(sample for sample in samples if holding in sample)


def docstring(of: object) -> str:
    """The first sample in a docstring: its first indented block."""
    lines = (inspect.getdoc(of) or "").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("    "))
    sample = []
    for line in lines[first:]:
        if line and not line.startswith("    "):
            break
        sample.append(line[4:])
    return "\n".join(sample).rstrip() + "\n"


def in_readme_app(listeners: str) -> str:
    """The app of slack-bolt's README with listeners where it says that they belong."""
    app = readme("slack-bolt", "app = App()")
    assert PLACE_FOR_LISTENERS in app
    return app.replace(PLACE_FOR_LISTENERS, listeners + "\n")


MESSAGE_LISTENER = docstring(App.__init__)
LEFT_TO_THE_READER = "{ ... }"
ECHO_COMMAND = in_readme_app(docstring(App.command))
OPEN_MODAL = in_readme_app(docstring(App.shortcut))  # its view is left to the reader
UPLOAD_SCRIPT = readme("slack-sdk", "files_upload_v2")


@contextmanager
def running(workspace: WorkspaceServer, folder: Path, sample: str, transport: str) -> Iterator[Path]:
    """The sample over one transport (`Socket Mode` or `HTTP`) until the block ends; gives its log."""
    path, log = folder / "app.py", folder / "app.log"
    path.write_text(sample)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.workspace.run_sample", str(path), transport],
            cwd=ROOT,
            env=environment(workspace),
            stdout=out,
            stderr=out,
        )
    try:
        if transport == "HTTP":
            workspace.set_request_url(eventually(lambda: _request_url(log) if _lives(process, log) else None))
        else:
            eventually(lambda: _lives(process, log) and workspace.sockets > 0)
        yield log
    finally:
        process.kill()
        process.wait()
        workspace.set_request_url("")
        eventually(lambda: workspace.sockets == 0)


def run_script(workspace: WorkspaceServer, folder: Path, sample: str) -> subprocess.CompletedProcess[str]:
    """A sample that does its work and ends, in a folder."""
    path = folder / "script.py"
    path.write_text(sample)
    return subprocess.run(
        [sys.executable, "-m", "tests.workspace.run_sample", str(path), "none"],
        cwd=folder,
        env={**environment(workspace), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment(workspace: WorkspaceServer) -> dict[str, str]:
    """What a sample's documentation says to export, and where Slack is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    tokens = {"SLACK_BOT_TOKEN": workspace.bot_token, "SLACK_APP_TOKEN": workspace.app_token}
    secret = {"SLACK_SIGNING_SECRET": workspace.signing_secret}
    return {**kept, **tokens, **secret, "SLACK_API_URL": workspace.api_url, "PYTHONUNBUFFERED": "1"}


def _request_url(log: Path) -> str | None:
    found = re.search(r"^request URL: (\S+)$", log.read_text(), re.MULTILINE)
    return found[1] if found else None


def _lives(process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    return True
