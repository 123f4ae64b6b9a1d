"""What the door must know of a method before it runs, and how arguments of either wire form are read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.workspace.core import Slack
from bot.workspace.shapes import Caller, Json, Refusal, TokenKind, is_whole, parsed

Run = Callable[[Slack, Caller, Json], Awaitable[Json]]

BOT_OR_USER: tuple[TokenKind, ...] = ("bot", "user")
BOT: tuple[TokenKind, ...] = ("bot",)
APP: tuple[TokenKind, ...] = ("app",)


@dataclass(frozen=True)
class Method:
    """One method.

    `json`: whether a JSON body counts; `scopes`: any one of them is needed; `required`: arguments; without `tokens` it
    is public; `post_only`: a GET is refused with `insecure_request`.
    """

    run: Run
    required: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    tokens: tuple[TokenKind, ...] = BOT_OR_USER
    json: bool = False
    post_only: bool = False


def flag(value: Any, default: bool = False) -> bool:
    """A boolean: true in JSON; `1` or `true` in a form, as slack-sdk sends it."""
    if value is None or value == "":
        return default
    return value if isinstance(value, bool) else str(value).lower() in {"1", "true"}


def number(arguments: Json, name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`; `invalid_limit` otherwise."""
    raw = arguments.get(name)
    if raw is None or raw == "":
        return default
    try:
        value = int(raw)
    except (TypeError, ValueError):
        raise Refusal("invalid_limit") from None
    if not 1 <= value <= most:
        raise Refusal("invalid_limit")
    return value


def structure(value: Any, error: str) -> Any:
    """A JSON value that a form carries as a string."""
    if not isinstance(value, str):
        return value
    try:
        return parsed(value)
    except ValueError:
        raise Refusal(error) from None


def strings(value: Any, name: str) -> list[str]:
    """An array of strings: itself, or as forms carry it (JSON, or commas); `invalid_arguments` otherwise."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            value = structure(value, "invalid_arguments")
        else:
            value = [part.strip() for part in value.split(",") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refusal("invalid_arguments", [f"[ERROR] must provide an array of strings [json-pointer:/{name}]"])
    return value


def page(items: list[Json], arguments: Json, most: int = 1000) -> tuple[list[Json], Json]:
    """One page of items and its `response_metadata` (docs.slack.dev/apis/web-api/pagination)."""
    limit = number(arguments, "limit", 100, most)
    cursor = str(arguments.get("cursor") or "0")
    if not is_whole(cursor) or (cursor != "0" and int(cursor) > len(items)):
        raise Refusal("invalid_cursor")
    start = int(cursor)
    more = start + limit < len(items)
    return items[start : start + limit], {"next_cursor": str(start + limit) if more else ""}
