"""What the rooms of the local Slack share: the JSON alias, the refusal, and who is calling."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
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
    """JSON from outside; raises ValueError also for what is nested so deep that walking it would end in a crash."""
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
    return value


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
