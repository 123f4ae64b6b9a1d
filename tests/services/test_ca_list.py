"""Four eyes on every root, and no CA certificate leaves the list while a chain runs over it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.pki.chain import IssuerSource, Verdict
from bot.public_roots import public_roots
from bot.services.errors import BadInput, InUse, NotAllowed, NotFound, Outdated, ServiceError, WrongState
from bot.services.people import Person
from storage.records import AnchorState, CaCertificate
from tests.databases import Database
from tests.lab.builders import Ca, Issued
from tests.services.desk import BOT, GUEST, HOME, OLIVIA, OSCAR, PAULA, STRANGER, TESS, TOM, VERA, Desk

MANY = 12  # certificates below one issuer


def _bring(desk: Desk, root: Issued, by: Person = OSCAR, thread: str = "9.0") -> CaCertificate:
    ca = desk.drop(root, by=by, channel=HOME, thread=thread).items[0].ca
    assert ca is not None
    return ca


def test_a_root_counts_only_once_its_fingerprint_is_approved_by_another_person(desk: Desk) -> None:
    """Root -> leaf: unapproved before, complete after; who and when are kept."""
    root = Ca.root("Root")
    ca = _bring(desk, root)
    upload = desk.drop(root.leaf("acme-b2b")).upload.id
    assert desk.intake.report(upload).items[0].report.verdict is Verdict.UNAPPROVED_ROOT
    desk.wait(hours=1)
    desk.ca_list.approve_root(TESS, ca.id, root.sha256)
    report = desk.ca_list.root_report(ca.id)
    assert desk.intake.report(upload).items[0].report.verdict is Verdict.COMPLETE
    assert (report.ca.anchor, report.ca.decided_by) == (AnchorState.APPROVED, TESS.user_id)
    assert report.ca.decided_at is not None
    assert report.ca.decided_at - ca.added_at == timedelta(hours=1)
    assert report.waits == ()


def test_a_change_of_the_list_costs_what_hangs_on_it_and_not_what_is_in_the_store(database: Database) -> None:
    """The chains that are built are counted at the roots, of which each one asks."""
    asked: list[None] = []

    def counting() -> IssuerSource:
        asked.append(None)
        return public_roots()

    desk = Desk(database, counting).found_partners()
    house, other = Ca.root("House"), Ca.root("Other")
    issuing = house.intermediate("Issuing")
    desk.trust(house)
    upload = desk.drop(issuing, *(issuing.leaf(f"acme-{number}") for number in range(MANY)), channel=HOME).upload.id
    desk.intake.assign_partner(OLIVIA, upload, desk.partners.by_key("acme").id)
    ca = _bring(desk, other)
    asked.clear()
    desk.ca_list.approve_root(TESS, ca.id, other.sha256)
    assert len(asked) < MANY
    desk.drop(house.intermediate("Issuing", key=issuing.key), by=OSCAR, channel=HOME)
    assert len(asked) >= MANY
    desk.store.close()


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (OLIVIA, "not_trust_admin"),
        (VERA, "not_trust_admin"),
        (GUEST, "guest"),
        (BOT, "bot"),
        (PAULA, "stranger"),
        (STRANGER, "stranger"),
        (TESS, "own_upload"),
    ],
)
def test_nobody_else_can_approve(desk: Desk, person: Person, reason: str) -> None:
    """Tess brought the root herself; the others are no trust admins of ours. The state stays as it was."""
    root = Ca.root("Root")
    ca = _bring(desk, root, by=TESS)
    with pytest.raises(NotAllowed) as refused:
        desk.ca_list.approve_root(person, ca.id, root.sha256)
    assert refused.value.reason == reason
    assert desk.ca_list.root_report(ca.id).ca.anchor is AnchorState.REQUESTED


def test_the_approval_is_for_the_fingerprint_that_was_shown(desk: Desk) -> None:
    """A click on an outdated message changes nothing; nor does one on a root that is gone."""
    ca = _bring(desk, Ca.root("Root"))
    with pytest.raises(Outdated):
        desk.ca_list.approve_root(TESS, ca.id, "ab" * 32)
    desk.ca_list.delete(OLIVIA, ca.id)
    with pytest.raises(NotFound):
        desk.ca_list.approve_root(TESS, ca.id, ca.sha256)
    assert _bring(desk, Ca.root("Next"), thread="9.1").id > ca.id


def test_the_second_click_is_told_who_decided(desk: Desk) -> None:
    """Approve, then approve and decline again: WrongState, and one audit entry."""
    root = Ca.root("Root")
    ca = _bring(desk, root)
    desk.ca_list.approve_root(TESS, ca.id, root.sha256)
    with pytest.raises(WrongState) as approved:
        desk.ca_list.approve_root(TOM, ca.id, root.sha256)
    with pytest.raises(WrongState) as declined:
        desk.ca_list.decline_root(TOM, ca.id, root.sha256, "no")
    for refused in (approved.value, declined.value):
        assert (refused.state, refused.data["by"]) == ("approved", TESS.user_id)
    assert desk.actions().count("ca.approved") == 1


def test_many_clicks_at_once_have_one_outcome(desk: Desk) -> None:
    """Twenty threads approve and decline: one succeeds, the others are told."""
    root = Ca.root("Root")
    ca = _bring(desk, root)

    def click(number: int) -> bool:
        try:
            if number % 2:
                desk.ca_list.approve_root(TESS, ca.id, root.sha256)
            else:
                desk.ca_list.decline_root(TOM, ca.id, root.sha256, "not verified")
        except WrongState:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(click, range(20))) == 1
    decided = [one for one in desk.actions() if one in {"ca.approved", "ca.declined"}]
    assert decided == [f"ca.{desk.ca_list.root_report(ca.id).ca.anchor.value}"]


def test_a_declined_root_stays_untrusted_and_says_why_until_it_is_brought_again(desk: Desk) -> None:
    """Declined with a reason; a later upload asks for the approval anew."""
    root = Ca.root("Root")
    ca = _bring(desk, root)
    upload = desk.drop(root.leaf("acme-b2b")).upload.id
    desk.ca_list.decline_root(TOM, ca.id, root.sha256, "the CA knows nothing of it")
    report = desk.ca_list.root_report(ca.id)
    assert (report.ca.anchor, report.reason) == (AnchorState.DECLINED, "the CA knows nothing of it")
    assert desk.intake.report(upload).items[0].report.verdict is Verdict.UNAPPROVED_ROOT
    again = desk.drop(root, by=OLIVIA, channel=HOME, thread="9.5")
    assert again.items[0].already
    assert desk.ca_list.root_report(ca.id).ca.anchor is AnchorState.REQUESTED
    desk.ca_list.approve_root(TOM, ca.id, root.sha256)
    assert desk.intake.report(upload).items[0].report.verdict is Verdict.COMPLETE


def test_declining_needs_a_reason(desk: Desk) -> None:
    """Blank is none."""
    root = Ca.root("Root")
    ca = _bring(desk, root)
    with pytest.raises(BadInput):
        desk.ca_list.decline_root(TOM, ca.id, root.sha256, "  ")


def test_a_ca_certificate_in_use_cannot_be_deleted_and_the_users_are_named(desk: Desk) -> None:
    """Anchor -> issuing -> leaf: neither goes while the leaf is listed; afterwards both do."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    anchor = desk.trust(root)
    link = _bring(desk, issuing)
    entry = desk.drop(issuing.leaf("acme-b2b")).items[0].entry
    assert entry is not None
    for ca in (anchor, link):
        with pytest.raises(InUse) as refused:
            desk.ca_list.delete(TESS, ca.id)
        assert [(one.kind, one.name) for one in refused.value.references] == [("certificate", "acme-b2b 2026-11-02")]
    desk.certificates.delete(OLIVIA, entry.id)
    desk.ca_list.delete(TESS, issuing.sha256[:12])
    desk.ca_list.delete(TESS, anchor.id)
    assert desk.ca_list.list(20).first == ()


