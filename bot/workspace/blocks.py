"""Block Kit as Slack checks it before it shows anything (docs.slack.dev/reference/block-kit/blocks).

A stand-in that is kinder than Slack would hide bugs: too long, too many, twice the same id, an unknown block or field
are all refused, with a pointer to the place.
"""

import json
import secrets
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from bot.workspace.block_check import MAX_MARKDOWN, BlockCheck, Surface
from bot.workspace.checking import Complaint
from bot.workspace.elements import MAX_ID
from bot.workspace.rich_text import MAX_TABLE_CHARACTERS, characters
from bot.workspace.shapes import Json, Refusal, parsed

MAX_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MAX_TITLE = 24
MAX_PRIVATE_METADATA = 3000
MAX_VIEW_BYTES = 250_000
MAX_BLOCKS_CHARACTERS = 13_200  # reported, not documented: where Slack begins to answer msg_blocks_too_long
MAX_CHARTS = 2  # reported: a message holds at most two data visualizations
TABLES = frozenset({"table", "data_table"})


def as_array(raw: Any) -> list[Any] | None:
    """Blocks as they come over the wire: an array, a JSON string of one, or nothing.

    Refuses with `invalid_blocks_format` what is neither.
    """
    if raw is None or raw in ("", "null"):
        return None
    if isinstance(raw, str):
        try:
            raw = parsed(raw)
        except ValueError:
            raise Refusal("invalid_blocks_format") from None
    if not isinstance(raw, list):
        raise Refusal("invalid_blocks_format")
    return raw


def check_blocks(blocks: list[Any], where: str = "/blocks") -> list[Complaint]:
    """What is wrong with the blocks of a message; nothing when they may be shown."""
    check = BlockCheck("message")
    check.items(blocks, where, MAX_BLOCKS["message"], check.block, least=0)
    if not check.complaints:
        kinds = [block["type"] for block in all_blocks(blocks)]
        if kinds.count("data_visualization") > MAX_CHARTS:
            check.complain(where, f"no more than {MAX_CHARTS} data_visualization blocks", "maxItems", MAX_CHARTS)
        markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
        if markdown > MAX_MARKDOWN:
            check.complain(where, f"no more than {MAX_MARKDOWN} characters of markdown", "maxLength", MAX_MARKDOWN)
    return check.complaints


def message_blocks(raw: Any) -> list[Json] | None:
    """Checked blocks of a message, with ids given where the app gave none; None where it sent no blocks."""
    blocks = as_array(raw)
    if blocks is None:
        return None
    complaints = check_blocks(blocks)
    if complaints:
        raise Refusal("invalid_blocks", [complaint.as_message() for complaint in complaints])
    tables = [block for block in all_blocks(blocks) if block["type"] in TABLES]
    if sum(1 for table in tables if table["type"] == "table") > 1:
        raise Refusal("invalid_attachments", ["only_one_table_allowed"])
    if sum(characters(table["rows"]) for table in tables) > MAX_TABLE_CHARACTERS:
        raise Refusal("invalid_attachments", ["table_character_limit_exceeded"])
    if characters(blocks) > MAX_BLOCKS_CHARACTERS:
        raise Refusal("msg_blocks_too_long")
    return with_ids(blocks)


_VIEW_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "modal": (("type", "title", "blocks"), ("close", "submit", "clear_on_close", "notify_on_close", "submit_disabled")),
    "home": (("type", "blocks"), ("title", "close", "submit")),
}


def view(raw: Any, kinds: tuple[Literal["modal", "home"], ...]) -> Json:
    """A checked view with ids given; `view_too_large` over 250 kB, else `invalid_arguments` with the reasons."""
    if isinstance(raw, str):
        try:
            raw = parsed(raw)
        except ValueError:
            raw = None
    if not isinstance(raw, dict):
        raise Refusal("invalid_arguments", ["[ERROR] must provide an object [json-pointer:/view]"])
    if len(json.dumps(raw).encode()) > MAX_VIEW_BYTES:
        raise Refusal("view_too_large")
    complaints = check_view(raw, kinds)
    if complaints:
        raise Refusal("invalid_arguments", [complaint.as_message() for complaint in complaints])
    return {**raw, "blocks": with_ids(raw["blocks"])}


def check_view(raw: Json, kinds: tuple[Literal["modal", "home"], ...]) -> list[Complaint]:
    """What is wrong with a view; nothing when it may be shown."""
    kind = raw.get("type")
    surface: Surface = "modal" if kind == "modal" else "home"
    check = BlockCheck(surface)
    if kind not in kinds:
        check.unsupported("/view", kind, kinds)
        return check.complaints
    required, optional = _VIEW_FIELDS[surface]
    if check.fields(raw, "/view", required, (*optional, "private_metadata", "callback_id", "external_id")):
        _check_parts(check, raw, surface)
    return check.complaints


def _check_parts(check: BlockCheck, raw: Json, surface: Surface) -> None:
    for name in ("title", "submit", "close"):
        check.text(raw.get(name), f"/view/{name}", MAX_TITLE, ("plain_text",))
    check.string(raw.get("private_metadata"), "/view/private_metadata", MAX_PRIVATE_METADATA)
    check.string(raw.get("callback_id"), "/view/callback_id", MAX_ID)
    check.string(raw.get("external_id"), "/view/external_id", MAX_ID)
    for name in ("clear_on_close", "notify_on_close", "submit_disabled"):
        check.flag(raw.get(name), f"/view/{name}")
    check.items(raw["blocks"], "/view/blocks", MAX_BLOCKS[surface], check.block, least=0)
    has_input = isinstance(raw["blocks"], list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in raw["blocks"]
    )
    if surface == "modal" and has_input and not raw.get("submit"):
        check.complain("/view", "`submit` is required when an `input` block is present", "required", ["submit"])


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block and element has an id, as Slack gives them."""
    copy: list[Json] = json.loads(json.dumps(blocks))
    for block in all_blocks(copy):
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in elements_of(block):
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return copy


def all_blocks(blocks: Iterable[Json]) -> Iterator[Json]:
    """The blocks and those inside them: children of a container, cards of a carousel, tasks of a plan."""
    for block in blocks:
        yield block
        inner = {"container": "child_blocks", "carousel": "elements", "plan": "tasks"}.get(block["type"])
        if inner is not None:
            yield from all_blocks(block.get(inner) or ())


def elements_of(block: Json) -> list[Json]:
    """The elements of a block that a person can use."""
    match block["type"]:
        case "actions" | "context_actions":
            return list(block["elements"])
        case "card":
            return list(block.get("actions") or ())
        case "section" if block.get("accessory"):
            return [block["accessory"]]
        case "input":
            return [block["element"]]
    return []
