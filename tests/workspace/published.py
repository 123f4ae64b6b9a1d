"""What Slack publishes about its methods and events, from the collection beside this checkout."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.place import Json

PUBLISHED = (Path(__file__).parents[2] / "../shared/slack-api").resolve()
needs_the_collection = pytest.mark.skipif(
    not PUBLISHED.exists(), reason="LOUD: the published Slack schemas are not beside this checkout"
)


def methods() -> Iterator[str]:
    """Names of all published methods."""
    return (path.stem for path in sorted((PUBLISHED / "methods").glob("*.json")))


def described(method: str) -> Json:
    """The published description of a method."""
    known: Json = json.loads((PUBLISHED / "methods" / f"{method}.json").read_text(encoding="utf-8"))
    return known


_ID = {"type": "string", "minLength": 1}
_USER = {
    "type": "object",
    "required": ["id", "team_id", "name", "deleted", "profile", "is_bot", "updated", "tz", "tz_offset", "is_admin"],
    "properties": {"profile": {"type": "object", "required": ["real_name", "display_name", "team"]}},
}
_CONVERSATION = {
    "type": "object",
    "required": ["id", "created", "is_im", "is_archived", "context_team_id"],
    "if": {"properties": {"is_im": {"const": True}}},
    "then": {"required": ["user"]},
    "else": {
        "required": ["name", "is_channel", "is_private", "is_member", "is_ext_shared", "creator", "topic", "purpose"]
    },
}
_MESSAGE = {
    "type": "object",
    "required": ["type", "ts", "text", "user"],
    "properties": {
        "type": {"const": "message"},
        "ts": {"$ref": "#/shapes/ts"},
        "blocks": {"$ref": "#/shapes/blocks"},
        "thread_ts": {"$ref": "#/shapes/ts"},
    },
}
_VIEW = {
    "type": "object",
    "required": [
        "id", "team_id", "type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id",
        "state", "hash", "clear_on_close", "notify_on_close", "root_view_id", "previous_view_id", "app_id", "bot_id",
    ],
    "properties": {"blocks": {"$ref": "#/shapes/blocks"}, "state": {"type": "object", "required": ["values"]}},
}  # fmt: skip
_NEVER: Json = {"not": {}}
SHAPES: Json = {
    "ts": {"type": "string", "pattern": r"^\d{10}\.\d{6}$"},
    "channel": {"type": "string", "pattern": "^[CGD]"},
    "user_id": {"type": "string", "pattern": "^[UW]"},
    "team_id": {"type": "string", "pattern": "^T"},
    "enterprise_id": {"type": ["string", "null"]},
    "app_id": {"type": "string", "pattern": "^A"},
    "bot_id": {"type": "string", "pattern": "^B"},
    "file_id": {"type": "string", "pattern": "^F"},
    "blocks": {"type": "array", "items": {"type": "object", "required": ["type", "block_id"]}},
    "message": _MESSAGE,
    "conversation": _CONVERSATION,
    "user": _USER,
    "team": {"type": "object", "required": ["id", "name", "domain", "icon"]},
    "team-summary": _NEVER,
    "subteam": {"type": "object", "required": ["id", "team_id", "name", "handle", "is_usergroup", "date_create"]},
    "view": _VIEW,
    "modal": _VIEW,
    "home": _ID,
    "publishable-view": _VIEW,
    "workflow-step": _NEVER,
    "app-notification-subscription-configuration": _NEVER,
    "response_metadata": {"type": "object", "required": ["next_cursor"]},
}
"""The collection names shapes that it does not hold: written down here after docs.slack.dev/reference/objects."""


def output_schema(method: str) -> Json:
    """The schema of the method's answer, with the shapes that it names filled in."""
    named = _filled(described(method).get("output") or {"type": "object"})
    return {**named, "shapes": SHAPES}


def _filled(part: Any) -> Any:
    if isinstance(part, list):
        return [_filled(one) for one in part]
    if not isinstance(part, dict):
        return part
    # The alternatives of the collection overlap: a whole conversation is also "an object with an id".
    part = {"anyOf" if name == "oneOf" else name: one for name, one in part.items()}
    filled = {name: _filled(one) for name, one in part.items() if not (name == "schema" and isinstance(one, str))}
    if isinstance(part.get("schema"), str):
        assert part["schema"] in SHAPES, f"the collection names a shape that nobody wrote down: {part['schema']}"
        filled["$ref"] = f"#/shapes/{part['schema']}"
    return filled


def lacking(example: Any, answer: Any, where: str = "") -> set[str]:
    """Paths that the published example has and the answer has not; of arrays the first item counts."""
    if isinstance(example, dict) and isinstance(answer, dict):
        found = {f"{where}/{name}" for name in example if name not in answer}
        for name in set(example) & set(answer):
            found |= lacking(example[name], answer[name], f"{where}/{name}")
        return found
    if isinstance(example, list) and isinstance(answer, list) and example and answer:
        return lacking(example[0], answer[0], f"{where}/0")
    return set()
