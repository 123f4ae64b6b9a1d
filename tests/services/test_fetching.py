"""Fetching from the CA: what comes is the missing issuer, taken in like any file, or is thrown away with a reason."""

import pytest

from bot.pki.chain import Verdict
from storage.records import AnchorState, PromptState
from tests.lab.builders import NOW, Ca, Issued, days
from tests.lab.containers import HTML_PAGE, pkcs7_der, pkcs7_pem, pkcs12_of
from tests.services.ca_server import HOST, answering, redirect, response
from tests.services.desk import ACME, HOME, OLIVIA
from tests.services.fetching_case import URL, Case


def contents(issuing: Issued) -> dict[str, bytes]:
    """The forms in which CAs publish."""
    return {
        "der": issuing.der,
        "pem": issuing.pem.encode(),
        "pkcs7": pkcs7_der([issuing]),
        "pkcs7 armoured": pkcs7_pem([issuing]),
    }


@pytest.mark.parametrize("form", ["der", "pem", "pkcs7", "pkcs7 armoured"])
def test_the_issuer_comes_from_the_ca_in_every_form_and_completes_the_chain(case: Case, form: str) -> None:
    """Anchor -> issuing (fetched) -> leaf: the request is answered; the file stands in its thread, as the person's."""
    prompt = case.ask()
    case.serve(contents(case.issuing)[form])
    upload_id = case.fetching.fetch_issuer(OLIVIA, prompt)
    after = case.desk.chains.prompt_report(prompt)
    assert (after.prompt.state, after.prompt.answered_sha256) == (PromptState.ANSWERED, case.issuing.sha256)
    assert after.report.verdict is Verdict.COMPLETE
    upload = case.desk.intake.report(upload_id).upload
    assert (upload.channel, upload.thread_ts, upload.uploaded_by) == (ACME, "5.0", OLIVIA.user_id)
    assert upload.file_name == "Issuing G2.cer"
    assert case.desk.place(f"upload:{upload_id}") == (ACME, "5.0")


def test_the_audit_tells_where_a_ca_certificate_came_from(case: Case) -> None:
    """The address, the fingerprint, the partner."""
    prompt = case.ask()
    case.serve(case.issuing.der)
    case.fetching.fetch_issuer(OLIVIA, prompt)
    with case.desk.store.begin() as tx:
        found = tx.audit.recent(10, subject=f"prompt:{prompt}")
    (entry,) = (one for one in found if one.action == "prompt.fetched")
    assert entry.actor == OLIVIA.user_id
    assert entry.data["url"] == URL
    assert entry.data["fetched_sha256"] == [case.issuing.sha256]
    assert entry.data["partner_id"] == case.desk.partners.by_key("acme").id


def test_a_fetched_root_awaits_approval_like_any_other(case: Case) -> None:
    """Root (fetched) -> leaf: the chain is whole, and nobody believes it yet."""
    root = Ca.root("New Root")
    case.desk.drop(root.leaf("acme-b2b", aia=URL), thread="5.0")
    prompt = case.desk.only_prompt().prompt.id
    case.serve(root.der)
    upload_id = case.fetching.fetch_issuer(OLIVIA, prompt)
    (item,) = case.desk.intake.report(upload_id).items
    assert item.ca is not None
    assert item.ca.anchor is AnchorState.REQUESTED
    assert case.desk.chains.prompt_report(prompt).report.verdict is Verdict.UNAPPROVED_ROOT


def test_what_is_missing_next_is_asked_for_with_its_own_address(case: Case) -> None:
    """Anchor -> policy (absent) -> issuing (fetched) -> leaf: one issuer a click."""
    policy = case.root.intermediate("Policy")
    case.issuing = policy.intermediate("Issuing", aia=f"http://{HOST}/policy.cer")
    prompt = case.ask()
    case.serve(answering(response(case.issuing.der), response(policy.der)))
    case.fetching.fetch_issuer(OLIVIA, prompt)
    following = case.desk.only_prompt().prompt
    assert following.issuer.startswith("CN=Policy")
    case.fetching.fetch_issuer(OLIVIA, following.id)
    assert case.desk.chains.prompt_report(prompt).report.verdict is Verdict.COMPLETE


