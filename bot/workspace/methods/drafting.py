"""From the arguments of a post to a checked draft: text, blocks, attachments, metadata, and where it goes."""

from typing import Any

from bot.workspace import rules
from bot.workspace.blocks import check_blocks, message_blocks
from bot.workspace.checking import Complaint
from bot.workspace.core import Slack
from bot.workspace.messages import Draft
from bot.workspace.methods.table import flag, structure
from bot.workspace.rich_text import characters
from bot.workspace.shapes import Caller, Json, Refusal

MAX_METADATA_CHARACTERS = 8000  # the documented error is metadata_too_large; the exact bound is not published
MAX_ATTACHMENTS = 100  # errors of chat.postMessage, too_many_attachments
MAX_ATTACHMENT_CHARACTERS = 40_000  # attachment_payload_limit_exceeded; the exact bound is not published


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


def for_post(slack: Slack, caller: Caller, arguments: Json) -> tuple[Json, Draft]:
    """The conversation and the draft of a new message, where the conversation takes it from this caller."""
    if flag(arguments.get("as_user")) and caller.kind == "bot":
        raise Refusal("as_user_not_supported")
    channel = conversation_for_posting(slack, caller, arguments["channel"])
    made = draft(caller, arguments)
    rules.check_posting(slack.world, channel, caller.user_id, made.thread_ts)
    return channel, made


def draft(caller: Caller, arguments: Json) -> Draft:
    """A draft from the arguments of a post; refuses with `no_text`, `invalid_blocks` and the like."""
    text, blocks = content(arguments)
    attached = attachments(arguments.get("attachments")) or None
    if not text and not blocks and not attached:
        raise Refusal("no_text")
    return Draft(
        author=caller.user_id,
        text=text or "",
        blocks=blocks,
        attachments=attached,
        thread_ts=arguments.get("thread_ts") or None,
        broadcast=flag(arguments.get("reply_broadcast")),
        metadata=metadata(caller, arguments.get("metadata")),
    )


def content(arguments: Json) -> tuple[str | None, list[Json] | None]:
    """Text and checked blocks; None each where the call does not name it."""
    text = arguments.get("text")
    if text is not None and not isinstance(text, str):
        raise Refusal("invalid_arguments", ["[ERROR] must provide a string [json-pointer:/text]"])
    blocks = message_blocks(arguments.get("blocks"))
    markdown = arguments.get("markdown_text")
    if not markdown:
        return text, blocks
    if text or blocks:
        raise Refusal("markdown_text_conflict")
    return str(markdown), message_blocks([{"type": "markdown", "text": markdown}])


def attachments(raw: Any) -> list[Json] | None:
    """Checked attachments; None where the call does not name them."""
    value = structure(raw, "invalid_attachments")
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Refusal("invalid_attachments")
    if len(value) > MAX_ATTACHMENTS:
        raise Refusal("too_many_attachments")
    if characters(value) > MAX_ATTACHMENT_CHARACTERS:
        raise Refusal("attachment_payload_limit_exceeded")
    complaints: list[Complaint] = []
    for index, one in enumerate(value):
        blocks = one.get("blocks")
        if blocks is not None:
            complaints += check_blocks(blocks, f"/attachments/{index}/blocks")
    if complaints:
        raise Refusal("invalid_attachments", [complaint.as_message() for complaint in complaints])
    return [{"id": number, "fallback": str(one.get("text", "")), **one} for number, one in enumerate(value, 1)]


def metadata(caller: Caller, raw: Any) -> Json | None:
    """Checked message metadata (docs.slack.dev/messaging/message-metadata)."""
    value = structure(raw, "invalid_metadata_format") if raw else None
    if not value:
        return None
    payload = value.get("event_payload") if isinstance(value, dict) else None
    if not isinstance(payload, dict) or not isinstance(value.get("event_type"), str):
        raise Refusal("invalid_metadata_format")
    if caller.kind == "user":
        raise Refusal("metadata_must_be_sent_from_app")
    if len(str(value)) > MAX_METADATA_CHARACTERS:
        raise Refusal("metadata_too_large")
    return {"event_type": value["event_type"], "event_payload": payload}
