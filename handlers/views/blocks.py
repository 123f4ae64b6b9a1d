"""The few Block Kit shapes that our messages use, each within Slack's limits, and the message itself.

The safe core only: header, section, context, actions, divider, one table. Texts given here are finished mrkdwn (made
with `handlers.views.text`); labels are our own words, or plain text that is cut here.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NewType

from handlers.views.chain_picture import ChainPicture
from handlers.views.limits import (
    ACTIONS_ELEMENTS,
    BUTTON_TEXT,
    BUTTON_VALUE,
    CONFIRM_BUTTON,
    CONFIRM_TEXT,
    CONFIRM_TITLE,
    CONTEXT_ELEMENTS,
    FALLBACK_TEXT,
    FIELD_TEXT,
    HEADER_TEXT,
    IDENTIFIER,
    MESSAGE_BLOCKS,
    MESSAGE_CHARACTERS,
    OPTION_TEXT,
    OPTION_VALUE,
    OPTIONS,
    PLACEHOLDER,
    SECTION_FIELDS,
    SECTION_TEXT,
)
from handlers.views.text import ELLIPSIS, NOTHING, escape, plain, unmarked

Block = dict[str, Any]
View = NewType("View", dict[str, Any])
"""A modal or a home page, as `views.open` and its kin take it."""

SPARE_BLOCKS = 2  # kept free of a message's blocks: for the line that says it was cut, and for its picture
CUT_SHORT = "_The rest is too long for one message. Ask for one certificate at a time._"


@dataclass(frozen=True)
class Message:
    """What is posted: `text` is what notifications and screen readers get, `blocks` what people see.

    `picture` is what may be hung below the blocks once it is drawn; the message says everything without it.
    `replaces` is the subject of the note that this message takes the place of, where that was posted.
    """

    text: str
    blocks: list[Block]
    picture: ChainPicture | None = None
    replaces: str | None = None


def message(text: str, blocks: Sequence[Block], picture: ChainPicture | None = None) -> Message:
    """A message within Slack's limits: what does not fit is left out from below, and said to be.

    `text` is plain words. It is escaped here, because Slack reads markup and mentions in it.
    """
    kept: list[Block] = []
    room = MESSAGE_CHARACTERS
    for block in told_apart(blocks):
        room -= len(json.dumps(block, ensure_ascii=False))
        if room < 0 or len(kept) == MESSAGE_BLOCKS - SPARE_BLOCKS:
            kept.append(context(CUT_SHORT))
            break
        kept.append(block)
    return Message(escape(text, FALLBACK_TEXT) or NOTHING, kept, picture)


def told_apart(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks without a second one of the same id, which Slack would refuse."""
    seen: set[str] = set()
    for block in blocks:
        block_id = block.get("block_id")
        if block_id in seen:
            yield {name: part for name, part in block.items() if name != "block_id"}
            continue
        if block_id:
            seen.add(block_id)
        yield block


def with_image(shown: Message, file_id: str) -> Message:
    """The message with its picture below it; `file_id` is the picture's file in Slack."""
    if shown.picture is None:
        return shown
    image = {
        "type": "image",
        "block_id": f"picture.{file_id}",
        "alt_text": shown.picture.in_words,
        "slack_file": {"id": file_id},
    }
    return replace(shown, blocks=[*shown.blocks, image])


def without_image(shown: Message) -> Message:
    """The message as it is while Slack takes no picture."""
    return replace(shown, blocks=[block for block in shown.blocks if block["type"] != "image"])


def say(text: str) -> Message:
    """A message of one paragraph; `text` is finished mrkdwn."""
    return message(unmarked(text), [section(text)])


