"""The way Slack words what is wrong with a payload: a sentence and a JSON pointer (RFC 6901) to the place."""

from collections.abc import Callable, Collection
from typing import Any

from bot.workspace.shapes import Json


class Check:
    """Collects complaints about one payload.

    Slack answers `invalid_blocks` with `response_metadata.messages`, each `[ERROR] sentence [json-pointer:/where]`.
    """

    def __init__(self) -> None:
        self.messages: list[str] = []

    def complain(self, where: str, sentence: str) -> None:
        """Notes what is wrong at the pointer."""
        self.messages.append(f"[ERROR] {sentence} [json-pointer:{where}]")

    def fields(self, value: Json, where: str, required: Collection[str], optional: Collection[str]) -> bool:
        """Whether all required fields are there and no field is unknown."""
        missing = [name for name in required if value.get(name) is None]
        for name in missing:
            self.complain(where, f"missing required field: {name}")
        for name in value:
            if name not in required and name not in optional:
                self.complain(where, f"invalid additional property: {name}")
        return not missing

    def string(self, value: Any, where: str, most: int, least: int = 0) -> None:
        """A string within the limits, both inclusive; None passes."""
        if value is None:
            return
        if not isinstance(value, str):
            self.complain(where, "must provide a string")
        elif len(value) > most:
            self.complain(where, f"must be less than {most + 1} characters")
        elif len(value) < least:
            self.complain(where, f"must be more than {least - 1} characters")

    def items(self, value: Any, where: str, most: int, each: Callable[[Any, str], None], *, least: int = 1) -> None:
        """An array within the limits, both inclusive, with every item checked; None passes."""
        if value is None:
            return
        if not isinstance(value, list):
            self.complain(where, "must provide an array")
            return
        if len(value) > most:
            self.complain(where, f"no more than {most} items allowed")
        if len(value) < least:
            self.complain(where, f"no fewer than {least} items allowed")
        for index, item in enumerate(value[:most]):
            each(item, f"{where}/{index}")

    def one_of(self, value: Any, where: str, allowed: tuple[str, ...]) -> None:
        """One of the words; None passes."""
        if value is not None and value not in allowed:
            self.complain(where, f"must be one of: {', '.join(allowed)}")

    def mapping(self, value: Any, where: str) -> Json | None:
        """The value if it is an object, else a complaint; None passes silently."""
        if value is None or isinstance(value, dict):
            return value
        self.complain(where, "must provide an object")
        return None

    def text(self, value: Any, where: str, most: int, kinds: Collection[str] = ("plain_text", "mrkdwn")) -> None:
        """A text object (docs.slack.dev/reference/block-kit/composition-objects/text-object)."""
        text = self.mapping(value, where)
        if text is None:
            return
        if text.get("type") not in kinds:
            self.complain(f"{where}/type", f"unsupported type: {text.get('type')}")
            return
        self.fields(text, where, ("type", "text"), ("emoji",) if text["type"] == "plain_text" else ("verbatim",))
        self.string(text.get("text"), f"{where}/text", most, least=1)
