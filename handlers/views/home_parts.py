"""What every page of App Home shares: its shell, the way around, links to threads, and validity in a line."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.services.sights import Some
from handlers import ids
from handlers.views import form
from handlers.views.blocks import Block, actions, button, context, plain_text
from handlers.views.leaf import MAX_QUERY, Leaf, Tab
from handlers.views.limits import PLACEHOLDER, URL_SHOWN
from handlers.views.text import bar, day, remaining
from storage.records import Place

# Only what Slack's own permalinks consist of can become a link here.
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9/#._-]+(?:\?[A-Za-z0-9_.=&-]+)?")


@dataclass(frozen=True)
class Shell:
    """Around a page: which it is, for whom, and what it needs to be drawn.

    `address` gives the permalink of a message, empty where there is none.
    """

    leaf: Leaf
    is_ours: bool
    sees_setup: bool
    command: str
    now: datetime
    address: Callable[[Place | None], str]

    def thread(self, place: Place | None, label: str = "thread") -> str:
        """A link to where something is talked about, after a separator; empty where that is nowhere."""
        return linked(self.address(place), label)


def linked(url: str, label: str = "thread") -> str:
    """A link to the address of a message, after a separator; empty where it is none of Slack's."""
    if len(url) > URL_SHOWN or not _ADDRESS.fullmatch(url):
        return ""
    return f" · <{url.replace('&', '&amp;')}|{label}>"


def until(not_before: datetime, not_after: datetime, now: datetime) -> str:
    """How much of a validity has passed as a bar, what is left in words, and the day of the end."""
    left = f"not valid before {day(not_before)}" if not_before > now else remaining(not_after, now)
    end = f"{'until' if not_after >= now else 'on'} {day(not_after)}"
    return ", ".join(filter(None, [bar(not_before, not_after, now), left, end]))


def around(shell: Shell) -> list[Block]:
    """The way around: the pages, and the search."""
    tabs = {Tab.FRONT: "Overview", Tab.PARTNERS: "Partners"} if shell.is_ours else {Tab.FRONT: "Overview"}
    if shell.sees_setup:
        tabs |= {Tab.CA: "CA list", Tab.ROLES: "Roles"}
    here = shell.leaf.tab
    buttons = [
        button(label, f"{ids.HOME_GO}{tab}", Leaf(tab).dumped(), "primary" if tab is here else None)
        for tab, label in tabs.items()
    ]
    field = form.line_field(ids.HOME_SEARCH, MAX_QUERY, shell.leaf.query if here is Tab.SEARCH else "")
    field["dispatch_action_config"] = {"trigger_actions_on": ["on_enter_pressed"]}
    field["placeholder"] = plain_text("Name, subject, fingerprint or serial number, then Enter", PLACEHOLDER)
    search = form.input_field("home_search", "Search", field, optional=True)
    return [actions(*buttons), {**search, "dispatch_action": True}]


def go(label: str, name: str, leaf: Leaf) -> Block:
    """A button that leads to another page; `name` tells it from the other buttons of its block."""
    return button(label, f"{ids.HOME_GO}{name}", leaf.dumped())


def pager(leaf: Leaf, shown: int, total: int, size: int) -> list[Block]:
    """Where in a long list this page is, with the way to the others; nothing where everything is shown."""
    if total <= shown and leaf.offset == 0:
        return []
    first = min(leaf.offset + 1, total)
    before = go("Previous", "previous", leaf.at(leaf.offset - size)) if leaf.offset else None
    more = go("Next", "next", leaf.at(leaf.offset + size)) if leaf.offset + shown < total else None
    told = context(f"{first:,} to {leaf.offset + shown:,} of {total:,}" if shown else f"Nothing more: {total:,} in all")
    return [told, *([actions(before, more)] if before or more else [])]


def toggled(leaf: Leaf) -> Leaf:
    """The same page about all partners, or about the reader's again."""
    return replace(leaf, everyone=not leaf.everyone)


def more(some: Some[Any], one: str, many: str) -> Iterator[Block]:
    """How many there are beside those that are shown."""
    left = some.total - len(some.shown)
    if left > 0:
        yield context(f"… and {left:,} more {one if left == 1 else many}")
