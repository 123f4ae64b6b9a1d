"""Block Kit as Slack checks it before it shows anything (docs.slack.dev/reference/block-kit/blocks).

A stand-in that is kinder than Slack would hide bugs: too long, too many, twice the same id, an unknown block or field
are all refused, with a pointer to the place.
"""

import json
import secrets
from collections.abc import Callable
from typing import Any, Literal

from bot.workspace.elements import ACCESSORIES, ACTIONS, INPUTS, MAX_ID, MAX_URL, MESSAGE_INPUTS, ElementCheck
from bot.workspace.shapes import Json, Refusal

Surface = Literal["message", "modal", "home"]

MAX_BLOCKS: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
MAX_SECTION_TEXT = 3000
MAX_SECTION_FIELDS = 10
MAX_FIELD_TEXT = 2000
MAX_HEADER = 150
MAX_ACTIONS = 25
MAX_CONTEXT = 10
MAX_MARKDOWN = 12_000
MAX_LABEL = 2000
MAX_ALT_TEXT = 2000
MAX_TABLE_ROWS = 100
MAX_TABLE_CELLS = 20
MAX_TITLE = 24
MAX_PRIVATE_METADATA = 3000
MAX_VIEW_BYTES = 250_000
MAX_BLOCKS_CHARACTERS = 13_200  # reported, not documented: where Slack begins to answer msg_blocks_too_long

_CELLS = ("raw_text", "raw_number", "rich_text")
_RICH_TEXT = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")


class BlockCheck(ElementCheck):
    """Checks the blocks of one message or view."""

    def __init__(self, surface: Surface) -> None:
        super().__init__()
        self._surface = surface
        self._block_ids: set[str] = set()
        self._inputs = MESSAGE_INPUTS if surface == "message" else INPUTS

    def block(self, value: Any, where: str) -> None:
        """One block."""
        block = self.mapping(value, where)
        kinds: dict[str, tuple[Callable[[Json, str], None], tuple[str, ...], tuple[str, ...]]] = {
            "section": (self._section, (), ("text", "fields", "accessory", "expand")),
            "header": (self._header, ("text",), ("level",)),
            "context": (self._context, ("elements",), ()),
            "actions": (self._actions, ("elements",), ()),
            "divider": (lambda _block, _where: None, (), ()),
            "image": (self._image_block, ("alt_text",), ("image_url", "slack_file", "title")),
            "input": (self._input, ("label", "element"), ("dispatch_action", "hint", "optional")),
            "markdown": (self._markdown, ("text",), ()),
            "rich_text": (self._rich_text, ("elements",), ()),
            "table": (self._table, ("rows",), ("column_settings",)),
            "alert": (self._alert, ("text",), ("level",)),
        }
        kind = block.get("type") if block is not None else None
        if block is None or not isinstance(kind, str) or kind not in kinds:
            self.complain(f"{where}/type", f"unsupported type: {kind}")
            return
        part, required, optional = kinds[kind]
        self._block_id(block, where)
        if self.fields(block, where, ("type", *required), ("block_id", *optional)):
            part(block, where)

    def _block_id(self, block: Json, where: str) -> None:
        block_id = block.get("block_id")
        self.string(block_id, f"{where}/block_id", MAX_ID)
        if isinstance(block_id, str) and block_id:
            if block_id in self._block_ids:
                self.complain(f"{where}/block_id", f"`block_id` {block_id} already exists")
            self._block_ids.add(block_id)

    def _section(self, block: Json, where: str) -> None:
        if not block.get("text") and not block.get("fields"):
            self.complain(where, "missing required field: text or fields")
        self.text(block.get("text"), f"{where}/text", MAX_SECTION_TEXT)
        self.items(
            block.get("fields"), f"{where}/fields", MAX_SECTION_FIELDS, lambda v, at: self.text(v, at, MAX_FIELD_TEXT)
        )
        if block.get("accessory") is not None:
            self.element(block["accessory"], f"{where}/accessory", ACCESSORIES, set())

    def _header(self, block: Json, where: str) -> None:
        self.text(block["text"], f"{where}/text", MAX_HEADER, ("plain_text",))

    def _context(self, block: Json, where: str) -> None:
        def part(value: Any, at: str) -> None:
            if isinstance(value, dict) and value.get("type") == "image":
                self.element(value, at, ACCESSORIES, set())
            else:
                self.text(value, at, MAX_SECTION_TEXT)

        self.items(block["elements"], f"{where}/elements", MAX_CONTEXT, part)

    def _actions(self, block: Json, where: str) -> None:
        seen: set[str] = set()
        self.items(
            block["elements"], f"{where}/elements", MAX_ACTIONS, lambda v, at: self.element(v, at, ACTIONS, seen)
        )

    def _input(self, block: Json, where: str) -> None:
        self.text(block["label"], f"{where}/label", MAX_LABEL, ("plain_text",))
        self.text(block.get("hint"), f"{where}/hint", MAX_LABEL, ("plain_text",))
        self.element(block["element"], f"{where}/element", self._inputs, set())

    def _image_block(self, block: Json, where: str) -> None:
        if bool(block.get("image_url")) == bool(block.get("slack_file")):
            self.complain(where, "must provide exactly one of: image_url, slack_file")
        self.string(block.get("image_url"), f"{where}/image_url", MAX_URL)
        self.string(block["alt_text"], f"{where}/alt_text", MAX_ALT_TEXT)
        self.text(block.get("title"), f"{where}/title", MAX_ALT_TEXT, ("plain_text",))

    def _markdown(self, block: Json, where: str) -> None:
        self.string(block["text"], f"{where}/text", MAX_MARKDOWN, least=1)

    def _rich_text(self, block: Json, where: str) -> None:
        def part(value: Any, at: str) -> None:
            if not isinstance(value, dict) or value.get("type") not in _RICH_TEXT:
                self.complain(f"{at}/type", "unsupported type in rich_text")
            elif not isinstance(value.get("elements"), list):
                self.complain(at, "missing required field: elements")

        self.items(block["elements"], f"{where}/elements", 1000, part)

    def _table(self, block: Json, where: str) -> None:
        def cell(value: Any, at: str) -> None:
            if not isinstance(value, dict) or value.get("type") not in _CELLS:
                self.complain(f"{at}/type", "unsupported type in table cell")
            elif value["type"] == "raw_text":
                self.string(value.get("text"), f"{at}/text", MAX_SECTION_TEXT, least=1)

        self.items(
            block["rows"],
            f"{where}/rows",
            MAX_TABLE_ROWS,
            lambda row, at: self.items(row, at, MAX_TABLE_CELLS, cell),
        )

    def _alert(self, block: Json, where: str) -> None:
        if self._surface != "modal":
            self.complain(f"{where}/type", "unsupported type: alert")
        self.text(block["text"], f"{where}/text", MAX_SECTION_TEXT)


