"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from bot.workspace import messages, rules
from bot.workspace.core import Slack
from bot.workspace.methods.drafting import attachments, content, for_post, metadata
from bot.workspace.methods.table import Method, flag, strings
from bot.workspace.methods.visible import visible_file
from bot.workspace.objects import message_object
from bot.workspace.shapes import Caller, Json, Refusal
from bot.workspace.text import MAX_TEXT

MAX_UPDATED_TEXT = 4000  # errors of chat.update, msg_too_long
TRUNCATED = "message_truncated"


def truncated(text: str) -> Json:
    """Slack's warning where it cuts the text (chat.postMessage, "Truncating content")."""
    if len(text) <= MAX_TEXT:
        return {}
    return {"warning": TRUNCATED, "response_metadata": {"warnings": [TRUNCATED]}}


async def post_message(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Posts a message."""
    channel, draft = for_post(slack, caller, arguments)
    message = messages.post(slack, channel, draft)
    shown = message_object(slack, message, metadata=True)
    return {"channel": channel["id"], "ts": message["ts"], "message": shown, **truncated(draft.text)}


async def post_ephemeral(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Shows a message to one member."""
    channel, draft = for_post(slack, caller, arguments)
    user_id = arguments["user"]
    if user_id not in slack.world.users or not slack.world.is_member(channel, user_id):
        raise Refusal("user_not_in_channel")
    if len(draft.text) > MAX_TEXT:
        raise Refusal("msg_too_long")
    if draft.thread_ts and slack.world.find_message(channel["id"], draft.thread_ts) is None:
        raise Refusal("cannot_reply_to_message")
    message = messages.post_ephemeral(slack, channel, user_id, draft)
    return {"message_ts": message["ts"]}


def own_message(slack: Slack, caller: Caller, arguments: Json, refusal: str) -> tuple[Json, Json]:
    """The conversation and the caller's own message in it; somebody else's is refused with `refusal`."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    message = slack.world.find_message(channel["id"], arguments["ts"])
    if message is None:
        raise Refusal("message_not_found")
    if message["user"] != caller.user_id:
        raise Refusal(refusal)
    return channel, message


async def update(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Changes an own message. Blocks that are not named stay; an empty array removes them."""
    if flag(arguments.get("as_user")) and caller.kind == "bot":
        raise Refusal("as_user_not_supported")
    channel, message = own_message(slack, caller, arguments, "cant_update_message")
    if channel.get("is_archived"):
        raise Refusal("is_inactive")
    rules.check_edit_window(slack.world, message)
    changes = _changes(slack, caller, channel, message, arguments)
    if flag(arguments.get("reply_broadcast")):
        _check_broadcast(message, changes)
        changes["subtype"] = "thread_broadcast"
    if not changes:
        raise Refusal("no_text")
    messages.change(slack, channel, message, changes, caller.user_id)
    shown = message_object(slack, message, metadata=True)
    return {"channel": channel["id"], "ts": message["ts"], "text": message["text"], "message": shown}


def _changes(slack: Slack, caller: Caller, channel: Json, message: Json, arguments: Json) -> Json:
    changes: Json = {}
    text, blocks = content(arguments)
    if blocks is not None:
        if caller.kind == "user" and _rich(message.get("blocks")) and not _rich(blocks):
            raise Refusal("block_mismatch")
        changes["blocks"] = blocks
    if text is not None and (text or blocks):
        if len(text) > MAX_UPDATED_TEXT:
            raise Refusal("msg_too_long")
        changes["text"] = text
    attached = attachments(arguments.get("attachments"))
    if attached is not None:
        changes["attachments"] = attached
    if arguments.get("file_ids"):
        rules.check_sharing(channel)
        files = [visible_file(slack, caller, file_id) for file_id in strings(arguments["file_ids"], "file_ids")]
        changes["files"] = [file["id"] for file in files]
    if changes and arguments.get("metadata"):
        changes["metadata"] = metadata(caller, arguments["metadata"])
    return changes


def _rich(blocks: list[Json] | None) -> bool:
    return bool(blocks) and all(block["type"] == "rich_text" for block in blocks or ())


def _check_broadcast(message: Json, changes: Json) -> None:
    if message.get("thread_ts") in {None, message["ts"]}:
        raise Refusal("cant_broadcast_message")
    if changes:
        raise Refusal("no_dual_broadcast_content_update")


async def delete(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Deletes an own message."""
    channel, message = own_message(slack, caller, arguments, "cant_delete_message")
    messages.delete(slack, channel, message)
    return {"channel": channel["id"], "ts": message["ts"]}


async def permalink(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """The address of a message on the local page."""
    channel = slack.world.channel_for(arguments["channel"], caller.user_id)
    message = slack.world.find_message(channel["id"], arguments["message_ts"])
    if message is None:
        raise Refusal("message_not_found")
    parent = message.get("thread_ts", message["ts"])
    return {"channel": channel["id"], "permalink": f"{slack.url}/#{channel['id']}/{parent}"}


METHODS = {
    "chat.postMessage": Method(post_message, ("channel",), ("chat:write",), json=True),
    "chat.postEphemeral": Method(post_ephemeral, ("channel", "user"), ("chat:write",), json=True),
    "chat.update": Method(update, ("channel", "ts"), ("chat:write",), json=True),
    "chat.delete": Method(delete, ("channel", "ts"), ("chat:write",), json=True),
    "chat.getPermalink": Method(permalink, ("channel", "message_ts")),
}
