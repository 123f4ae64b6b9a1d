"""Rich text and the two kinds of tables, whose cells may hold it (docs.slack.dev/reference/block-kit/blocks)."""

from typing import Any

from bot.workspace.composition import MAX_URL
from bot.workspace.elements import MAX_ID, ElementCheck
from bot.workspace.shapes import Json

MAX_RICH_TEXT_PARTS = 1000  # no bound is published; the whole payload has one
MAX_RICH_TEXT = 12_000  # the same
MAX_INDENT = 8  # rich text list: "number of pixels", in practice the depth that Slack's composer offers
MAX_TABLE_ROWS = 100
MAX_DATA_TABLE_ROWS = 101  # data table: "100 regular rows plus the header"
MAX_TABLE_CELLS = 20
MAX_TABLE_CHARACTERS = 10_000  # data table: all cells of one table, and of all tables of a message
MAX_PAGE_SIZE = 100

_STYLED = ("style",)
PARTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "text": (("text",), _STYLED),
    "link": (("url",), ("text", "unsafe", *_STYLED)),
    "user": (("user_id",), _STYLED),
    "usergroup": (("usergroup_id",), _STYLED),
    "team": (("team_id",), _STYLED),
    "channel": (("channel_id",), _STYLED),
    "emoji": (("name",), ("unicode", "skin_tone", *_STYLED)),
    "date": (("timestamp", "format"), ("url", "fallback", "timezone", *_STYLED)),
    "broadcast": (("range",), _STYLED),
    "color": (("value",), _STYLED),
}
_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
CONTAINERS: dict[str, tuple[str, ...]] = {
    "rich_text_section": (),
    "rich_text_list": ("style", "indent", "offset", "border"),
    "rich_text_quote": ("border",),
    "rich_text_preformatted": ("border", "language"),
}
_CELLS = ("raw_text", "raw_number", "rich_text")


