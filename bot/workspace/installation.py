"""The end of an installation: tokens are revoked, and the app is told (docs.slack.dev, event tokens_revoked)."""

from bot.workspace import tokens
from bot.workspace.core import Slack
from bot.workspace.events import announce
from bot.workspace.shapes import Caller, Json


def revoke(slack: Slack, caller: Caller) -> None:
    """Revokes the caller's token. "An app is not uninstalled until its final user and bot tokens are revoked": here
    the bot's is the app's only one, as people's tokens belong to the page.
    """
    tokens.revoke(slack.world, caller)
    kinds: Json = {"oauth": [], "bot": []}
    kinds["bot" if caller.kind == "bot" else "oauth"].append(caller.user_id)
    announce(slack, {"type": "tokens_revoked", "tokens": kinds, "event_ts": slack.world.next_ts()}, None)
    if caller.kind == "bot":
        announce(slack, {"type": "app_uninstalled", "event_ts": slack.world.next_ts()}, None)
