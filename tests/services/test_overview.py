"""What a front page knows, and for whom."""

from datetime import timedelta

import pytest

from bot.services.approval_rules import Act
from bot.services.decisions import acts_asked
from bot.services.errors import BadInput, NotAllowed, NotFound
from bot.services.overview import ENDING_SHOWN, FOUND, Overview
from bot.services.people import Person, PersonRole
from bot.services.search import sought
from bot.services.sights import Reader
from storage.records import Partner, Policy
from storage.switch_records import Side
from tests.lab.builders import NOW, Ca, Issued
from tests.services.desk import ACME, GLOBEX, GUEST, OLIVIA, OSCAR, PAULA, STRANGER, TESS, Desk

ADAM = Person("UADAM", "THOME", "Adam", frozenset({PersonRole.APPROVER}), is_home=True)


@pytest.fixture(scope="module")
def ca() -> Ca:
    """One root for all."""
    return Ca.root("Front Root")


@pytest.fixture
def home(desk: Desk) -> tuple[Desk, Overview]:
    """Two partners and the front page."""
    return desk, Overview(desk.store, desk.chains, desk.clock)


def _leaf(ca: Ca, host: str, ends_in: float) -> Issued:
    return ca.leaf(host, not_before=NOW - timedelta(days=1), not_after=NOW + timedelta(days=ends_in))


def test_the_partners_of_the_readers_channels_come_first(home: tuple[Desk, Overview]) -> None:
    """The others follow; a partner's people see their own only, and strangers none."""
    _, overview = home
    ours = overview.partners(Reader(OLIVIA, frozenset({GLOBEX})), 0, 10)

    assert [(one.partner.key, one.is_mine) for one in ours.shown] == [("globex", True), ("acme", False)]
    assert [one.partner.key for one in overview.partners(Reader(PAULA), 0, 10).shown] == ["acme"]
    for nobody in (STRANGER, GUEST):
        with pytest.raises(NotAllowed):
            overview.front(Reader(nobody))


def test_what_ends_next_comes_first_and_only_of_the_readers_partners(home: tuple[Desk, Overview], ca: Ca) -> None:
    """Unless all are asked for; an expired one that is in use nowhere is no news."""
    desk, overview = home
    desk.trust(ca)
    desk.drop(_leaf(ca, "late.acme.example", 90), channel=ACME)
    desk.drop(_leaf(ca, "soon.acme.example", 5), channel=ACME)
    desk.drop(_leaf(ca, "globex.example", 1), channel=GLOBEX)
    desk.wait(days=2)

    def ending(reader: Reader, *, everyone: bool = False) -> list[str]:
        front = overview.front(reader, everyone=everyone)
        return [one.line.display_name.split()[0] for one in front.ending]

    acme = Reader(OLIVIA, frozenset({ACME}))
    assert ending(acme) == ["acme-soon", "acme-late"] == ending(acme, everyone=True)
    assert ending(Reader(PAULA)) == ["acme-soon", "acme-late"]
    assert ending(Reader(OLIVIA, frozenset({GLOBEX}))) == []
    assert len(overview.front(acme).ending) <= ENDING_SHOWN


def test_a_root_waits_for_another_trust_admin_than_who_brought_it(home: tuple[Desk, Overview], ca: Ca) -> None:
    """And for nobody without the role."""
    desk, overview = home
    desk.drop(ca, by=OSCAR, channel=ACME)

    assert overview.front(Reader(TESS)).waiting.roots.total == 1
    assert overview.front(Reader(OLIVIA)).waiting.roots.total == 0
    desk.drop(Ca.root("Of Tess"), by=TESS, channel=ACME)
    assert overview.front(Reader(TESS)).waiting.roots.total == 1


def test_a_missing_issuer_waits_for_who_brought_the_file_and_for_its_channel(
    home: tuple[Desk, Overview], ca: Ca
) -> None:
    """Not for one of ours who is not in that channel, nor for another partner's people."""
    desk, overview = home
    desk.drop(_leaf(ca.intermediate("Gone"), "acme.example", 30), by=OSCAR, channel=ACME)

    def asked(reader: Reader) -> int:
        return overview.front(reader).waiting.prompts.total

    assert asked(Reader(OSCAR)) == asked(Reader(OLIVIA, frozenset({ACME}))) == asked(Reader(PAULA)) == 1
    assert asked(Reader(OLIVIA, frozenset({GLOBEX}))) == 0


def test_a_partners_people_learn_of_no_thread_outside_their_channels(home: tuple[Desk, Overview], ca: Ca) -> None:
    """A file for ACME that was dropped in a channel of ours."""
    desk, overview = home
    acme = desk.partners.by_key("acme")
    desk.trust(ca)
    desk.drop(_leaf(ca, "acme.example", 30), channel="CHOME", partner_id=acme.id)

    (ours,) = overview.front(Reader(OLIVIA)).ending
    (theirs,) = overview.front(Reader(PAULA)).ending
    assert ours.place is not None
    assert theirs.place is None


