"""Composition objects of Block Kit and their limits (docs.slack.dev/reference/block-kit/composition-objects)."""

from collections.abc import Collection
from typing import Any

from bot.workspace.checking import Check
from bot.workspace.shapes import Json

MAX_URL = 3000
MAX_ALT_TEXT = 2000
MAX_OPTION_TEXT = 75
MAX_OPTION_VALUE = 150
MAX_OPTIONS = 100
CONFIRM_LIMITS = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
CONVERSATION_KINDS = ("im", "mpim", "private", "public")
DISPATCH_MOMENTS = ("on_enter_pressed", "on_character_entered")

_PLAIN = ("plain_text",)
_ANY = ("plain_text", "mrkdwn")


class CompositionCheck(Check):
    """Adds what is to be said about options, confirm dialogs, filters and images."""

    def option(self, value: Any, where: str, texts: Collection[str] = _PLAIN, *, url: bool = False) -> None:
        """An option; checkboxes and radio buttons may use mrkdwn, and only an overflow menu links (`url`)."""
        option = self.mapping(value, where)
        if option is None or not self.fields(option, where, ("text", "value"), ("description", "url")[: 1 + url]):
            return
        self.text(option["text"], f"{where}/text", MAX_OPTION_TEXT, texts)
        self.string(option["value"], f"{where}/value", MAX_OPTION_VALUE, least=1)
        self.text(option.get("description"), f"{where}/description", MAX_OPTION_TEXT, texts)
        self.string(option.get("url"), f"{where}/url", MAX_URL)

    def option_group(self, value: Any, where: str) -> None:
        """A labelled group of options."""
        group = self.mapping(value, where)
        if group is not None and self.fields(group, where, ("label", "options"), ()):
            self.text(group["label"], f"{where}/label", MAX_OPTION_TEXT, _PLAIN)
            self.items(group["options"], f"{where}/options", MAX_OPTIONS, self.option)

    def confirm(self, value: Any, where: str) -> None:
        """A confirm dialog."""
        confirm = self.mapping(value, where)
        if confirm is None:
            return
        self.fields(confirm, where, ("title", "text"), ("confirm", "deny", "style"))
        for name, most in CONFIRM_LIMITS.items():
            self.text(confirm.get(name), f"{where}/{name}", most, _ANY if name == "text" else _PLAIN)
        self.one_of(confirm.get("style"), f"{where}/style", ("primary", "danger"))

    def conversation_filter(self, value: Any, where: str) -> None:
        """Which conversations a select offers; an empty filter is refused."""
        wanted = self.mapping(value, where)
        if wanted is None:
            return
        self.fields(wanted, where, (), ("include", "exclude_external_shared_channels", "exclude_bot_users"))
        if not wanted:
            self.complain(where, "must provide at least one field", "minProperties", 1)
        self.items(
            wanted.get("include"),
            f"{where}/include",
            len(CONVERSATION_KINDS),
            lambda kind, at: self.one_of(kind, at, CONVERSATION_KINDS),
        )
        self.flag(wanted.get("exclude_external_shared_channels"), f"{where}/exclude_external_shared_channels")
        self.flag(wanted.get("exclude_bot_users"), f"{where}/exclude_bot_users")

    def dispatch_config(self, value: Any, where: str) -> None:
        """When an input tells the app of what is typed."""
        config = self.mapping(value, where)
        if config is not None and self.fields(config, where, ("trigger_actions_on",), ()):
            moments = f"{where}/trigger_actions_on"
            self.items(config["trigger_actions_on"], moments, 2, lambda one, at: self.one_of(one, at, DISPATCH_MOMENTS))

    def image_source(self, value: Json, where: str) -> None:
        """Exactly one of `image_url` and `slack_file`, and the text for those who do not see it."""
        if bool(value.get("image_url")) == bool(value.get("slack_file")):
            self.complain(
                where, "must provide exactly one of: image_url, slack_file", "oneOf", ["image_url", "slack_file"]
            )
        self.string(value.get("image_url"), f"{where}/image_url", MAX_URL, least=1)
        self.string(value.get("alt_text"), f"{where}/alt_text", MAX_ALT_TEXT, least=1)
        file = self.mapping(value.get("slack_file"), f"{where}/slack_file")
        if file is not None:
            self.fields(file, f"{where}/slack_file", (), ("id", "url"))
            if bool(file.get("id")) == bool(file.get("url")):
                self.complain(f"{where}/slack_file", "must provide exactly one of: id, url", "oneOf", ["id", "url"])
            for name in ("id", "url"):
                self.string(file.get(name), f"{where}/slack_file/{name}", MAX_URL, least=1)

    def secure_url(self, value: Any, where: str) -> None:
        """An address by HTTPS."""
        self.string(value, where, MAX_URL, least=1)
        if isinstance(value, str) and not value.startswith("https://"):
            self.complain(where, "must be an HTTPS URL", "format", "https")
