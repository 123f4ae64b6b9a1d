"""What can stand in the way of a start, as one line for the person who starts the bot. No secret is ever in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from slack_sdk.errors import SlackApiError


class CannotStart(Exception):
    """Something that only the one who starts the bot can mend; the text is for them."""


@contextmanager
def setting(name: str) -> Iterator[None]:
    """What is opened inside depends on this setting, so the setting is named where it cannot be opened.

    Raises:
        CannotStart: instead of whatever the library raised; the address, which may hold a password, is left out.
    """
    try:
        yield
    except CannotStart:
        raise
    except Exception as error:
        msg = f"{name} cannot be used ({_reason(error)})"
        raise CannotStart(msg) from None


@contextmanager
def slack(token: str, url: str) -> Iterator[None]:
    """A first call to Slack with the token of this name.

    Raises:
        CannotStart: Slack did not accept the token, or cannot be reached.
    """
    try:
        yield
    except SlackApiError as error:
        if error.response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            msg = f"Slack does not work at {url} now (HTTP {error.response.status_code}); try again later"
            raise CannotStart(msg) from None
        msg = f"Slack did not accept {token} ({error.response.get('error', 'unknown')})"
        raise CannotStart(msg) from None
    except OSError as error:
        msg = f"Slack cannot be reached at {url} ({getattr(error, 'reason', error)})"
        raise CannotStart(msg) from None


def _reason(error: Exception) -> str:
    """The kind of the error, and what the database or the system itself said."""
    said = getattr(error, "orig", None) or getattr(error, "strerror", None)
    first = str(said).strip().splitlines()[0] if said and str(said).strip() else ""
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
