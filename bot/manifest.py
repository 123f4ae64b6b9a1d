"""The app as Slack has to know it: one file, for Socket Mode as it stands, for signed HTTP with the addresses in it."""

import json
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

FILE = "slack-manifest.json"
EVENTS_PATH = "/slack/events"
"""Where the bot listens for all of Slack's requests; Bolt's own default path."""


class BadAddress(ValueError):
    """Slack would not take the address: it wants https and a public name (docs.slack.dev, "Request URLs")."""


def manifest(http: str | None = None) -> dict[str, Any]:
    """The manifest (docs.slack.dev/reference/app-manifest).

    Args:
        http: the public https address of the bot; None for Socket Mode. Without a path of its own `/slack/events`.

    Raises:
        BadAddress: `http` is none that Slack would call.
    """
    made: dict[str, Any] = json.loads(resources.files("bot").joinpath(FILE).read_text("utf-8"))
    if http is None:
        return made
    url = _request_url(http)
    settings = made["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"]["request_url"] = url
    settings["interactivity"]["request_url"] = url
    for command in made["features"]["slash_commands"]:
        command["url"] = url
    return made


def _request_url(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress(address) from None
    if parts.scheme != "https" or not parts.hostname or port == 0 or parts.query or parts.fragment or parts.username:
        raise BadAddress(address)
    return f"https://{parts.netloc}{parts.path.rstrip('/') or EVENTS_PATH}"
