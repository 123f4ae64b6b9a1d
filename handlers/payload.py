"""What a payload says, read once and typed. It says what was clicked and by which id, never what its sender may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import Args

from bot.services.errors import NotFound
from bot.services.people import Person, Spot
from handlers.desk import Desk


@dataclass(frozen=True)
class Click:
    """One press of a button or choice in a select. `value` is the opaque id that the element carried."""

    person: Person
    value: str
    spot: Spot
    trigger_id: str

    @property
    def number(self) -> int:
        """The value as a row's id; NotFound where it is none, as for any id that leads nowhere."""
        return number(self.value)

    @property
    def pair(self) -> tuple[int, str]:
        """The value as a row's id and what goes with it, such as a fingerprint."""
        first, _, second = self.value.partition(".")
        return number(first), second


def click(desk: Desk, args: Args) -> Click:
    """The click in a `block_actions` payload."""
    action: Mapping[str, Any] = args.action or {}
    chosen = action.get("selected_option") or {}
    return Click(
        person=who_acts(desk, args),
        value=str(action.get("value") or chosen.get("value") or ""),
        spot=spot(args.body),
        trigger_id=str(args.body.get("trigger_id", "")),
    )


def who_acts(desk: Desk, args: Args) -> Person:
    """The person behind any interaction or command, looked up now."""
    user = args.body.get("user")
    if isinstance(user, Mapping):
        return desk.people.person(str(user.get("id", "")), user.get("team_id"))
    return desk.people.person(str(args.body.get("user_id", "")), args.body.get("team_id"))


def spot(body: Mapping[str, Any]) -> Spot:
    """The channel and thread of an interaction. A message that stands alone is where its thread begins."""
    container: Mapping[str, Any] = body.get("container") or {}
    message: Mapping[str, Any] = body.get("message") or {}
    channel = (body.get("channel") or {}).get("id") or container.get("channel_id") or ""
    thread = message.get("thread_ts") or container.get("thread_ts")
    if not thread and not container.get("is_ephemeral"):
        thread = message.get("ts") or container.get("message_ts")
    return Spot(str(channel), str(thread) if thread else None)


def number(text: str) -> int:
    """A row's id; NotFound where it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound("entry", text)
    return int(text)
