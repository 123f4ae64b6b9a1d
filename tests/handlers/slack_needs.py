"""What Slack asks for: the scopes of the methods and events that the product uses, and why each is needed.

Where one of several scopes is enough, each opens one kind of conversation, and the product serves channels, private
channels and direct messages, but no group messages. Held against the published schemas where they are at hand.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "../shared/slack-api"

# Method to scopes. For conversations: of the kinds that the product asks about.
METHODS: dict[str, frozenset[str]] = {
    "auth.test": frozenset(),
    "chat.getPermalink": frozenset(),
    "chat.postEphemeral": frozenset({"chat:write"}),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history", "im:history"}),
    "conversations.info": frozenset({"channels:read", "groups:read"}),  # of direct messages nothing has to be known
    "conversations.replies": frozenset({"channels:history", "groups:history", "im:history"}),
    "files.completeUploadExternal": frozenset({"files:write"}),
    "files.delete": frozenset({"files:write"}),
    "files.getUploadURLExternal": frozenset({"files:write"}),
    "files.info": frozenset({"files:read"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "users.conversations": frozenset({"channels:read", "groups:read"}),  # docs.slack.dev; no published schema
    "users.info": frozenset({"users:read"}),
    "views.open": frozenset(),
    "views.publish": frozenset(),
    "views.update": frozenset(),
}

# What the SDK calls under one name of its own: files_upload_v2 is the external-upload flow.
SHORTHAND: dict[str, tuple[str, ...]] = {
    "files_upload_v2": ("files.getUploadURLExternal", "files.completeUploadExternal"),
}

# Subscription to scopes (docs.slack.dev/reference/events).
EVENTS: dict[str, frozenset[str]] = {
    "app_home_opened": frozenset(),
    "app_mention": frozenset({"app_mentions:read"}),
    "app_uninstalled": frozenset(),
    "channel_id_changed": frozenset(),
    "channel_left": frozenset({"channels:read"}),
    "group_left": frozenset({"groups:read"}),  # no published schema
    "member_joined_channel": frozenset({"channels:read", "groups:read"}),
    "member_left_channel": frozenset({"channels:read", "groups:read"}),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
    "tokens_revoked": frozenset(),
}

# Needed by what is neither a method nor an event.
FEATURES: dict[str, str] = {
    "commands": "slash commands and shortcuts",
    "files:read": "downloads from url_private, and file_input in modals",
}

# Kinds of conversation that the product does not serve, so it does not ask for them.
NOT_SERVED = ("mpim:",)


def methods_called() -> dict[str, str]:
    """Every Web API method that the product calls, with a place where it does; read from the source."""
    sdk = {name for name in dir(WebClient) if not name.startswith("_")}
    known = {method.replace(".", "_"): method for method in METHODS}
    called: dict[str, str] = {}
    for path in [*sorted((ROOT / "handlers").rglob("*.py")), ROOT / "bot/app.py", ROOT / "bot/running.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in sdk and _is_client(node.value):
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                for method in SHORTHAND.get(node.attr, (known.get(node.attr, node.attr),)):
                    called.setdefault(method, place)
    return called


def _is_client(value: ast.expr) -> bool:
    return ast.unparse(value).endswith("client")


def published(kind: str, name: str) -> Any | None:
    """The published schema of a method or an event; None where there is none, or they are not at hand."""
    path = PUBLISHED / kind / f"{name}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def served(scopes: list[str]) -> Iterator[str]:
    """The scopes of the kinds of conversation that the product serves; spelled as the manifest does."""
    for scope in scopes:
        if not scope.startswith(NOT_SERVED):
            yield scope.replace("app_mentions.read", "app_mentions:read")  # misspelled in the published schema
