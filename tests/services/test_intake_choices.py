"""What people say about an upload: whose its certificates are, and whether one is a root or the partner's own."""

import pytest

from bot.pki.chain import Verdict
from bot.services.errors import InUse, NotAllowed, NotFound, WrongState
from storage.records import AnchorState, UploadState
from tests.lab.builders import Ca, self_signed
from tests.services.desk import GLOBEX, HOME, IAN, OLIVIA, PAULA, Desk


def test_without_a_partner_the_list_entry_waits_for_somebody_to_choose(desk: Desk) -> None:
    """Dropped into a channel of ours: stored, in no list; after the choice in the list, once."""
    report = desk.drop(self_signed("as2"), channel=HOME)
    assert report.upload.state is UploadState.NEEDS_PARTNER
    assert [one.key for one in report.partners] == ["acme", "globex"]
    assert report.items[0].kind == "unassigned"
    assert desk.entries() == ()
    globex = desk.partners.by_key("globex")
    with desk.noticing() as subjects:
        desk.intake.assign_partner(OLIVIA, report.upload.id, globex.id)
    after = desk.intake.report(report.upload.id)
    assert subjects == {f"upload:{report.upload.id}"}
    assert (after.upload.state, after.partner, after.items[0].kind) == (UploadState.STORED, globex, "partner")
    with pytest.raises(WrongState):
        desk.intake.assign_partner(OLIVIA, report.upload.id, desk.partners.by_key("acme").id)


def test_a_certificate_that_one_partner_has_already_needs_no_choice(desk: Desk) -> None:
    """In a channel that tells nothing, its list does."""
    leaf = self_signed("as2")
    desk.drop(leaf, channel=GLOBEX)
    report = desk.drop(leaf, channel=HOME)
    assert report.partner is not None
    assert report.partner.key == "globex"
    assert report.items[0].already


def test_a_self_signed_ca_certificate_alone_is_taken_for_a_root_until_somebody_knows_better(desk: Desk) -> None:
    """Many AS2 partners use CA:TRUE: after "this is the partner's own" it is in ACME's list, pinned, and not a root."""
    own = Ca.root("acme as2")
    report = desk.drop(own)
    ca = report.items[0].ca
    assert ca is not None
    assert ca.anchor is AnchorState.REQUESTED
    with desk.noticing() as subjects:
        desk.intake.own_certificate(PAULA, report.upload.id, own.sha256)
    after = desk.intake.report(report.upload.id)
    assert subjects >= {f"upload:{report.upload.id}", f"root:{ca.id}"}
    assert (after.items[0].kind, after.items[0].ca) == ("partner", None)
    assert after.items[0].report.verdict is Verdict.SELF_SIGNED
    assert [one.code for one in after.items[0].findings if one.code == "ca_as_end_entity"] != []
    with pytest.raises(NotFound):
        desk.ca_list.root_report(ca.id)
    with pytest.raises(WrongState):
        desk.intake.own_certificate(OLIVIA, report.upload.id, own.sha256)
    assert desk.drop(own, thread="2.0").items[0].already


def test_an_own_certificate_without_a_partner_waits_for_one(desk: Desk) -> None:
    """In a channel that tells nothing the partner is asked for next."""
    own = Ca.root("as2")
    report = desk.drop(own, channel=HOME)
    desk.intake.own_certificate(OLIVIA, report.upload.id, own.sha256)
    assert desk.intake.report(report.upload.id).upload.state is UploadState.NEEDS_PARTNER
    desk.intake.assign_partner(OLIVIA, report.upload.id, desk.partners.by_key("acme").id)
    assert [one.sha256 for one in desk.entries()] == [own.sha256]


def test_what_has_issued_a_partner_certificate_or_was_approved_stays_a_root(desk: Desk) -> None:
    """A root with a leaf below it is no partner certificate; nor is a trust anchor."""
    root = Ca.root("Root")
    report = desk.drop(root)
    desk.drop(root.leaf("acme-b2b"))
    with pytest.raises(InUse) as used:
        desk.intake.own_certificate(OLIVIA, report.upload.id, root.sha256)
    assert [one.name for one in used.value.references] == ["acme-b2b 2026-11-02"]
    other = Ca.root("Other")
    desk.trust(other)
    with pytest.raises(WrongState):
        desk.intake.own_certificate(OLIVIA, desk.drop(other).upload.id, other.sha256)


def test_a_stranger_decides_nothing_about_an_upload(desk: Desk) -> None:
    """Neither whose it is nor what it is."""
    unassigned = desk.drop(self_signed("as2"), channel=HOME).upload.id
    root = Ca.root("Root")
    taken_for_root = desk.drop(root).upload.id
    with pytest.raises(NotAllowed):
        desk.intake.assign_partner(IAN, unassigned, desk.partners.by_key("acme").id)
    with pytest.raises(NotAllowed):
        desk.intake.own_certificate(IAN, taken_for_root, root.sha256)
    assert desk.entries() == ()
