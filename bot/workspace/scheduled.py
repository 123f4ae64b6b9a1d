"""Messages for later: kept until their time has come, then posted as if their author had said them then."""

import asyncio
from typing import Any

from bot.workspace import messages, rules
from bot.workspace.core import Slack
from bot.workspace.messages import Draft
from bot.workspace.shapes import Json, Refusal

LOOK_SECONDS = 0.2
DAY = 86_400
MAX_AHEAD_SECONDS = 120 * DAY  # docs.slack.dev/reference/methods/chat.scheduleMessage, "Restrictions"
WINDOW_SECONDS = 300  # the same: "up to 30 messages ... within a 5-minute window to the same channel"
MAX_IN_WINDOW = 30
TOO_LATE_SECONDS = 60  # docs.slack.dev/reference/methods/chat.deleteScheduledMessage: not within 60 seconds of post_at


def put(slack: Slack, channel: Json, draft: Draft, post_at: Any) -> tuple[str, int]:
    """Keeps the draft for epoch second `post_at` and returns its id; refuses a time that Slack would not take."""
    world = slack.world
    try:
        at = int(post_at)
    except (TypeError, ValueError):
        raise Refusal("invalid_time") from None
    if at <= world.clock():
        raise Refusal("time_in_past")
    if at > world.clock() + MAX_AHEAD_SECONDS:
        raise Refusal("time_too_far")
    near = [one for one in world.scheduled.values() if one["channel"] == channel["id"]]
    if sum(1 for one in near if abs(one["post_at"] - at) < WINDOW_SECONDS) >= MAX_IN_WINDOW:
        raise Refusal("restricted_too_many")
    scheduled_id = world.new_id("Q")
    world.scheduled[scheduled_id] = {
        "channel": channel["id"],
        "post_at": at,
        "author": draft.author,
        "text": draft.text,
        "blocks": list(draft.blocks) if draft.blocks else None,
        "attachments": list(draft.attachments) if draft.attachments else None,
        "thread_ts": draft.thread_ts,
        "broadcast": draft.broadcast,
        "metadata": draft.metadata,
    }
    world.touch()
    return scheduled_id, at


def take_back(slack: Slack, channel: Json, author: str, scheduled_id: Any) -> None:
    """Forgets a scheduled message; refuses where it is unknown, posted, or about to be."""
    known = slack.world.scheduled.get(scheduled_id) if isinstance(scheduled_id, str) else None
    if known is None or known["channel"] != channel["id"] or known["author"] != author:
        raise Refusal("invalid_scheduled_message_id")
    if known["post_at"] - slack.world.clock() < TOO_LATE_SECONDS:
        raise Refusal("invalid_scheduled_message_id")
    del slack.world.scheduled[scheduled_id]
    slack.world.touch()


async def run(slack: Slack) -> None:
    """Posts what is due, until cancelled."""
    while True:
        now = slack.world.clock()
        for scheduled_id, one in list(slack.world.scheduled.items()):
            if one["post_at"] <= now:
                del slack.world.scheduled[scheduled_id]
                slack.world.touch()
                _post(slack, one)
        await asyncio.sleep(LOOK_SECONDS)


def _post(slack: Slack, one: Json) -> None:
    """Posts it where its author may still speak; Slack drops it silently otherwise."""
    parts = {name: value for name, value in one.items() if name not in {"channel", "post_at"}}
    channel = slack.world.channels.get(one["channel"])
    if channel is None or not slack.world.is_member(channel, one["author"]):
        return
    try:
        rules.check_posting(slack.world, channel, one["author"], one["thread_ts"])
        messages.post(slack, channel, Draft(**parts))
    except Refusal:
        return
