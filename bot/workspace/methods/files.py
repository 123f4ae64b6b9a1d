"""files.getUploadURLExternal, completeUploadExternal, info, delete (docs.slack.dev/messaging/working-with-files)."""

from typing import Any

from bot.workspace import messages
from bot.workspace.blocks import message_blocks
from bot.workspace.core import Slack
from bot.workspace.files import announce_upload, describe, may_read
from bot.workspace.messages import Draft
from bot.workspace.methods.chat import conversation_for_posting
from bot.workspace.methods.table import Method, structure
from bot.workspace.objects import file_object
from bot.workspace.shapes import Caller, Json, Refusal

MAX_SNIPPET = 1_000_000  # files.getUploadURLExternal, snippet_too_large
MAX_ALT_TEXT = 1000  # files.getUploadURLExternal, alt_txt_too_large


async def get_upload_url(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """A one-time address for the bytes."""
    try:
        length = int(arguments["length"])
    except (TypeError, ValueError):
        raise Refusal("invalid_arguments", ["[ERROR] must provide a number [json-pointer:/length]"]) from None
    if length <= 0:
        raise Refusal("missing_argument")
    if arguments.get("snippet_type") and length > MAX_SNIPPET:
        raise Refusal("snippet_too_large")
    if len(str(arguments.get("alt_txt") or "")) > MAX_ALT_TEXT:
        raise Refusal("alt_txt_too_large")
    token, file_id = announce_upload(
        slack, caller.user_id, str(arguments["filename"]), length, arguments.get("alt_txt") or None
    )
    return {"upload_url": f"{slack.url}/upload/{token}", "file_id": file_id}


async def complete_upload(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Ends the upload and shares the files in one message where a channel is named."""
    wanted = structure(arguments["files"], "invalid_arguments")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(item, dict) for item in wanted):
        raise Refusal("invalid_arguments", ["[ERROR] must provide an array [json-pointer:/files]"])
    places = _places(arguments)
    channels = [conversation_for_posting(slack, caller, place) for place in places]
    blocks = message_blocks(arguments.get("blocks"))
    files = [describe(slack, caller.user_id, item) for item in wanted]
    for channel in channels:
        draft = Draft(
            author=caller.user_id,
            text=str(arguments.get("initial_comment") or ""),
            blocks=blocks,
            thread_ts=arguments.get("thread_ts") or None,
            files=[file["id"] for file in files],
        )
        messages.post(slack, channel, draft)
    return {"files": [file_object(slack, file) for file in files]}


def _places(arguments: Json) -> list[Any]:
    if arguments.get("channel_id"):
        return [arguments["channel_id"]]
    return [part.strip() for part in str(arguments.get("channels") or "").split(",") if part.strip()]


def _file(slack: Slack, caller: Caller, arguments: Json) -> Json:
    file = slack.world.files.get(arguments["file"])
    if file is None or not may_read(slack.world, file, caller.user_id):
        raise Refusal("file_not_found")
    if file.get("deleted"):
        raise Refusal("file_deleted")
    return file


async def info(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """One file."""
    return {"file": file_object(slack, _file(slack, caller, arguments)), "comments": []}


async def delete(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Deletes an own file; a bot cannot delete what somebody else uploaded."""
    file = _file(slack, caller, arguments)
    if file["user"] != caller.user_id:
        raise Refusal("cant_delete_file")
    file["deleted"] = True
    slack.disk.forget(file["id"])
    slack.world.touch()
    return {}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("filename", "length"), ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files",), ("files:write",), json=True),
    "files.info": Method(info, ("file",), ("files:read",)),
    "files.delete": Method(delete, ("file",), ("files:write",), json=True),
}
