"""What happens to the channels that the bot is in, and to its own installation, as Slack tells it."""

import structlog
from slack_bolt import App, Args

from handlers.desk import Desk
from handlers.errors import guarded

log = structlog.get_logger(__name__)


def register(app: App, desk: Desk) -> None:
    """Listen for it. Nothing is answered: these are told to whoever runs the bot, in the log."""

    def id_changed(args: Args) -> None:
        # docs.slack.dev, channel_id_changed: when a channel is shared with another workspace.
        event = args.event or {}
        old, new = str(event.get("old_channel_id", "")), str(event.get("new_channel_id", ""))
        if desk.services.partners.follow_channel(old, new):
            log.info("channel_moved", old=old, new=new)

    def joined_or_left(args: Args) -> None:
        desk.homes.moved(str((args.event or {}).get("user", "")))

    def removed(args: Args) -> None:
        channel = str((args.event or {}).get("channel", ""))
        partner = desk.services.partners.by_channel(channel)
        log.warning(
            "bot_removed_from_channel",
            channel=channel,
            partner=partner.key if partner else None,
            remedy="invite it again: until then files there are not seen, and messages there not brought up to date",
        )

    def uninstalled(_args: Args) -> None:
        log.error("app_uninstalled", remedy="install the app again and start the bot with the new bot token")

    def revoked(args: Args) -> None:
        tokens = (args.event or {}).get("tokens") or {}
        # Only how many: the ids of those who had granted user tokens are nobody's business here.
        if tokens.get("bot"):
            log.error("bot_token_revoked", remedy="install the app again and start the bot with the new bot token")

    for event, listener in (
        ("channel_id_changed", id_changed),
        ("member_joined_channel", joined_or_left),
        ("member_left_channel", joined_or_left),
        ("channel_left", removed),
        ("group_left", removed),
        ("app_uninstalled", uninstalled),
        ("tokens_revoked", revoked),
    ):
        app.event(event)(guarded(listener))
