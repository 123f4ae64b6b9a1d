"""Claims about signed HTTP: what is posted to the request URL, what its answers do, and what is tried again."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from slack_bolt import App
from slack_sdk.signature import SignatureVerifier
from websockets.sync.client import connect

from bot.workspace.server import WorkspaceServer
from bot.workspace.shapes import Refusal
from tests.patience import PATIENCE_SECONDS, eventually
from tests.workspace.endpoint import Endpoint, Post, Reply, endpoint, served
from tests.workspace.place import (
    GENERAL,
    OLIVIA,
    SEED,
    Json,
    Person,
    actions,
    bot_client,
    button,
    connected,
    modal,
    text_input,
)
from tests.workspace.wire import raw_socket, socket_url


@pytest.fixture
def app_end(workspace: WorkspaceServer) -> Iterator[Endpoint]:
    """A bare endpoint that takes everything, saved as the request URL."""
    with endpoint() as end:
        workspace.set_request_url(end.url)
        yield end


def bolt(workspace: WorkspaceServer, secret: str | None = None) -> App:
    """A Bolt app that checks signatures."""
    return App(client=bot_client(workspace), signing_secret=secret or workspace.signing_secret)


def signed(workspace: WorkspaceServer, post: Post) -> bool:
    """Whether slack-sdk accepts the post as Slack's."""
    verifier = SignatureVerifier(workspace.signing_secret)
    return verifier.is_valid_request(post.body, dict(post.headers))


def test_a_request_url_is_taken_after_the_challenge_only(workspace: WorkspaceServer, olivia: Person) -> None:
    """From a Bolt app that knows the secret; not from one with another, not from an echo-less or absent one."""
    with served(bolt(workspace, "another secret")) as stranger:
        refusal = olivia.do("request_url", url=stranger)
        assert (refusal["error"], refusal["response_metadata"]["messages"]) == (
            "url_verification_failed",
            ["[ERROR] http_error"],
        )
    assert olivia.do("request_url", url=stranger)["response_metadata"]["messages"] == ["[ERROR] connection_failed"]
    assert olivia.do("request_url", url="ftp://127.0.0.1/")["error"] == "invalid_arguments"
    assert olivia.get("request_url")["url"] == ""
    with served(bolt(workspace)) as url:
        assert olivia.do("request_url", url=url) == {"ok": True, "url": url}
        assert olivia.get("request_url")["url"] == url


def test_an_event_is_signed_json(workspace: WorkspaceServer, olivia: Person, app_end: Endpoint) -> None:
    """The same envelope as over Socket Mode; the signature is over the raw body."""
    ts = olivia.say(GENERAL, "grüß <https://example.org>")
    post = eventually(lambda: app_end.posts)[0]
    eventually(lambda: workspace.pending_events == 0)
    assert signed(workspace, post)
    assert not signed(workspace, Post(post.path, post.headers, post.body.replace(b"gr", b"GR")))
    assert (post.headers["content-type"], post.retry) == ("application/json", (None, None))
    assert (post.json["type"], post.json["event"]["ts"]) == ("event_callback", ts)


def test_commands_and_interactions_are_signed_forms(
    workspace: WorkspaceServer, olivia: Person, app_end: Endpoint
) -> None:
    """A command's fields; an interaction as JSON in `payload`."""
    bot_client(workspace).chat_postMessage(channel=GENERAL, text="decide", blocks=[actions(button())])
    eventually(lambda: workspace.pending_events == 0)
    assert olivia.do("command", channel=GENERAL, command="/cert", text="a & b=c")["ok"]
    message = olivia.sees(GENERAL)[-1]
    place = {"channel": GENERAL, "message_ts": message["ts"], "block_id": "decide", "action_id": "approve"}
    assert olivia.do("action", **place)["ok"]
    command, action = [post for post in app_end.posts if post.headers["content-type"].endswith("urlencoded")]
    fields = {name: values[0] for name, values in parse_qs(command.body.decode()).items()}
    assert (fields["command"], fields["text"], fields["is_enterprise_install"]) == ("/cert", "a & b=c", "false")
    payload = json.loads(parse_qs(action.body.decode())["payload"][0])
    assert (payload["type"], payload["actions"][0]["value"]) == ("block_actions", "r1")
    assert signed(workspace, command)
    assert signed(workspace, action)


