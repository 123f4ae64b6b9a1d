"""chat.scheduleMessage, chat.deleteScheduledMessage."""

from bot.workspace import scheduled
from bot.workspace.core import Slack
from bot.workspace.methods.chat import truncated
from bot.workspace.methods.drafting import for_post
from bot.workspace.methods.table import Method
from bot.workspace.shapes import Caller, Json, Refusal
from bot.workspace.text import MAX_TEXT


async def schedule(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Keeps a message for later."""
    channel, draft = for_post(slack, caller, arguments)
    if len(draft.text) > MAX_TEXT:
        raise Refusal("msg_too_long")
    scheduled_id, at = scheduled.put(slack, channel, draft, arguments["post_at"])
    message: Json = {"type": "delayed_message", "text": draft.text, "user": caller.user_id}
    if caller.kind == "bot":
        message |= {"subtype": "bot_message", "bot_id": slack.world.bot_id, "username": slack.world.app["name"]}
    for name, value in (("blocks", draft.blocks), ("attachments", draft.attachments), ("metadata", draft.metadata)):
        if value:
            message[name] = value
    answer: Json = {"channel": channel["id"], "scheduled_message_id": scheduled_id, "post_at": at, "message": message}
    return {**answer, **truncated(draft.text)}


async def take_back(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Forgets a message that was kept for later."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    scheduled.take_back(slack, channel, caller.user_id, arguments["scheduled_message_id"])
    return {}


METHODS = {
    "chat.scheduleMessage": Method(schedule, ("channel", "post_at"), ("chat:write",), json=True),
    "chat.deleteScheduledMessage": Method(take_back, ("channel", "scheduled_message_id"), ("chat:write",), json=True),
}