def mrkdwn(text: str) -> Block:
    """A mrkdwn text object. `verbatim` keeps Slack from making links and mentions out of plain words."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str, limit: int) -> Block:
    """A plain_text object; no `:emoji:` in it."""
    return {"type": "plain_text", "text": plain(text, limit), "emoji": False}


def section(text: str, accessory: Block | None = None, block_id: str | None = None) -> Block:
    """One paragraph, with an element at its right where given."""
    made: Block = {"type": "section", "text": mrkdwn(_whole(text, SECTION_TEXT))}
    if accessory:
        made["accessory"] = accessory
    name = block_id or _id_of(accessory)
    if name:
        made["block_id"] = name
    return made


def _id_of(element: Block | None) -> str | None:
    """The same name for a button's block in every version of its message: a click on the one before still fits."""
    if element is None or "value" not in element:
        return None
    # By what it is about, not by which button: when one of them goes, the others' block stays the same.
    about = str(element["action_id"]).partition(".")[0]
    return f"{about}:{element['value']}"[:IDENTIFIER]


def fields(pairs: Mapping[str, str]) -> Block:
    """Label and value pairs in two columns."""
    kept = list(pairs.items())[:SECTION_FIELDS]
    return {"type": "section", "fields": [mrkdwn(_whole(f"*{label}*\n{value}", FIELD_TEXT)) for label, value in kept]}


def header(text: str) -> Block:
    """A headline."""
    return {"type": "header", "text": plain_text(text, HEADER_TEXT)}


def context(*texts: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [mrkdwn(_whole(text, FIELD_TEXT)) for text in texts[:CONTEXT_ELEMENTS]]}


def divider() -> Block:
    """A line."""
    return {"type": "divider"}


def actions(*elements: Block | None) -> Block:
    """A row of buttons and selects; None is left out."""
    kept = [one for one in elements if one][:ACTIONS_ELEMENTS]
    name = _id_of(kept[0]) if kept else None
    return {"type": "actions", **({"block_id": name} if name else {}), "elements": kept}


def button(label: str, action_id: str, value: str, style: str | None = None, confirm: Block | None = None) -> Block:
    """A button. `value` is an opaque id: the server looks up everything else at the click."""
    made: Block = {
        "type": "button",
        "text": plain_text(label, BUTTON_TEXT),
        "action_id": action_id,
        "value": value[:BUTTON_VALUE],
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    return made


def confirm(title: str, text: str, yes: str, style: str = "primary") -> Block:
    """The client's "are you sure?". It protects against slips only; the server checks every click again."""
    return {
        "title": plain_text(title, CONFIRM_TITLE),
        "text": plain_text(text, CONFIRM_TEXT),
        "confirm": plain_text(yes, CONFIRM_BUTTON),
        "deny": plain_text("Back", CONFIRM_BUTTON),
        "style": style,
    }


def picked(about: Message, wanted: Callable[[str], bool]) -> Iterator[Block]:
    """Those buttons of a message that somebody may press elsewhere; `wanted` is asked by action id."""
    for block in about.blocks:
        if block["type"] == "actions":
            yield from (one for one in block["elements"] if wanted(one["action_id"]))


def option(label: str, value: str) -> Block:
    """One choice of a select."""
    return {"text": plain_text(label, OPTION_TEXT), "value": value[:OPTION_VALUE]}


def select(action_id: str, placeholder: str, options: Sequence[Block], initial: Block | None = None) -> Block:
    """A select with at least one option; more than Slack's 100 are cut, so long lists also need the command.

    What is chosen already is among them, wherever in a long list it stands.
    """
    if initial is not None and initial in options[OPTIONS:]:
        options = [initial, *options]
    made: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, PLACEHOLDER),
        "options": list(options[:OPTIONS]),
    }
    if initial in made["options"]:
        made["initial_option"] = initial
    return made


def _whole(text: str, limit: int) -> str:
    """`text` within `limit`, cut at the end of a line so that no entity, link or code span is broken."""
    if not text:
        return NOTHING
    if len(text) <= limit:
        return text
    kept = text[: limit - 2]
    return (kept[: kept.rfind("\n")] if "\n" in kept else "") + f"\n{ELLIPSIS}"
