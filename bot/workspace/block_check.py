"""The blocks themselves: which fields each has, where it may stand, and how many fit (docs.slack.dev, Block Kit)."""

from collections.abc import Callable
from typing import Any, Literal

from bot.workspace.cards import (
    CARD,
    CHILDREN,
    MAX_CARDS,
    MAX_CHILD_BLOCKS,
    MAX_PLAN_TASKS,
    MAX_TASK_TITLE,
    TASK,
    CardCheck,
)
from bot.workspace.charts import ChartCheck
from bot.workspace.elements import ACCESSORIES, ACTIONS, CONTEXT_ACTIONS, INPUTS, MAX_ID, NON_MODAL_INPUTS
from bot.workspace.shapes import Json

Surface = Literal["message", "modal", "home"]

MAX_SECTION_TEXT = 3000
MAX_SECTION_FIELDS = 10
MAX_FIELD_TEXT = 2000
MAX_HEADER = 150
MAX_HEADER_LEVEL = 6  # as HTML's
MAX_ACTIONS = 25
MAX_CONTEXT = 10
MAX_CONTEXT_ACTIONS = 5
MAX_MARKDOWN = 12_000
MAX_LABEL = 2000
MAX_IMAGE_TITLE = 2000

Part = Callable[[Json, str], None]
Kind = tuple[Part, tuple[str, ...], tuple[str, ...]]

_TABLE_FIELDS = ("page_size", "row_header_column_index")
_CONTAINER = ("title", "rich_text_title", "subtitle", "width", "icon", "is_collapsible", "default_collapsed")
_VIDEO = ("title_url", "description", "provider_icon_url", "provider_name", "author_name")