def test_of_what_comes_along_only_the_issuers_above_are_kept(case: Case) -> None:
    """Anchor -> policy -> issuing -> leaf: a bundle also with somebody's certificate, a strange root and a namesake."""
    policy = case.root.intermediate("Policy")
    case.issuing = policy.intermediate("Issuing")
    prompt = case.ask()
    strange = Ca.root("Strange Root")
    bundle = [strange.leaf("somebody"), strange, Ca.root("Root").intermediate("Policy"), policy, case.issuing]
    case.serve(pkcs7_der(bundle))
    upload_id = case.fetching.fetch_issuer(OLIVIA, prompt)
    kept = {one.certificate.sha256 for one in case.desk.intake.report(upload_id).items}
    assert kept == {policy.sha256, case.issuing.sha256}
    assert len(case.desk.entries()) == 1


def test_the_wrong_issuer_is_thrown_away(case: Case) -> None:
    """Another CA, a CA of the same name with another key, the leaf itself: none of them is stored."""
    prompt = case.ask()
    namesake = Ca.root("Root").intermediate("Issuing")
    leaf = case.desk.only_prompt().certificate.der
    case.serve(answering(response(case.root.der), response(namesake.der), response(leaf)))
    for _ in range(3):
        assert case.refused(prompt).reason == "wrong_issuer"
    with case.desk.store.begin() as tx:
        assert tx.certificates.by_sha256(namesake.sha256) is None


def test_an_issuer_that_was_refused_before_is_not_the_answer(case: Case) -> None:
    """The right name and key, but expired, and in the list already."""
    prompt = case.ask()
    expired = case.root.cross_sign(case.issuing, not_after=NOW - days(1))
    case.desk.drop(expired, channel=HOME, thread="9.0")
    case.serve(expired.der)
    assert case.refused(prompt).reason == "wrong_issuer"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (HTML_PAGE, "html"),
        (b"", "empty"),
        (b"nothing of the kind", "no_certificate"),
        (b"-----BEGIN CERTIFICATE-----\nMIIB", "truncated"),
    ],
)
def test_what_is_no_certificate_is_refused_with_its_reason(case: Case, content: bytes, why: str) -> None:
    """A web page with status 200, nothing, noise, half a file."""
    prompt = case.ask()
    case.serve(content)
    refused = case.refused(prompt)
    assert (refused.reason, refused.data["why"]) == ("not_a_certificate", why)


def test_a_key_that_a_server_gives_away_is_refused_and_not_kept(case: Case) -> None:
    """A PKCS#12, and a bundle with a key in PEM."""
    prompt = case.ask()
    bundle = (case.issuing.pem + case.issuing.key_pem).encode()
    case.serve(answering(response(pkcs12_of(case.issuing)), response(bundle)))
    assert case.refused(prompt).data["why"] == "pkcs12"
    assert case.refused(prompt).data["why"] == "private_key"


def test_the_addresses_are_tried_one_after_the_other(case: Case) -> None:
    """A directory (left out), a page that is gone, the file."""
    prompt = case.ask("ldap://ldap.ca.example/cn=Issuing", f"http://{HOST}/old.cer", f"http://{HOST}/new.cer")
    case.serve(answering(response(b"gone", "404 Not Found"), response(case.issuing.der)))
    case.fetching.fetch_issuer(OLIVIA, prompt)
    assert case.desk.chains.prompt_report(prompt).prompt.state is PromptState.ANSWERED


def test_when_no_address_helps_the_first_reason_is_given_and_each_is_kept(case: Case) -> None:
    """404, then a private address."""
    prompt = case.ask(f"http://{HOST}/a.cer", f"http://{HOST}/b.cer")
    case.serve(answering(response(b"gone", "404 Not Found"), redirect("http://10.0.0.1/")))
    assert case.refused(prompt).reason == "http_status"
    failure = case.standing(prompt).failure
    assert failure is not None
    assert (failure.by, failure.at) == (OLIVIA.user_id, case.desk.now)
    assert [one.reason for one in failure.refusals] == ["http_status", "private_address"]
    assert failure.refusals[0].data["status"] == 404
    assert failure.refusals[1].data["host"] == "10.0.0.1"


def test_a_certificate_can_not_make_the_bot_ask_many_addresses(case: Case) -> None:
    """Twenty addresses: three are asked."""
    prompt = case.ask(*(f"http://{HOST}/{number}.cer" for number in range(20)))
    seen: list[str] = []
    case.serve(answering(response(b"gone", "404 Not Found"), seen=seen))
    case.refused(prompt)
    assert len(seen) == 3