def test_bolts_answers_do_the_same_as_over_socket_mode(workspace: WorkspaceServer, olivia: Person) -> None:
    """A command's text is shown to its user, a modal's errors come back, and its next view replaces it."""
    app = bolt(workspace)

    @app.command("/cert")
    def open_modal(ack: Callable[..., None], body: Json) -> None:
        ack("Here it comes")
        bot_client(workspace).views_open(trigger_id=body["trigger_id"], view=modal(text_input()))

    @app.view("rename")
    def submitted(ack: Callable[..., None], view: Json) -> None:
        if view["state"]["values"]["name"]["value"]["value"] == "bad":
            ack(response_action="errors", errors={"name": "not this one"})
        else:
            ack(response_action="update", view=modal(text_input("more")))

    with served(app) as url:
        workspace.set_request_url(url)
        assert olivia.do("command", channel=GENERAL, command="/cert", text="")["ok"]
        assert [one["text"] for one in olivia.sees(GENERAL) if one.get("is_ephemeral")] == ["Here it comes"]
        (view,) = eventually(lambda: olivia.get("views")["views"])
        values = {"name": {"value": {"type": "plain_text_input", "value": "bad"}}}
        assert olivia.do("view/submit", view_id=view["id"], values=values)["errors"] == {"name": "not this one"}
        values["name"]["value"]["value"] = "good"
        assert olivia.do("view/submit", view_id=view["id"], values=values)["response_action"] == "update"
        (view,) = olivia.get("views")["views"]
        assert view["blocks"][0]["block_id"] == "more"


def test_a_failed_event_comes_again_three_times_with_number_and_reason(
    workspace: WorkspaceServer, olivia: Person, app_end: Endpoint
) -> None:
    """The published schedule, sped up; the same event id; then it is given up."""
    delays = next(one for one in olivia.get("faults")["faults"] if one["name"] == "retry_delays")
    assert delays["value"] == [1, 60, 300]
    olivia.do("faults", speed=10_000)
    app_end.reply = lambda _post: Reply(500)
    olivia.say(GENERAL, "hard to take")
    eventually(lambda: workspace.pending_events == 0)
    assert [post.retry for post in app_end.posts] == [(None, None), *((str(n), "http_error") for n in (1, 2, 3))]
    assert len({post.json["event_id"] for post in app_end.posts}) == 1


def test_an_app_can_say_that_it_wants_no_retry(workspace: WorkspaceServer, olivia: Person, app_end: Endpoint) -> None:
    """X-Slack-No-Retry: 1 beside an error."""
    app_end.reply = lambda _post: Reply(400, headers={"X-Slack-No-Retry": "1"})
    olivia.say(GENERAL, "never again")
    eventually(lambda: workspace.pending_events == 0)
    assert [post.retry for post in app_end.posts] == [(None, None)]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(401), "http_error"),
        (Reply(302, headers={"location": "/slack/events"}), "too_many_redirects"),
        (Reply(hang_up=True), "connection_failed"),
    ],
)
def test_the_retry_names_what_went_wrong(
    workspace: WorkspaceServer, olivia: Person, app_end: Endpoint, reply: Reply, reason: str
) -> None:
    """In Slack's words."""
    failing = [reply] * (3 if reply.status == 302 else 1)
    app_end.reply = lambda _post: failing.pop() if failing else Reply()
    olivia.do("faults", retry_delays=[0])
    olivia.say(GENERAL, "again")
    eventually(lambda: workspace.pending_events == 0)
    assert app_end.posts[-1].retry == ("1", reason)


