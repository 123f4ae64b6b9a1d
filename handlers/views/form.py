"""The shell of a form: where it was opened from, its fields, and what was filled in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.services.people import Spot
from handlers.views.blocks import Block, View, plain_text, section
from handlers.views.limits import LABEL, VIEW_BLOCKS, VIEW_METADATA, VIEW_TITLE


@dataclass(frozen=True)
class Origin:
    """Where a form was opened from, and what it is about: ids only."""

    channel: str
    thread_ts: str | None = None
    subject: str = ""  # the id that the form is about
    scope: str = ""  # the fingerprint or partner that goes with it

    @property
    def spot(self) -> Spot:
        """The place in Slack."""
        return Spot(self.channel, self.thread_ts)

    def dumped(self) -> str:
        """For `private_metadata`."""
        return json.dumps(asdict(self))[:VIEW_METADATA]


def origin(view: Mapping[str, Any]) -> Origin:
    """What `dumped` wrote; an empty origin where the metadata is not ours."""
    try:
        read = json.loads(view.get("private_metadata") or "{}")
        thread = read.get("thread_ts")
        texts = {name: str(read.get(name) or "") for name in ("channel", "subject", "scope")}
        return Origin(thread_ts=str(thread) if thread else None, **texts)
    except (ValueError, AttributeError):
        return Origin("")


def modal(callback_id: str, title: str, submit: str, blocks: list[Block], about: Origin) -> View:
    """A view of type modal."""
    return View(
        {
            "type": "modal",
            "callback_id": callback_id,
            "title": plain_text(title, VIEW_TITLE),
            "submit": plain_text(submit, VIEW_TITLE),
            "close": plain_text("Close", VIEW_TITLE),
            "private_metadata": about.dumped(),
            "blocks": blocks,
        }
    )


def page(title: str, blocks: Sequence[Block]) -> View:
    """A page to read, with nothing to fill in."""
    return View(
        {
            "type": "modal",
            "title": plain_text(title, VIEW_TITLE),
            "close": plain_text("Close", VIEW_TITLE),
            "blocks": list(blocks[:VIEW_BLOCKS]),
        }
    )


def told(title: str, text: str) -> View:
    """A form's last page: what came of it."""
    return page(title, [section(text)])


def input_field(block_id: str, label: str, element: Block, hint: str | None = None, optional: bool = False) -> Block:
    """An input block; `block_id` names the field in what is sent."""
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, LABEL),
        "element": element,
        "optional": optional,
    }
    if hint:
        made["hint"] = plain_text(hint, LABEL)
    return made


def line_field(action_id: str, limit: int, value: str = "") -> Block:
    """One line of text."""
    made: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": limit}
    if value:
        made["initial_value"] = value[:limit]
    return made


def paragraph_field(action_id: str, limit: int, value: str = "") -> Block:
    """Several lines of text."""
    return {**line_field(action_id, limit, value), "multiline": True}


def values(view: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in: block id to the value, whatever the element; blocks left empty are absent.

    A block id may carry an id after a dot (`certificate.7`): only the part before it names the field.
    """
    found: dict[str, Any] = {}
    for block_id, elements in ((view.get("state") or {}).get("values") or {}).items():
        for element in elements.values():
            value = _value(element)
            if value not in (None, ""):
                found[block_id.split(".", maxsplit=1)[0]] = value
    return found


def _value(element: Mapping[str, Any]) -> Any:
    for name in ("value", "selected_conversation", "selected_date_time", "files"):
        if element.get(name) not in (None, ""):
            return element[name]
    ticked = element.get("selected_options")
    if isinstance(ticked, list):
        return [str(one.get("value")) for one in ticked] or None
    chosen = element.get("selected_option")
    return chosen.get("value") if isinstance(chosen, dict) else None