def test_only_a_trust_admin_takes_an_anchor_away(desk: Desk) -> None:
    """An operator may delete links and unapproved roots."""
    anchor = desk.trust(Ca.root("Root"))
    link = _bring(desk, Ca.root("Other").intermediate("Issuing"))
    with pytest.raises(NotAllowed):
        desk.ca_list.delete(OLIVIA, anchor.id)
    desk.ca_list.delete(OLIVIA, link.id)
    assert [one.ca.id for one in desk.ca_list.list(20).first] == [anchor.id]


def test_after_a_delete_the_messages_follow_and_waiting_prompts_are_withdrawn(desk: Desk) -> None:
    """An intermediate that waited for its own issuer is deleted: its prompt asks nobody any more."""
    issuing = Ca.root("Root").intermediate("Issuing")
    upload = desk.drop(issuing, channel=HOME).upload.id
    ca = desk.intake.report(upload).items[0].ca
    assert ca is not None
    prompt = desk.only_prompt().prompt
    with desk.noticing() as subjects:
        desk.ca_list.delete(OLIVIA, ca.id)
    assert subjects >= {f"upload:{upload}", f"prompt:{prompt.id}"}
    assert desk.prompts() == ()
    assert desk.intake.report(upload).items[0].kind == "deleted"


def test_the_list_counts_who_uses_what_and_finds_by_name_number_and_fingerprint(desk: Desk) -> None:
    """Two leaves under one anchor, one anchor unused."""
    root, other = Ca.root("Nordlicht Root"), Ca.root("Other Root")
    first, second = desk.trust(root), desk.trust(other)
    desk.drop(root.leaf("acme-one"))
    desk.drop(root.leaf("acme-two"))
    listing = desk.ca_list.list(20)
    assert [(one.ca.id, one.used_by) for one in listing.first] == [(first.id, 2), (second.id, 0)]
    listing = desk.ca_list.list(1)
    assert [one.ca.id for one in listing.first] == [first.id]
    assert listing.totals == {AnchorState.APPROVED: 2}
    colons = ":".join(root.sha256[start : start + 2] for start in range(0, 64, 2)).upper()
    for text in ("nordlicht", f"#{first.id}", root.sha256[:8], colons):
        assert [one.ca.id for one in desk.ca_list.find(text)] == [first.id]
    assert len(desk.ca_list.find("root")) == 2
    with pytest.raises(BadInput):
        desk.ca_list.delete(TESS, "root")
    with pytest.raises(NotFound):
        desk.ca_list.delete(TESS, "absent")


def test_every_refusal_is_a_service_error_with_a_code() -> None:
    """One base, so that one table turns them into sentences."""
    for kind in (NotFound, NotAllowed, Outdated, InUse, BadInput, WrongState):
        assert issubclass(kind, ServiceError)
        assert kind.code
