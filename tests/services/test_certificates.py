"""The partners' lists: found by what people type, renamed, never emptied by themselves."""

import pytest

from bot.pki.chain import Verdict
from bot.services.errors import AlreadyThere, BadInput, InUse, NotAllowed, NotFound
from bot.services.naming import DISPLAY_NAME
from storage.records import PartnerCertificate
from storage.switch_entries import NewSwitch
from storage.switch_records import Role, SwitchState
from tests.lab.builders import LEAF_DATES, NOW, Ca, Issued, days, self_signed
from tests.services.desk import GLOBEX, OLIVIA, PAULA, TESS, VERA, Desk


def _list(desk: Desk, issued: Issued, channel: str | None = None) -> PartnerCertificate:
    report = desk.drop(issued, channel=channel) if channel else desk.drop(issued)
    entry = report.items[0].entry
    assert entry is not None
    return entry


def _connect(desk: Desk, entry: PartnerCertificate, name: str = "acme-https") -> int:
    with desk.store.begin() as tx:
        connection = tx.connections.add(
            entry.partner_id, name, Role.ACCEPTS, "https://127.0.0.1:1/", "files", ["OrderToCash"]
        )
        assert connection is not None
        assert tx.connections.set_certificate(connection.id, entry.id, connection.version)
        return connection.id


def _propose(desk: Desk, connection_id: int, old: PartnerCertificate, new: PartnerCertificate) -> str:
    with desk.store.begin() as tx:
        proposal = NewSwitch(
            "S1", connection_id, 2, old.id, old.sha256, new.id, new.sha256, "renewal", "UOLIVIA", "THOME", desk.now
        )
        assert tx.switches.add(proposal) is not None
    return "S1"


def test_the_list_shows_the_chain_and_the_connections_of_each(desk: Desk) -> None:
    """One complete and in use, one self-signed and idle."""
    root = Ca.root("Root")
    desk.trust(root)
    used = _list(desk, root.leaf("acme-b2b"))
    _list(desk, self_signed("acme-as2"))
    _connect(desk, used)
    lines = desk.certificates.list("acme")
    assert [(one.verdict, [use.name for use in one.in_use_by]) for one in lines] == [
        (Verdict.COMPLETE, ["acme-https"]),
        (Verdict.SELF_SIGNED, []),
    ]


def test_a_certificate_is_found_by_name_fingerprint_and_number(desk: Desk) -> None:
    """As people copy them: any case, colons, a number sign."""
    entry = _list(desk, self_signed("acme-as2"))
    colons = ":".join(entry.sha256[start : start + 2] for start in range(0, 64, 2)).upper()
    for text in (
        "acme-as2 2026-11-02",
        "ACME-AS2  2026-11-02",
        entry.sha256[:8],
        colons,
        str(entry.id),
        f"#{entry.id}",
    ):
        assert desk.certificates.show(text).entry == entry
    assert desk.certificates.by_id(entry.id).entry == entry


def test_a_ca_certificate_can_be_shown_too(desk: Desk) -> None:
    """By a part of its name."""
    root = Ca.root("Nordlicht Root")
    ca = desk.trust(root)
    shown = desk.certificates.show("nordlicht")
    assert (shown.ca and shown.ca.id, shown.entry, shown.partner) == (ca.id, None, None)


def test_what_is_not_unique_is_asked_back_with_the_options(desk: Desk) -> None:
    """The same name in two lists; with the partner it is clear."""
    for channel in (None, GLOBEX):
        entry = _list(desk, self_signed("provider"), channel)
        desk.certificates.rename(OLIVIA, entry.id, "provider")
    with pytest.raises(BadInput) as refused:
        desk.certificates.show("provider")
    assert refused.value.data["options"] == ("acme: provider", "globex: provider")
    shown = desk.certificates.show("provider", "globex")
    assert shown.partner is not None
    assert shown.partner.key == "globex"


def test_what_is_not_there_is_answered_with_what_is_near(desk: Desk) -> None:
    """A slip of the finger; and a partner that does not exist."""
    _list(desk, self_signed("acme-as2"))
    with pytest.raises(NotFound) as refused:
        desk.certificates.show("acme-as3 2026-11-02")
    assert refused.value.data["nearest"] == ("acme-as2 2026-11-02",)
    with pytest.raises(NotFound) as partner:
        desk.certificates.list("acne")
    assert partner.value.data["nearest"] == ("acme",)


def test_another_partners_certificate_is_not_found_within_this_ones_list(desk: Desk) -> None:
    """Not even by its fingerprint."""
    entry = _list(desk, self_signed("secret"), GLOBEX)
    for text in (entry.display_name, entry.sha256[:16], str(entry.id)):
        with pytest.raises(NotFound) as refused:
            desk.certificates.show(text, "acme")
        assert refused.value.data["nearest"] == ()


