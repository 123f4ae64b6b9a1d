"""Block Kit elements: which fields each has, and their limits (docs.slack.dev/reference/block-kit/block-elements)."""

from collections.abc import Callable
from typing import Any

from bot.workspace.checking import Check
from bot.workspace.shapes import Json

MAX_ID = 255
MAX_BUTTON_TEXT = 75
MAX_BUTTON_VALUE = 2000
MAX_URL = 3000
MAX_PLACEHOLDER = 150
MAX_OPTION_TEXT = 75
MAX_OPTION_VALUE = 150
MAX_OPTIONS = 100
MAX_OPTION_GROUPS = 100
MAX_CHECKBOXES = 10
MAX_OVERFLOW_OPTIONS = 5
MAX_FILES_OF_INPUT = 10
CONFIRM_LIMITS = {"title": 100, "text": 300, "confirm": 30, "deny": 30}

_CHOICE = ("placeholder", "confirm", "focus_on_load")
_CONVERSATIONS = ("default_to_current_conversation", "filter", "response_url_enabled")
_TYPED = ("initial_value", "min_length", "max_length", "dispatch_action_config", "focus_on_load", "placeholder")

FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "button": (("text",), ("value", "url", "style", "confirm", "accessibility_label")),
    "workflow_button": (("text", "workflow"), ("style", "accessibility_label")),
    "overflow": (("options",), ("confirm",)),
    "static_select": ((), ("options", "option_groups", "initial_option", *_CHOICE)),
    "external_select": ((), ("initial_option", "min_query_length", *_CHOICE)),
    "users_select": ((), ("initial_user", *_CHOICE)),
    "conversations_select": ((), ("initial_conversation", *_CONVERSATIONS, *_CHOICE)),
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
    "plain_text_input": ((), ("multiline", *_TYPED)),
    "email_text_input": ((), ("initial_value", "dispatch_action_config", "focus_on_load", "placeholder")),
    "url_text_input": ((), ("initial_value", "dispatch_action_config", "focus_on_load", "placeholder")),
    "number_input": (("is_decimal_allowed",), ("min_value", "max_value", *_TYPED)),
    "rich_text_input": ((), ("initial_value", "dispatch_action_config", "focus_on_load", "placeholder")),
    "file_input": ((), ("filetypes", "max_files")),
    "image": (("alt_text",), ("image_url", "slack_file")),
}

SELECTS = frozenset(kind for kind in FIELDS if kind.endswith("_select"))
ACTIONS = SELECTS | {
    "button", "workflow_button", "overflow", "checkboxes", "radio_buttons", "datepicker", "timepicker",
    "datetimepicker",
}  # fmt: skip
ACCESSORIES = ACTIONS | {"image"}
INPUTS = (SELECTS | frozenset(FIELDS)) - {"button", "workflow_button", "overflow", "image"}
MESSAGE_INPUTS = INPUTS - {"file_input"}


