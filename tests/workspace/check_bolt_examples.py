"""The longer examples of slack-bolt's own repository, which are not ours to keep: `make examples BOLT_EXAMPLES=FOLDER`.

The folder holds, from a checkout of slackapi/bolt-python: `getting_started.py` (examples/getting_started/app.py),
`modals_app.py` (examples/modals_app.py) and `app_home.py` (the listener in the documentation's page on App Home).
Whoever runs this asks for it, so a file that is missing is an error and nothing is skipped.
"""

import os
from pathlib import Path

from bot.workspace.server import WorkspaceServer
from tests.patience import eventually
from tests.workspace import samples
from tests.workspace.place import GENERAL, OLIVIA, Json, Person
from tests.workspace.samples import running
from tests.workspace.samples_world import both_transports, new_texts, olivia, workspace

__all__ = ["olivia", "workspace"]


def sample(name: str) -> str:
    """An example, as it stands."""
    return (Path(os.environ["BOLT_EXAMPLES"]) / name).read_text()


@both_transports
def test_getting_started_greets_with_a_button_that_works(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """The guide's app: a message, its button, and what the click says."""
    with running(workspace, tmp_path, sample("getting_started.py"), transport):
        known = olivia.sees(GENERAL)
        olivia.say(GENERAL, "hello")
        (greeting,) = eventually(lambda: [one for one in olivia.sees(GENERAL)[len(known) :] if one.get("bot_id")])
        (block,) = greeting["blocks"]
        place = {"channel": GENERAL, "message_ts": greeting["ts"], "block_id": block["block_id"]}
        assert olivia.do("action", **place, action_id="button_click")["ok"]
        eventually(lambda: f"<@{OLIVIA}> clicked the button" in new_texts(olivia, known))


@both_transports
def test_a_command_opens_a_modal_with_options_of_the_apps_own(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """The modal example: answered, opened, its selects filled by the app, submitted, and its button's two answers."""
    with running(workspace, tmp_path, sample("modals_app.py"), transport):
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


@both_transports
def test_the_home_tab_of_the_documentation_welcomes(
    workspace: WorkspaceServer, olivia: Person, tmp_path: Path, transport: str
) -> None:
    """`app_home_opened` publishes it."""
    with running(workspace, tmp_path, samples.in_readme_app(sample("app_home.py")), transport):
        workspace._world.homes.pop(OLIVIA, None)
        assert olivia.do("home")["view"] is None
        home = eventually(lambda: olivia.do("home")["view"])
        assert f"Welcome home, <@{OLIVIA}>" in home["blocks"][0]["text"]["text"]
