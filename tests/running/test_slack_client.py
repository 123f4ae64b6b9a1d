"""Claims about the bot's Web API client: it waits as told, repeats what is safe, and never posts twice by itself."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_client import open_client
from bot.workspace.server import WorkspaceServer
from tests.workspace.place import GENERAL, OLIVIA, Person

LUCKY_SEED = 25  # of the chances at a half, both of 503 and of 429: the first strikes, the second does not


@pytest.fixture
def bot(workspace: WorkspaceServer) -> WebClient:
    """The bot's client."""
    return open_client(workspace.bot_token, workspace.api_url)


def outcomes(person: Person, method: str, after: int) -> list[str]:
    """How each call of a method ended, as the inspector tells it."""
    found = person.get("exchanges", after=after)["exchanges"]
    return [str(one["outcome"]).partition(" ")[0] for one in found if one["title"] == method]


def test_what_only_reads_is_repeated_after_a_503(olivia: Person, bot: WebClient) -> None:
    """The caller notices nothing."""
    before = olivia.get("exchanges")["last"]
    olivia.do("faults", unavailable_share=0.5, seed=LUCKY_SEED)
    assert bot.users_info(user=OLIVIA)["ok"]
    assert outcomes(olivia, "users.info", before) == ["503", "200"]


def test_a_post_is_not_repeated_after_a_503(olivia: Person, bot: WebClient) -> None:
    """It may have been posted: the caller has to look."""
    before = olivia.get("exchanges")["last"]
    olivia.do("faults", unavailable_share=1)
    with pytest.raises(SlackApiError, match="non-JSON"):
        bot.chat_postMessage(channel=GENERAL, text="once at most")
    assert outcomes(olivia, "chat.postMessage", before) == ["503"]


def test_a_429_is_waited_out(olivia: Person, bot: WebClient) -> None:
    """As long as `Retry-After` says, then the call is made; also a post, for it was not done."""
    before = olivia.get("exchanges")["last"]
    olivia.do("faults", ratelimited_share=0.5, seed=LUCKY_SEED)
    assert bot.chat_postMessage(channel=GENERAL, text="in the end")["ok"]
    assert outcomes(olivia, "chat.postMessage", before) == ["429", "200"]