class RichTextCheck(ElementCheck):
    """Adds what is to be said about rich text and tables."""

    def rich_text(self, block: Json, where: str) -> None:
        """The elements of a rich text block."""
        self.items(block["elements"], f"{where}/elements", MAX_RICH_TEXT_PARTS, self._container)

    def rich_text_block(self, value: Any, where: str) -> None:
        """A rich text block inside something else; None passes."""
        block = self.mapping(value, where)
        if block is None:
            return
        if block.get("type") != "rich_text":
            self.unsupported(where, block.get("type"), ["rich_text"])
        elif self.fields(block, where, ("type", "elements"), ("block_id",)):
            self.rich_text(block, where)

    def _container(self, value: Any, where: str) -> None:
        part = self.mapping(value, where)
        kind = part.get("type") if part is not None else None
        if part is None or not isinstance(kind, str) or kind not in CONTAINERS:
            self.unsupported(where, kind, CONTAINERS)
            return
        if not self.fields(part, where, ("type", "elements"), CONTAINERS[kind]):
            return
        inner = self._section if kind == "rich_text_list" else self._part
        self.items(part["elements"], f"{where}/elements", MAX_RICH_TEXT_PARTS, inner, least=0)
        self.whole(part.get("border"), f"{where}/border", 0, 1)
        if kind == "rich_text_list":
            self.one_of(part.get("style") or "", f"{where}/style", ("bullet", "ordered"))
            self.whole(part.get("indent"), f"{where}/indent", 0, MAX_INDENT)
            self.whole(part.get("offset"), f"{where}/offset", 0, MAX_RICH_TEXT_PARTS)
        self.string(part.get("language"), f"{where}/language", MAX_ID)

    def _section(self, value: Any, where: str) -> None:
        section = self.mapping(value, where)
        if section is None or section.get("type") != "rich_text_section":
            self.unsupported(where, (section or {}).get("type"), ["rich_text_section"])
        else:
            self._container(section, where)

    def _part(self, value: Any, where: str) -> None:
        part = self.mapping(value, where)
        kind = part.get("type") if part is not None else None
        if part is None or not isinstance(kind, str) or kind not in PARTS:
            self.unsupported(where, kind, PARTS)
            return
        required, optional = PARTS[kind]
        self.fields(part, where, ("type", *required), optional)
        for name in required:
            if name == "timestamp":
                self.whole(part.get(name), f"{where}/{name}", 0, 9_999_999_999)
            else:
                self.string(part.get(name), f"{where}/{name}", MAX_RICH_TEXT, least=1)
        self.string(part.get("url"), f"{where}/url", MAX_URL)
        style = self.mapping(part.get("style"), f"{where}/style")
        if style is not None and self.fields(style, f"{where}/style", (), _STYLES):
            for name, value_ in style.items():
                self.flag(value_, f"{where}/style/{name}")

    # --- tables ---------------------------------------------------------------------------------------------------

    def table(self, block: Json, where: str) -> None:
        """A table block."""
        self._rows(block["rows"], f"{where}/rows", 1, MAX_TABLE_ROWS)
        settings = f"{where}/column_settings"
        self.items(block.get("column_settings"), settings, MAX_TABLE_CELLS, self._column, least=0)

    def data_table(self, block: Json, where: str) -> None:
        """A data table block: a header row without rich text, and rows as long as it."""
        self.string(block["caption"], f"{where}/caption", MAX_RICH_TEXT, least=1)
        self.whole(block.get("page_size"), f"{where}/page_size", 1, MAX_PAGE_SIZE)
        self.whole(block.get("row_header_column_index"), f"{where}/row_header_column_index", 0, MAX_TABLE_CELLS - 1)
        rows = block["rows"]
        self._rows(rows, f"{where}/rows", 2, MAX_DATA_TABLE_ROWS)
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            return
        if len({len(row) for row in rows}) > 1:
            self.complain(f"{where}/rows", "all rows must have the same number of cells", "equalLength", None)
        for index, cell in enumerate(rows[0] if rows else ()):
            if isinstance(cell, dict) and cell.get("type") == "rich_text":
                self.unsupported(f"{where}/rows/0/{index}", "rich_text", ("raw_text", "raw_number"))
        if characters(rows) > MAX_TABLE_CHARACTERS:
            self.complain(
                f"{where}/rows", f"no more than {MAX_TABLE_CHARACTERS} characters", "maxLength", MAX_TABLE_CHARACTERS
            )

    def _rows(self, rows: Any, where: str, least: int, most: int) -> None:
        def row(value: Any, at: str) -> None:
            if value is None:
                self.complain(at, "must provide an array", "type", "array")
            self.items(value, at, MAX_TABLE_CELLS, self._cell)

        self.items(rows, where, most, row, least=least)

    def _cell(self, value: Any, where: str) -> None:
        cell = self.mapping(value, where)
        kind = cell.get("type") if cell is not None else None
        if cell is None or kind not in _CELLS:
            self.unsupported(where, kind, _CELLS)
        elif kind == "rich_text":
            self.rich_text_block(cell, where)
        elif self.fields(cell, where, ("type", "text", *(("value",) if kind == "raw_number" else ())), ()):
            self.string(cell["text"], f"{where}/text", MAX_TABLE_CHARACTERS, least=1)
            value = cell.get("value", 0)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.complain(f"{where}/value", "must provide a number", "type", "number")

    def _column(self, value: Any, where: str) -> None:
        column = self.mapping(value, where)
        if column is not None:
            self.fields(column, where, (), ("align", "is_wrapped"))
            self.one_of(column.get("align"), f"{where}/align", ("left", "center", "right"))
            self.flag(column.get("is_wrapped"), f"{where}/is_wrapped")

    def _rich_input(self, element: Json, where: str) -> None:
        self.rich_text_block(element.get("initial_value"), f"{where}/initial_value")


def characters(value: Any) -> int:
    """How many characters people read in a piece of Block Kit; types and ids are none of them."""
    found, left = 0, [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            left += [inner for name, inner in part.items() if name not in {"type", "block_id", "action_id"}]
        elif isinstance(part, list):
            left += part
        elif isinstance(part, str):
            found += len(part)
    return found
