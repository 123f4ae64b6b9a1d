"""Files from Slack, and from something that only looks like it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.pki.limits import UPLOAD_BYTES
from bot.workspace.server import WorkspaceServer
from handlers.downloads import DownloadFailed, DownloadRefused, Downloads
from tests.handlers.slack import CHANNEL, SEED, SHARED, bot_of, person_of, running
from tests.loopback import HTTP

PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"


def dropped(workspace: WorkspaceServer, data: bytes, name: str = "a.pem", channel: str | None = CHANNEL) -> str:
    """Upload a file and share it; returns its id."""
    olivia = person_of(workspace, "UOLIVIA")
    ticket = olivia.files_getUploadURLExternal(filename=name, length=len(data))
    HTTP.post(str(ticket["upload_url"]), content=data).raise_for_status()
    olivia.files_completeUploadExternal(files=[{"id": ticket["file_id"], "title": name}], channel_id=channel)
    return str(ticket["file_id"])


def code(downloads: Downloads, file_id: str) -> str:
    """Why the file is refused."""
    with pytest.raises(DownloadRefused) as refused:
        downloads.fetch(file_id)
    return refused.value.code


def test_a_file_comes_with_its_name_and_bytes_and_shows_neither_in_a_log(workspace: WorkspaceServer) -> None:
    """Whatever Slack takes it for; also a web page that somebody dropped, which is not the sign-in page."""
    downloads = Downloads(bot_of(workspace))
    for name, data in (("a.pem", b"-----BEGIN"), ("b.der", b"0\x82\x00\xff"), ("portal.cer", PAGE)):
        fetched = downloads.fetch(dropped(workspace, data, name))
        assert (fetched.name, fetched.data) == (name, data)
        assert str(data) not in repr(fetched)


def test_what_cannot_be_had_is_refused_for_good(workspace: WorkspaceServer) -> None:
    """Unknown, not shared with us, deleted, too large by what Slack says of it."""
    bot = bot_of(workspace)
    downloads = Downloads(bot)
    assert code(downloads, "F0NOTTHERE") == "file_gone"
    assert code(downloads, dropped(workspace, b"x", channel=None)) == "file_gone"
    gone = dropped(workspace, b"x")
    person_of(workspace, "UOLIVIA").files_delete(file=gone)
    assert code(downloads, gone) == "file_gone"
    assert code(downloads, dropped(workspace, b"x" * (UPLOAD_BYTES + 1))) == "too_large"
    assert len(downloads.fetch(dropped(workspace, b"x" * UPLOAD_BYTES)).data) == UPLOAD_BYTES


def test_without_the_scope_the_reason_is_the_scope() -> None:
    """The admin has to give it; trying again cannot help."""
    with running({**SEED, "app": {**SEED["app"], "scopes": ["chat:write"]}}) as server:
        file_id = dropped(server, b"x")
        assert code(Downloads(bot_of(server)), file_id) == "missing_scope"


def test_a_file_of_which_the_event_tells_only_the_id_is_fetched_all_the_same(workspace: WorkspaceServer) -> None:
    """Slack Connect sends `check_file_info`; the file is asked for by its id anyway."""
    assert Downloads(bot_of(workspace)).fetch(dropped(workspace, b"shared", channel=SHARED)).data == b"shared"


class OddSlack(ThreadingHTTPServer):
    """Answers `files.info` with `file`, and a download with `answer`; keeps what was sent to it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.file: dict[str, Any] = {}
        self.info_error = ""
        self.status, self.headers, self.body = 200, {"content-type": "application/octet-stream"}, b""
        self.tokens: list[str | None] = []


class _Answers(BaseHTTPRequestHandler):
    server: OddSlack

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        error = {"ok": False, "error": self.server.info_error}
        answer = error if self.server.info_error else {"ok": True, "file": self.server.file}
        self._send(200, {"content-type": "application/json"}, json.dumps(answer).encode())

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers.get("authorization"))
        self._send(self.server.status, self.server.headers, self.server.body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Quiet."""


@contextmanager
def odd_slack(**file: Any) -> Iterator[OddSlack]:
    """The server, with a small hosted file unless told otherwise."""
    with OddSlack() as server:
        server.file = {"id": "F1", "name": "a.pem", "mode": "hosted", "size": 5, "url_private": f"{server.url}/f"}
        server.file |= file
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()


def downloads_of(server: OddSlack) -> Downloads:
    """With the server as Slack."""
    return Downloads(WebClient("xoxb-secret", base_url=f"{server.url}/api/"))


def test_the_sign_in_page_is_not_taken_for_the_file() -> None:
    """Status 200 and HTML of another size than the file has."""
    with odd_slack() as server:
        server.headers, server.body = {"content-type": "text/html; charset=utf-8"}, PAGE
        assert code(downloads_of(server), "F1") == "sign_in_page"
        server.file["size"] = len(PAGE)
        assert downloads_of(server).fetch("F1").data == PAGE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(status: int) -> None:
    """Neither to another host nor to the same."""
    with odd_slack() as elsewhere, odd_slack() as server:
        server.status, server.headers = status, {"location": f"{elsewhere.url}/steal"}
        assert code(downloads_of(server), "F1") == "sign_in_page"
        assert (len(server.tokens), elsewhere.tokens) == (1, [])


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/f",
        "http://files.slack.com/f",
        "https://files.slack.com@evil.example/f",
        "file:///etc/passwd",
    ],
)
def test_the_token_goes_to_slack_only(url: str) -> None:
    """Whatever the file's record says its address is; not unencrypted either."""
    with odd_slack(url_private=url) as server:
        assert code(downloads_of(server), "F1") == "external_file"
    with odd_slack(mode="external") as server:
        assert code(downloads_of(server), "F1") == "external_file"
        assert server.tokens == []


def test_a_file_that_is_larger_than_it_says_is_cut_off() -> None:
    """Told 5 bytes, sent more than the limit."""
    with odd_slack() as server:
        server.body = b"x" * (UPLOAD_BYTES + 100_000)
        assert code(downloads_of(server), "F1") == "too_large"


def test_a_file_that_may_not_be_seen_has_no_address() -> None:
    """Slack Connect tells the id alone; a tombstone is a deleted file."""
    with odd_slack(url_private="", mode="file_access") as server:
        assert code(downloads_of(server), "F1") == "file_gone"
    with odd_slack(mode="tombstone") as server:
        assert code(downloads_of(server), "F1") == "file_gone"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_on_slacks_side_is_for_a_later_try(status: int) -> None:
    """And the failure holds a code only."""
    with odd_slack() as server:
        server.status = status
        with pytest.raises(DownloadFailed, match=f"http_{status}"):
            downloads_of(server).fetch("F1")
        server.info_error = "internal_error"
        with pytest.raises(DownloadFailed, match="internal_error"):
            downloads_of(server).fetch("F1")
    with pytest.raises(DownloadFailed):
        downloads_of(server).fetch("F1")
