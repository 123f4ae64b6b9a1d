"""Claims about the fault switches: what each does to a real slack-sdk client or a real socket."""

import json
from contextlib import suppress
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.patience import PATIENCE_SECONDS, eventually
from tests.workspace.place import GENERAL, SEED, Json, Person, bot_client, error_of
from tests.workspace.wire import raw_socket, socket_url


def switches(person: Person) -> dict[str, Json]:
    """The switches by name."""
    return {one["name"]: one for one in person.get("faults")["faults"]}


def fate(bot: WebClient) -> int:
    """The status of one call."""
    try:
        return int(bot.auth_test().status_code)
    except SlackApiError as failure:
        response: Any = failure.response  # without Slack's form it is the SDK's raw dictionary
        return int(response["status"] if isinstance(response, dict) else response.status_code)


def test_every_switch_describes_itself_and_does_nothing_at_first(olivia: Person, bot: WebClient) -> None:
    """Name, label, kind, range and value, for the page to draw; every value is its default."""
    described = switches(olivia)
    assert {"answer_delay", "ratelimited_share", "drop_socket_every", "token_revoked", "hold_files"} <= set(described)
    for one in described.values():
        assert one["label"]
        assert one["value"] == one["default"]
        assert (one["range"] is None) == (one["kind"] == "flag")
    assert {fate(bot) for _ in range(20)} == {200}


@pytest.mark.parametrize(
    "wrong",
    [
        {"unheard_of": 1},
        {"ratelimited_share": 1.1},
        {"ratelimited_share": True},
        {"ratelimited_share": 10**400},
        {"token_revoked": 1},
        {"deliver_times": 1.5},
        {"deliver_times": 21},
        {"retry_delays": [1, 2, 3, 4]},
        {"retry_delays": ["soon"]},
        {"connection_seconds": 0},
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing_beside_it(olivia: Person, wrong: Json) -> None:
    """All or none."""
    body = json.dumps({"answer_delay": 1, **wrong})
    assert olivia.http.post("/client/faults", content=body).json()["error"] == "invalid_arguments"
    assert switches(olivia)["answer_delay"]["value"] == 0


def test_a_503_is_no_slack_answer_and_nothing_was_done(olivia: Person, bot: WebClient) -> None:
    """The app's calls only; people's go on."""
    assert olivia.do("faults", unavailable_share=1)["ok"]
    with pytest.raises(SlackApiError, match="non-JSON"):
        bot.chat_postMessage(channel=GENERAL, text="never")
    assert fate(bot) == 503
    olivia.say(GENERAL, "still here")
    assert [message["text"] for message in olivia.sees(GENERAL)] == ["still here"]


def test_a_lost_answer_leaves_the_message_there(olivia: Person, bot: WebClient) -> None:
    """Done, and answered 503: the app cannot know."""
    assert olivia.do("faults", lost_answer_share=1)["ok"]
    with pytest.raises(SlackApiError, match="non-JSON"):
        bot.chat_postMessage(channel=GENERAL, text="once")
    assert [message["text"] for message in olivia.sees(GENERAL)] == ["once"]


def test_a_429_says_when_to_come_again(olivia: Person, bot: WebClient) -> None:
    """Status, header and body as published."""
    assert olivia.do("faults", ratelimited_share=1)["ok"]
    with pytest.raises(SlackApiError) as caught:
        bot.auth_test()
    response = caught.value.response
    assert (response.status_code, response.data) == (429, {"ok": False, "error": "ratelimited"})
    assert int(response.headers["Retry-After"]) >= 1


def test_the_same_seed_brings_the_same_luck(olivia: Person, bot: WebClient) -> None:
    """A share between none and all strikes now and then, and repeatably."""

    def row(seed: int) -> list[int]:
        olivia.do("faults", seed=seed, ratelimited_share=0.3, unavailable_share=0.2)
        return [fate(bot) for _ in range(40)]

    first = row(7)
    assert set(first) == {200, 429, 503}
    assert row(7) == first
    assert row(8) != first


def test_a_revoked_token_is_refused_until_it_is_given_back(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient
) -> None:
    """At the Web API by its word, at a download by the sign-in page."""
    file = bot.files_info(file=olivia.upload(b"x", channel_id=GENERAL))["file"]
    headers = {"Authorization": f"Bearer {workspace.bot_token}"}
    olivia.do("faults", token_revoked=True)
    assert error_of(bot.auth_test)["error"] == "token_revoked"
    assert "Sign in" in HTTP.get(file["url_private"], headers=headers).text
    olivia.do("faults", token_revoked=False)
    assert bot.auth_test()["ok"]
    assert HTTP.get(file["url_private"], headers=headers).content == b"x"


def test_a_slow_answer_runs_into_the_clients_patience(workspace: WorkspaceServer, olivia: Person) -> None:
    """As a Web API under load; the call is not done while the client waits."""
    olivia.do("faults", answer_delay=30)
    impatient = WebClient(workspace.bot_token, base_url=workspace.api_url, timeout=1)
    with pytest.raises(TimeoutError):
        impatient.chat_postMessage(channel=GENERAL, text="late")
    assert olivia.sees(GENERAL) == []


def is_cut(socket: ClientConnection) -> bool:
    """Whether the end comes, after the hello or before it was read."""
    with suppress(ConnectionClosed):
        for _ in ("hello", "nothing more"):
            socket.recv(PATIENCE_SECONDS)
        return False
    return True


def test_sockets_are_cut_again_and_again(workspace: WorkspaceServer, olivia: Person) -> None:
    """Without a `disconnect` frame; after it is switched off a socket stays."""
    olivia.do("faults", drop_socket_every=0.05)
    for _ in range(2):
        with connect(socket_url(workspace), proxy=None) as socket:
            assert is_cut(socket)
    olivia.do("faults", drop_socket_every=0)
    with raw_socket(workspace) as socket:
        olivia.say(GENERAL, "quiet again")
        assert json.loads(socket.recv(PATIENCE_SECONDS))["payload"]["event"]["text"] == "quiet again"


def test_a_duplicate_has_the_same_event_id_and_a_late_event_is_overtaken(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """Slack promises no order, and may deliver twice."""
    with raw_socket(workspace) as socket:

        def next_event() -> Json:
            envelope: Json = json.loads(socket.recv(PATIENCE_SECONDS))
            socket.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
            payload: Json = envelope["payload"]
            return payload

        olivia.do("faults", duplicate_share=1)
        olivia.say(GENERAL, "twice")
        one, two = next_event(), next_event()
        assert one == two
        olivia.do("faults", duplicate_share=0, late_share=1, late_seconds=3)
        olivia.say(GENERAL, "late")
        olivia.do("faults", late_share=0)
        olivia.say(GENERAL, "prompt")
        assert [next_event()["event"]["text"] for _ in range(2)] == ["prompt", "late"]
    eventually(lambda: workspace.pending_events == 0)


def test_faults_do_not_survive_a_restart(tmp_path: Any) -> None:
    """Whoever wants them sets them again."""
    state = tmp_path / "workspace.json"
    for _ in range(2):
        server = WorkspaceServer(SEED, state)
        server.start()
        person = Person(server, "UOLIVIA")
        assert fate(bot_client(server)) == 200
        assert person.do("faults", unavailable_share=1)["ok"]
        assert fate(bot_client(server)) == 503
        server.stop()
