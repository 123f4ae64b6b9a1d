"""What the rooms of the local Slack share: the JSON alias, the refusal, and who is calling."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
MAX_DIGITS = 18  # of a count or position from outside; Python itself refuses to read a number of some thousand
MAX_DEPTH = 64  # of JSON from outside: several times the deepest Block Kit, far below Python's recursion limit
TokenKind = Literal["bot", "app", "user"]


class Refusal(Exception):
    """An answer `{"ok": false, "error": code}` in Slack's words (docs.slack.dev, "errors" of each method).

    `messages` becomes `response_metadata.messages`; `fields` are further keys of the answer.
    """

    def __init__(self, code: str, messages: Sequence[str] = (), **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = list(messages)
        self.fields = fields

    def as_json(self) -> Json:
        """The body that Slack would answer."""
        body: Json = {"ok": False, "error": self.code, **self.fields}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


def parsed(text: str | bytes) -> Any:
    """JSON from outside, RFC 8259 to the letter: what is taken in can be written out again.

    Raises:
        ValueError: also for what Python's reader takes all the same - NaN, numbers beyond all bounds, halves of
            surrogate pairs - and what is nested so deep that walking it would end in a crash. One such value in a
            message, and nobody could read its channel any more.
    """
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        inner = [part for one in level for part in (one.values() if isinstance(one, dict) else one)]
        level = [part for part in inner if isinstance(part, (dict, list))]
    if level:
        raise ValueError("nested too deep")
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return value


def is_whole(text: str) -> bool:
    """Whether the text is a whole number of bearable length, without a sign."""
    return len(text) <= MAX_DIGITS and text.isdecimal()


@dataclass(frozen=True)
class Caller:
    """Whose token it is. An app-level token has no user and may only open Socket Mode connections."""

    kind: TokenKind
    user_id: str
    scopes: frozenset[str] | None = None
    """None: everything granted (user tokens of the local page, or a seed without scopes)."""

    def may(self, *scopes: str) -> bool:
        """Whether any one of the scopes was granted."""
        return self.scopes is None or any(scope in self.scopes for scope in scopes)