class ElementCheck(Check):
    """Adds what is to be said about elements and the objects inside them."""

    def element(self, value: Any, where: str, allowed: frozenset[str], seen: set[str]) -> None:
        """One element; `seen` holds the action ids of the block so far, which must differ."""
        element = self.mapping(value, where)
        if element is None:
            return
        kind = element.get("type")
        if not isinstance(kind, str) or kind not in allowed:
            self.complain(f"{where}/type", f"unsupported type: {kind}")
            return
        required, optional = FIELDS[kind]
        self.fields(element, where, ("type", *required), optional if kind == "image" else ("action_id", *optional))
        self.string(element.get("action_id"), f"{where}/action_id", MAX_ID, least=1)
        action_id = element.get("action_id")
        if isinstance(action_id, str):
            if action_id in seen:
                self.complain(f"{where}/action_id", f"`action_id` {action_id} already exists")
            seen.add(action_id)
        self._parts(kind, element, where)

    def _parts(self, kind: str, element: Json, where: str) -> None:
        self.text(element.get("placeholder"), f"{where}/placeholder", MAX_PLACEHOLDER, ("plain_text",))
        self.confirm(element.get("confirm"), f"{where}/confirm")
        part: Callable[[Json, str], None] | None = {
            "button": self._button,
            "overflow": self._overflow,
            "static_select": self._static,
            "multi_static_select": self._static,
            "checkboxes": self._boxes,
            "radio_buttons": self._boxes,
            "plain_text_input": self._typed,
            "file_input": self._file_input,
            "image": self._image,
        }.get(kind)
        if part is not None:
            part(element, where)

    def _button(self, element: Json, where: str) -> None:
        self.text(element.get("text"), f"{where}/text", MAX_BUTTON_TEXT, ("plain_text",))
        self.string(element.get("value"), f"{where}/value", MAX_BUTTON_VALUE)
        self.string(element.get("url"), f"{where}/url", MAX_URL)
        self.one_of(element.get("style"), f"{where}/style", ("primary", "danger"))

    def _overflow(self, element: Json, where: str) -> None:
        self.items(element.get("options"), f"{where}/options", MAX_OVERFLOW_OPTIONS, self.option)

    def _static(self, element: Json, where: str) -> None:
        options, groups = element.get("options"), element.get("option_groups")
        if (options is None) == (groups is None):
            self.complain(where, "must provide exactly one of: options, option_groups")
        self.items(options, f"{where}/options", MAX_OPTIONS, self.option)
        self.items(groups, f"{where}/option_groups", MAX_OPTION_GROUPS, self._group)
        if not self.messages:
            self._chosen(element, where, [*(options or ()), *(o for group in groups or () for o in group["options"])])

    def _chosen(self, element: Json, where: str, offered: list[Json]) -> None:
        chosen = [element["initial_option"]] if element.get("initial_option") else element.get("initial_options") or []
        if not isinstance(chosen, list) or any(option not in offered for option in chosen):
            self.complain(where, "initial option must match one of the options")

    def _group(self, value: Any, where: str) -> None:
        group = self.mapping(value, where)
        if group is not None and self.fields(group, where, ("label", "options"), ()):
            self.text(group["label"], f"{where}/label", MAX_OPTION_TEXT, ("plain_text",))
            self.items(group["options"], f"{where}/options", MAX_OPTIONS, self.option)

    def _boxes(self, element: Json, where: str) -> None:
        self.items(element.get("options"), f"{where}/options", MAX_CHECKBOXES, self.option)
        if not self.messages:
            self._chosen(element, where, element["options"])

    def _typed(self, element: Json, where: str) -> None:
        self.string(element.get("initial_value"), f"{where}/initial_value", 3000)
        for name in ("min_length", "max_length"):
            length = element.get(name)
            if length is not None and not (isinstance(length, int) and 0 <= length <= 3000):
                self.complain(f"{where}/{name}", "must be a number from 0 to 3000")

    def _file_input(self, element: Json, where: str) -> None:
        most = element.get("max_files")
        if most is not None and not (isinstance(most, int) and 1 <= most <= MAX_FILES_OF_INPUT):
            self.complain(f"{where}/max_files", f"must be a number from 1 to {MAX_FILES_OF_INPUT}")

    def _image(self, element: Json, where: str) -> None:
        if not element.get("image_url") and not element.get("slack_file"):
            self.complain(where, "must provide exactly one of: image_url, slack_file")
        self.string(element.get("image_url"), f"{where}/image_url", MAX_URL, least=1)
        self.string(element.get("alt_text"), f"{where}/alt_text", 2000, least=1)

    def option(self, value: Any, where: str) -> None:
        """An option object."""
        option = self.mapping(value, where)
        if option is not None and self.fields(option, where, ("text", "value"), ("description", "url")):
            self.text(option["text"], f"{where}/text", MAX_OPTION_TEXT)
            self.string(option["value"], f"{where}/value", MAX_OPTION_VALUE, least=1)
            self.text(option.get("description"), f"{where}/description", MAX_OPTION_TEXT)

    def confirm(self, value: Any, where: str) -> None:
        """A confirm dialog."""
        confirm = self.mapping(value, where)
        if confirm is None:
            return
        self.fields(confirm, where, ("title", "text"), ("confirm", "deny", "style"))
        for name, most in CONFIRM_LIMITS.items():
            kinds = ("plain_text", "mrkdwn") if name == "text" else ("plain_text",)
            self.text(confirm.get(name), f"{where}/{name}", most, kinds)
