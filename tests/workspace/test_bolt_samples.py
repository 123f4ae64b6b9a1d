"""Apps written by nobody here run on the local Slack unchanged, over both transports; judged from the person's side."""

from pathlib import Path

from bot.workspace.server import WorkspaceServer
from tests.patience import eventually
from tests.workspace import samples
from tests.workspace.place import GENERAL, OLIVIA, Person, modal, text_input
from tests.workspace.samples import running
from tests.workspace.samples_world import README_CHANNEL, both_transports, new_texts, olivia, workspace

__all__ = ["olivia", "workspace"]


@both_transports
def test_the_apps_docstring_listens_to_messages(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """`@app.message("hello")` greets whoever said it."""
    with running(workspace, tmp_path, samples.MESSAGE_LISTENER, transport):
        known = olivia.sees(GENERAL)
        olivia.say(GENERAL, "why, hello there")
        eventually(lambda: f"Hey there <@{OLIVIA}>!" in new_texts(olivia, known))


@both_transports
def test_the_commands_docstring_echoes(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """`/echo` in the app of the README says what it was given."""
    with running(workspace, tmp_path, samples.ECHO_COMMAND, transport):
        known = olivia.sees(GENERAL)
        assert olivia.do("command", channel=GENERAL, command="/echo", text="around the corner")["ok"]
        eventually(lambda: new_texts(olivia, known) == ["around the corner"])


@both_transports
def test_the_shortcuts_docstring_opens_a_modal(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """The trigger is spent within its three seconds; the view is the one thing that the docstring leaves open."""
    sample = samples.OPEN_MODAL.replace(samples.LEFT_TO_THE_READER, repr(modal(text_input())))
    with running(workspace, tmp_path, sample, transport):
        assert olivia.do("shortcut", callback_id="open_modal")["ok"]
        (view,) = eventually(lambda: olivia.get("views")["views"])
        assert view["callback_id"] == "rename"
        assert olivia.do("view/close", view_id=view["id"])["ok"]


def test_the_sdks_readme_uploads_a_file(workspace: WorkspaceServer, olivia: Person, tmp_path: Path) -> None:
    """`files_upload_v2` from a script, with the channel that the README names."""
    (tmp_path / "tmp.txt").write_text("as in the README")
    done = samples.run_script(workspace, tmp_path, samples.UPLOAD_SCRIPT)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (file,) = [file for message in olivia.sees(README_CHANNEL) for file in message.get("files", [])]
    assert file["name"] == "tmp.txt"
    assert olivia.http.get(file["url_private"]).text == "as in the README"