def test_a_search_is_bounded_and_finds_for_a_partner_its_own_only(home: tuple[Desk, Overview], ca: Ca) -> None:
    """Wildcards are plain characters; CA certificates are for our own people."""
    desk, overview = home
    desk.trust(ca)
    desk.drop(_leaf(ca, "shop.acme.example", 30), channel=ACME)
    desk.drop(_leaf(ca, "shop.globex.example", 30), channel=GLOBEX)

    ours = overview.search(Reader(OLIVIA), "SHOP")
    assert {one.partner.key for one in ours.certificates} == {"acme", "globex"}
    assert {one.partner.key for one in overview.search(Reader(PAULA), "shop").certificates} == {"acme"}
    assert [one.certificate.sha256 for one in overview.search(Reader(OLIVIA), "front root").cas] == [ca.sha256]
    assert overview.search(Reader(PAULA), "front root").cas == ()
    assert overview.search(Reader(OLIVIA), "%_").certificates == ()
    with pytest.raises(BadInput):
        overview.search(Reader(OLIVIA), " x ")


def test_more_than_fits_is_cut_and_said_to_be(home: tuple[Desk, Overview], ca: Ca) -> None:
    """Twenty-one certificates, twenty shown."""
    desk, overview = home
    desk.trust(ca)
    many = [_leaf(ca, f"many-{place}.acme.example", 30 + place) for place in range(FOUND + 1)]
    desk.drop(many[0], *many[1:], channel=ACME)

    found = overview.search(Reader(OLIVIA), "many-")
    assert (len(found.certificates), found.is_cut) == (FOUND, True)
    acme = desk.partners.by_key("acme")
    first, second = (overview.partner(Reader(PAULA), acme.id, offset, 20).certificates for offset in (0, 20))
    assert (len(first.shown), first.total, len(second.shown)) == (20, FOUND + 1, 1)


def test_another_partners_page_is_not_there_for_a_partner(home: tuple[Desk, Overview]) -> None:
    """The number in a button comes from outside."""
    desk, overview = home
    globex = desk.partners.by_key("globex")

    with pytest.raises(NotFound):
        overview.partner(Reader(PAULA), globex.id, 0, 20)
    assert overview.may_see(Reader(OLIVIA), globex.id)
    assert not overview.may_see(Reader(PAULA), globex.id)
    assert not overview.may_see(Reader(PAULA), None)


IN_SLACK = Partner(1, "acme", "ACME", "TACME", ())
NOT_IN_SLACK = Partner(2, "globex", "Globex", None, ())


def test_a_proposal_waits_only_for_those_who_may_decide_it() -> None:
    """By the rule of the click: not the requester, not who has decided, not one of ours for a partner in Slack."""

    def asked(person: Person, partner: Partner, **decided: str) -> frozenset[Act]:
        by = {Side(side): frozenset({user}) for side, user in decided.items()}
        return acts_asked(person, "UOLIVIA", partner, by, Policy())

    assert Act.APPROVE in asked(ADAM, IN_SLACK)
    assert asked(OLIVIA, IN_SLACK) == frozenset()
    assert asked(ADAM, IN_SLACK, ours="UADAM") == frozenset()
    assert asked(PAULA, IN_SLACK) == {Act.CONFIRM, Act.REJECT}
    assert asked(PAULA, NOT_IN_SLACK) == frozenset()
    assert Act.RECORD_WORD in asked(ADAM, NOT_IN_SLACK)
    assert asked(GUEST, IN_SLACK) == frozenset()


@pytest.mark.parametrize(
    ("typed", "serials"), [("0x00AB:CD", ("abcd",)), ("12 34", ("1234", "4d2")), ("shop", ()), ("0000", ("0", "0"))]
)
def test_a_serial_number_is_read_as_people_copy_it(typed: str, serials: tuple[str, ...]) -> None:
    """Hexadecimal with colons or blanks, and decimal as well where it could be."""
    assert sought(typed).serials == serials


def test_a_channel_that_gets_another_id_takes_everything_along(home: tuple[Desk, Overview], ca: Ca) -> None:
    """The partner, the place of the answer and the upload; told again it changes nothing, and nonsense does nothing."""
    desk, _ = home
    desk.drop(ca, channel=ACME)

    assert desk.partners.follow_channel(ACME, "CSHARED")
    assert not desk.partners.follow_channel(ACME, "CSHARED")
    assert not desk.partners.follow_channel("CSHARED", "<!channel>")
    found = desk.partners.by_channel("CSHARED")
    assert found is not None
    assert found.key == "acme"
    with desk.store.begin() as tx:
        (place,) = [place for one in range(1, 3) if (place := tx.places.get(f"upload:{one}"))]
        upload = tx.uploads.get(1)
    assert (place.channel, upload.channel if upload else "") == ("CSHARED", "CSHARED")
    assert "partner.channel_moved" in desk.actions()
