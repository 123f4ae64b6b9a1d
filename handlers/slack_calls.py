"""What a failed call to Slack leaves behind: its error code, never the response, which holds the token."""

from slack_sdk.errors import SlackApiError


class SlackUnavailable(Exception):
    """Slack did not take the call; try again later. Carries the code alone, so it may be logged and kept."""


def code_of(error: SlackApiError) -> str:
    """Slack's error code."""
    return str(error.response.get("error", "unknown"))


def unavailable(error: SlackApiError | OSError) -> SlackUnavailable:
    """The same failure without anything that must not be kept. Raise it `from None`."""
    return SlackUnavailable(code_of(error) if isinstance(error, SlackApiError) else type(error).__name__)
