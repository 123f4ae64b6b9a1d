"""Block Kit elements: which fields each has, and their limits (docs.slack.dev/reference/block-kit/block-elements)."""

import re
from collections.abc import Callable
from typing import Any

from bot.workspace.composition import MAX_OPTIONS, MAX_URL, CompositionCheck
from bot.workspace.shapes import Json

MAX_ID = 255
MAX_BUTTON_TEXT = 75
MAX_BUTTON_VALUE = 2000
MAX_AGENT_PROMPT = 4000
MAX_PLACEHOLDER = 150
MAX_OPTION_GROUPS = 100
MAX_CHECKBOXES = 10
MAX_OVERFLOW_OPTIONS = 5
MAX_FILES_OF_INPUT = 10
MAX_TYPED = 3000
MAX_VIEWERS = 10  # icon button, visible_to_user_ids
MAX_LISTED = 1000  # initial users, channels or conversations, file types: no bound is published

DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
_EPOCH_SECONDS = (1_000_000_000, 9_999_999_999)  # datetimepicker: "a UNIX timestamp in seconds ... 10 digits"

_CHOICE = ("placeholder", "confirm", "focus_on_load")
_CONVERSATIONS = ("default_to_current_conversation", "filter")
_ENTRY = ("initial_value", "dispatch_action_config", "focus_on_load", "placeholder")
_BUTTON = ("value", "url", "style", "confirm", "accessibility_label", "agent_prompt", "agent_prompt_display")
_ICON_BUTTON = ("value", "confirm", "accessibility_label", "visible_to_user_ids")

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "button": (("text",), _BUTTON),
    "workflow_button": (("text", "workflow"), ("style", "accessibility_label")),
    "icon_button": (("icon", "text"), _ICON_BUTTON),
    "feedback_buttons": (("positive_button", "negative_button"), ()),
    "overflow": (("options",), ("confirm",)),
    "static_select": ((), ("options", "option_groups", "initial_option", *_CHOICE)),
    "external_select": ((), ("initial_option", "min_query_length", *_CHOICE)),
    "users_select": ((), ("initial_user", *_CHOICE)),
    "conversations_select": ((), ("initial_conversation", "response_url_enabled", *_CONVERSATIONS, *_CHOICE)),
    "channels_select": ((), ("initial_channel", "response_url_enabled", *_CHOICE)),
    "multi_static_select": ((), ("options", "option_groups", "initial_options", "max_selected_items", *_CHOICE)),
    "multi_external_select": ((), ("initial_options", "min_query_length", "max_selected_items", *_CHOICE)),
    "multi_users_select": ((), ("initial_users", "max_selected_items", *_CHOICE)),
    "multi_conversations_select": ((), ("initial_conversations", "max_selected_items", *_CONVERSATIONS, *_CHOICE)),
    "multi_channels_select": ((), ("initial_channels", "max_selected_items", *_CHOICE)),
    "checkboxes": (("options",), ("initial_options", "confirm", "focus_on_load")),
    "radio_buttons": (("options",), ("initial_option", "confirm", "focus_on_load")),
    "datepicker": ((), ("initial_date", *_CHOICE)),
    "timepicker": ((), ("initial_time", "timezone", *_CHOICE)),
    "datetimepicker": ((), ("initial_date_time", "confirm", "focus_on_load")),
    "plain_text_input": ((), ("multiline", "min_length", "max_length", *_ENTRY)),
    "email_text_input": ((), _ENTRY),
    "url_text_input": ((), _ENTRY),
    "number_input": (("is_decimal_allowed",), ("min_value", "max_value", *_ENTRY)),
    "rich_text_input": ((), _ENTRY),
    "file_input": ((), ("filetypes", "max_files")),
    "image": (("alt_text",), ("image_url", "slack_file")),
}

