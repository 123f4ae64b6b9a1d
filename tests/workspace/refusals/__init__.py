"""How each documented error of the Web API is met: by whom, in which workspace, with which arguments."""

from tests.workspace.refusals import conversations, files, messages, views
from tests.workspace.refusals.case import Case

CASES = [
    *messages.CHAT,
    *messages.UPDATE,
    *conversations.CONVERSATIONS,
    *conversations.PEOPLE,
    *files.FILES,
    *files.MESSAGES,
    *views.VIEWS,
]

__all__ = ["CASES", "Case"]
