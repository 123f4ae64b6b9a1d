"""Where a connection leads, as people read it; a partner that only comes to us has no address."""

from handlers.views.limits import DN_SHOWN, URL_SHOWN
from handlers.views.text import code, plain
from handlers.views.values import Connection

COMES_TO_US = "no address, the partner comes to us"
INBOUND_HINT = "Leave it empty for a partner that only comes to us."


def shown(connection: Connection) -> str:
    """In mrkdwn."""
    return COMES_TO_US if connection.comes_to_us else code(connection.uri, URL_SHOWN)


def spelled(connection: Connection) -> str:
    """In plain text."""
    return COMES_TO_US if connection.comes_to_us else plain(connection.uri, DN_SHOWN)
