"""Message text as Slack stores it: control characters as entities, mentions and links in angle brackets.

docs.slack.dev/messaging/formatting-message-text. A bot that compares what a person typed with what arrives here meets
the same surprises as on the real Slack: `&gt;` for `>`, `<https://...>` for a bare address.
"""

import re
from collections.abc import Mapping

MAX_TEXT = 40_000  # docs.slack.dev/reference/methods/chat.postMessage, "Truncating content"

_CONTROL = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#[CGD][A-Z0-9]+|![a-z]+[^<>\n]*|(?:https?://|mailto:|tel:)[^<>\s]*[^<>\n]*)>"
)
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
_BARE_URL = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)\]}'\"]")
_MENTION = re.compile(r"(?<![\w<@.])@([a-z0-9][a-z0-9._-]*[a-z0-9]|[a-z0-9])", re.IGNORECASE)


def store(text: str) -> str:
    """Escapes what is not Slack's own markup, links bare addresses outside code, and cuts at Slack's limit."""
    return "".join(_escape(part, link=not code) for part, code in _parts(text[:MAX_TEXT]))


def resolve_handles(text: str, handles: Mapping[str, str]) -> str:
    """Turns `@name` into `<@U...>` outside code, as Slack's composer does when a person sends a message."""

    def mention(match: re.Match[str]) -> str:
        user_id = handles.get(match[1].lower())
        return f"<@{user_id}>" if user_id else match[0]

    return "".join(part if code else _MENTION.sub(mention, part) for part, code in _parts(text))


def mentions(text: str, user_id: str) -> bool:
    """Whether the stored text mentions the user outside code."""
    return any(f"<@{user_id}>" in part or f"<@{user_id}|" in part for part, code in _parts(text) if not code)


def _parts(text: str) -> list[tuple[str, bool]]:
    return [(part, index % 2 == 1) for index, part in enumerate(_CODE.split(text)) if part]


def _escape(text: str, *, link: bool) -> str:
    out: list[str] = []
    end = 0
    for match in _CONTROL.finditer(text):
        out += [_plain(text[end : match.start()], link=link), match[0]]
        end = match.end()
    return "".join([*out, _plain(text[end:], link=link)])


def _plain(text: str, *, link: bool) -> str:
    safe = _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    if not link:
        return safe
    return _BARE_URL.sub(lambda match: f"<{match[0]}>", safe)
