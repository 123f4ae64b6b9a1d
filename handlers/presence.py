"""Whether the bot can answer where it is asked: commands and shortcuts work everywhere, also where it is no member."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.services.errors import NotAllowed
from handlers import vocabulary
from handlers.slack_calls import code_of

# What these lead to is posted in the channel; everything else is answered to the one who asked.
POSTED = (vocabulary.Import, vocabulary.ProposeSwitch)


def require_member(client: WebClient, channel: str) -> None:
    """Raises NotAllowed (`bot_not_here`) where a message of the bot could not be posted."""
    try:
        found: dict[str, object] = client.conversations_info(channel=channel).get("channel", {})
    except SlackApiError as error:
        if code_of(error) == "channel_not_found":
            raise NotAllowed("bot_not_here") from None
        return  # not to be known, such as without the scope for direct messages; then the post itself tells
    if not (found.get("is_member") or found.get("is_im")):
        raise NotAllowed("bot_not_here")
