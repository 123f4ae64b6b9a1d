"""A dropped file ends in the right lists, or in a named refusal, and is answered once."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.pki.chain import Verdict
from bot.pki.limits import UPLOAD_BYTES
from bot.services.errors import InUse, NotAllowed, NotFound, WrongState
from bot.services.intake import IncomingFile
from bot.services.people import Person
from storage.records import AnchorState, UploadState
from tests.lab.builders import NOW, Ca, Issued, new_key, self_signed
from tests.services.desk import (
    ACME,
    BOT,
    GLOBEX,
    GUEST,
    HOME,
    IAN,
    OLIVIA,
    OSCAR,
    PAULA,
    STRANGER,
    VERA,
    Desk,
    item_for,
    value,
)


def _row_count(desk: Desk) -> int:
    with desk.store.begin() as tx:
        return len(tx.certificates.all_entries()) + len(tx.ca_certificates.list())


def test_the_channel_tells_the_partner_and_the_name_carries_the_issue_date(desk: Desk) -> None:
    """Root -> leaf, dropped into ACME's channel: the leaf is in ACME's list as "acme-b2b 2026-11-02"."""
    root = Ca.root("Nordlicht Root")
    desk.trust(root)
    report = desk.drop(root.leaf("acme-b2b"))
    (item,) = report.items
    assert report.partner is not None
    assert report.partner.key == "acme"
    assert (item.kind, item.already) == ("partner", False)
    assert item.entry is not None
    assert item.entry.display_name == "acme-b2b 2026-11-02"
    assert item.report.verdict is Verdict.COMPLETE


def test_a_name_of_its_own_is_found_for_every_certificate(desk: Desk) -> None:
    """Same CN, same day: numbered; no CN of use: named by key and purpose."""
    root = Ca.root("Root")
    names = []
    for leaf in (
        root.leaf("acme-b2b"),
        root.leaf("acme-b2b"),
        root.leaf("§§§", eku=["clientAuth"]),
        root.leaf("Gateway 7"),
        root.leaf("edi.acme.example"),
    ):
        entry = desk.drop(leaf).items[0].entry
        assert entry is not None
        names.append(entry.display_name)
    assert names == [
        "acme-b2b 2026-11-02",
        "acme-b2b 2026-11-02 (2)",
        "acme-client 2026-11-02",
        "acme-gateway-7 2026-11-02",
        "acme-edi 2026-11-02",
    ]


def test_a_renewal_keeps_the_name_of_the_one_that_it_renews(desk: Desk) -> None:
    """Somebody called it "Orders"; the next one with the same subject is "Orders" with its own date."""
    root = Ca.root("Root")
    first = desk.drop(root.leaf("b2b.acme.example")).items[0].entry
    assert first is not None
    desk.certificates.rename(OLIVIA, first.id, "Orders 2026-11-02")
    second = desk.drop(root.leaf("b2b.acme.example", not_before=NOW + timedelta(days=3))).items[0].entry
    assert second is not None
    assert second.display_name == f"Orders {NOW + timedelta(days=3):%Y-%m-%d}"


def test_the_same_key_twice_is_one_upload_one_notice_and_one_audit_entry(desk: Desk) -> None:
    """A redelivered event changes nothing."""
    leaf = self_signed("as2")
    first = desk.drop(leaf, key="event-1")
    before = desk.actions()
    with desk.noticing() as subjects:
        second = desk.drop(leaf, key="event-1")
    assert second.upload == first.upload
    assert subjects == set()
    assert desk.actions() == before


def test_eight_deliveries_at_once_are_one_upload(desk: Desk) -> None:
    """Threads, one key: one number comes back, one entry is there."""
    data = self_signed("as2").pem.encode()
    file = IncomingFile("event-1", ACME, "1.0", "as2.pem", data)
    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(lambda _: desk.intake.take_in(OLIVIA, file), range(8)))
    assert len(numbers) == 1
    assert len(desk.entries()) == 1
    assert desk.actions().count("upload.stored") == 1


def test_a_certificate_that_is_there_is_said_to_be_there(desk: Desk) -> None:
    """The second file with it: no second entry, no second row."""
    leaf = self_signed("as2")
    first = desk.drop(leaf)
    again = desk.drop(leaf.der, thread="2.0")
    assert again.items[0].already
    assert again.items[0].entry == first.items[0].entry
    assert len(desk.entries()) == 1


def test_the_same_certificate_may_be_in_two_lists(desk: Desk) -> None:
    """ACME and Globex use one service provider: two entries, one certificate, and the second upload says so."""
    leaf = self_signed("provider")
    desk.drop(leaf)
    report = desk.drop(leaf, channel=GLOBEX)
    assert not report.items[0].already
    assert report.items[0].other_partners == ("ACME Components",)
    assert len({one.certificate_id for one in desk.entries()}) == 1
    assert len(desk.entries()) == 2


def test_a_partners_channel_never_reads_another_partners_name(desk: Desk) -> None:
    """ACME's people read ACME's channel, so it does not learn that Globex has the same certificate."""
    leaf = self_signed("provider")
    desk.drop(leaf, channel=GLOBEX)
    assert desk.drop(leaf, channel=ACME).items[0].other_partners == ()


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


def test_a_ca_certificate_needs_no_partner(desk: Desk) -> None:
    """An intermediate in a channel of ours: a link of the CA list at once."""
    issuing = Ca.root("Root").intermediate("Issuing")
    report = desk.drop(issuing, channel=HOME)
    assert report.upload.state is UploadState.STORED
    assert report.items[0].kind == "ca"
    assert report.items[0].ca is not None
    assert report.items[0].ca.anchor is AnchorState.LINK


def test_a_bundle_is_sorted_by_what_its_certificates_are_not_by_their_place(desk: Desk) -> None:
    """root, leaf, issuing in this order: leaf to ACME, issuing as link, root asks for approval in the same thread."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    leaf = issuing.leaf("acme-b2b")
    report = desk.drop(root, leaf, issuing, thread="7.0")
    assert [one.kind for one in report.items] == ["ca", "partner", "ca"]
    assert item_for(report, leaf).report.verdict is Verdict.UNAPPROVED_ROOT
    ca = item_for(report, root).ca
    assert ca is not None
    assert ca.anchor is AnchorState.REQUESTED
    assert desk.place(f"root:{ca.id}") == (ACME, "7.0")
    assert desk.prompts() == ()


