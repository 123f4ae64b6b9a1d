"""A missing issuer is named, waited for, and followed up wherever its answer comes from."""

from bot.pki.chain import NearMissReason, Verdict
from bot.services.outbox import Outbox
from storage.records import AnchorState, PromptState
from tests.lab.builders import NOW, Ca, days, self_signed
from tests.services.desk import ACME, GLOBEX, HOME, OLIVIA, OSCAR, PAULA, TESS, Desk, item_for


def test_the_missing_issuer_is_named_with_all_that_helps_to_find_it(desk: Desk) -> None:
    """Root -> issuing (absent) -> leaf with AIA: DN, organisation, unit, key id, address; in the leaf's thread."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing", org="Nordlicht", ou="PKI")
    desk.trust(root)
    desk.drop(issuing.leaf("acme-b2b", aia="http://pki.nordlicht.example/issuing.cer"), thread="5.0")
    report = desk.only_prompt()
    prompt = report.prompt
    assert prompt.issuer == "CN=Issuing,OU=PKI,O=Nordlicht,C=DE"
    assert (prompt.organisation, prompt.organisational_unit) == ("Nordlicht", "PKI")
    assert prompt.aki is not None
    assert prompt.ca_issuers == ("http://pki.nordlicht.example/issuing.cer",)
    assert (report.display_name, report.partner) == ("acme-b2b 2026-11-02", desk.partners.by_key("acme"))
    assert report.missing is not None
    assert desk.place(f"prompt:{prompt.id}") == (ACME, "5.0")


def test_the_answer_to_a_file_comes_before_what_follows_from_it(desk: Desk) -> None:
    """Leaf: answer, then its prompt. Issuer: its own answer, then the news about the leaf."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    desk.trust(root)
    outbox = Outbox(desk.store, desk.clock)
    told = len(outbox.due())
    leaf = desk.drop(issuing.leaf("acme-b2b"))
    prompt = desk.only_prompt().prompt
    assert [one.notice.subject for one in outbox.due()][told:] == [f"upload:{leaf.upload.id}", f"prompt:{prompt.id}"]
    for one in outbox.due():
        outbox.done(one.notice.subject, one.notice.id)
    issuer = desk.drop(issuing)
    assert outbox.due()[0].notice.subject == f"upload:{issuer.upload.id}"


def test_a_self_signed_certificate_asks_for_nothing(desk: Desk) -> None:
    """The normal case among AS2 partners."""
    report = desk.drop(self_signed("as2"))
    assert report.items[0].report.verdict is Verdict.SELF_SIGNED
    assert desk.prompts() == ()


def test_the_issuer_answers_from_another_thread_and_the_waiting_thread_is_told(desk: Desk) -> None:
    """Anchor -> issuing -> leaf; issuing is dropped elsewhere: prompt and upload follow, one reply says "complete"."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    desk.trust(root)
    upload = desk.drop(issuing.leaf("acme-b2b"), thread="5.0").upload
    prompt = desk.only_prompt().prompt
    with desk.noticing() as subjects:
        answer = desk.drop(issuing, by=OSCAR, channel=HOME, thread="9.0")
    after = desk.chains.prompt_report(prompt.id)
    assert after.prompt.state is PromptState.ANSWERED
    assert (after.prompt.answered_by, after.prompt.answered_sha256) == (OSCAR.user_id, issuing.sha256)
    assert after.report.verdict is Verdict.COMPLETE
    assert subjects >= {f"upload:{upload.id}", f"prompt:{prompt.id}", f"completed:{prompt.id}"}
    assert desk.place(f"completed:{prompt.id}") == (ACME, "5.0")
    assert (answer.items[0].unblocked, answer.items[0].unnamed) == ((), 1), "who reads a channel of nobody is unknown"
    assert desk.prompts() == ()


def test_an_answer_in_the_same_thread_needs_no_extra_reply(desk: Desk) -> None:
    """The people there have seen it."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    desk.trust(root)
    desk.drop(issuing.leaf("acme-b2b"))
    prompt = desk.only_prompt().prompt
    desk.drop(issuing)
    assert desk.chains.prompt_report(prompt.id).prompt.state is PromptState.ANSWERED
    assert desk.place(f"completed:{prompt.id}") is None


def test_the_next_missing_one_is_asked_for_in_the_waiting_thread(desk: Desk) -> None:
    """Anchor -> policy (absent) -> issuing (comes now) -> leaf: the old prompt points to the new one."""
    root = Ca.root("Root")
    policy = root.intermediate("Policy")
    issuing = policy.intermediate("Issuing")
    desk.trust(root)
    desk.drop(issuing.leaf("acme-b2b"), thread="5.0")
    first = desk.only_prompt().prompt
    desk.drop(issuing, thread="5.0")
    second = desk.only_prompt()
    assert second.prompt.issuer.startswith("CN=Policy")
    assert second.display_name == "acme-b2b 2026-11-02"
    assert desk.place(f"prompt:{second.prompt.id}") == (ACME, "5.0")
    assert desk.chains.prompt_report(first.id).next_prompt == second.prompt
    desk.drop(policy, channel=HOME, thread="9.0")
    assert desk.chains.prompt_report(second.prompt.id).report.verdict is Verdict.COMPLETE
    assert desk.place(f"completed:{second.prompt.id}") == (ACME, "5.0")


