"""The Web API's methods, one module a family, and the table that the door looks them up in."""

from bot.workspace.methods import apps, chat, conversations, files, people, reactions, views
from bot.workspace.methods.table import Method

METHODS: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **reactions.METHODS,
    **views.METHODS,
}

__all__ = ["METHODS", "Method"]
