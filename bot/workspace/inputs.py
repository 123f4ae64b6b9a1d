"""What a person entered: found in, and checked against, the elements that the app really showed."""

import json
import re
from decimal import Decimal
from typing import Any

from bot.workspace.blocks import all_blocks, elements_of
from bot.workspace.core import Slack
from bot.workspace.elements import DATE, MAX_TYPED, NUMBER, TIME
from bot.workspace.objects import file_object
from bot.workspace.rich_text import RichTextCheck
from bot.workspace.shapes import Json, Refusal

VALUE_KEYS: dict[str, str] = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
"""Under which key each element's value stands in `state.values` and in actions (docs.slack.dev/reference/block-kit)."""

_INITIAL_KEYS = {"value": "initial_value", "rich_text_value": "initial_value", "files": ""}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URL = re.compile(r"(https?|mailto|tel|ftp|file|data|slack):\S+", re.IGNORECASE)


_LISTS = frozenset({"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"})


def find_element(blocks: list[Json], block_id: Any, action_id: Any) -> Json | None:
    """The element with these ids among those shown."""
    for block in all_blocks(blocks):
        if block.get("block_id") == block_id:
            for element in elements_of(block):
                if element.get("action_id") == action_id:
                    return element
    return None


def initial_values(blocks: list[Json]) -> Json:
    """`state.values` before anybody touched anything."""
    values: Json = {}
    for block in all_blocks(blocks):
        for element in elements_of(block):
            key = VALUE_KEYS.get(element["type"])
            if key is None or element["type"] == "overflow":
                continue
            initial = element.get(_INITIAL_KEYS.get(key, key.replace("selected", "initial")))
            empty: Any = [] if key in _LISTS else None
            value = {"type": element["type"], key: initial if initial is not None else empty}
            values.setdefault(block["block_id"], {})[element["action_id"]] = value
    return values


def read_value(slack: Slack, user_id: str, element: Json, given: Json) -> Json:
    """The value as Slack would send it, `{"type": ..., key: value}`; refuses what the element does not offer."""
    kind = element["type"]
    key = VALUE_KEYS[kind]
    if kind == "file_input":
        return {"type": kind, "files": _files(slack, user_id, element, given.get("file_ids", ()))}
    value = given.get(key)
    world = slack.world
    match key:
        case "value" | "selected_date" | "selected_time":
            fits = value is None or (isinstance(value, str) and _fits_text(key, element, value))
        case "selected_option":
            value = None if value is None else offered(element, value)
            fits = True
        case "selected_options":
            fits = value is None or isinstance(value, list)
            value = [offered(element, option) for option in value or ()] if fits else []
        case "selected_date_time":
            fits = value is None or (isinstance(value, int) and not isinstance(value, bool))
        case "rich_text_value":
            fits = value is None or _is_rich_text(value)
        case "selected_user":
            fits = value is None or _known(value, world.users)
        case "selected_conversation" | "selected_channel":
            fits = value is None or (_known(value, world.channels) and world.may_see(world.channels[value], user_id))
        case _:
            value = value if value is not None else []
            known = world.users if key == "selected_users" else world.channels
            fits = isinstance(value, list) and all(_known(one, known) for one in value)
    if not fits or (isinstance(value, list) and len(value) > element.get("max_selected_items", len(value))):
        raise Refusal("invalid_values")
    return {"type": kind, key: value}


def _is_rich_text(value: Any) -> bool:
    check = RichTextCheck()
    check.rich_text_block(value, "/rich_text_value")
    return not check.complaints


def _known(value: Any, among: Json) -> bool:
    return isinstance(value, str) and value in among


def _fits_text(key: str, element: Json, value: str) -> bool:
    if key == "selected_date":
        return bool(DATE.fullmatch(value))
    if key == "selected_time":
        return bool(TIME.fullmatch(value))
    return len(value) <= int(element.get("max_length", MAX_TYPED))


def offered(element: Json, wanted: Any) -> Json:
    """The element's own option with the wanted value; external selects offer what the app suggested."""
    value = wanted.get("value") if isinstance(wanted, dict) else wanted
    if "external" in element["type"]:
        if not isinstance(wanted, dict):
            raise Refusal("invalid_values")
        return {"text": wanted.get("text"), "value": value}
    options = list(element.get("options") or ())
    options += [option for group in element.get("option_groups") or () for option in group["options"]]
    for option in options:
        if option["value"] == value:
            copy: Json = json.loads(json.dumps(option))
            return copy
    raise Refusal("invalid_values")


def chosen_feedback(element: Json, value: Any) -> Json:
    """Text and value of the one of the two feedback buttons that was pressed."""
    for name in ("positive_button", "negative_button"):
        if element[name]["value"] == value:
            return {"text": element[name]["text"], "value": value}
    raise Refusal("invalid_values")


def _files(slack: Slack, user_id: str, element: Json, file_ids: Any) -> list[Json]:
    if not isinstance(file_ids, (list, tuple)) or len(file_ids) > element.get("max_files", 10):
        raise Refusal("invalid_values")
    found: list[Json] = []
    for file_id in file_ids:
        file = slack.world.files.get(str(file_id))
        if file is None or file["user"] != user_id:
            raise Refusal("file_not_found")
        # The app may read what it was handed in a modal, although no conversation holds the file.
        readers = file.setdefault("readers", [])
        if slack.world.bot_user not in readers:
            readers.append(slack.world.bot_user)
        found.append(file_object(slack, file))
    return found


def read_values(slack: Slack, user_id: str, blocks: list[Json], given: Any) -> Json:
    """All values of a view: what was entered over what was there at first."""
    values = initial_values(blocks)
    for block_id, actions in _object(given).items():
        for action_id, value in _object(actions).items():
            element = find_element(blocks, block_id, action_id)
            if element is None or element["type"] not in VALUE_KEYS or not isinstance(value, dict):
                raise Refusal("invalid_values")
            if element["type"] == "overflow":
                continue
            values.setdefault(block_id, {})[action_id] = read_value(slack, user_id, element, value)
    return values


def _object(value: Any) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal("invalid_values")
    return value


def missing(blocks: list[Json], values: Json) -> dict[str, str]:
    """Complaints by block id, as Slack's client shows them before it sends anything."""
    complaints: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = values[block["block_id"]][element["action_id"]][VALUE_KEYS[element["type"]]]
        if not block.get("optional") and (value is None or value in ("", [])):
            complaints[block["block_id"]] = "Please complete this required field."
        elif isinstance(value, str) and value and (complaint := _complaint(element, value)):
            complaints[block["block_id"]] = complaint
    return complaints


def _complaint(element: Json, value: str) -> str | None:
    """What Slack's client would say about a text that does not fit its field."""
    match element["type"]:
        case "plain_text_input" if len(value) < element.get("min_length", 0):
            return f"At least {element['min_length']} characters."
        case "email_text_input" if not _EMAIL.fullmatch(value):
            return "Please enter a valid email address."
        case "url_text_input" if not _URL.fullmatch(value):
            return "Please enter a valid URL."
        case "number_input":
            return _number_complaint(element, value)
    return None


def _number_complaint(element: Json, value: str) -> str | None:
    if not NUMBER.fullmatch(value) or ("." in value and not element["is_decimal_allowed"]):
        return "Please enter a decimal number." if element["is_decimal_allowed"] else "Please enter a whole number."
    number = Decimal(value)
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter {element['min_value']} or more."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter {element['max_value']} or less."
    return None
