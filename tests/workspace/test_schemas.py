"""Claims about conformance: what the workspace answers has the shape that Slack publishes for each method."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.workspace.methods import METHODS
from bot.workspace.server import WorkspaceServer
from tests.workspace.place import BOT, GENERAL, OLIVIA, QUIET, Json, Person

PUBLISHED = (Path(__file__).parents[2] / "../shared/slack-api/methods").resolve()
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
UNPUBLISHED = {
    "conversations.invite": "a near neighbour for tests; no schema in the collection",
    "conversations.kick": "a near neighbour for tests; no schema in the collection",
    "users.conversations": "a near neighbour; no schema in the collection",
}

published = pytest.mark.skipif(
    not PUBLISHED.exists(), reason="the published Slack schemas are not beside this checkout"
)


def schema(method: str) -> Json:
    """The published description of the method."""
    described: Json = json.loads((PUBLISHED / f"{method}.json").read_text())
    return described


def faults(value: Any, wanted: Any, where: str = "") -> list[str]:
    """Where the value departs from the schema: the parts of JSON Schema that the collection uses."""
    if not isinstance(wanted, dict):
        return []
    for either in ("anyOf", "oneOf"):
        if either in wanted:
            return min((faults(value, option, where) for option in wanted[either]), key=len)
    kinds = wanted.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{where or '/'}: {type(value).__name__}, not {'|'.join(kinds)}"]
    found: list[str] = []
    if isinstance(value, dict):
        found += [f"{where}/{name}: missing" for name in wanted.get("required", ()) if name not in value]
        for name, part in wanted.get("properties", {}).items():
            if name in value:
                found += faults(value[name], part, f"{where}/{name}")
    if isinstance(value, list) and isinstance(wanted.get("items"), dict):
        for index, item in enumerate(value):
            found += faults(item, wanted["items"], f"{where}/{index}")
    return found


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, TYPES[kind])


@published
def test_every_method_is_published_or_declared_and_asks_for_the_published_arguments() -> None:
    """No method of our own making; nothing demanded that Slack does not demand."""
    for name, method in METHODS.items():
        if name in UNPUBLISHED:
            assert not (PUBLISHED / f"{name}.json").exists()
            continue
        arguments = schema(name)["args"]
        required = set(arguments.get("required") or ()) - {"token"}
        ours = set(method.required) - ({"channel", "timestamp"} if name == "reactions.remove" else set())
        assert ours <= required | {"bot", "user_id", "trigger_id"}, name
        assert required - ours <= {"trigger_id"}, name


@published
def test_every_answer_has_the_published_shape(workspace: WorkspaceServer, bot: WebClient, olivia: Person) -> None:
    """One good call of each method that needs no trigger."""
    ts = olivia.say(GENERAL, "hello")
    olivia.say(GENERAL, "reply", thread_ts=ts)
    file_id = olivia.upload(b"PEM", channel_id=GENERAL)
    own = bot.chat_postMessage(channel=GENERAL, text="x", metadata={"event_type": "e", "event_payload": {}})
    app = WebClient(workspace.app_token, base_url=workspace.api_url)
    view = {"type": "home", "blocks": []}
    home = bot.views_publish(user_id=OLIVIA, view=view)
    calls: dict[str, Callable[[], Any]] = {
        "api.test": bot.api_test,
        "auth.test": bot.auth_test,
        "apps.connections.open": lambda: app.apps_connections_open(app_token=workspace.app_token),
        "bots.info": lambda: bot.bots_info(bot=bot.auth_test()["bot_id"]),
        "team.info": bot.team_info,
        "chat.postMessage": lambda: own,
        "chat.update": lambda: bot.chat_update(channel=GENERAL, ts=own["ts"], text="y"),
        "chat.postEphemeral": lambda: bot.chat_postEphemeral(channel=GENERAL, user=OLIVIA, text="x"),
        "chat.getPermalink": lambda: bot.chat_getPermalink(channel=GENERAL, message_ts=ts),
        "chat.delete": lambda: bot.chat_delete(channel=GENERAL, ts=own["ts"]),
        "conversations.info": lambda: bot.conversations_info(channel=GENERAL),
        "conversations.list": bot.conversations_list,
        "conversations.members": lambda: bot.conversations_members(channel=GENERAL),
        "conversations.history": lambda: bot.conversations_history(channel=GENERAL),
        "conversations.replies": lambda: bot.conversations_replies(channel=GENERAL, ts=ts),
        "conversations.open": lambda: bot.conversations_open(users=OLIVIA, return_im=True),
        "conversations.join": lambda: bot.conversations_join(channel=QUIET),
        "files.getUploadURLExternal": lambda: bot.files_getUploadURLExternal(filename="a", length=1),
        "files.info": lambda: bot.files_info(file=file_id),
        "reactions.add": lambda: bot.reactions_add(channel=GENERAL, timestamp=ts, name="eyes"),
        "reactions.remove": lambda: bot.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes"),
        "files.delete": lambda: olivia.web.files_delete(file=file_id),
        "users.info": lambda: bot.users_info(user=OLIVIA),
        "users.list": bot.users_list,
        "users.lookupByEmail": lambda: bot.users_lookupByEmail(email="olivia@home.example"),
        "usergroups.users.list": lambda: bot.usergroups_users_list(usergroup="SADMINS"),
        "views.publish": lambda: home,
        "views.update": lambda: bot.views_update(view_id=home["view"]["id"], view=view),
    }
    elsewhere = {"views.open", "views.push", "files.completeUploadExternal"}
    assert set(calls) | elsewhere == set(METHODS) - set(UNPUBLISHED)
    for name, call in calls.items():
        answer = call()
        assert faults(dict(answer.data), schema(name).get("output")) == [], name
    assert bot.auth_test()["user_id"] == BOT