def as_array(raw: Any) -> list[Any] | None:
    """Blocks as they come over the wire: an array, a JSON string of one, or nothing.

    Refuses with `invalid_blocks_format` what is neither.
    """
    if raw is None or raw in ("", "null"):
        return None
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise Refusal("invalid_blocks_format") from None
    if not isinstance(raw, list):
        raise Refusal("invalid_blocks_format")
    return raw


def message_blocks(raw: Any) -> list[Json] | None:
    """Checked blocks of a message, with ids given where the app gave none; None where it sent no blocks."""
    blocks = as_array(raw)
    if blocks is None:
        return None
    check = BlockCheck("message")
    check.items(blocks, "/blocks", MAX_BLOCKS["message"], check.block, least=0)
    if check.messages:
        raise Refusal("invalid_blocks", check.messages)
    if sum(1 for block in blocks if block["type"] == "table") > 1:
        raise Refusal("invalid_attachments", ["only_one_table_allowed"])
    if _characters(blocks) > MAX_BLOCKS_CHARACTERS:
        raise Refusal("msg_blocks_too_long")
    return with_ids(blocks)


def _characters(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_characters(part) for name, part in value.items() if name not in {"type", "block_id", "action_id"})
    if isinstance(value, list):
        return sum(_characters(part) for part in value)
    return len(value) if isinstance(value, str) else 0


_VIEW_FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "modal": (("type", "title", "blocks"), ("close", "submit", "clear_on_close", "notify_on_close", "submit_disabled")),
    "home": (("type", "blocks"), ("title", "close", "submit")),
}


def view(raw: Any, kinds: tuple[Literal["modal", "home"], ...]) -> Json:
    """A checked view with ids given; `view_too_large` over 250 kB, else `invalid_arguments` with the reasons."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raw = None
    if not isinstance(raw, dict):
        raise Refusal("invalid_arguments", ["[ERROR] must provide an object [json-pointer:/view]"])
    if len(json.dumps(raw).encode()) > MAX_VIEW_BYTES:
        raise Refusal("view_too_large")
    kind = raw.get("type")
    if kind not in kinds:
        raise Refusal("invalid_arguments", [f"[ERROR] unsupported type: {kind} [json-pointer:/view/type]"])
    check = BlockCheck("modal" if kind == "modal" else "home")
    required, optional = _VIEW_FIELDS[kind]
    if check.fields(raw, "/view", required, (*optional, "private_metadata", "callback_id", "external_id")):
        _check_view(check, raw, "modal" if kind == "modal" else "home")
    if check.messages:
        raise Refusal("invalid_arguments", check.messages)
    return {**raw, "blocks": with_ids(raw["blocks"])}


def _check_view(check: BlockCheck, raw: Json, surface: Surface) -> None:
    for name in ("title", "submit", "close"):
        check.text(raw.get(name), f"/view/{name}", MAX_TITLE, ("plain_text",))
    check.string(raw.get("private_metadata"), "/view/private_metadata", MAX_PRIVATE_METADATA)
    check.string(raw.get("callback_id"), "/view/callback_id", MAX_ID)
    check.string(raw.get("external_id"), "/view/external_id", MAX_ID)
    check.items(raw["blocks"], "/view/blocks", MAX_BLOCKS[surface], check.block, least=0)
    has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in raw["blocks"])
    if surface == "modal" and has_input and not raw.get("submit"):
        check.complain("/view", "`submit` is required when an `input` block is present")


def with_ids(blocks: list[Json]) -> list[Json]:
    """A copy in which every block and element has an id, as Slack gives them."""
    copy: list[Json] = json.loads(json.dumps(blocks))
    for block in copy:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in elements_of(block):
            if element.get("type") != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return copy


def elements_of(block: Json) -> list[Json]:
    """The elements of a block that a person can use."""
    match block["type"]:
        case "actions":
            return list(block["elements"])
        case "section" if block.get("accessory"):
            return [block["accessory"]]
        case "input":
            return [block["element"]]
    return []
