"""Claims about the Web API's door: tokens, scopes, wire forms, required arguments, who may see what."""

import copy

import pytest
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.workspace.place import ACME, ADA, BOT, GENERAL, HOME, OLIVIA, QUIET, SECRET, SEED, SHARED, Person, error_of


def test_the_bot_learns_who_it_is(bot: WebClient) -> None:
    """auth.test names user, bot id and team."""
    who = bot.auth_test()
    assert (who["user_id"], who["team_id"], who["user"]) == (BOT, HOME, "countersign")
    assert who["bot_id"].startswith("B")


def test_an_unknown_token_is_refused_and_never_mapped_to_a_user(workspace: WorkspaceServer) -> None:
    """Neither a made-up nor an empty token gets anywhere."""
    assert error_of(WebClient("xoxb-made-up", base_url=workspace.api_url).auth_test)["error"] == "invalid_auth"
    assert HTTP.post(workspace.api_url + "auth.test").json()["error"] == "not_authed"


def test_a_token_of_the_wrong_kind_is_refused(workspace: WorkspaceServer, bot: WebClient) -> None:
    """The bot opens no sockets, the app-level token posts nothing, a person opens no modals."""
    app = WebClient(workspace.app_token, base_url=workspace.api_url)
    person = WebClient(workspace.user_token(OLIVIA), base_url=workspace.api_url)
    assert (
        error_of(lambda: bot.apps_connections_open(app_token=workspace.bot_token))["error"] == "not_allowed_token_type"
    )
    assert error_of(lambda: app.chat_postMessage(channel=GENERAL, text="x"))["error"] == "not_allowed_token_type"
    refused = error_of(lambda: person.views_publish(user_id=OLIVIA, view={"type": "home", "blocks": []}))
    assert refused["error"] == "not_allowed_token_type"


def test_an_unknown_method_is_called_so(bot: WebClient) -> None:
    """Slack's word, with the name that was asked for."""
    refused = error_of(lambda: bot.api_call("chat.shout"))
    assert (refused["error"], refused["req_method"]) == ("unknown_method", "chat.shout")


def test_a_scope_that_the_seed_does_not_grant_is_missing() -> None:
    """missing_scope says what is needed and what is there."""
    seed = copy.deepcopy(SEED)
    seed["app"]["scopes"] = ["chat:write"]
    server = WorkspaceServer(seed)
    server.start()
    try:
        bot = WebClient(server.bot_token, base_url=server.api_url)
        assert bot.chat_postMessage(channel=GENERAL, text="fine")["ok"]
        refused = error_of(lambda: bot.users_info(user=OLIVIA))
        assert (refused["error"], refused["needed"], refused["provided"]) == (
            "missing_scope",
            "users:read",
            "chat:write",
        )
    finally:
        server.stop()


@pytest.mark.parametrize("body", [{"channel": GENERAL}, {"text": "hi"}])
def test_a_post_without_text_or_channel_is_refused_with_the_reason(bot: WebClient, body: dict[str, str]) -> None:
    """no_text, or invalid_arguments naming the field."""
    refused = error_of(lambda: bot.api_call("chat.postMessage", json=body))
    if "text" in body:
        assert refused["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]
    else:
        assert refused["error"] == "no_text"


def test_json_and_form_calls_mean_the_same(bot: WebClient) -> None:
    """A form carries blocks as a JSON string and booleans as 1."""
    blocks = '[{"type": "divider", "block_id": "d"}]'
    posted = bot.api_call("chat.postMessage", params={"channel": GENERAL, "text": "form", "blocks": blocks})
    assert posted["message"]["blocks"] == [{"type": "divider", "block_id": "d"}]
    assert bot.conversations_info(channel=GENERAL, include_num_members=True)["channel"]["num_members"] == 3


def test_a_json_body_counts_for_nothing_where_slack_takes_only_forms(bot: WebClient) -> None:
    """users.info is one of these."""
    assert error_of(lambda: bot.api_call("users.info", json={"user": OLIVIA}))["error"] == "invalid_arguments"


def test_broken_and_oversized_bodies_are_refused(workspace: WorkspaceServer) -> None:
    """Not JSON, not an object, far too long, and a value of the wrong type."""
    headers = {"Authorization": f"Bearer {workspace.bot_token}", "Content-Type": "application/json"}

    def post(content: bytes) -> str:
        url = workspace.api_url + "chat.postMessage"
        return str(HTTP.post(url, content=content, headers=headers).json()["error"])

    assert post(b"{") == "invalid_json"
    assert post(b"[]") == "json_not_object"
    for depth in (500, 900, 5000):
        nested = b"[" * depth + b"]" * depth
        assert post(b'{"channel": "C", "attachments": [{"x": ' + nested + b"}]}") in {
            "channel_not_found",
            "invalid_json",
        }
    assert post(b'{"channel": ["C"], "text": "x"}') == "invalid_arguments"
    assert post(b'"' + b"x" * 1_100_000 + b'"') == "request_too_large"


def test_the_bot_posts_only_where_it_is_a_member(bot: WebClient) -> None:
    """not_in_channel for a public channel, channel_not_found for one it may not know of."""
    assert error_of(lambda: bot.chat_postMessage(channel=QUIET, text="x"))["error"] == "not_in_channel"
    assert error_of(lambda: bot.chat_postMessage(channel=SECRET, text="x"))["error"] == "channel_not_found"
    assert error_of(lambda: bot.conversations_history(channel=QUIET))["error"] == "not_in_channel"
    bot.conversations_join(channel=QUIET)
    assert bot.chat_postMessage(channel=QUIET, text="now")["ok"]


def test_a_partners_user_sees_only_the_shared_channel(ada: Person) -> None:
    """Other channels do not exist for them."""
    assert [c["id"] for c in ada.web.conversations_list()["channels"]] == [SHARED]
    assert error_of(lambda: ada.web.conversations_history(channel=GENERAL))["error"] == "channel_not_found"
    assert ada.get("channel", channel=GENERAL)["error"] == "channel_not_found"


def test_a_shared_channel_and_its_people_say_where_they_belong(bot: WebClient) -> None:
    """Slack has no flag "external": the team ids tell."""
    channel = bot.conversations_info(channel=SHARED)["channel"]
    assert channel["is_ext_shared"]
    assert channel["connected_team_ids"] == [ACME]
    ada, olivia = bot.users_info(user=ADA)["user"], bot.users_info(user=OLIVIA)["user"]
    assert (ada["team_id"], ada["is_stranger"]) == (ACME, False)
    assert olivia["team_id"] == HOME
    assert "is_stranger" not in olivia


def test_user_groups_list_their_members(bot: WebClient) -> None:
    """Roles can hang on a group."""
    assert bot.usergroups_users_list(usergroup="SADMINS")["users"] == [OLIVIA]
    assert error_of(lambda: bot.usergroups_users_list(usergroup="SNONE"))["error"] == "no_such_subteam"


def test_lists_come_in_pages(bot: WebClient) -> None:
    """Limit and cursor walk over all users once."""
    seen: list[str] = []
    for answer in bot.users_list(limit=2):
        seen += [user["id"] for user in answer["members"]]
    assert sorted(seen) == sorted([BOT, *(user["id"] for user in SEED["users"])])
    assert error_of(lambda: bot.users_list(cursor="nonsense"))["error"] == "invalid_cursor"
