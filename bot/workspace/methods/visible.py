"""What a caller may know of: files and people."""

from typing import Any

from bot.workspace.core import Slack
from bot.workspace.files import may_read
from bot.workspace.shapes import Caller, Json, Refusal
from bot.workspace.state import World


def visible_file(slack: Slack, caller: Caller, file_id: Any) -> Json:
    """The file, where the caller may see it.

    Which of its three words Slack says to whom is not published; here a user of a partner's team hears
    `access_denied` ("slack connect"), a person of ours `not_visible`, and an app that the file does not exist.
    """
    file = slack.world.files.get(file_id) if isinstance(file_id, str) else None
    if file is None:
        raise Refusal("file_not_found")
    if not may_read(slack.world, file, caller.user_id):
        if slack.world.is_foreign(caller.user_id):
            raise Refusal("access_denied")
        raise Refusal("not_visible" if caller.kind == "user" else "file_not_found")
    if file.get("deleted"):
        raise Refusal("file_deleted")
    return file


def may_know(world: World, viewer: str, user_id: str) -> bool:
    """Guests and users of a partner's team know of those only with whom they share a conversation, or a team."""
    guest = world.users[viewer].get("is_restricted") or world.is_foreign(viewer)
    if not guest or viewer == user_id:
        return True
    if world.is_foreign(viewer) and world.user_team(viewer) == world.user_team(user_id):
        return True
    return any({viewer, user_id} <= set(channel["members"]) for channel in world.channels.values())


def share_a_channel(world: World, users: set[str]) -> bool:
    """Whether all of them are in one channel together; direct messages are none."""
    return any(users <= set(channel["members"]) for channel in world.channels.values() if not channel.get("is_im"))
