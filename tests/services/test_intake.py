"""A dropped file ends in the right lists, or in a named refusal, and is answered once."""

import base64
from datetime import timedelta

import pytest

from bot.pki.chain import Verdict
from bot.pki.limits import UPLOAD_BYTES
from bot.services.people import Person
from storage.records import AnchorState, UploadState
from tests.lab.builders import NOW, Ca, Issued, new_key, self_signed
from tests.services.desk import ACME, BOT, GLOBEX, GUEST, HOME, IAN, OLIVIA, PAULA, STRANGER, VERA, Desk, item_for


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


def test_names_from_outside_are_kept_without_what_no_database_holds(desk: Desk) -> None:
    """NUL and half a surrogate pair in a file name, NUL in a DN."""
    leaf = Ca.root("R\x00oot", org="A\x00B").leaf("as2\x00.example")
    report = desk.drop(leaf, name="a\x00b\ud800.pem" + "x" * 400)
    assert "\x00" not in report.upload.file_name
    assert len(report.upload.file_name) <= 255
    assert report.items[0].kind == "partner"
    assert desk.only_prompt().prompt.organisation == "A\ufffdB"


def test_a_ca_certificate_that_came_along_for_nothing_is_named(desk: Desk) -> None:
    """Root -> CA -> leaf, and another root beside them: it has no part in the leaf's chain."""
    root, other = Ca.root("Root"), Ca.root("Other Root")
    ca = root.intermediate("CA")
    bundle = desk.drop(other, ca.leaf("as2"), ca, root)
    assert bundle.strangers == {other.sha256}
    assert desk.drop(Ca.root("Third Root"), key="alone").strangers == frozenset()