class BlockCheck(CardCheck, ChartCheck):
    """Checks the blocks of one message or view."""

    def __init__(self, surface: Surface) -> None:
        super().__init__()
        self._surface = surface
        self._block_ids: set[str] = set()
        self._inputs = INPUTS if surface == "modal" else NON_MODAL_INPUTS
        self._kinds: dict[str, Kind] = {
            "section": (self._section_block, (), ("text", "fields", "accessory", "expand")),
            "header": (self._header, ("text",), ("level",)),
            "context": (self._context, ("elements",), ()),
            "context_actions": (self._context_actions, ("elements",), ()),
            "actions": (self._actions, ("elements",), ()),
            "divider": (lambda _block, _where: None, (), ()),
            "image": (self._image_block, ("alt_text",), ("image_url", "slack_file", "title")),
            "input": (self._input, ("label", "element"), ("dispatch_action", "hint", "optional")),
            "markdown": (self._markdown, ("text",), ()),
            "rich_text": (self.rich_text, ("elements",), ()),
            "table": (self.table, ("rows",), ("column_settings",)),
            "data_table": (self.data_table, ("rows", "caption"), _TABLE_FIELDS),
            "data_visualization": (self.chart_block, ("title", "chart"), ()),
            "card": (self.card, *CARD),
            "carousel": (self._carousel, ("elements",), ()),
            "container": (self._container_block, ("child_blocks",), (*_CONTAINER, "has_header_divider")),
            "plan": (self._plan, ("title",), ("tasks",)),
            "task_card": (self.task, *TASK),
            "video": (self.video, ("alt_text", "title", "thumbnail_url", "video_url"), _VIDEO),
        }
        if surface == "modal":
            self._kinds["alert"] = (self.alert, ("text",), ("level",))

    def block(self, value: Any, where: str) -> None:
        """One block."""
        self._block_of(value, where, frozenset(self._kinds))

    def _block_of(self, value: Any, where: str, allowed: frozenset[str]) -> None:
        block = self.mapping(value, where)
        kind = block.get("type") if block is not None else None
        if block is None or not isinstance(kind, str) or kind not in allowed:
            self.unsupported(where, kind, allowed)
            return
        part, required, optional = self._kinds[kind]
        self._block_id(block, where)
        if self.fields(block, where, ("type", *required), ("block_id", *optional)):
            part(block, where)

    def _block_id(self, block: Json, where: str) -> None:
        block_id = block.get("block_id")
        self.string(block_id, f"{where}/block_id", MAX_ID)
        if isinstance(block_id, str) and block_id:
            if block_id in self._block_ids:
                self.complain(f"{where}/block_id", f"`block_id` {block_id} already exists", "unique", block_id)
            self._block_ids.add(block_id)

    def _section_block(self, block: Json, where: str) -> None:
        if not block.get("text") and not block.get("fields"):
            self.complain(where, "missing required field: text or fields", "required", ["text"])
        self.text(block.get("text"), f"{where}/text", MAX_SECTION_TEXT)
        self.items(
            block.get("fields"), f"{where}/fields", MAX_SECTION_FIELDS, lambda v, at: self.text(v, at, MAX_FIELD_TEXT)
        )
        self.flag(block.get("expand"), f"{where}/expand")
        if block.get("accessory") is not None:
            self.element(block["accessory"], f"{where}/accessory", ACCESSORIES, set())

    def _header(self, block: Json, where: str) -> None:
        self.text(block["text"], f"{where}/text", MAX_HEADER, ("plain_text",))
        self.whole(block.get("level"), f"{where}/level", 1, MAX_HEADER_LEVEL)

    def _context(self, block: Json, where: str) -> None:
        def part(value: Any, at: str) -> None:
            if isinstance(value, dict) and value.get("type") == "image":
                self.element(value, at, ACCESSORIES, set())
            else:
                self.text(value, at, MAX_SECTION_TEXT)

        self.items(block["elements"], f"{where}/elements", MAX_CONTEXT, part)

    def _actions(self, block: Json, where: str) -> None:
        self._elements(block, where, MAX_ACTIONS, ACTIONS)

    def _context_actions(self, block: Json, where: str) -> None:
        self._elements(block, where, MAX_CONTEXT_ACTIONS, CONTEXT_ACTIONS)

    def _elements(self, block: Json, where: str, most: int, allowed: frozenset[str]) -> None:
        seen: set[str] = set()
        self.items(block["elements"], f"{where}/elements", most, lambda one, at: self.element(one, at, allowed, seen))

    def _input(self, block: Json, where: str) -> None:
        self.text(block["label"], f"{where}/label", MAX_LABEL, ("plain_text",))
        self.text(block.get("hint"), f"{where}/hint", MAX_LABEL, ("plain_text",))
        self.flag(block.get("optional"), f"{where}/optional")
        self.flag(block.get("dispatch_action"), f"{where}/dispatch_action")
        self.element(block["element"], f"{where}/element", self._inputs, set())

    def _image_block(self, block: Json, where: str) -> None:
        self.image_source(block, where)
        self.text(block.get("title"), f"{where}/title", MAX_IMAGE_TITLE, ("plain_text",))

    def _markdown(self, block: Json, where: str) -> None:
        self.string(block["text"], f"{where}/text", MAX_MARKDOWN, least=1)

    def _carousel(self, block: Json, where: str) -> None:
        cards = frozenset({"card"})
        self.items(block["elements"], f"{where}/elements", MAX_CARDS, lambda one, at: self._block_of(one, at, cards))

    def _container_block(self, block: Json, where: str) -> None:
        self.container_head(block, where)
        children = f"{where}/child_blocks"
        self.items(block["child_blocks"], children, MAX_CHILD_BLOCKS, lambda one, at: self._block_of(one, at, CHILDREN))

    def _plan(self, block: Json, where: str) -> None:
        self.string(block["title"], f"{where}/title", MAX_TASK_TITLE, least=1)
        tasks = frozenset({"task_card"})
        self.items(
            block.get("tasks"),
            f"{where}/tasks",
            MAX_PLAN_TASKS,
            lambda one, at: self._block_of(one, at, tasks),
            least=0,
        )
