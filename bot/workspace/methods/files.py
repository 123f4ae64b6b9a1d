"""files.getUploadURLExternal, completeUploadExternal, info, list, delete (docs.slack.dev, "Working with files")."""

from bot.workspace import messages, rules
from bot.workspace.blocks import message_blocks
from bot.workspace.core import Slack
from bot.workspace.files import announce_upload, describe, may_read
from bot.workspace.messages import Draft
from bot.workspace.methods.drafting import conversation_for_posting
from bot.workspace.methods.table import Method, structure
from bot.workspace.methods.visible import visible_file
from bot.workspace.objects import file_object
from bot.workspace.shapes import Caller, Json, Refusal

MAX_SNIPPET = 1_000_000  # files.getUploadURLExternal, snippet_too_large
MAX_ALT_TEXT = 1000  # files.getUploadURLExternal, alt_txt_too_large
MAX_CHANNELS = 100  # files.completeUploadExternal, channels_limit_exceeded
MAX_COUNT = 1000
SNIPPET_TYPES = frozenset({
    "auto", "c", "clojure", "cpp", "csharp", "css", "csv", "diff", "dockerfile", "erlang", "go", "groovy",
    "haskell", "html", "java", "javascript", "json", "kotlin", "latex", "lua", "markdown", "perl", "php", "post",
    "powershell", "puppet", "python", "r", "ruby", "rust", "scala", "shell", "sql", "swift", "text", "typescript",
    "vb", "xml", "yaml",
})  # fmt: skip
"""docs.slack.dev/reference/objects/file-object, "File types", those that are source or plain text."""
_GROUPS = {"snippets": "snippet", "images": "image", "zips": "zip", "pdfs": "pdf", "gdocs": "gdoc", "spaces": "post"}


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
    if arguments.get("snippet_type") and arguments["snippet_type"] not in SNIPPET_TYPES:
        raise Refusal("unknown_snippet_type")
    if len(str(arguments.get("alt_txt") or "")) > MAX_ALT_TEXT:
        raise Refusal("alt_txt_too_large")
    rules.check_upload(slack.world, str(arguments["filename"]))
    rules.check_storage(slack.world, length)
    token, file_id = announce_upload(
        slack, caller.user_id, str(arguments["filename"]), length, arguments.get("alt_txt") or None
    )
    return {"upload_url": f"{slack.url}/upload/{token}", "file_id": file_id}


async def complete_upload(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Ends the upload and shares the files in one message where a channel is named."""
    wanted = structure(arguments["files"], "invalid_arguments")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(item, dict) for item in wanted):
        raise Refusal("invalid_arguments", ["[ERROR] must provide an array [json-pointer:/files]"])
    channels = _channels(slack, caller, arguments)
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


def _channels(slack: Slack, caller: Caller, arguments: Json) -> list[Json]:
    """Where to share: `channel_id`, or `channels` with commas, each with its own word for an unknown one."""
    if arguments.get("channel_id"):
        found = [conversation_for_posting(slack, caller, arguments["channel_id"])]
    else:
        places = [part.strip() for part in str(arguments.get("channels") or "").split(",") if part.strip()]
        if len(places) > MAX_CHANNELS:
            raise Refusal("channels_limit_exceeded")
        found = [_listed(slack, caller, place) for place in places]
    for channel in found:
        rules.check_sharing(channel)
        rules.check_posting(slack.world, channel, caller.user_id, arguments.get("thread_ts"))
    return found


def _listed(slack: Slack, caller: Caller, place: str) -> Json:
    try:
        return conversation_for_posting(slack, caller, place)
    except Refusal as refusal:
        raise Refusal("invalid_channel" if refusal.code == "channel_not_found" else refusal.code) from None


async def info(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """One file."""
    return {"file": file_object(slack, visible_file(slack, caller, arguments["file"])), "comments": []}


async def listing(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Files that the caller may see, newest first, a page of them."""
    world = slack.world
    if arguments.get("user") and arguments["user"] not in world.users:
        raise Refusal("user_not_found")
    kinds = {kind.strip() for kind in str(arguments.get("types") or "all").split(",")}
    if not kinds <= {"all", *_GROUPS}:
        raise Refusal("unknown_type")
    seen = [f for f in world.files.values() if not f.get("deleted") and may_read(world, f, caller.user_id)]
    found = [f for f in seen if _is_wanted(f, kinds, arguments)]
    found.sort(key=lambda file: int(file["created"]), reverse=True)
    count, page = _whole(arguments, "count", 100), _whole(arguments, "page", 1)
    shown = [file_object(slack, file) for file in found[(page - 1) * count : page * count]]
    paging = {"count": count, "total": len(found), "page": page, "pages": -(-len(found) // count)}
    return {"files": shown, "paging": paging}


def _is_wanted(file: Json, kinds: set[str], arguments: Json) -> bool:
    after, before = _second(arguments, "ts_from", 0.0), _second(arguments, "ts_to", float("inf"))
    kind = "snippet" if file["is_text"] else "image" if file["mimetype"].startswith("image/") else file["filetype"]
    return (
        arguments.get("user") in {None, "", file["user"]}
        and arguments.get("channel") in {None, "", *(place["channel"] for place in file["shares"])}
        and after <= file["created"] <= before
        and ("all" in kinds or kind in {_GROUPS[name] for name in kinds})
    )


def _second(arguments: Json, name: str, default: float) -> float:
    try:
        return float(arguments.get(name) or default)
    except (TypeError, ValueError):
        raise Refusal("invalid_arguments", [f"[ERROR] must provide a timestamp [json-pointer:/{name}]"]) from None


def _whole(arguments: Json, name: str, default: int) -> int:
    try:
        return min(max(int(arguments.get(name) or default), 1), MAX_COUNT)
    except (TypeError, ValueError):
        raise Refusal("invalid_arguments", [f"[ERROR] must provide an integer [json-pointer:/{name}]"]) from None


async def delete(slack: Slack, caller: Caller, arguments: Json) -> Json:
    """Deletes an own file; a bot cannot delete what somebody else uploaded."""
    file = visible_file(slack, caller, arguments["file"])
    if file["user"] != caller.user_id:
        raise Refusal("cant_delete_file")
    if slack.world.preferences.get("file_deletion") is False:
        raise Refusal("file_deleting_disabled")
    file["deleted"] = True
    slack.disk.forget(file["id"])
    slack.world.touch()
    return {}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, ("filename", "length"), ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, ("files",), ("files:write",), json=True),
    "files.info": Method(info, ("file",), ("files:read",)),
    "files.list": Method(listing, (), ("files:read",)),
    "files.delete": Method(delete, ("file",), ("files:write",), json=True),
}
