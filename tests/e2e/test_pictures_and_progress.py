"""What a thread shows beside the words: the chain as a picture, long hex on request, and a note while it takes long."""

from io import BytesIO

from PIL import Image
from slack_sdk.errors import SlackApiError

from tests.e2e.conftest import World
from tests.e2e.office import Member, Message, text_of, wait_for
from tests.loopback import HTTP

ACME = "C0ACMEB2B"
INITECH = "C0INITECHEDI"


def pictured(person: Member, ts: str, words: str) -> Message:
    """Wait for the answer whose picture says this."""

    def look() -> Message | None:
        return next((one for one in person.answers(ACME, ts) if words in str(_images(one))), None)

    return wait_for(f"a picture of {words!r}", look)


def _images(message: Message) -> list[Message]:
    return [block for block in message["blocks"] if block["type"] == "image"]


def _is_gone(person: Member, file_id: str) -> bool:
    try:
        person.slack.files_info(file=file_id)
    except SlackApiError as refusal:
        return refusal.response["error"] in {"file_deleted", "file_not_found"}
    return False


def test_the_answer_has_one_picture_which_follows_the_chain(world: World) -> None:
    """Leaf alone: the missing issuer is in it. With it: the whole chain, in the same message; the old file is gone."""
    olivia, paula = world.member("UOLIVIA"), world.member("UPAULA")
    ts = olivia.drop(ACME, "acme-b2b-new.pem", world.sample("acme-b2b-new.pem"))
    first = pictured(olivia, ts, "Missing issuer Nordlicht Issuing CA 4")
    prompt = olivia.sees(ACME, ts, "Missing issuer")
    assert "SHA-256" not in text_of(first)
    assert olivia.press(ACME, prompt, "Details")["ok"]
    page = olivia.modal("Missing issuer")
    assert "CN=Nordlicht Issuing CA 4" in text_of(page), "the full name stands behind the button"

    olivia.drop(ACME, "ca4.cer", world.sample("nordlicht-issuing-ca-4.cer"), ts)
    whole = pictured(olivia, ts, "Trust anchor Nordlicht Root CA 2019")
    assert whole["ts"] == first["ts"]
    (before,), (image,) = _images(first), _images(whole)
    old, new = before["slack_file"]["id"], image["slack_file"]["id"]
    wait_for("the end of the old picture", lambda: _is_gone(olivia, old))
    file = paula.slack.files_info(file=new)["file"]
    assert "Trust anchor Nordlicht Root CA 2019" in file["alt_txt"]
    shown = HTTP.get(file["url_private"], headers={"Authorization": f"Bearer {paula.token}"})
    with Image.open(BytesIO(shown.content)) as png:
        assert png.format == "PNG"
    world.settle()
    assert sum(len(_images(one)) for one in olivia.answers(ACME, ts)) == 1
    assert not [one for one in olivia.answers(ACME, ts) if one.get("files")], "no message but the answer"


def test_a_slow_download_is_noted_and_the_answer_takes_the_notes_place_over_a_kill(world: World) -> None:
    """Slack holds the file back for more than two seconds; `kill -9` while the note stands there; then the answer."""
    olivia = world.member("UOLIVIA")
    world.misbehave(hold_files=True)
    ts = olivia.drop(INITECH, "new.pem", world.sample("initech-edi-new.pem"))
    note = olivia.sees(INITECH, ts, "Still reading this file")
    world.kill_bot()
    world.start_bot()
    world.misbehave(hold_files=False)
    answer = olivia.sees(INITECH, ts, "new certificate", "Chain complete")
    world.settle()
    assert answer["ts"] == note["ts"]
    assert len(olivia.answers(INITECH, ts)) == 1