SELECTS = frozenset(kind for kind in FIELDS if kind.endswith("_select"))
ACTIONS = SELECTS | {
    "button", "workflow_button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker",
    "datetimepicker",
}  # fmt: skip
ACCESSORIES = ACTIONS | {"image"}
CONTEXT_ACTIONS = frozenset({"icon_button", "feedback_buttons"})
PRESSED = frozenset({"button", "workflow_button", "icon_button"})
"""Elements that hold no value of the person's: a press sends what the app gave them."""
INPUTS = frozenset(FIELDS) - PRESSED - {"feedback_buttons", "overflow", "image"}
NON_MODAL_INPUTS = INPUTS - {"file_input"}

_FLAGS = ("focus_on_load", "multiline", "default_to_current_conversation", "response_url_enabled", "is_decimal_allowed")
_LISTS = ("initial_users", "initial_conversations", "initial_channels", "filetypes")
_NAMES = ("initial_user", "initial_conversation", "initial_channel", "timezone", "icon")


class ElementCheck(CompositionCheck):
    """Adds what is to be said about elements."""

    def __init__(self) -> None:
        super().__init__()
        self._focused: str | None = None

    def element(self, value: Any, where: str, allowed: frozenset[str], seen: set[str]) -> None:
        """One element; `seen` holds the action ids of the block so far, which must differ."""
        element = self.mapping(value, where)
        if element is None:
            return
        kind = element.get("type")
        if not isinstance(kind, str) or kind not in allowed:
            self.unsupported(where, kind, allowed)
            return
        required, optional = FIELDS[kind]
        self.fields(element, where, ("type", *required), optional if kind == "image" else ("action_id", *optional))
        self.string(element.get("action_id"), f"{where}/action_id", MAX_ID, least=1)
        action_id = element.get("action_id")
        if isinstance(action_id, str):
            if action_id in seen:
                self.complain(f"{where}/action_id", f"`action_id` {action_id} already exists", "unique", action_id)
            seen.add(action_id)
        self._common(element, where)
        part = self._parts().get(kind)
        if part is not None:
            part(element, where)

    def _parts(self) -> dict[str, Callable[[Json, str], None]]:
        return {
            "button": self._button,
            "workflow_button": self._button,
            "icon_button": self._button,
            "feedback_buttons": self._feedback,
            "overflow": self._overflow,
            "static_select": self._static,
            "multi_static_select": self._static,
            "external_select": self._external,
            "multi_external_select": self._external,
            "checkboxes": self._boxes,
            "radio_buttons": self._boxes,
            "datepicker": lambda e, at: self.matching(e.get("initial_date"), f"{at}/initial_date", DATE, "YYYY-MM-DD"),
            "timepicker": lambda e, at: self.matching(e.get("initial_time"), f"{at}/initial_time", TIME, "HH:mm"),
            "datetimepicker": self._moment,
            "plain_text_input": self._typed,
            "email_text_input": self._typed,
            "url_text_input": self._typed,
            "number_input": self._number,
            "rich_text_input": self._rich_input,
            "file_input": lambda e, at: self.whole(e.get("max_files"), f"{at}/max_files", 1, MAX_FILES_OF_INPUT),
            "image": self.image_source,
        }

    def _common(self, element: Json, where: str) -> None:
        self.text(element.get("placeholder"), f"{where}/placeholder", MAX_PLACEHOLDER, ("plain_text",))
        self.confirm(element.get("confirm"), f"{where}/confirm")
        self.conversation_filter(element.get("filter"), f"{where}/filter")
        self.dispatch_config(element.get("dispatch_action_config"), f"{where}/dispatch_action_config")
        self.whole(element.get("max_selected_items"), f"{where}/max_selected_items", 1, MAX_LISTED)
        for name in _FLAGS:
            self.flag(element.get(name), f"{where}/{name}")
        for name in _NAMES:
            self.string(element.get(name), f"{where}/{name}", MAX_ID, least=1)
        for name in _LISTS:
            self.items(
                element.get(name), f"{where}/{name}", MAX_LISTED, lambda one, at: self._named(one, at, MAX_ID), least=0
            )
        if element.get("focus_on_load") is True:
            if self._focused is not None:
                self.complain(f"{where}/focus_on_load", "only one element can have focus_on_load", "unique", True)
            self._focused = where

    def _named(self, value: Any, where: str, most: int) -> None:
        if value is None:
            self.complain(where, "must provide a string", "type", "string")
        self.string(value, where, most, least=1)

    def _button(self, element: Json, where: str) -> None:
        self.text(element.get("text"), f"{where}/text", MAX_BUTTON_TEXT, ("plain_text",))
        self.string(element.get("value"), f"{where}/value", MAX_BUTTON_VALUE)
        self.string(element.get("url"), f"{where}/url", MAX_URL)
        self.string(element.get("accessibility_label"), f"{where}/accessibility_label", MAX_BUTTON_TEXT)
        self.string(element.get("agent_prompt"), f"{where}/agent_prompt", MAX_AGENT_PROMPT)
        self.one_of(element.get("style"), f"{where}/style", ("primary", "danger"))
        viewers = f"{where}/visible_to_user_ids"
        self.items(
            element.get("visible_to_user_ids"), viewers, MAX_VIEWERS, lambda one, at: self._named(one, at, MAX_ID)
        )

    def _feedback(self, element: Json, where: str) -> None:
        for name in ("positive_button", "negative_button"):
            button = self.mapping(element.get(name), f"{where}/{name}")
            if button is not None and self.fields(
                button, f"{where}/{name}", ("text", "value"), ("accessibility_label",)
            ):
                self._button(button, f"{where}/{name}")

    def _overflow(self, element: Json, where: str) -> None:
        self.items(
            element.get("options"),
            f"{where}/options",
            MAX_OVERFLOW_OPTIONS,
            lambda one, at: self.option(one, at, url=True),
        )

    def _static(self, element: Json, where: str) -> None:
        options, groups = element.get("options"), element.get("option_groups")
        if (options is None) == (groups is None):
            both = ["options", "option_groups"]
            self.complain(where, "must provide exactly one of: options, option_groups", "oneOf", both)
        self.items(options, f"{where}/options", MAX_OPTIONS, self.option)
        self.items(groups, f"{where}/option_groups", MAX_OPTION_GROUPS, self.option_group)
        if not self.complaints:
            self._chosen(element, where, [*(options or ()), *(o for group in groups or () for o in group["options"])])

    def _external(self, element: Json, where: str) -> None:
        self.whole(element.get("min_query_length"), f"{where}/min_query_length", 0, MAX_TYPED)
        self.option(element.get("initial_option"), f"{where}/initial_option")
        self.items(element.get("initial_options"), f"{where}/initial_options", MAX_OPTIONS, self.option)

    def _boxes(self, element: Json, where: str) -> None:
        texts = ("plain_text", "mrkdwn")
        self.items(
            element.get("options"), f"{where}/options", MAX_CHECKBOXES, lambda one, at: self.option(one, at, texts)
        )
        if not self.complaints:
            self._chosen(element, where, element["options"])

    def _chosen(self, element: Json, where: str, offered: list[Json]) -> None:
        chosen = [element["initial_option"]] if element.get("initial_option") else element.get("initial_options") or []
        if not isinstance(chosen, list) or any(option not in offered for option in chosen):
            self.complain(where, "initial option must match one of the options", "enum", "options")

    def _moment(self, element: Json, where: str) -> None:
        self.whole(element.get("initial_date_time"), f"{where}/initial_date_time", *_EPOCH_SECONDS)

    def _typed(self, element: Json, where: str) -> None:
        self.string(element.get("initial_value"), f"{where}/initial_value", MAX_TYPED)
        self.whole(element.get("min_length"), f"{where}/min_length", 0, MAX_TYPED)
        self.whole(element.get("max_length"), f"{where}/max_length", 1, MAX_TYPED)

    def _number(self, element: Json, where: str) -> None:
        for name in ("initial_value", "min_value", "max_value"):
            self.matching(element.get(name), f"{where}/{name}", NUMBER, "a number in a string")

    def _rich_input(self, element: Json, where: str) -> None:
        """Replaced where rich text is known."""
        self.mapping(element.get("initial_value"), f"{where}/initial_value")
