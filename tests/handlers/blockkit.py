"""What Slack documents about Block Kit, as a checker that names the place of each fault by a JSON pointer.

Written from docs.slack.dev (Block Kit reference), apart from the views' own constants, so that a wrong constant shows.
"""

import json
from collections.abc import Iterator
from typing import Any

TEXT_LIMITS = {"label": 2000, "hint": 2000, "placeholder": 150}
CONFIRM = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
# Of the surfaces that the bot uses; the rest of Block Kit is not in its vocabulary.
BLOCKS = {"section", "header", "context", "actions", "divider", "input", "table", "image"}
ELEMENTS = {
    "button",
    "static_select",
    "conversations_select",
    "datetimepicker",
    "checkboxes",
    "plain_text_input",
    "url_text_input",
    "file_input",
}
MESSAGE_CHARACTERS = 13_200  # reported: msg_blocks_too_long


def message_faults(text: str, blocks: list[dict[str, Any]]) -> list[str]:
    """Everything that Slack would refuse in a message; empty when it is fine."""
    faults = [*_blocks(blocks, 50)]
    if not 0 < len(text) <= 4000:
        faults.append("/text: 1 to 4000 characters")
    if sum(block["type"] == "table" for block in blocks) > 1:
        faults.append("/blocks: only_one_table_allowed")
    if any(block["type"] == "input" for block in blocks):
        faults.append("/blocks: our messages have no inputs")
    if len(json.dumps(blocks, ensure_ascii=False)) > MESSAGE_CHARACTERS:
        faults.append("/blocks: msg_blocks_too_long")
    return faults


def view_faults(view: dict[str, Any]) -> list[str]:
    """Everything that Slack would refuse in a modal or home view."""
    faults = [*_blocks(view["blocks"], 100)]
    for name in ("title", "submit", "close"):
        if name in view:
            faults += _text(view[name], f"/{name}", 24, plain=True)
    if len(view.get("private_metadata", "")) > 3000:
        faults.append("/private_metadata: longer than 3000")
    if len(view.get("callback_id", "")) > 255:
        faults.append("/callback_id: longer than 255")
    if len(json.dumps(view).encode()) > 250_000:
        faults.append("/: view_too_large")
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if has_input and view["type"] == "modal" and "submit" not in view:
        faults.append("/submit: needed with inputs")
    return faults


def _blocks(blocks: list[dict[str, Any]], limit: int) -> Iterator[str]:
    if not 0 < len(blocks) <= limit:
        yield f"/blocks: 1 to {limit} blocks, not {len(blocks)}"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)):
        yield "/blocks: block_id twice"
    for place, block in enumerate(blocks):
        where = f"/blocks/{place}"
        if block["type"] not in BLOCKS:
            yield f"{where}/type: {block['type']}"
        if not 0 < len(block.get("block_id", "x")) <= 255:
            yield f"{where}/block_id"
        yield from _block(block, where)


def _block(block: dict[str, Any], where: str) -> Iterator[str]:
    check = {
        "section": _section,
        "header": lambda one, at: _text(one["text"], f"{at}/text", 150, plain=True),
        "context": _context,
        "actions": lambda one, at: _elements(one["elements"], f"{at}/elements", 25),
        "input": _input,
        "table": _table,
        "image": _image,
    }.get(block["type"])
    if check:
        yield from check(block, where)


def _section(block: dict[str, Any], where: str) -> Iterator[str]:
    if not ("text" in block or block.get("fields")):
        yield f"{where}: text or fields"
    if "text" in block:
        yield from _text(block["text"], f"{where}/text", 3000)
    for place, field in enumerate(block.get("fields", ())):
        yield from _text(field, f"{where}/fields/{place}", 2000)
    if len(block.get("fields", ())) > 10:
        yield f"{where}/fields: more than 10"
    if "accessory" in block:
        yield from _elements([block["accessory"]], f"{where}/accessory", 1)


def _context(block: dict[str, Any], where: str) -> Iterator[str]:
    if not 0 < len(block["elements"]) <= 10:
        yield f"{where}/elements: 1 to 10"
    for place, text in enumerate(block["elements"]):
        yield from _text(text, f"{where}/elements/{place}", 3000)