def test_a_broken_block_costs_itself_only(desk: Desk) -> None:
    """leaf, rubbish in armour, intermediate: both stored, the second block named."""
    issuing = Ca.root("Root").intermediate("Issuing")
    rubbish = "-----BEGIN CERTIFICATE-----\nAAAA!!!!\n-----END CERTIFICATE-----\n"
    report = desk.drop(issuing.leaf("as2").pem + rubbish + issuing.pem)
    assert len(report.items) == 2
    assert [one.place for one in report.problems] == [2]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "html"),
        (self_signed("cut").der[:300], "truncated"),
        (bytes(range(256)) * 20, "no_certificate"),
        (b"\x01" * (UPLOAD_BYTES + 1), "too_large"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_leaves_nothing(desk: Desk, content: bytes, code: str) -> None:
    """The outcome is the answer; no list has changed."""
    report = desk.drop(content)
    assert (report.upload.state, report.refusal, report.items) == (UploadState.REFUSED, code, ())
    assert _row_count(desk) == 0


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_of_a_private_key_no_byte_reaches_the_database(desk: Desk, kind: str) -> None:
    """Key + certificate in one file: refused, and neither DER nor base64 nor a part of it is in any store file."""
    leaf = self_signed("as2", key=new_key(kind))
    report = desk.drop(leaf.key_pem + leaf.pem, name="key.pem")
    assert report.refusal == "private_key"
    assert report.upload.file_name == "key.pem"
    assert _row_count(desk) == 0
    stored = desk.database.bytes_kept()
    assert _pieces(leaf) != []
    assert [one for one in _pieces(leaf) if one in stored] == []


def _pieces(leaf: Issued) -> list[bytes]:
    """What a key could be recognised by: 16-byte windows of DER, hex and base64, the latter at every offset."""
    der = leaf.key_der[30:]
    windows = [der[start : start + 16] for start in range(0, len(der) - 16, 8)]
    lines = [line.encode() for line in leaf.key_pem.splitlines()[1:-1]]
    encoded = [base64.b64encode(one)[:20] for one in windows]
    return windows + [one.hex().encode() for one in windows] + encoded + lines + [leaf.pem.splitlines()[2].encode()]


@pytest.mark.parametrize(
    ("person", "channel", "reason"),
    [
        (VERA, ACME, "not_operator"),
        (GUEST, ACME, "guest"),
        (BOT, ACME, "bot"),
        (STRANGER, ACME, "stranger"),
        (IAN, ACME, "stranger"),
        (PAULA, GLOBEX, "stranger"),
        (PAULA, HOME, "stranger"),
    ],
)
def test_who_may_not_upload_is_told_so_and_nothing_is_stored(
    desk: Desk, person: Person, channel: str, reason: str
) -> None:
    """The refusal is the outcome of the upload."""
    report = desk.drop(self_signed("as2"), by=person, channel=channel)
    assert (report.refusal, report.refusal_data) == ("not_allowed", {"reason": reason})
    assert _row_count(desk) == 0


def test_a_partners_own_people_bring_their_certificate_and_its_issuer(desk: Desk) -> None:
    """Paula of ACME drops leaf and intermediate into the shared channel."""
    issuing = Ca.root("Root").intermediate("Issuing")
    report = desk.drop(issuing.leaf("acme-b2b"), issuing, by=PAULA)
    assert [one.kind for one in report.items] == ["partner", "ca"]
    assert report.items[0].entry is not None
    assert report.items[0].entry.uploaded_by == PAULA.user_id


def test_a_file_that_could_not_be_had_is_answered_too(desk: Desk) -> None:
    """The download gave a sign-in page: on record, with a place for the answer; a repeat is the same."""
    first = desk.intake.reject(OLIVIA, "event-1", ACME, "1.0", "x.pem", "sign_in_page", {"status": 200})
    again = desk.intake.reject(OLIVIA, "event-1", ACME, "1.0", "x.pem", "sign_in_page", {"status": 200})
    report = desk.intake.report(first)
    assert again == first
    assert (report.refusal, report.refusal_data) == ("sign_in_page", {"status": 200})
    assert desk.place(f"upload:{first}") == (ACME, "1.0")


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


def test_names_from_outside_are_kept_without_what_no_database_holds(desk: Desk) -> None:
    """NUL and half a surrogate pair in a file name, NUL in a DN."""
    leaf = Ca.root("R\x00oot", org="A\x00B").leaf("as2\x00.example")
    report = desk.drop(leaf, name="a\x00b\ud800.pem" + "x" * 400)
    assert "\x00" not in report.upload.file_name
    assert len(report.upload.file_name) <= 255
    assert report.items[0].kind == "partner"
    assert desk.only_prompt().prompt.organisation == "A\ufffdB"


def test_a_restart_finds_everything(desk: Desk) -> None:
    """A second process over the same file gives the same answers."""
    root = Ca.root("Root")
    desk.trust(root)
    leaf = root.leaf("acme-b2b")
    before = desk.drop(leaf)
    again = Desk(desk.database)
    assert again.intake.report(before.upload.id) == before
    again.store.close()


def test_two_processes_see_each_others_ca_list(desk: Desk) -> None:
    """What one replica approves completes the chain in the other's memory at once."""
    other = Desk(desk.database)
    root = Ca.root("Root")
    leaf = root.leaf("acme-b2b")
    report = desk.drop(leaf)
    assert report.items[0].report.verdict is Verdict.INCOMPLETE
    other.trust(root)
    assert desk.intake.report(report.upload.id).items[0].report.verdict is Verdict.COMPLETE
    other.store.close()


def test_a_change_that_is_rolled_back_is_forgotten_by_the_index_too(desk: Desk) -> None:
    """A CA certificate added in a transaction that fails gives no chain afterwards, though its number is used again."""
    root, other = Ca.root("Root"), Ca.root("Other")
    leaf = root.leaf("acme-b2b")
    upload = desk.drop(leaf).upload.id

    def add(issued: Issued, *, fail: bool) -> None:
        with desk.store.begin() as tx:
            stored = tx.certificates.put(value(issued), desk.now)
            tx.ca_certificates.add(stored.id, AnchorState.APPROVED, OSCAR.user_id, desk.now)
            desk.chains.ca_changed(tx)
            assert desk.chains.report(value(leaf), tx=tx).verdict is (Verdict.COMPLETE if fail else Verdict.INCOMPLETE)
            if fail:
                raise RuntimeError

    with pytest.raises(RuntimeError):
        add(root, fail=True)
    add(other, fail=False)
    assert desk.intake.report(upload).items[0].report.verdict is Verdict.INCOMPLETE


def test_readers_and_writers_on_many_threads_never_wait_for_each_other_in_a_circle(desk: Desk) -> None:
    """Chains asked for with and without a transaction of one's own, while files come in: nobody runs into a lock."""
    root = Ca.root("Root")
    desk.trust(root)
    leaves = [root.leaf(f"acme-{number}") for number in range(6)]

    def work(number: int) -> Verdict:
        if number % 2:
            return desk.chains.report(value(leaves[number // 2])).verdict
        upload = desk.drop(leaves[number // 2], thread=f"{number}.0").upload.id
        return desk.intake.report(upload).items[0].report.verdict

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(12))) == {Verdict.COMPLETE}
    assert len(desk.entries()) == len(leaves)


def test_a_ca_certificate_that_came_along_for_nothing_is_named(desk: Desk) -> None:
    """Root -> CA -> leaf, and another root beside them: it has no part in the leaf's chain."""
    root, other = Ca.root("Root"), Ca.root("Other Root")
    ca = root.intermediate("CA")
    bundle = desk.drop(other, ca.leaf("as2"), ca, root)
    assert bundle.strangers == {other.sha256}
    assert desk.drop(Ca.root("Third Root"), key="alone").strangers == frozenset()
