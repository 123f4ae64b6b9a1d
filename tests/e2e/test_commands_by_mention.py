"""`@countersign` in a thread: the same commands, answered for all who read there, so about one partner at most."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import World
from tests.e2e.office import Member, Message, buttons_of, text_of, wait_for

ACME = "C0ACMEB2B"
INITECH = "C0INITECHEDI"
CERTIFICATES = "C0CERTS"
FAIR = "C0FAIR"
OTHERS = ("initech", "Initech", "globex", "Globex")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot; the tests here do not disturb each other."""
    world = World(tmp_path_factory.mktemp("mentions"))
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def mention(person: Member, channel: str, words: str) -> str:
    """Mention the bot in a new thread; returns the thread's ts."""
    return str(person.slack.chat_postMessage(channel=channel, text=f"<@UBOTCS> {words}")["ts"])


def answered(person: Member, channel: str, words: str) -> Message:
    """The public answer to a mention."""
    ts = mention(person, channel, words)
    return wait_for(f"an answer to {words}", lambda: [one for one in person.answers(channel, ts) if _public(one)])[0]


def refused(person: Member, channel: str, words: str) -> str:
    """The refusal that only the person sees; nothing was said in public."""
    before = len(person.ephemerals(channel))
    ts = mention(person, channel, words)
    told = wait_for(f"a refusal of {words}", lambda: person.ephemerals(channel)[before:])
    assert not [one for one in person.answers(channel, ts) if _public(one)]
    return text_of(told[-1])


def _public(message: Message) -> bool:
    return not message.get("is_ephemeral")


def test_in_a_partners_channel_the_channel_tells_the_partner(world: World) -> None:
    """Lists, one certificate, the forms behind a button; for both sides to read."""
    olivia, paula = world.member("UOLIVIA"), world.member("UPAULA")
    assert "acme-b2b" in text_of(answered(olivia, ACME, "list"))
    assert "acme-https" in text_of(answered(olivia, ACME, "connections"))
    assert text_of(answered(olivia, ACME, "switches"))
    assert text_of(answered(olivia, ACME, "help"))
    offer = answered(olivia, ACME, "rename")
    assert olivia.press(ACME, offer, buttons_of(offer)[0]["text"]["text"])["ok"]
    view = olivia.modal()
    assert olivia._post("/client/view/close", {"view_id": view["id"], "clear": True})["ok"]
    for words in ("list", "list acme", "connections ACME", "switches", "help", "frobnicate", "connection acme-https"):
        answer = text_of(answered(paula, ACME, words))
        assert not [name for name in (*OTHERS, "/cert", "show NAME") if name in answer]


def test_a_connection_is_shown_to_its_partner_without_what_is_inside_our_house(world: World) -> None:
    """What is in use and whether the gateway agrees; not the gateway's name, and nothing to decide or to change."""
    paula = world.member("UPAULA")
    shown = answered(paula, ACME, "connection acme-https")
    assert "*In use:* *acme-b2b 2" in text_of(shown)
    assert "*Gateway*: :white_check_mark:" in text_of(shown)
    assert [one["text"]["text"] for one in buttons_of(shown)] == []
    assert "*Gateway* `" in text_of(answered(world.member("UOLIVIA"), CERTIFICATES, "connection acme-https"))


def test_a_switch_typed_in_a_thread_is_a_button_that_opens_the_filled_form(world: World) -> None:
    """Slack opens a form at a click only; who may not propose is refused there as everywhere."""
    olivia, paula = world.member("UOLIVIA"), world.member("UPAULA")
    offer = answered(olivia, ACME, "switch acme-https")
    assert olivia.press(ACME, offer, "Propose switch")["ok"]
    view = olivia.modal("Propose a switch")
    chosen = next(one["element"] for one in view["blocks"] if one.get("block_id") == "connection")
    assert chosen["initial_option"]["text"]["text"].startswith("acme-https")
    assert olivia._post("/client/view/close", {"view_id": view["id"], "clear": True})["ok"]
    before = len(paula.ephemerals(ACME, offer["thread_ts"]))
    assert paula.press(ACME, offer, "Propose switch")["ok"]
    paula.told(ACME, "for our team", offer["thread_ts"], before)


