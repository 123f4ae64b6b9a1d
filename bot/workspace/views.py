"""Modals and App Home: a stack of at most three views a user, hashes against races (docs.slack.dev/surfaces/modals)."""

import json
import secrets
from typing import Any

from bot.workspace.core import Slack
from bot.workspace.shapes import Json, Refusal

MAX_STACK = 3  # docs.slack.dev/surfaces/modals, "push"


def open_view(slack: Slack, user_id: str, view: Json) -> Json:
    """Opens a modal for the user; a modal that was open gives way."""
    for old in list(slack.world.views.get(user_id, ())):
        close_view(slack, user_id, old)
    return push_view(slack, user_id, view)


def push_view(slack: Slack, user_id: str, view: Json) -> Json:
    """Puts a modal on top of the user's stack."""
    stack = slack.world.views.setdefault(user_id, [])
    if len(stack) >= MAX_STACK:
        raise Refusal("push_limit_reached")
    _unique(slack, view.get("external_id"), None)
    record = _record(slack, view)
    record["root_view_id"] = stack[0]["id"] if stack else record["id"]
    record["previous_view_id"] = stack[-1]["id"] if stack else None
    stack.append(record)
    _tell(slack, "view_open", user_id, record)
    return record


def replace_view(slack: Slack, user_id: str, old: Json, view: Json) -> Json:
    """Changes a view in place: same id, new hash."""
    _unique(slack, view.get("external_id"), old["id"])
    fresh = _record(slack, view)
    kept: Json = {key: old[key] for key in ("id", "root_view_id", "previous_view_id") if key in old}
    old.clear()
    old.update({**fresh, **kept})
    _tell(slack, "home" if old["type"] == "home" else "view_update", user_id, old)
    return old


def close_view(slack: Slack, user_id: str, view: Json) -> None:
    """Takes one view off the user's stack."""
    stack = slack.world.views.get(user_id, [])
    stack[:] = [other for other in stack if other is not view]
    slack.world.inputs.pop(view["id"], None)
    _tell(slack, "view_close", user_id, view)


def publish_home(slack: Slack, user_id: str, view: Json, expected_hash: Any) -> Json:
    """Shows the user's App Home."""
    old = slack.world.homes.get(user_id)
    if old is None:
        _unique(slack, view.get("external_id"), None)
        record = _record(slack, view)
        record["root_view_id"] = record["id"]
        slack.world.homes[user_id] = record
        _tell(slack, "home", user_id, record)
        return record
    check_hash(old, expected_hash)
    return replace_view(slack, user_id, old, view)


def check_hash(view: Json, expected: Any) -> None:
    """Refuses with `hash_conflict` where the view has changed since the app last saw it."""
    if expected and expected != view["hash"]:
        raise Refusal("hash_conflict")


def find(slack: Slack, view_id: Any = None, external_id: Any = None) -> tuple[str, Json]:
    """(user, view) by id or external id; `not_found` otherwise."""
    world = slack.world
    everything = [(user, view) for user, stack in world.views.items() for view in stack]
    everything += list(world.homes.items())
    for user_id, view in everything:
        if view_id and view["id"] == view_id:
            return user_id, view
        if not view_id and external_id and view["external_id"] == external_id:
            return user_id, view
    raise Refusal("not_found")


def shown(view: Json) -> Json:
    """A copy of the record, safe to hand out."""
    copy: Json = json.loads(json.dumps(view))
    return copy


def _unique(slack: Slack, external_id: Any, but: str | None) -> None:
    if not external_id:
        return
    try:
        _, known = find(slack, external_id=external_id)
    except Refusal:
        return
    if known["id"] != but:
        raise Refusal("duplicate_external_id")


def _record(slack: Slack, view: Json) -> Json:
    world = slack.world
    defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "title": None, "submit": None}
    defaults |= {"close": None, "clear_on_close": False, "notify_on_close": False, "submit_disabled": False}
    return {
        **defaults,
        **{key: value for key, value in view.items() if value is not None},
        "id": world.new_id("V"),
        "team_id": world.team["id"],
        "state": {"values": {}},
        "hash": f"{world.clock():.3f}.{secrets.token_hex(4)}",
        "root_view_id": None,
        "previous_view_id": None,
        "app_id": world.app["id"],
        "app_installed_team_id": world.team["id"],
        "bot_id": world.bot_id,
    }


def _tell(slack: Slack, kind: str, user_id: str, view: Json) -> None:
    slack.feed.tell({"type": kind, "view": shown(view)}, only=user_id)
