"""chat.postMessage, update, delete, postEphemeral, getPermalink."""

from typing import Any

from bot.workspace import messages
from bot.workspace.blocks import message_blocks
from bot.workspace.core import Slack
from bot.workspace.messages import Draft
from bot.workspace.methods.table import Method, flag, structure
from bot.workspace.objects import message_object
from bot.workspace.shapes import Caller, Json, Refusal

MAX_METADATA_CHARACTERS = 8000  # the documented error is metadata_too_large; the exact bound is not published
MAX_ATTACHMENTS = 100  # errors of chat.postMessage, too_many_attachments


def conversation_for_posting(slack: Slack, caller: Caller, wanted: Any) -> Json:
    """The conversation to post in: an id, `#name`, or a user's id (then their direct message with the caller).

    Refuses with `channel_not_found`, or `not_in_channel` where only the membership is missing; with the scope
    `chat:write.public` a bot needs none in public channels.
    """
    world = slack.world
    if isinstance(wanted, str) and wanted in world.users and wanted != caller.user_id:
        return world.direct_message(caller.user_id, wanted)
    if isinstance(wanted, str) and wanted not in world.channels:
        name = wanted.removeprefix("#")
        wanted = next((c["id"] for c in world.channels.values() if c.get("name") == name), wanted)
    channel = world.channel_for(wanted, caller.user_id)
    if not world.is_member(channel, caller.user_id):
        public = caller.scopes is not None and "chat:write.public" in caller.scopes
        if not (caller.kind == "bot" and public and not channel.get("is_private")):
            raise Refusal("not_in_channel")
    return channel


def draft(caller: Caller, arguments: Json) -> Draft:
    """A draft from the arguments of a post; refuses with `no_text`, `invalid_blocks` and the like."""
    text = arguments.get("text") or ""
    if not isinstance(text, str):
        raise Refusal("invalid_arguments", ["[ERROR] must provide a string [json-pointer:/text]"])
    blocks = message_blocks(arguments.get("blocks"))
    markdown = arguments.get("markdown_text")
    if markdown:
        if text or blocks:
            raise Refusal("markdown_text_conflict")
        blocks, text = message_blocks([{"type": "markdown", "text": markdown}]), markdown
    attachments = structure(arguments.get("attachments"), "invalid_attachments") or None
    if attachments is not None and not isinstance(attachments, list):
        raise Refusal("invalid_attachments")
    if attachments and len(attachments) > MAX_ATTACHMENTS:
        raise Refusal("too_many_attachments")
    if not text and not blocks and not attachments:
        raise Refusal("no_text")
    return Draft(
        author=caller.user_id,
        text=text,
        blocks=blocks,
        attachments=attachments,
        thread_ts=arguments.get("thread_ts") or None,
        broadcast=flag(arguments.get("reply_broadcast")),
        metadata=metadata(arguments.get("metadata")),
    )


def metadata(raw: Any) -> Json | None:
    """Checked message metadata (docs.slack.dev/messaging/message-metadata)."""
    value = structure(raw, "invalid_metadata_format") if raw else None
    if not value:
        return None
    payload = value.get("event_payload") if isinstance(value, dict) else None
    if not isinstance(payload, dict) or not isinstance(value.get("event_type"), str):
        raise Refusal("invalid_metadata_format")
    if len(str(value)) > MAX_METADATA_CHARACTERS:
        raise Refusal("metadata_too_large")
    return {"event_type": value["event_type"], "event_payload": payload}


async def post_message(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Posts a message."""
    channel = conversation_for_posting(slack, caller, arguments["channel"])
    message = messages.post(slack, channel, draft(caller, arguments))
    return {"channel": channel["id"], "ts": message["ts"], "message": message_object(slack, message, metadata=True)}


async def post_ephemeral(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Shows a message to one member."""
    channel = conversation_for_posting(slack, caller, arguments["channel"])
    user_id = arguments["user"]
    if user_id not in slack.world.users or not slack.world.is_member(channel, user_id):
        raise Refusal("user_not_in_channel")
    message = messages.post_ephemeral(slack, channel, user_id, draft(caller, arguments))
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
    channel, message = own_message(slack, caller, arguments, "cant_update_message")
    changes: Json = {}
    blocks = message_blocks(arguments.get("blocks"))
    if blocks is not None:
        changes["blocks"] = blocks
    if isinstance(arguments.get("text"), str) and (arguments["text"] or blocks):
        changes["text"] = arguments["text"]
    attachments = structure(arguments.get("attachments"), "invalid_attachments")
    if attachments is not None:
        changes["attachments"] = attachments
    if not changes:
        raise Refusal("no_text")
    if arguments.get("metadata"):
        changes["metadata"] = metadata(arguments["metadata"])
    messages.change(slack, channel, message, changes, caller.user_id)
    shown = message_object(slack, message, metadata=True)
    return {"channel": channel["id"], "ts": message["ts"], "text": message["text"], "message": shown}


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
