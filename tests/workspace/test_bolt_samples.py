"""Apps written by nobody here run on the local Slack unchanged, over both transports; judged from the person's side."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.workspace.server import WorkspaceServer
from tests.workspace import samples
from tests.workspace.place import BOT, GENERAL, OLIVIA, SEED, Json, Person, eventually, modal, text_input
from tests.workspace.samples import SHARED_SAMPLES, running

README_CHANNEL = "C0123456789"  # the one that slack-sdk's README uploads to
COMMANDS = [{"command": name, "description": "", "hint": ""} for name in ("/echo", "/hello-bolt-python")]

both_transports = pytest.mark.parametrize("transport", ["Socket Mode", "HTTP"])
from_shared = pytest.mark.skipif(
    not SHARED_SAMPLES.is_dir(), reason=f"LOUD: slack-bolt's longer samples are not at {SHARED_SAMPLES}"
)


def shared(name: str) -> str:
    """A sample that lies outside this repository."""
    return (SHARED_SAMPLES / name).read_text()


@pytest.fixture(scope="module")
def workspace() -> Iterator[WorkspaceServer]:
    """A workspace for all samples; one runs at a time."""
    channel: Json = {"id": README_CHANNEL, "name": "readme", "topic": "", "members": [OLIVIA, BOT], "shared_with": []}
    shortcut = {"type": "global", "name": "Open", "callback_id": "open_modal"}
    app = {**SEED["app"], "commands": COMMANDS, "shortcuts": [shortcut]}
    server = WorkspaceServer({**SEED, "app": app, "channels": [*SEED["channels"], channel]})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def olivia(workspace: WorkspaceServer) -> Person:
    """Whoever tries the samples."""
    return Person(workspace, OLIVIA)


def new_texts(person: Person, known: list[Json]) -> list[str]:
    """Texts of what came into the channel since."""
    seen = {message["ts"] for message in known}
    return [message["text"] for message in person.sees(GENERAL) if message["ts"] not in seen]


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


@from_shared
@both_transports
def test_getting_started_greets_with_a_button_that_works(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """The guide's app: a message, its button, and what the click says."""
    with running(workspace, tmp_path, shared("getting_started.py"), transport):
        known = olivia.sees(GENERAL)
        olivia.say(GENERAL, "hello")
        (greeting,) = eventually(lambda: [one for one in olivia.sees(GENERAL)[len(known) :] if one.get("bot_id")])
        (block,) = greeting["blocks"]
        place = {"channel": GENERAL, "message_ts": greeting["ts"], "block_id": block["block_id"]}
        assert olivia.do("action", **place, action_id="button_click")["ok"]
        eventually(lambda: f"<@{OLIVIA}> clicked the button" in new_texts(olivia, known))


@from_shared
@both_transports
def test_a_command_opens_a_modal_with_options_of_the_apps_own(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """The modal example: answered, opened, its selects filled by the app, submitted, and its button's two answers."""
    with running(workspace, tmp_path, shared("modals_app.py"), transport):
        known = olivia.sees(GENERAL)
        assert olivia.do("command", channel=GENERAL, command="/hello-bolt-python", text="")["ok"]
        (view,) = eventually(lambda: olivia.get("views")["views"])
        assert view["title"]["text"] == "My App"
        where = {"view_id": view["id"], "value": ""}
        single = olivia.do("block_suggestion", **where, block_id="es_b", action_id="es_a")
        assert [one["value"] for one in single["options"]] == ["maru"]
        groups = olivia.do("block_suggestion", **where, block_id="mes_b", action_id="mes_a")["option_groups"]
        assert [one["value"] for group in groups for one in group["options"]] == ["1-1", "1-2", "2-1"]
        plain, single_select, multi_select = view["blocks"]
        values = {
            plain["block_id"]: {plain["element"]["action_id"]: {"type": "plain_text_input", "value": "hi"}},
            single_select["block_id"]: {"es_a": {"type": "external_select", "selected_option": single["options"][0]}},
            multi_select["block_id"]: {
                "mes_a": {"type": "multi_external_select", "selected_options": groups[0]["options"]}
            },
        }
        assert olivia.do("view/submit", view_id=view["id"], values=values)["ok"]
        assert olivia.get("views")["views"] == []
        (offer,) = eventually(lambda: [one for one in olivia.sees(GENERAL) if _has_button(one)])
        place = {"channel": GENERAL, "message_ts": offer["ts"], "block_id": "b", "action_id": "a"}
        assert olivia.do("action", **place)["ok"]
        wanted = {f"<@{OLIVIA}> clicked a button! (in_channel)", ":white_check_mark: Done!"}
        eventually(lambda: wanted <= set(new_texts(olivia, known)))
        assert olivia.do("dismiss", channel=GENERAL, message_ts=offer["ts"])["ok"]


def _has_button(message: Json) -> bool:
    return any((block.get("accessory") or {}).get("action_id") == "a" for block in message.get("blocks", []))


@from_shared
@both_transports
def test_the_home_tab_of_the_documentation_welcomes(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """`app_home_opened` publishes it."""
    with running(workspace, tmp_path, samples.in_readme_app(shared("app_home.py")), transport):
        workspace._world.homes.pop(OLIVIA, None)
        assert olivia.do("home")["view"] is None
        home = eventually(lambda: olivia.do("home")["view"])
        assert f"Welcome home, <@{OLIVIA}>" in home["blocks"][0]["text"]["text"]
