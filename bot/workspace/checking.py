"""The way Slack words what is wrong with a payload: a sentence and a JSON pointer (RFC 6901) to the place."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from bot.workspace.shapes import Json


@dataclass(frozen=True)
class Complaint:
    """One thing wrong with a payload: where (RFC 6901), the sentence, and the constraint that failed."""

    where: str
    sentence: str
    constraint: str = ""
    expected: Any = None

    def as_message(self) -> str:
        """The form of `response_metadata.messages`."""
        return f"[ERROR] {self.sentence} [json-pointer:{self.where}]"

    def as_error(self, base: str) -> Json:
        """The form of `errors` in answers of blocks.validate; the pointer begins below `base`."""
        error: Json = {"code": "failed_constraint", "message": self.sentence, "pointer": self.where.removeprefix(base)}
        if self.constraint:
            error["constraint"] = {"type": self.constraint, "expected": self.expected}
        return error


class Check:
    """Collects complaints about one payload.

    Slack answers `invalid_blocks` with `response_metadata.messages`, each `[ERROR] sentence [json-pointer:/where]`.
    """

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []

    @property
    def messages(self) -> list[str]:
        """All complaints in the form of `response_metadata.messages`."""
        return [complaint.as_message() for complaint in self.complaints]

    def complain(self, where: str, sentence: str, constraint: str = "", expected: Any = None) -> None:
        """Notes what is wrong at the pointer; `constraint` and `expected` as blocks.validate names them."""
        self.complaints.append(Complaint(where, sentence, constraint, expected))

    def unsupported(self, where: str, kind: Any, allowed: Collection[str]) -> None:
        """Notes a type that may not be here."""
        self.complain(f"{where}/type", f"unsupported type: {kind}", "enum", sorted(allowed))

    def fields(self, value: Json, where: str, required: Collection[str], optional: Collection[str]) -> bool:
        """Whether all required fields are there and no field is unknown."""
        missing = [name for name in required if value.get(name) is None]
        for name in missing:
            self.complain(where, f"missing required field: {name}", "required", [name])
        for name in value:
            if name not in required and name not in optional:
                self.complain(where, f"invalid additional property: {name}", "additionalProperties", False)
        return not missing

    def string(self, value: Any, where: str, most: int, least: int = 0) -> None:
        """A string within the limits, both inclusive; None passes."""
        if value is None:
            return
        if not isinstance(value, str):
            self.complain(where, "must provide a string", "type", "string")
        elif len(value) > most:
            self.complain(where, f"must be less than {most + 1} characters", "maxLength", most)
        elif len(value) < least:
            self.complain(where, f"must be more than {least - 1} characters", "minLength", least)

    def items(self, value: Any, where: str, most: int, each: Callable[[Any, str], None], *, least: int = 1) -> None:
        """An array within the limits, both inclusive, with every item checked; None passes."""
        if value is None:
            return
        if not isinstance(value, list):
            self.complain(where, "must provide an array", "type", "array")
            return
        if len(value) > most:
            self.complain(where, f"no more than {most} items allowed", "maxItems", most)
        if len(value) < least:
            self.complain(where, f"no fewer than {least} items allowed", "minItems", least)
        for index, item in enumerate(value[:most]):
            each(item, f"{where}/{index}")

    def one_of(self, value: Any, where: str, allowed: tuple[str, ...]) -> None:
        """One of the words; None passes."""
        if value is not None and value not in allowed:
            self.complain(where, f"must be one of: {', '.join(allowed)}", "enum", list(allowed))

    def flag(self, value: Any, where: str) -> None:
        """A boolean; None passes."""
        if value is not None and not isinstance(value, bool):
            self.complain(where, "must provide a boolean", "type", "boolean")

    def whole(self, value: Any, where: str, least: int, most: int) -> None:
        """A whole number within the limits, both inclusive; None passes."""
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            self.complain(where, "must provide an integer", "type", "integer")
        elif not least <= value <= most:
            self.complain(where, f"must be a number from {least} to {most}", "range", [least, most])

    def matching(self, value: Any, where: str, pattern: re.Pattern[str], form: str) -> None:
        """A string of the form; None passes."""
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            self.complain(where, f"must have the form {form}", "pattern", form)

    def mapping(self, value: Any, where: str) -> Json | None:
        """The value if it is an object, else a complaint; None passes silently."""
        if value is None or isinstance(value, dict):
            return value
        self.complain(where, "must provide an object", "type", "object")
        return None

    def text(self, value: Any, where: str, most: int, kinds: Collection[str] = ("plain_text", "mrkdwn")) -> None:
        """A text object (docs.slack.dev/reference/block-kit/composition-objects/text-object)."""
        text = self.mapping(value, where)
        if text is None:
            return
        if text.get("type") not in kinds:
            self.unsupported(where, text.get("type"), kinds)
            return
        style = "emoji" if text["type"] == "plain_text" else "verbatim"
        self.fields(text, where, ("type", "text"), (style,))
        self.flag(text.get(style), f"{where}/{style}")
        self.string(text.get("text"), f"{where}/text", most, least=1)
