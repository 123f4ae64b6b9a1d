"""Claims about rate limits: the published tiers, per method, channel and workspace, for the app's calls only."""

import json
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.workspace.methods import METHODS
from bot.workspace.rate_limits import POSTS_PER_CHANNEL, TIER_2, limit_of
from bot.workspace.server import WorkspaceServer
from tests.workspace.place import GENERAL, SHARED, Clock, Person

SCHEMAS = Path(__file__).parents[3] / "shared" / "slack-api" / "methods"
CALLS_A_MINUTE = {"t1": 1, "t2": 20, "t3": 50, "t4": 100}
DECLARED = {"apps.connections.open": "published in two lists with two tiers; in between, see CONNECTIONS"}


def refused(bot: WebClient, channel: str) -> int | None:
    """Posts; the seconds of `Retry-After` where it is refused for its pace."""
    try:
        bot.chat_postMessage(channel=channel, text="x")
    except SlackApiError as refusal:
        return int(refusal.response.headers["Retry-After"])
    return None


def test_posts_to_a_channel_may_come_in_a_burst_and_then_one_a_second(bot: WebClient, clock: Clock) -> None:
    """Another channel has its own second."""
    clock.stop()
    for _ in range(POSTS_PER_CHANNEL.burst):
        assert refused(bot, GENERAL) is None
    wait = refused(bot, GENERAL)
    assert wait is not None
    assert wait >= 1
    assert refused(bot, SHARED) is None
    clock.ahead += wait
    assert refused(bot, GENERAL) is None


def test_a_method_has_its_tier_in_the_whole_workspace(bot: WebClient, clock: Clock, olivia: Person) -> None:
    """Tier 2: twenty at once, then one in three seconds; people's clients are not counted."""
    clock.stop()
    for _ in range(TIER_2.burst):
        bot.conversations_list()
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        bot.conversations_list()
    assert int(caught.value.response.headers["Retry-After"]) <= 3
    assert olivia.web.conversations_list()["ok"]
    assert bot.users_list()["ok"], "another method has its own count"
    clock.ahead += 60
    for _ in range(TIER_2.burst):
        bot.conversations_list()


def test_a_client_that_waits_as_told_gets_through(workspace: WorkspaceServer) -> None:
    """slack-sdk's own handler, which the bot has too."""
    patient = WebClient(workspace.bot_token, base_url=workspace.api_url)
    patient.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    for _ in range(POSTS_PER_CHANNEL.burst + 1):
        assert patient.chat_postMessage(channel=GENERAL, text="x")["ok"]


def test_the_limits_can_be_switched_off(bot: WebClient, olivia: Person) -> None:
    """For tests of other things."""
    olivia.do("faults", rate_limits=False)
    assert [refused(bot, GENERAL) for _ in range(POSTS_PER_CHANNEL.burst + 5)] == [None] * (POSTS_PER_CHANNEL.burst + 5)


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"LOUD: the published method schemas are not at {SCHEMAS}")
def test_every_methods_tier_is_the_published_one() -> None:
    """`t5` is special: hundreds a minute."""
    wrong = {}
    for name in METHODS:
        path = SCHEMAS / f"{name}.json"
        if not path.exists() or name in DECLARED:
            continue
        tier = json.loads(path.read_text()).get("rate_limits", "")  # blocks.validate, being public, has none
        ours = limit_of(name).a_minute
        if ours != CALLS_A_MINUTE.get(tier, ours) or (tier == "t5" and ours < 300):
            wrong[name] = (tier, ours)
    assert wrong == {}
    assert set(DECLARED) <= set(METHODS), "a declared exception that is not needed"
