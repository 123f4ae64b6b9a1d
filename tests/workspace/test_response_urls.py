"""Claims about response URLs: what they change, how often and how long."""

from typing import Any

from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.workspace.asking import response_url
from tests.workspace.place import (
    GENERAL,
    OLIVIA,
    Clock,
    Person,
    actions,
    button,
)


def test_a_response_url_changes_even_an_ephemeral_message(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient
) -> None:
    """replace_original, then delete_original; an own answer is ephemeral."""
    blocks = [actions(button())]
    ts = bot.chat_postEphemeral(channel=GENERAL, user=OLIVIA, text="sure?", blocks=blocks)["message_ts"]
    url = response_url(workspace, olivia, GENERAL, ts)
    assert HTTP.post(url, json={"replace_original": True, "text": "sure."}).text == "ok"
    assert [m["text"] for m in olivia.sees(GENERAL)] == ["sure."]
    HTTP.post(url, json={"text": "by the way"})
    HTTP.post(url, json={"delete_original": True})
    assert [(m["text"], m["is_ephemeral"]) for m in olivia.sees(GENERAL)] == [("by the way", True)]


def test_a_response_url_answers_where_and_with_what_it_is_told(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient
) -> None:
    """In the channel or a thread, with blocks or attachments; what is not JSON, or says nothing, is refused."""
    ts = bot.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(button())])["ts"]
    url = response_url(workspace, olivia, GENERAL, ts)
    HTTP.post(url, json={"response_type": "in_channel", "attachments": [{"text": "all see"}]})
    HTTP.post(url, json={"response_type": "in_channel", "text": "in it", "thread_ts": ts})
    thread = bot.conversations_replies(channel=GENERAL, ts=ts)["messages"]
    assert [message["text"] for message in thread[1:]] == ["in it"]
    posted = bot.conversations_history(channel=GENERAL)["messages"][0]
    assert (posted["attachments"][0]["text"], posted["user"]) == ("all see", bot.auth_test()["user_id"])
    assert HTTP.post(url, content=b"text").status_code == 400
    assert HTTP.post(url, json={"replace_original": True}).json()["error"] == "no_text"


def test_a_response_url_takes_five_posts_in_thirty_minutes(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient, clock: Clock
) -> None:
    """The sixth, a late and a made-up one are refused; so are faulty blocks."""
    ts = bot.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(button())])["ts"]
    url = response_url(workspace, olivia, GENERAL, ts)

    def post(**body: Any) -> tuple[int, str]:
        answer = HTTP.post(url, json=body or {"text": "again"})
        return answer.status_code, answer.text if answer.text == "ok" else answer.json()["error"]

    assert post(text="x", blocks=[{"type": "hologram"}]) == (400, "invalid_blocks")
    assert [post() for _ in range(4)] == [(200, "ok")] * 4
    assert post() == (404, "used_url")
    url = response_url(workspace, olivia, GENERAL, ts)
    clock.ahead += 1801
    assert post() == (404, "expired_url")
    url = workspace.url + "/response/made-up"
    assert post() == (404, "expired_url")