def test_a_partners_person_learns_nothing_about_anybody_else(world: World) -> None:
    """Neither lists of others, nor whether they are there, nor what is for our people only."""
    paula = world.member("UPAULA")
    told = {words: refused(paula, ACME, words) for words in ("list initech", "list nothere", "connections globex")}
    assert told["list initech"].replace("initech", "nothere") == told["list nothere"]
    there, not_there = (refused(paula, ACME, f"connection {one}") for one in ("initech-https", "nothere-https"))
    assert there.replace("initech", "nothere") == not_there
    for words in ("partners", "ca", "audit", "show globex-as2", "delete acme-b2b", "switch", "partner add x Y"):
        answer = refused(paula, ACME, words)
        assert not [name for name in OTHERS if name in answer.replace(words, "")]
    refused(paula, FAIR, "list acme")


def test_strangers_and_guests_are_answered_nothing(world: World) -> None:
    """Somebody of a third company, and a guest of ours, both in ACME's channel."""
    for user in ("USTRANGER", "UGUEST"):
        for words in ("list", "partners", "switch", "import"):
            answer = refused(world.member(user), ACME, words)
            assert not [name for name in (*OTHERS, "acme-b2b", "acme-https") if name in answer]


def test_where_others_read_along_even_our_own_get_no_answer_about_others(world: World) -> None:
    """In ACME's channel nothing of Initech; in a channel that two partners share nothing of anybody."""
    olivia = world.member("UOLIVIA")
    for words in ("list initech", "connections globex", "partners", "ca", "audit", "connection initech-https"):
        refused(olivia, ACME, words)
    for words in ("connection initech-htps", "connection change initech-htps", "switch initech-htps"):
        assert "initech-https" not in refused(olivia, ACME, words), "nor is it suggested"
    for words in ("list acme", "partners", "switches", "show x"):
        refused(olivia, FAIR, words)
    assert "Initech" in text_of(answered(olivia, CERTIFICATES, "partners"))


def test_a_mention_is_answered_once_however_often_it_comes(world: World) -> None:
    """Delivered three times, and edited afterwards: one answer, and what it did was done once."""
    olivia = world.member("UOLIVIA")
    world.misbehave(deliver_times=3)
    ts = mention(olivia, CERTIFICATES, "partner add once Only Once")
    wait_for("the answer", lambda: olivia.answers(CERTIFICATES, ts))
    world.settle()
    world.misbehave(deliver_times=1)
    olivia.slack.chat_update(channel=CERTIFICATES, ts=ts, text="<@UBOTCS> partner add once Only Once!")
    world.settle()
    assert len(olivia.answers(CERTIFICATES, ts)) == 1
    assert not olivia.ephemerals(CERTIFICATES, ts)
    assert world.rows("select name from partner where key = 'once'") == [("Only Once",)]


def test_a_message_with_a_file_is_a_file_whatever_is_written_beside_it(world: World) -> None:
    """A mention beside the file gets no help text; files of bots and edits are nobody's upload."""
    olivia = world.member("UOLIVIA")
    file_id = olivia.upload("new.pem", world.sample("initech-edi-new.pem"))
    olivia.slack.files_completeUploadExternal(
        files=[{"id": file_id, "title": "new.pem"}], channel_id=INITECH, initial_comment="<@UBOTCS> please have a look"
    )
    ts = wait_for("the message", lambda: olivia._message_with(INITECH, file_id))
    wait_for("the answer", lambda: olivia.answers(INITECH, ts))
    world.settle()
    assert len(olivia.answers(INITECH, ts)) == 1
    olivia.slack.chat_update(channel=INITECH, ts=ts, text="<@UBOTCS> never mind")
    world.settle()
    assert len(olivia.answers(INITECH, ts)) == 1
    assert world.rows("select count(*) from upload") == [(1,)]
