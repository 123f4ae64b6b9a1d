"""Who decides whom we trust, over the wire: roots, intermediates, and what waits for them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.pki.signatures import verifies
from bot.public_roots import public_roots
from tests.conformance.suites import Case, cases, certificate
from tests.e2e.conftest import World
from tests.e2e.office import Member, Message, buttons_of, text_of, wait_for
from tests.lab.builders import Ca, Issued

ACME = "C0ACMEB2B"
INITECH = "C0INITECHEDI"
CERTIFICATES = "C0CERTS"


def leaf_of(ca: Ca, host: str) -> Issued:
    """A certificate that is valid now: the world here runs on the real clock."""
    now = datetime.now(UTC).replace(microsecond=0)
    return ca.leaf(host, not_before=now - timedelta(days=2), not_after=now + timedelta(days=180))


def root_button(person: Member, ts: str, action: str, channel: str = CERTIFICATES) -> tuple[Message, str]:
    """The message that asks for a root's approval, and the block of one of its buttons."""

    def look() -> tuple[Message, str] | None:
        for message in person.answers(channel, ts):
            for button in buttons_of(message):
                if button["action_id"] == action:
                    return message, button["block_id"]
        return None

    return wait_for(f"a button {action}", look)


def anchor(world: World, issued: Issued) -> str:
    """What the CA certificate counts as."""
    query = "select anchor from ca_certificate join certificate on certificate.id = certificate_id where sha256 = ?"
    ((state,),) = world.rows(query, issued.sha256)
    return str(state)


def prompts(world: World) -> list[tuple[str, str]]:
    """The requests for issuers, oldest first: state and the name that is asked for."""
    return [
        (str(state), str(name)) for state, name in world.rows("select state, issuer from waiting_prompt order by id")
    ]


def test_a_root_is_trusted_after_another_trust_admin_approved_its_fingerprint(world: World) -> None:
    """Not by the one who brought it, not by an approver, not by the partner, not for another fingerprint, and once.

    Leaf -> issuing CA -> root, none of them known: the leaf asks for its issuer, that for the root, that for approval.
    """
    olivia, adam, tess, paula = (world.member(user) for user in ("UOLIVIA", "UADAM", "UTESS", "UPAULA"))
    world.stop_bot()
    world.roles = {**world.roles, "trust_admins": ("UOLIVIA", "S0TRUST")}
    world.start_bot()
    root = Ca.root("Hansa Root")
    issuing = root.intermediate("Hansa Issuing")
    leaf = leaf_of(issuing, "b2b.acme.example")

    ts = olivia.drop(ACME, "leaf.pem", leaf.pem.encode())
    olivia.sees(ACME, ts, "Hansa Issuing")
    other = olivia.drop(INITECH, "leaf.pem", leaf_of(issuing, "b2b.initech.example").pem.encode())
    wait_for("a request in each thread", lambda: [state for state, _ in prompts(world)] == ["open", "open"])

    olivia.drop(ACME, "issuing.cer", issuing.der, ts)
    wait_for("the next request in each thread", lambda: len(prompts(world)) == 4)
    assert [state for state, _ in prompts(world)] == ["answered", "answered", "open", "open"]
    assert anchor(world, issuing) == "link", "an intermediate only passes trust on"
    assert all("Hansa Root" in name for _, name in prompts(world)[2:])

    place = olivia.drop(CERTIFICATES, "root.cer", root.der)
    message, block = root_button(olivia, place, "root.approve")
    assert anchor(world, root) == "requested"
    for person in (olivia, adam):
        refused(person, CERTIFICATES, place, message, block)
    assert paula.act(CERTIFICATES, message["ts"], block, "root.approve")["error"] == "channel_not_found"
    assert anchor(world, root) == "requested"
    assert not world.rows("select 1 from audit where action = 'ca.approved'")

    assert tess.act(CERTIFICATES, message["ts"], block, "root.approve")["ok"]
    wait_for("the approval", lambda: anchor(world, root) == "approved")
    for where, thread in ((ACME, ts), (INITECH, other)):
        olivia.sees(where, thread, "Chain complete", "Hansa Root")
    assert {state for state, _ in prompts(world)} == {"answered"}
    tess.act(CERTIFICATES, message["ts"], block, "root.approve")
    wait_for("the buttons to go", lambda: not buttons_of(_again(tess, place, message["ts"])))
    assert "UTESS" in text_of(_again(tess, place, message["ts"]))
    assert len(world.rows("select 1 from audit where action = 'ca.approved'")) == 1


