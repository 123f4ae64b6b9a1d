"""Partners, their channels, and what the audit tells of them."""

import pytest

from bot.services.audit import Audit
from bot.services.errors import AlreadyThere, BadInput, NotAllowed, NotFound
from tests.lab.builders import self_signed
from tests.services.desk import ACME, GLOBEX, OLIVIA, PAULA, VERA, Desk


def test_a_partner_is_known_by_key_number_and_channel(bare_desk: Desk) -> None:
    """With its Slack team and channel, and a second channel later."""
    partner = bare_desk.partners.add(OLIVIA, "acme", " ACME\nComponents ", ACME, "TACME", "slack:C1/1.0")
    assert (partner.name, partner.channels, partner.slack_team_id) == ("ACME Components", (ACME,), "TACME")
    assert bare_desk.partners.by_channel(ACME) == partner
    assert bare_desk.partners.by_id(partner.id) == partner
    linked = bare_desk.partners.link_channel(OLIVIA, "ACME", "CACME2")
    assert linked.channels == (ACME, "CACME2")
    assert bare_desk.partners.list() == (linked,)


@pytest.mark.parametrize("key", ["", "Acme", "a b", "acme/../x", "x" * 41, "ümlaut", "acme\n"])
def test_a_key_is_short_plain_and_lower_case(bare_desk: Desk, key: str) -> None:
    """It is typed in commands and stands in names."""
    with pytest.raises(BadInput) as refused:
        bare_desk.partners.add(OLIVIA, key, "ACME", None, None, "")
    assert refused.value.field == "key"


def test_a_taken_key_or_channel_is_refused_and_leaves_nothing_half_done(desk: Desk) -> None:
    """The partner whose channel was refused does not exist afterwards."""
    with pytest.raises(AlreadyThere) as key:
        desk.partners.add(OLIVIA, "acme", "Another", None, None, "")
    assert key.value.what == "partner"
    with pytest.raises(AlreadyThere) as channel:
        desk.partners.add(OLIVIA, "initech", "Initech", GLOBEX, None, "")
    assert channel.value.what == "channel"
    with pytest.raises(NotFound):
        desk.partners.by_key("initech")
    with pytest.raises(BadInput):
        desk.partners.link_channel(OLIVIA, "acme", "#general")


def test_only_operators_make_partners(bare_desk: Desk) -> None:
    """Colleagues without the role and people from outside do not."""
    for person in (VERA, PAULA):
        with pytest.raises(NotAllowed):
            bare_desk.partners.add(person, "acme", "ACME", None, None, "")
    assert bare_desk.partners.list() == ()


def test_an_unknown_key_is_answered_with_what_is_near(desk: Desk) -> None:
    """Globx -> globex."""
    with pytest.raises(NotFound) as refused:
        desk.partners.by_key("globx")
    assert refused.value.data["nearest"] == ("globex",)


def test_the_audit_tells_who_did_what_from_where_by_partner_and_by_subject(desk: Desk) -> None:
    """One upload: its storing and its listing, newest first, with the thread; nothing of Globex in ACME's."""
    audit = Audit(desk.store, desk.clock)
    report = desk.drop(self_signed("as2"), thread="5.0")
    desk.drop(self_signed("other"), channel=GLOBEX)
    newest = audit.recent(2, partner="acme")
    assert [one.action for one in newest] == ["certificate.listed", "upload.stored"]
    assert {(one.actor, one.team, one.source) for one in newest} == {("UOLIVIA", "THOME", f"slack:{ACME}/5.0")}
    (entry,) = audit.recent(10, subject=f"upload:{report.upload.id}")
    assert entry.data["sha256"] == [report.items[0].certificate.sha256]
    with pytest.raises(NotFound):
        audit.recent(10, partner="nobody")


def test_the_audit_holds_no_words_of_a_certificate_or_a_file(desk: Desk) -> None:
    """Fingerprints, numbers and codes only: a hostile name cannot reach whoever reads the audit."""
    desk.drop(self_signed("<!channel>", org="Evil Corp"), name="<!here>.pem")
    written = repr([one.data for one in Audit(desk.store, desk.clock).recent(100)])
    assert not any(word in written for word in ("<!channel>", "Evil", "<!here>", "evil"))
