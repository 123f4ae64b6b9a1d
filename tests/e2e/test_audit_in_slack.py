"""The audit where people work: narrowed, page by page, and as a table that only the one who asked gets."""

import csv
import io
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import World
from tests.e2e.office import Member, Message, text_of, wait_for
from tests.loopback import HTTP

CERTIFICATES = "C0CERTS"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot."""
    world = World(tmp_path_factory.mktemp("audit"))
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def news(person: Member, act: dict[str, object], before: int) -> Message:
    """What the person alone sees after an act."""
    assert act["ok"]
    return wait_for("an answer", lambda: person.ephemerals(CERTIFICATES)[before:])[-1]


def ask(person: Member, text: str) -> Message:
    """Type a command and wait for its answer."""
    before = len(person.ephemerals(CERTIFICATES))
    return news(person, person.command(CERTIFICATES, text), before)


def press(person: Member, message: Message, label: str) -> Message:
    """Press a button and wait for its answer."""
    before = len(person.ephemerals(CERTIFICATES))
    return news(person, person.press(CERTIFICATES, message, label), before)


def test_pages_lead_back_to_the_first_entry(world: World) -> None:
    """Each with the digest of its newest entry; the last has no button to older ones."""
    olivia = world.member("UOLIVIA")
    count = world.rows("select count(*) from audit")[0][0]
    page, pages = ask(olivia, "audit"), 1
    assert "vouches" in text_of(page)
    while "Older" in str(page["blocks"]):
        page, pages = press(olivia, page, "Older"), pages + 1
    assert pages == -(-count // 20)


def test_filters_narrow_and_what_is_unknown_is_said(world: World) -> None:
    """By partner, person, certificate and day; a name that nobody has is no empty answer."""
    olivia = world.member("UOLIVIA")
    assert "holds nothing of that" in text_of(ask(olivia, "audit by <@UADAM>"))
    assert "holds nothing of that" in text_of(ask(olivia, "audit until 2020-01-01"))
    (name,) = world.rows("select display_name from partner_certificate order by id limit 1")[0]
    assert "listed the certificate" in text_of(ask(olivia, f'audit certificate "{name}"'))
    assert "no certificate" in text_of(ask(olivia, "audit certificate nobodys-b2b")).lower()
    assert "/cert audit" in text_of(ask(olivia, "audit since yesterday"))


def test_the_table_comes_to_the_one_who_asked_and_is_recorded(world: World) -> None:
    """An operator: in a direct message; every entry with its digest."""
    olivia = world.member("UOLIVIA")
    before = world.rows("select id, digest from audit order by id desc")
    assert "on its way" in text_of(press(olivia, ask(olivia, "audit"), "Export as CSV"))
    bot = "UBOTCS"
    direct = str(olivia.slack.conversations_open(users=bot)["channel"]["id"])

    def arrived() -> str | None:
        for top in olivia.channel(direct):
            for message in olivia.thread(direct, top["ts"]):
                for file in message.get("files", []):
                    return str(file["url_private_download"])
        return None

    address = wait_for("the table", arrived)
    content = HTTP.get(address, headers={"Authorization": f"Bearer {olivia.token}"}).content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [(int(row["entry"]), row["digest"]) for row in rows] == before
    exported = world.rows("select actor, source from audit where action = 'audit.exported'")
    assert exported == [("UOLIVIA", f"slack:{CERTIFICATES}/")]
    wait_for("the end", lambda: any("in this thread" in text_of(one) for one in olivia.channel(direct)))
