"""The other doors for a file, over the wire: the form, the message shortcut, a direct message, an app's file."""

from collections.abc import Iterator

import pytest

from bot.slack_client import open_client
from tests.e2e.conftest import World
from tests.e2e.office import Member, text_of, wait_for
from tests.loopback import HTTP

ACME = "C0ACMEB2B"
GLOBEX = "C0GLOBEXAS2"
INITECH = "C0INITECHEDI"
CERTIFICATES = "C0CERTS"
SHORTCUT = "import_certificate"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot; each test here has a channel of its own."""
    world = World(tmp_path_factory.mktemp("doors"))
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def uploads(world: World, channel: str) -> list[tuple[str, str, str]]:
    """The uploads of a channel: state, who, file name."""
    found = world.rows("select state, uploaded_by, file_name from upload where channel = ? order by id", channel)
    return [(str(state), str(who), str(name)) for state, who, name in found]


def told_after(person: Member, channel: str, ts: str, before: int) -> str:
    """What the person was told since, in the thread or the channel."""

    def look() -> str:
        shown = person.ephemerals(channel, ts) + person.ephemerals(channel)
        return text_of(shown[-1]) if len(shown) > before else ""

    return wait_for("an answer to the click", look)


def test_a_file_given_in_the_form_is_answered_in_a_thread_of_its_own(world: World) -> None:
    """Private intake: the file itself is in no channel; the partner is chosen in the form."""
    olivia = world.member("UOLIVIA")
    assert olivia.command(GLOBEX, "import")["ok"]
    view = olivia.modal()
    assert olivia.submit(view, {})["error"] == "missing_required"
    file_id = olivia.upload("globex.pem", world.sample("globex-as2-new.pem"))
    olivia.slack.files_completeUploadExternal(files=[{"id": file_id, "title": "globex.pem"}])
    assert olivia.submit(view, {"files": {"file_ids": [file_id]}})["ok"]
    wait_for("the upload", lambda: uploads(world, GLOBEX) == [("stored", "UOLIVIA", "globex.pem")])
    (thread,) = wait_for("the thread", lambda: [one for one in olivia.channel(GLOBEX) if one.get("bot_id")])
    assert not thread.get("files")
    assert "UOLIVIA" in text_of(thread)
    olivia.sees(GLOBEX, thread["ts"], "globex")
    listed = "select count(*) from partner_certificate join upload on upload.id = upload_id where channel = ?"
    assert world.rows(listed, GLOBEX) == [(1,)]
    assert world.member("UADAM").command(CERTIFICATES, "import")["ok"]
    form = world.member("UADAM").modal()
    assert "Initech" in str(form), "where no channel tells the partner, the form asks"


def test_the_shortcut_takes_in_an_old_message_and_is_one_upload_with_its_event(world: World) -> None:
    """Refused from a stranger, taken in by Olivia's shortcut, and after that there already."""
    olivia, stranger = world.member("UOLIVIA"), world.member("USTRANGER")
    ts = stranger.drop(ACME, "new.pem", world.sample("acme-b2b-new.pem"))
    wait_for("the refusal", lambda: uploads(world, ACME) == [("refused", "USTRANGER", "new.pem")])
    world.settle()
    assert stranger.shortcut(ACME, ts, SHORTCUT)["error"] == "not_allowed"

    assert olivia.shortcut(ACME, ts, SHORTCUT)["ok"]
    wait_for("the upload", lambda: uploads(world, ACME)[1:] == [("stored", "UOLIVIA", "new.pem")])

    ours = olivia.drop(ACME, "full.p7b", world.sample("acme-b2b-full.p7b"))
    wait_for("the upload", lambda: len(uploads(world, ACME)) == 3)
    before = len(olivia.ephemerals(ACME, ours)) + len(olivia.ephemerals(ACME))
    assert olivia.shortcut(ACME, ours, SHORTCUT)["ok"]
    assert told_after(olivia, ACME, ours, before)
    world.settle()
    assert len(uploads(world, ACME)) == 3

    silent = str(olivia.slack.chat_postMessage(channel=ACME, text="no file here")["ts"])
    before = len(olivia.ephemerals(ACME, silent)) + len(olivia.ephemerals(ACME))
    assert olivia.shortcut(ACME, silent, SHORTCUT)["ok"]
    assert told_after(olivia, ACME, silent, before)
    assert len(uploads(world, ACME)) == 3


def test_a_reference_without_a_file_and_a_reply_sent_to_the_channel_too_are_taken_in(world: World) -> None:
    """Slack Connect sends `check_file_info`; a broadcast reply with a file is a file."""
    ian = world.member("UIAN")
    world.misbehave(check_file_info=True)
    try:
        ts = ian.drop(INITECH, "new.pem", world.sample("initech-edi-new.pem"))
        wait_for("the upload", lambda: uploads(world, INITECH) == [("stored", "UIAN", "new.pem")])
        ian.sees(INITECH, ts, "Chain complete")
    finally:
        world.misbehave(check_file_info=False)


def test_an_apps_file_is_nobodys_upload(world: World) -> None:
    """Also the bot's own; and no answer."""
    bot = open_client(world.workspace.bot_token, world.workspace.api_url)
    ticket = bot.files_getUploadURLExternal(filename="own.pem", length=5)
    HTTP.post(str(ticket["upload_url"]), content=b"abcde").raise_for_status()
    bot.files_completeUploadExternal(
        files=[{"id": str(ticket["file_id"]), "title": "own.pem"}], channel_id=CERTIFICATES
    )
    world.settle()
    assert uploads(world, CERTIFICATES) == []


def test_a_file_in_a_direct_message_is_answered_there_and_asks_whose_it_is(world: World) -> None:
    """No channel tells the partner."""
    tess = world.member("UTESS")
    opened = tess.slack.conversations_open(users=["UBOTCS"])
    direct = str(opened["channel"]["id"])
    ts = tess.drop(direct, "x.pem", world.sample("initech-edi-new.pem"))
    # Without a choice where one partner has it already.
    wait_for("the upload", lambda: [who for _, who, _ in uploads(world, direct)] == ["UTESS"])
    assert uploads(world, direct)[0][0] in {"needs_partner", "stored"}
    wait_for("the answer", lambda: tess.answers(direct, ts))
