"""Blocks that frame other content: cards, carousels, containers, plans and their tasks, alerts, videos.

docs.slack.dev/reference/block-kit/blocks; limits as there and in slack_sdk.models.blocks.
"""

from typing import Any

from bot.workspace.composition import MAX_ALT_TEXT
from bot.workspace.rich_text import RichTextCheck
from bot.workspace.shapes import Json

MAX_CARD_TITLE = 150
MAX_CARD_BODY = 200
MAX_CARD_BUTTONS = 25  # as an actions block; the card's own page gives no bound
MAX_CARDS = 10
MAX_CHILD_BLOCKS = 10
MAX_PLAN_TASKS = 50  # no bound is published; a message holds no more blocks than this
MAX_TASK_SOURCES = 100  # the same
MAX_TASK_TITLE = 3000  # the same
MAX_ALERT = 200
MAX_VIDEO_TITLE = 199  # "must be less than 200 characters"
MAX_VIDEO_AUTHOR = 49  # "must be less than 50 characters"
MAX_VIDEO_TEXT = 3000  # the description has no published bound
LEVELS = ("default", "info", "warning", "error", "success")
WIDTHS = ("narrow", "standard", "wide", "full")
STATES = ("pending", "in_progress", "complete", "error")
CARD = ((), ("hero_image", "icon", "slack_icon", "title", "subtitle", "body", "actions"))
TASK = (("task_id", "title", "status"), ("details", "output", "sources"))
CHILDREN = frozenset(
    {"actions", "context", "divider", "header", "image", "markdown", "rich_text", "section", "table", "video"}
)
"""What a container may hold: no input, and nothing that frames other blocks itself."""


class CardCheck(RichTextCheck):
    """Adds what is to be said about blocks that frame others."""

    def card(self, block: Json, where: str) -> None:
        """A card: at least a picture, a title, a body or buttons."""
        if not any(block.get(name) for name in ("hero_image", "title", "actions", "body")):
            wanted = ["hero_image", "title", "actions", "body"]
            self.complain(where, f"must provide at least one of: {', '.join(wanted)}", "anyOf", wanted)
        for name in ("hero_image", "icon"):
            if block.get(name) is not None:
                self.element(block[name], f"{where}/{name}", frozenset({"image"}), set())
        self.mapping(block.get("slack_icon"), f"{where}/slack_icon")
        self.text(block.get("title"), f"{where}/title", MAX_CARD_TITLE)
        self.text(block.get("subtitle"), f"{where}/subtitle", MAX_CARD_TITLE)
        self.text(block.get("body"), f"{where}/body", MAX_CARD_BODY)
        seen: set[str] = set()
        buttons = frozenset({"button", "workflow_button"})
        self.items(
            block.get("actions"),
            f"{where}/actions",
            MAX_CARD_BUTTONS,
            lambda one, at: self.element(one, at, buttons, seen),
        )

    def task(self, block: Json, where: str) -> None:
        """A task card."""
        self.string(block["task_id"], f"{where}/task_id", 255, least=1)
        self.string(block["title"], f"{where}/title", MAX_TASK_TITLE, least=1)
        self.one_of(block["status"], f"{where}/status", STATES)
        self.rich_text_block(block.get("details"), f"{where}/details")
        self.rich_text_block(block.get("output"), f"{where}/output")
        self.items(block.get("sources"), f"{where}/sources", MAX_TASK_SOURCES, self._source)

    def _source(self, value: Any, where: str) -> None:
        source = self.mapping(value, where)
        if source is None:
            return
        if source.get("type") != "url":
            self.unsupported(where, source.get("type"), ["url"])
        elif self.fields(source, where, ("type", "url", "text"), ()):
            self.string(source["url"], f"{where}/url", 3000, least=1)
            self.string(source["text"], f"{where}/text", MAX_TASK_TITLE, least=1)

    def container_head(self, block: Json, where: str) -> None:
        """Everything of a container but its blocks."""
        if not block.get("title") and not block.get("rich_text_title"):
            self.complain(where, "missing required field: title or rich_text_title", "required", ["title"])
        self.text(block.get("title"), f"{where}/title", MAX_CARD_TITLE, ("plain_text",))
        self.rich_text_block(block.get("rich_text_title"), f"{where}/rich_text_title")
        self.text(block.get("subtitle"), f"{where}/subtitle", MAX_CARD_TITLE)
        self.one_of(block.get("width"), f"{where}/width", WIDTHS)
        if block.get("icon") is not None:
            self.element(block["icon"], f"{where}/icon", frozenset({"image"}), set())
        for name in ("is_collapsible", "default_collapsed", "has_header_divider"):
            self.flag(block.get(name), f"{where}/{name}")
        if block.get("default_collapsed") is True and block.get("is_collapsible") is not True:
            self.complain(f"{where}/default_collapsed", "requires is_collapsible", "dependency", "is_collapsible")
        if block.get("has_header_divider") is True and block.get("is_collapsible") is True:
            self.complain(f"{where}/has_header_divider", "not with is_collapsible", "dependency", "is_collapsible")

    def alert(self, block: Json, where: str) -> None:
        """An alert's text and level."""
        self.text(block["text"], f"{where}/text", MAX_ALERT)
        self.one_of(block.get("level"), f"{where}/level", LEVELS)

    def video(self, block: Json, where: str) -> None:
        """A video; on Slack its domain must also be one of the app's unfurl domains."""
        self.text(block["title"], f"{where}/title", MAX_VIDEO_TITLE, ("plain_text",))
        self.text(block.get("description"), f"{where}/description", MAX_VIDEO_TEXT, ("plain_text",))
        self.string(block["alt_text"], f"{where}/alt_text", MAX_ALT_TEXT, least=1)
        self.string(block.get("author_name"), f"{where}/author_name", MAX_VIDEO_AUTHOR)
        self.string(block.get("provider_name"), f"{where}/provider_name", MAX_VIDEO_TEXT)
        for name in ("video_url", "title_url"):
            self.secure_url(block.get(name), f"{where}/{name}")
        for name in ("thumbnail_url", "provider_icon_url"):
            self.string(block.get(name), f"{where}/{name}", 3000, least=1)