def test_an_intermediate_asks_for_its_own_issuer_where_it_was_dropped(desk: Desk) -> None:
    """Issuing alone, its issuer absent: a prompt for it, which speaks of no partner."""
    issuing = Ca.root("Root").intermediate("Issuing")
    desk.drop(issuing, channel=HOME, thread="9.0")
    report = desk.only_prompt()
    assert report.certificate.sha256 == issuing.sha256
    assert (report.display_name, report.partner) == (None, None)
    assert desk.place(f"prompt:{report.prompt.id}") == (HOME, "9.0")


def test_a_bundle_asks_once_for_what_is_above_it(desk: Desk) -> None:
    """Leaf and issuing in one file, the root absent: one prompt, for the leaf."""
    issuing = Ca.root("Root").intermediate("Issuing")
    leaf = issuing.leaf("acme-b2b")
    desk.drop(issuing, leaf)
    assert desk.only_prompt().certificate.sha256 == leaf.sha256


def test_a_thread_asks_once_for_an_issuer_and_each_thread_for_itself(desk: Desk) -> None:
    """Three leaves of one absent issuer, two in one thread: two prompts, and one file answers all."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    desk.trust(root)
    first = desk.drop(issuing.leaf("acme-one"), thread="5.0").upload.id
    second = desk.drop(issuing.leaf("acme-two"), thread="5.0").upload.id
    third = desk.drop(issuing.leaf("globex-as2"), channel=GLOBEX, thread="6.0").upload.id
    assert {desk.place(f"prompt:{one.id}") for one in desk.prompts()} == {(ACME, "5.0"), (GLOBEX, "6.0")}
    with desk.noticing() as subjects:
        answer = desk.drop(issuing, channel=HOME, thread="9.0")
    assert subjects >= {f"upload:{first}", f"upload:{second}", f"upload:{third}"}
    assert (answer.items[0].unblocked, answer.items[0].unnamed) == ((), 3)
    assert desk.prompts() == ()


def test_the_partners_own_people_read_only_their_own_names_in_the_answer(desk: Desk) -> None:
    """Paula's file also completes Globex's chain; her channel does not hear of it, Globex's does."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    desk.trust(root)
    desk.drop(issuing.leaf("globex-as2"), channel=GLOBEX, thread="6.0")
    prompt = desk.only_prompt().prompt
    desk.drop(issuing.leaf("acme-b2b"), thread="5.0")
    answer = desk.drop(issuing, by=PAULA, thread="5.0")
    assert answer.items[0].unblocked == ("acme-b2b 2026-11-02",)
    assert desk.place(f"completed:{prompt.id}") == (GLOBEX, "6.0")


def test_a_namesake_with_another_key_is_shown_as_looked_at_and_answers_nothing(desk: Desk) -> None:
    """Generation 2 is brought where generation 3 is wanted: the prompt stays open and says what is wrong with it."""
    wanted = Ca.root("Root").intermediate("Issuing")
    namesake = Ca.root("Root").intermediate("Issuing")
    desk.drop(wanted.leaf("acme-b2b"), thread="5.0")
    prompt = desk.only_prompt().prompt
    with desk.noticing() as subjects:
        desk.drop(namesake, channel=HOME, thread="9.0")
    report = desk.chains.prompt_report(prompt.id)
    assert f"prompt:{prompt.id}" in subjects
    assert report.prompt.state is PromptState.OPEN
    assert report.missing is not None
    misses = [(one.certificate.sha256, one.reason) for one in report.missing.near_misses]
    assert misses == [(namesake.sha256, NearMissReason.SAME_NAME_OTHER_KEY)]


def test_an_expired_issuer_does_not_answer_but_its_successor_does(desk: Desk) -> None:
    """Same name and key twice: the expired one is a near miss, the renewed one completes the chain."""
    root = Ca.root("Root")
    issuing = root.intermediate("Issuing")
    expired = root.cross_sign(issuing, not_after=NOW - days(1))
    desk.trust(root)
    desk.drop(issuing.leaf("acme-b2b"), thread="5.0")
    prompt = desk.only_prompt().prompt
    desk.drop(expired, channel=HOME, thread="9.0")
    report = desk.chains.prompt_report(prompt.id)
    assert report.prompt.state is PromptState.OPEN
    assert report.missing is not None
    assert [one.reason for one in report.missing.near_misses] == [NearMissReason.EXPIRED]
    desk.drop(issuing, channel=HOME, thread="9.1")
    after = desk.chains.prompt_report(prompt.id)
    assert (after.prompt.state, after.report.verdict) == (PromptState.ANSWERED, Verdict.COMPLETE)


