"""What a workspace's admins may have restricted: channels, files, edits. All of it comes from the seed.

A channel of the seed may name `rules` (below) and `is_archived`; `preferences` of the seed hold the rest:
`edit_window_seconds` (absent: no limit), `file_uploads` (`all`, `images`, `none`), `blocked_file_types` (extensions),
`file_deletion` (default true), `storage_bytes` and `plan` (`paid` or `free`).
"""

from typing import Any

from bot.workspace.shapes import Json, Refusal
from bot.workspace.state import World

ADMINS_ONLY = "admins_only"
READ_ONLY = "read_only"
THREAD_ONLY = "thread_only"
NON_THREADABLE = "non_threadable"
THREADS_LOCKED = "threads_locked"
NO_FILES = "no_files"

IMAGE_TYPES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "heic", "bmp", "svg"})


def has(channel: Json, rule: str) -> bool:
    """Whether the channel is under the rule."""
    return rule in channel.get("rules", ())


def check_posting(world: World, channel: Json, user_id: str, thread_ts: Any) -> None:
    """Refuses a post that the channel does not take (errors of chat.postMessage)."""
    if channel.get("is_archived"):
        raise Refusal("is_archived")
    if world.app.get("messages_tab") is False and channel.get("is_im") and world.is_member(channel, world.bot_user):
        raise Refusal("messages_tab_disabled")
    admin = world.users[user_id].get("is_admin")
    if has(channel, ADMINS_ONLY) and not admin:
        raise Refusal("restricted_action")
    if has(channel, READ_ONLY):
        raise Refusal("restricted_action_read_only_channel")
    if has(channel, THREAD_ONLY) and not thread_ts:
        raise Refusal("restricted_action_thread_only_channel")
    if has(channel, NON_THREADABLE) and thread_ts:
        raise Refusal("restricted_action_non_threadable_channel")
    if has(channel, THREADS_LOCKED) and thread_ts and not admin:
        raise Refusal("restricted_action_thread_locked")


def check_sharing(channel: Json) -> None:
    """Refuses files where the channel takes none."""
    if has(channel, NO_FILES):
        raise Refusal("posting_to_channel_denied")


def check_edit_window(world: World, message: Json) -> None:
    """Refuses an edit that comes too late for the workspace's setting."""
    window = world.preferences.get("edit_window_seconds")
    if window is not None and world.clock() - float(message["ts"]) > window:
        raise Refusal("edit_window_closed")


def check_upload(world: World, name: str) -> None:
    """Refuses a file that the workspace does not take, by its name's extension."""
    extension = name.rpartition(".")[2].lower()
    allowed = world.preferences.get("file_uploads", "all")
    if allowed == "none":
        raise Refusal("file_uploads_disabled")
    if allowed == "images" and extension not in IMAGE_TYPES:
        raise Refusal("file_uploads_except_images_disabled")
    if extension in world.preferences.get("blocked_file_types", ()):
        raise Refusal("file_type_not_allowed")


def check_storage(world: World, length: int) -> None:
    """Refuses what the workspace's plan has no room for."""
    most = world.preferences.get("storage_bytes")
    if most is not None and sum(file["size"] for file in world.files.values()) + length > most:
        raise Refusal("storage_limit_reached")


def check_paid(world: World) -> None:
    """Refuses what a free workspace does not have."""
    if world.preferences.get("plan") == "free":
        raise Refusal("plan_upgrade_required")