def test_a_rename_reaches_every_message_that_names_it(desk: Desk) -> None:
    """The upload and the prompt of the leaf follow."""
    report = desk.drop(Ca.root("Root").leaf("acme-b2b"))
    entry = report.items[0].entry
    assert entry is not None
    prompt = desk.only_prompt().prompt
    with desk.noticing() as subjects:
        desk.certificates.rename(OLIVIA, entry.id, "  production   gateway ")
    assert subjects == {f"upload:{report.upload.id}", f"prompt:{prompt.id}"}
    assert desk.only_prompt().display_name == "production gateway"


def test_a_name_must_be_new_short_and_there(desk: Desk) -> None:
    """Refused by name: taken (in any case), empty, too long; by person: everybody but operators."""
    first, second = _list(desk, self_signed("one")), _list(desk, self_signed("two"))
    with pytest.raises(AlreadyThere):
        desk.certificates.rename(OLIVIA, second.id, first.display_name.upper())
    for bad in ("", " \n ", "x" * (DISPLAY_NAME + 1)):
        with pytest.raises(BadInput):
            desk.certificates.rename(OLIVIA, second.id, bad)
    for person in (VERA, PAULA):
        with pytest.raises(NotAllowed):
            desk.certificates.rename(person, second.id, "three")
    desk.certificates.rename(OLIVIA, first.id, first.display_name.upper())
    assert [one.display_name for one in desk.entries()] == ["ACME-ONE 2026-11-02", second.display_name]


def test_a_certificate_in_use_cannot_be_deleted_and_the_users_are_named(desk: Desk) -> None:
    """The old one is on a connection, the new one in an open switch; when that has ended, the new one can go."""
    old, new = _list(desk, self_signed("old")), _list(desk, self_signed("new"))
    connection = _connect(desk, old)
    public_id = _propose(desk, connection, old, new)
    for entry, names in ((old, ["acme-https", public_id]), (new, [public_id])):
        with pytest.raises(InUse) as refused:
            desk.certificates.delete(OLIVIA, entry.id)
        assert [one.name for one in refused.value.references] == names
    with desk.store.begin() as tx:
        switch = tx.switches.by_public_id(public_id)
        assert switch is not None
        assert tx.switches.move(switch, SwitchState.CANCELLED, desk.now)
    desk.certificates.delete(OLIVIA, new.id)
    with desk.store.begin() as tx:
        kept = tx.switches.by_public_id(public_id)
        assert kept is not None
        assert kept.to_sha256 == new.sha256
        assert tx.certificates.by_sha256(new.sha256) is not None
    assert [one.id for one in desk.entries()] == [old.id]


def test_a_deleted_certificate_comes_back_as_a_new_entry(desk: Desk) -> None:
    """The upload says that it was deleted; its number is never given to another certificate."""
    leaf = self_signed("acme-as2")
    report = desk.drop(leaf)
    entry = report.items[0].entry
    assert entry is not None
    desk.certificates.delete(OLIVIA, entry.id)
    assert desk.intake.report(report.upload.id).items[0].kind == "deleted"
    with pytest.raises(NotFound):
        desk.certificates.by_id(entry.id)
    assert _list(desk, self_signed("other")).id > entry.id
    assert not desk.drop(leaf, thread="2.0").items[0].already


def test_only_operators_delete(desk: Desk) -> None:
    """Neither the partner's people nor colleagues without the role."""
    entry = _list(desk, self_signed("as2"))
    for person in (VERA, PAULA):
        with pytest.raises(NotAllowed):
            desk.certificates.delete(person, entry.id)
    assert len(desk.entries()) == 1


def test_nothing_expired_is_ever_deleted_by_itself(desk: Desk) -> None:
    """Ten years later, after every use case has run again: each certificate is still in its list."""
    root = Ca.root("Root", not_after=NOW + days(400))
    issuing = root.intermediate("Issuing", not_after=NOW + days(300))
    desk.trust(root)
    desk.drop(issuing.leaf("acme-b2b", not_after=LEAF_DATES[1]), issuing)
    _list(desk, self_signed("gone", not_before=NOW - days(800), not_after=NOW - days(400)))
    before = (desk.entries(), [one.ca.sha256 for one in desk.ca_list.list(20).first])
    desk.wait(days=3650)
    newcomer = Ca.root("Later", not_after=desk.now + days(400))
    desk.trust(newcomer)
    desk.certificates.delete(OLIVIA, _list(desk, self_signed("short", not_after=desk.now + days(9))).id)
    desk.ca_list.delete(TESS, newcomer.sha256)
    assert (desk.entries(), [one.ca.sha256 for one in desk.ca_list.list(20).first]) == before
    assert {one.verdict for one in desk.certificates.list("acme")} == {Verdict.UNUSABLE, Verdict.SELF_SIGNED}