def refused(person: Member, channel: str, thread: str, message: Message, block: str) -> None:
    """Press "approve" and be told why not."""
    before = len(person.ephemerals(channel, thread))
    assert person.act(channel, message["ts"], block, "root.approve")["ok"]
    wait_for("a refusal", lambda: person.ephemerals(channel, thread)[before:])


def _again(person: Member, thread: str, ts: str) -> Message:
    return next(one for one in person.answers(CERTIFICATES, thread) if one["ts"] == ts)


def test_a_declined_root_is_not_trusted_and_an_outdated_click_changes_nothing(world: World) -> None:
    """Tess declines with a reason; then somebody clicks on a message that shows another fingerprint than the store."""
    olivia, tess = world.member("UOLIVIA"), world.member("UTESS")
    root = Ca.root("Doubtful Root")
    place = olivia.drop(CERTIFICATES, "root.cer", root.der)
    message, block = root_button(tess, place, "root.decline")
    assert tess.act(CERTIFICATES, message["ts"], block, "root.decline")["ok"]
    view = tess.modal()
    assert tess.submit(view, {})["error"] == "missing_required"
    assert tess.submit(view, {"reason": {"value": "The CA knows nothing of it"}})["ok"]
    wait_for("the decision", lambda: anchor(world, root) == "declined")
    tess.sees(CERTIFICATES, place, "The CA knows nothing of it", "UTESS")

    second = Ca.root("Second Root")
    place = olivia.drop(CERTIFICATES, "root.cer", second.der)
    message, block = root_button(tess, place, "root.approve")
    world.rows(
        "update ca_certificate set certificate_id = (select min(id) from certificate where id not in "
        "(select certificate_id from ca_certificate)) where certificate_id = "
        "(select id from certificate where sha256 = ?)",
        second.sha256,
    )
    refused(tess, CERTIFICATES, place, message, block)
    assert not world.rows("select 1 from audit where action = 'ca.approved'")


def test_an_intermediate_below_an_anchor_counts_at_once_and_a_root_dropped_by_a_partner_does_not(world: World) -> None:
    """Nordlicht's issuing CA 4 by Paula completes ACME's chain; her own root only asks."""
    paula, tess = world.member("UPAULA"), world.member("UTESS")
    ts = paula.drop(ACME, "new.pem", world.sample("acme-b2b-new.pem"))
    paula.sees(ACME, ts, "Nordlicht Issuing CA 4")
    paula.drop(ACME, "ca4.cer", world.sample("nordlicht-issuing-ca-4.cer"), ts)
    paula.sees(ACME, ts, "Chain complete", "Nordlicht Root CA 2019")
    root = Ca.root("Paula's own Root")
    place = paula.drop(ACME, "root.cer", root.der)
    message, block = root_button(tess, place, "root.approve", ACME)
    refused(paula, ACME, place, message, block)
    assert anchor(world, root) == "requested"


def public_intermediate() -> bytes:
    """An intermediate of the public web that is valid for another week, below a root of Mozilla's list; as PEM."""
    week = datetime.now(UTC) + timedelta(days=7)
    served = [pem for case in cases("limbo_core.json") for pem in case.raw["untrusted_intermediates"] if _is_web(case)]
    for one in map(certificate, served):
        issuers = public_roots().named(one.issuer).reaching
        if one.not_after > week and any(verifies(one, root) for root in issuers):
            return one.pem.encode()
    pytest.skip("every public intermediate of the shared suite has expired, or lost its root in Mozilla's list")


def _is_web(case: Case) -> bool:
    return case.id.startswith("online::")


def test_a_missing_public_root_is_one_click_and_one_approval_away(world: World) -> None:
    """An intermediate of the public web alone: its root is named as public; Olivia adds it, Tess approves."""
    olivia, tess = world.member("UOLIVIA"), world.member("UTESS")
    place = olivia.drop(CERTIFICATES, "intermediate.pem", public_intermediate())
    prompt = olivia.sees(CERTIFICATES, place, "Missing issuer", "public root of Mozilla's list")
    olivia.press(CERTIFICATES, prompt, "Add it for approval")
    olivia.sees(CERTIFICATES, place, "Issuer found", "waits for a trust admin")
    request = tess.sees(CERTIFICATES, place, "Root to approve", "under this very fingerprint")
    assert not world.rows("select 1 from ca_certificate where anchor = 'approved' and added_by = 'UOLIVIA'")
    tess.press(CERTIFICATES, request, "Approve root")
    tess.sees(CERTIFICATES, place, "Root approved")
    tess.sees(CERTIFICATES, place, "Issuer found", "The chain is complete")