def test_a_root_that_awaits_approval_is_said_to_until_it_is_approved(desk: Desk) -> None:
    """leaf, then its root: answered, and the root is awaited; the approval completes it and tells the thread."""
    root = Ca.root("Root")
    upload = desk.drop(root.leaf("acme-b2b"), thread="5.0").upload
    prompt = desk.only_prompt().prompt
    ca = desk.drop(root, by=OSCAR, channel=HOME, thread="9.0").items[0].ca
    assert ca is not None
    report = desk.chains.prompt_report(prompt.id)
    assert report.prompt.state is PromptState.ANSWERED
    assert (report.awaits_root, report.report.verdict) == (ca, Verdict.UNAPPROVED_ROOT)
    assert desk.place(f"completed:{prompt.id}") is None
    assert desk.ca_list.root_report(ca.id).waits == ("acme-b2b 2026-11-02",)
    with desk.noticing() as subjects:
        desk.ca_list.approve_root(TESS, ca.id, root.sha256)
    after = desk.chains.prompt_report(prompt.id)
    assert (after.awaits_root, after.report.verdict) == (None, Verdict.COMPLETE)
    assert subjects >= {
        f"root:{ca.id}",
        f"prompt:{prompt.id}",
        f"upload:{upload.id}",
        f"completed:{prompt.id}",
    }
    assert desk.place(f"completed:{prompt.id}") == (ACME, "5.0")


def test_an_upload_that_only_waited_for_an_approval_follows_it(desk: Desk) -> None:
    """Root and leaf in one file: no prompt was needed; the approval changes the upload's own message."""
    root = Ca.root("Root")
    report = desk.drop(root.leaf("acme-b2b"), root, by=OSCAR)
    ca = item_for(report, root).ca
    assert ca is not None
    with desk.noticing() as subjects:
        desk.ca_list.approve_root(TESS, ca.id, root.sha256)
    assert subjects == {f"upload:{report.upload.id}", f"root:{ca.id}"}
    assert desk.intake.report(report.upload.id).items[0].report.verdict is Verdict.COMPLETE


def test_a_prompt_whose_certificate_was_deleted_is_withdrawn(desk: Desk) -> None:
    """Nobody waits any more, so nobody is asked any more."""
    leaf = Ca.root("Root").intermediate("Issuing").leaf("acme-b2b")
    entry = desk.drop(leaf).items[0].entry
    assert entry is not None
    prompt = desk.only_prompt().prompt
    with desk.noticing() as subjects:
        desk.certificates.delete(OLIVIA, entry.id)
    assert desk.chains.prompt_report(prompt.id).prompt.state is PromptState.WITHDRAWN
    assert f"prompt:{prompt.id}" in subjects


def test_another_that_waits_in_the_thread_takes_a_withdrawn_prompt_over(desk: Desk) -> None:
    """Two leaves, one prompt; the one that it named is deleted: the thread goes on asking, for the other."""
    issuing = Ca.root("Root").intermediate("Issuing")
    entry = desk.drop(issuing.leaf("acme-one")).items[0].entry
    other = issuing.leaf("acme-two")
    desk.drop(other)
    assert entry is not None
    desk.certificates.delete(OLIVIA, entry.id)
    assert desk.only_prompt().certificate.sha256 == other.sha256


def test_a_certificate_without_a_partner_is_diagnosed_all_the_same(desk: Desk) -> None:
    """The prompt comes at once; it names the certificate once somebody has chosen its partner."""
    report = desk.drop(Ca.root("Root").leaf("acme-b2b"), channel=HOME)
    assert desk.only_prompt().display_name is None
    desk.intake.assign_partner(OLIVIA, report.upload.id, desk.partners.by_key("acme").id)
    assert desk.only_prompt().display_name == "acme-b2b 2026-11-02"


def test_a_version_1_issuer_that_is_asked_for_is_no_partner_certificate(desk: Desk) -> None:
    """It carries no CA mark, but its key signed the waiting leaf: to the CA list, and the prompt says "not a CA"."""
    issuing = Ca.root("Root").intermediate("Issuing", ca=None, key_usage=None)
    desk.drop(issuing.leaf("acme-b2b"))
    prompt = desk.only_prompt().prompt
    report = desk.drop(issuing, thread="2.0")
    assert report.items[0].kind == "ca"
    assert report.items[0].ca is not None
    assert report.items[0].ca.anchor is AnchorState.LINK
    missing = desk.chains.prompt_report(prompt.id).missing
    assert missing is not None
    assert [one.reason for one in missing.near_misses] == [NearMissReason.NOT_A_CA]
