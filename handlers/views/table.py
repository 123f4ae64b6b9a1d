"""Slack's table block, whose cells hold plain text, or text with days in it."""

from collections.abc import Sequence
from datetime import datetime

from handlers.views.blocks import Block
from handlers.views.limits import TABLE_CELLS, TABLE_ROWS
from handlers.views.text import NOTHING, is_shown_as_date, utc_day

Cell = str | tuple[str | datetime, ...]
"""Of a table: plain text, or a sequence of texts and days."""


def table(rows: Sequence[Sequence[Cell]]) -> Block:
    """The one table of a message, labels first. No markup is read in its cells, and none may be empty."""
    return {
        "type": "table",
        "column_settings": [{"is_wrapped": place > 0} for place, _ in enumerate(rows[0])],
        "rows": [[_cell(cell) for cell in row[:TABLE_CELLS]] for row in rows[:TABLE_ROWS]],
    }


def _cell(cell: Cell) -> Block:
    """Days are shown in the reader's own zone (docs.slack.dev/reference/block-kit/block-elements/date-element)."""
    if isinstance(cell, str):
        return {"type": "raw_text", "text": cell or NOTHING}
    parts = [_day(part) if isinstance(part, datetime) else {"type": "text", "text": part} for part in cell if part]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}


def _day(at: datetime) -> Block:
    if not is_shown_as_date(at):
        return {"type": "text", "text": utc_day(at)}
    return {"type": "date", "timestamp": int(at.timestamp()), "format": "{date_short}", "fallback": utc_day(at)}