def _input(block: dict[str, Any], where: str) -> Iterator[str]:
    for name in ("label", "hint"):
        if name in block:
            yield from _text(block[name], f"{where}/{name}", 2000, plain=True)
    yield from _elements([block["element"]], f"{where}/element", 1)


def _image(block: dict[str, Any], where: str) -> Iterator[str]:
    if not 0 < len(block["alt_text"]) <= 2000:
        yield f"{where}/alt_text: 1 to 2000 characters"
    if len(block["slack_file"]) != 1:
        yield f"{where}/slack_file: id or url"


def _table(block: dict[str, Any], where: str) -> Iterator[str]:
    if not 0 < len(block["rows"]) <= 100:
        yield f"{where}/rows: 1 to 100"
    for place, row in enumerate(block["rows"]):
        if not 0 < len(row) <= 20:
            yield f"{where}/rows/{place}: 1 to 20 cells"
        for column, cell in enumerate(row):
            if not all(_readable(part) for part in _parts(cell)):
                yield f"{where}/rows/{place}/{column}"


def _parts(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """What stands in a cell: raw text, or the one section of a rich text."""
    if cell["type"] == "raw_text":
        return [cell]
    (section,) = cell["elements"]
    parts: list[dict[str, Any]] = section["elements"]
    return parts or [cell]


def _readable(part: dict[str, Any]) -> bool:
    if part["type"] == "date":
        return 0 <= part["timestamp"] <= 9_999_999_999 and bool(part["format"] and part["fallback"])
    return part["type"] in {"raw_text", "text"} and 0 < len(part["text"]) <= 3000


def _elements(elements: list[dict[str, Any]], where: str, limit: int) -> Iterator[str]:
    if not 0 < len(elements) <= limit:
        yield f"{where}: 1 to {limit}"
    ids = [element.get("action_id") for element in elements]
    if len(ids) != len(set(ids)):
        yield f"{where}: action_id twice"
    for place, element in enumerate(elements):
        yield from _element(element, f"{where}/{place}")


def _element(element: dict[str, Any], where: str) -> Iterator[str]:
    if element["type"] not in ELEMENTS:
        yield f"{where}/type: {element['type']}"
    if not 0 < len(element.get("action_id", "")) <= 255:
        yield f"{where}/action_id"
    if "placeholder" in element:
        yield from _text(element["placeholder"], f"{where}/placeholder", 150, plain=True)
    if element["type"] == "button":
        yield from _text(element["text"], f"{where}/text", 75, plain=True)
        if not 0 < len(element.get("value", "")) <= 2000:
            yield f"{where}/value"
        if element.get("style", "primary") not in {"primary", "danger"}:
            yield f"{where}/style"
    if element["type"] in {"static_select", "checkboxes"}:
        yield from _options(element, where)
    if element["type"] == "plain_text_input" and len(element.get("initial_value", "")) > element["max_length"]:
        yield f"{where}/initial_value"
    for name, limit in CONFIRM.items():
        if "confirm" in element:
            yield from _text(element["confirm"][name], f"{where}/confirm/{name}", limit, plain=True)


def _options(element: dict[str, Any], where: str) -> Iterator[str]:
    options = element["options"]
    if not 0 < len(options) <= 100:
        yield f"{where}/options: 1 to 100"
    if "initial_option" in element and element["initial_option"] not in options:
        yield f"{where}/initial_option: not among the options"
    if len({option["value"] for option in options}) != len(options):
        yield f"{where}/options: value twice"
    for place, option in enumerate(options):
        yield from _text(option["text"], f"{where}/options/{place}/text", 75, plain=True)
        if "description" in option:
            yield from _text(option["description"], f"{where}/options/{place}/description", 75, plain=True)
        if not 0 < len(option["value"]) <= 150:
            yield f"{where}/options/{place}/value"


def _text(text: dict[str, Any], where: str, limit: int, *, plain: bool = False) -> Iterator[str]:
    if plain and text["type"] != "plain_text":
        yield f"{where}: plain_text wanted"
    if not text["text"].strip() or len(text["text"]) > limit:
        yield f"{where}: 1 to {limit} characters, not {len(text['text'])}"


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text object and table cell below `value`, as its type and text."""
    if isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "plain_text", "raw_text"} and isinstance(value.get("text"), str):
            yield value["type"], value["text"]
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
