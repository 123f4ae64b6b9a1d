"""Claims about files: the external upload, who may read them, the sign-in page, what Slack thinks a file is."""

import copy

import httpx
import pytest
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.loopback import HTTP
from tests.workspace.place import GENERAL, QUIET, SEED, SHARED, Person, bot_client, error_of

PEM = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
DER = b"\x30\x82\x01\x0a\xff\x00"


def fetch(url: str, token: str | None = None) -> httpx.Response:
    """Downloads as a bot would."""
    return HTTP.get(url, headers={"Authorization": f"Bearer {token}"} if token else {})


def test_the_sdks_upload_posts_one_message_with_the_files(olivia: Person, bot: WebClient) -> None:
    """files_upload_v2 of several files, with a comment, into a thread."""
    parent = olivia.say(GENERAL, "here they come")
    uploads = [{"content": PEM, "filename": "a.pem", "title": "A"}, {"content": DER, "filename": "b.der"}]
    olivia.web.files_upload_v2(channel=GENERAL, thread_ts=parent, initial_comment="two", file_uploads=uploads)
    reply = bot.conversations_replies(channel=GENERAL, ts=parent)["messages"][1]
    assert (reply["text"], [f["name"] for f in reply["files"]]) == ("two", ["a.pem", "b.der"])


def test_a_pem_is_text_and_a_der_binary_to_slack(olivia: Person, bot: WebClient) -> None:
    """There is no file type for certificates; a bot must look inside."""
    kinds = []
    for content, name in ((PEM, "x.cer"), (DER, "x.pem")):
        file = bot.files_info(file=olivia.upload(content, name, channel_id=GENERAL))["file"]
        kinds.append((file["filetype"], file["mimetype"], file["mode"], file["size"]))
    assert kinds == [("text", "text/plain", "snippet", len(PEM)), ("binary", "application/octet-stream", "hosted", 6)]


def test_the_bytes_come_back_with_the_bots_token(workspace: WorkspaceServer, olivia: Person, bot: WebClient) -> None:
    """Both addresses; never to be run by a browser."""
    file = bot.files_info(file=olivia.upload(DER, "../evil <b>.der", channel_id=GENERAL))["file"]
    for url in (file["url_private"], file["url_private_download"]):
        answer = fetch(url, workspace.bot_token)
        assert answer.content == DER
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("token", [None, "xoxb-wrong"])
def test_without_a_good_token_there_is_a_sign_in_page_with_status_200(olivia: Person, token: str | None) -> None:
    """As on Slack: a bot that only looks at the status stores HTML."""
    file = olivia.web.files_info(file=olivia.upload(PEM, channel_id=GENERAL))["file"]
    answer = fetch(file["url_private"], token)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"Sign in" in answer.content


def test_a_token_without_files_read_gets_the_sign_in_page_too() -> None:
    """The scope is what counts."""
    seed = copy.deepcopy(SEED)
    seed["app"]["scopes"] = ["chat:write"]
    server = WorkspaceServer(seed)
    server.start()
    try:
        olivia = Person(server, "UOLIVIA")
        file = olivia.web.files_info(file=olivia.upload(PEM, channel_id=GENERAL))["file"]
        assert b"Sign in" in fetch(file["url_private"], server.bot_token).content
        assert error_of(lambda: bot_client(server).files_info(file=file["id"]))["error"] == "missing_scope"
    finally:
        server.stop()


def test_a_file_is_seen_only_where_it_was_shared(
    workspace: WorkspaceServer, olivia: Person, ada: Person, bot: WebClient
) -> None:
    """A partner's user and the bot do not see what is in a channel without them."""
    file_id = olivia.upload(PEM, channel_id=QUIET)
    file = olivia.web.files_info(file=file_id)["file"]
    assert error_of(lambda: bot.files_info(file=file_id))["error"] == "file_not_found"
    assert error_of(lambda: ada.web.files_info(file=file_id))["error"] == "access_denied"
    assert fetch(file["url_private"], workspace.bot_token).status_code == 404
    shared = olivia.upload(PEM, channel_id=SHARED)
    assert ada.web.files_info(file=shared)["file"]["user_team"] == "THOME"


def test_an_upload_address_works_once_and_only_for_its_length(olivia: Person) -> None:
    """Shorter and longer bodies are refused; after the right one the address is used up."""
    place = olivia.web.files_getUploadURLExternal(filename="a.pem", length=4)
    statuses = [
        HTTP.post(place["upload_url"], content=content).status_code for content in (b"abc", b"abcdef", b"abcd", b"abcd")
    ]
    assert statuses == [400, 400, 200, 404]


def test_an_upload_may_come_as_a_form(olivia: Person) -> None:
    """Some clients send multipart."""
    place = olivia.web.files_getUploadURLExternal(filename="a.pem", length=4)
    answer = HTTP.post(place["upload_url"], files={"file": ("a.pem", b"abcd")})
    assert answer.status_code == 200
    assert olivia.web.files_completeUploadExternal(files=[{"id": place["file_id"]}])["files"][0]["size"] == 4


def test_only_the_one_who_began_an_upload_completes_it(olivia: Person, sam: Person) -> None:
    """And only after the bytes are there."""
    place = olivia.web.files_getUploadURLExternal(filename="a.pem", length=4)
    files = [{"id": place["file_id"]}]
    assert error_of(lambda: olivia.web.files_completeUploadExternal(files=files))["error"] == "file_not_found"
    HTTP.post(place["upload_url"], content=b"abcd")
    assert error_of(lambda: sam.web.files_completeUploadExternal(files=files))["error"] == "access_denied"


def test_the_bot_cannot_delete_what_somebody_else_uploaded(olivia: Person, bot: WebClient) -> None:
    """So a leaked private key stays until its owner takes it away."""
    file_id = olivia.upload(PEM, channel_id=GENERAL)
    assert error_of(lambda: bot.files_delete(file=file_id))["error"] == "cant_delete_file"
    olivia.web.files_delete(file=file_id)
    assert error_of(lambda: bot.files_info(file=file_id))["error"] == "file_deleted"