def test_an_answer_after_the_deadline_is_none(olivia: Person, app_end: Endpoint) -> None:
    """http_timeout; the person who acted is told operation_timeout."""
    late = threading.Event()

    def hang(_post: Post) -> Reply:
        late.wait(PATIENCE_SECONDS)
        return Reply()

    app_end.reply = hang
    olivia.do("faults", ack_timeout=0.3, retry_delays=[0, 0, 0])
    olivia.say(GENERAL, "slowly")
    eventually(lambda: [post for post in app_end.posts if post.retry[1] == "http_timeout"])
    assert olivia.do("command", channel=GENERAL, command="/cert", text="")["error"] == "operation_timeout"
    late.set()


def test_tls_that_fails_is_named(olivia: Person) -> None:
    """An https address where nobody speaks TLS."""
    with endpoint() as end:
        answer = olivia.do("request_url", url=end.url.replace("http:", "https:"))
    assert answer["response_metadata"]["messages"] == ["[ERROR] ssl_error"]


def test_two_redirects_are_followed(workspace: WorkspaceServer, olivia: Person, app_end: Endpoint) -> None:
    """With the same signed body."""
    ways = {"/slack/events": "/one", "/one": "/two"}

    def reply(post: Post) -> Reply:
        return Reply(302, headers={"location": ways[post.path]}) if post.path in ways else Reply()

    app_end.reply = reply
    olivia.say(GENERAL, "follow me")
    eventually(lambda: workspace.pending_events == 0)
    assert [post.path for post in app_end.posts] == ["/slack/events", "/one", "/two"]
    assert signed(workspace, app_end.posts[-1])


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(404), "http_client_error"),
        (Reply(500), "http_service_error"),
        (Reply(hang_up=True), "dispatch_failed"),
    ],
)
def test_the_person_is_told_why_the_app_did_not_answer(
    olivia: Person, app_end: Endpoint, reply: Reply, told: str
) -> None:
    """Commands are not tried again."""
    app_end.reply = lambda _post: reply
    assert olivia.do("command", channel=GENERAL, command="/cert", text="")["error"] == told
    assert len(app_end.posts) == 1


def test_with_a_request_url_sockets_are_sent_away_until_it_is_taken_back(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """link_disabled for the open and for a new one; without the URL, Socket Mode as before."""
    with endpoint() as end:
        with raw_socket(workspace) as socket:
            workspace.set_request_url(end.url)
            assert json.loads(socket.recv(PATIENCE_SECONDS))["reason"] == "link_disabled"
        with connect(socket_url(workspace), proxy=None) as late:
            assert json.loads(late.recv(PATIENCE_SECONDS))["reason"] == "link_disabled"
        olivia.say(GENERAL, "by post")
        eventually(lambda: end.posts)
    workspace.set_request_url("")
    with connected(workspace, bolt(workspace)):
        assert workspace.sockets == 1


def test_the_request_url_and_what_is_on_its_way_survive_a_restart(tmp_path: Path) -> None:
    """Said while the app was down; delivered by the next run of the workspace."""
    state = tmp_path / "workspace.json"
    with endpoint(lambda _post: Reply(503)) as end:
        first = WorkspaceServer(SEED, state)
        first.start()
        first.set_request_url(end.url)
        person = Person(first, OLIVIA)
        person.do("faults", retry_delays=[0.2])
        person.say(GENERAL, "anybody?")
        eventually(lambda: end.posts)
        first.stop()
        end.reply = lambda _post: Reply()
        second = WorkspaceServer(SEED, state)
        second.start()
        try:
            eventually(lambda: second.pending_events == 0)
            assert end.posts[-1].json["event"]["text"] == "anybody?"
        finally:
            second.stop()


def test_an_unverified_url_raises_at_the_python_door(workspace: WorkspaceServer) -> None:
    """As at the page's."""
    with pytest.raises(Refusal, match="url_verification_failed"):
        workspace.set_request_url("http://127.0.0.1:1/slack/events")
