"""The Web API's methods, one module a family, and the table that the door looks them up in."""

from bot.workspace.methods import (
    apps,
    block_kit,
    channels,
    chat,
    conversations,
    files,
    people,
    reactions,
    scheduling,
    views,
)
from bot.workspace.methods.table import Method

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **block_kit.METHODS,
    **channels.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **reactions.METHODS,
    **scheduling.METHODS,
    **views.METHODS,
}

__all__ = ["METHODS", "Method"]
