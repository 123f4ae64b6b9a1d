"""What a broken program or a foreign hand sends: refused at the door, and nothing that others read is spoilt by it."""

import json
import threading
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed

from bot.workspace.messages import KEPT_EPHEMERALS
from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.patience import PATIENCE_SECONDS, eventually
from tests.workspace.place import GENERAL, OLIVIA, SEED, Person
from tests.workspace.wire import raw_socket

PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
METADATA = b'{"event_type": "x", "event_payload": {"x": %b}}'
# Python reads all of these, and writes none of them.
UNWRITABLE = {
    "half a surrogate pair": b'"\\ud83d"',
    "half of one in raw bytes": b'"\xed\xa0\xbd"',
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "a number beyond all bounds": b"1e999",
}


@pytest.mark.parametrize("value", UNWRITABLE.values(), ids=UNWRITABLE.keys())
def test_what_cannot_be_written_again_is_not_taken_in(workspace: WorkspaceServer, olivia: Person, value: bytes) -> None:
    """Else nobody could read the channel any more: every answer with that message in it would fail."""
    headers = {"Authorization": f"Bearer {workspace.bot_token}", "Content-Type": "application/json"}
    sent = b'{"channel": "%b", "text": "x", "metadata": %b}' % (GENERAL.encode(), METADATA % value)
    assert HTTP.post(f"{workspace.api_url}chat.postMessage", content=sent, headers=headers).json() == {
        "ok": False,
        "error": "invalid_json",
    }
    form = urlencode({"channel": GENERAL, "text": "x", "metadata": METADATA % value})
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    answer = HTTP.post(f"{workspace.api_url}chat.postMessage", content=form, headers=headers).json()
    bad_bytes = value == UNWRITABLE["half of one in raw bytes"]
    assert answer["ok"] if bad_bytes else answer["error"] == "invalid_metadata_format", "bytes of a form are mended"
    assert olivia.http.post("/client/mark", content=b'{"channel": %b}' % value).json()["error"] == "invalid_json"
    assert olivia.get("channel", channel=GENERAL)["ok"]
    assert olivia.web.conversations_history(channel=GENERAL)["ok"]


def test_a_person_is_not_heard_out_for_ever(olivia: Person) -> None:
    """Nested beyond sense, positions of thousands of digits, a wait of no length at all."""
    deep = b'{"channel": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    assert olivia.http.post("/client/mark", content=deep).json()["error"] == "invalid_json"
    for query in ({"after": "9" * 5000}, {"wait": "nan"}, {"wait": "soon"}, {"after": "-1"}):
        for path in ("events", "exchanges"):
            assert olivia.get(path, **query)["error"] == "invalid_arguments"
    assert olivia.http.get("/api/users.list", params={"cursor": "9" * 5000}).json()["error"] == "invalid_cursor"


def test_a_binary_frame_ends_its_own_connection_alone(workspace: WorkspaceServer, olivia: Person) -> None:
    """RFC 6455, 7.4.1: 1003. What is nonsense, but text, is passed over."""
    with raw_socket(workspace) as other:
        for nonsense in ("[" * 50_000, '{"envelope_id": NaN}', "[]", "\x00"):
            other.send(nonsense)
        with raw_socket(workspace) as socket:
            socket.send(b"\x00\xff")
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(PATIENCE_SECONDS)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1003
        eventually(lambda: workspace.sockets == 1)
        olivia.say(GENERAL, "still there")
        heard = json.loads(other.recv(PATIENCE_SECONDS))
        other.send(json.dumps({"envelope_id": heard["envelope_id"]}))
        eventually(lambda: workspace.pending_events == 0)


def test_an_upload_that_could_not_be_read_can_be_sent_again(olivia: Person) -> None:
    """A form without its end; the one-time address is still good."""
    place = olivia.web.files_getUploadURLExternal(filename="a.pem", length=len(PEM))
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = olivia.http.post(place["upload_url"], content=b"--y\r\nno form at all", headers=broken)
    assert answer.status_code == 400
    assert olivia.http.post(place["upload_url"], files={"file": ("a.pem", PEM)}).status_code == 200
    assert olivia.http.post(place["upload_url"], content=PEM).status_code == 404, "used"


def test_of_what_only_one_person_sees_the_last_is_kept(bot: WebClient, olivia: Person) -> None:
    """Slack forgets it with the next reload; here it goes to the disk, all of it, with each that comes."""
    olivia.do("faults", rate_limits=False)
    for number in range(KEPT_EPHEMERALS + 1):
        bot.chat_postEphemeral(channel=GENERAL, user=OLIVIA, text=f"only you {number}")
    seen = [message["text"] for message in olivia.sees(GENERAL) if message.get("is_ephemeral")]
    assert seen == [f"only you {number}" for number in range(1, KEPT_EPHEMERALS + 1)]


def test_whoever_waits_is_answered_when_the_workspace_stops(tmp_path: Path) -> None:
    """The page's long polls, of what is said and of what goes over the wire, are not torn off."""
    server = WorkspaceServer(SEED, tmp_path / "workspace.json")
    server.start()
    olivia = Person(server, OLIVIA)
    position = {path: olivia.get(path)["last"] for path in ("events", "exchanges")}
    answers: dict[str, httpx.Response] = {}
    begun = threading.Barrier(len(position) + 1)

    def wait(path: str) -> None:
        with Person(server, OLIVIA).http.stream(
            "GET", f"/client/{path}", params={"after": position[path], "wait": 60}, extensions={"trace": sent}
        ) as answer:
            answer.read()
            answers[path] = answer

    def sent(event: str, _: object) -> None:
        if event == "http11.send_request_body.complete":
            begun.wait(PATIENCE_SECONDS)

    waiting = [threading.Thread(target=wait, args=(path,)) for path in position]
    for thread in waiting:
        thread.start()
    begun.wait(PATIENCE_SECONDS)
    server.stop()
    for thread in waiting:
        thread.join()
    assert {path: (answer.status_code, answer.json()["ok"]) for path, answer in answers.items()} == {
        "events": (200, True),
        "exchanges": (200, True),
    }
