"""What single views show, and what they leave out."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, Verdict
from bot.services.upload_report import ItemDetails
from handlers import ids
from handlers.views import certificate, comparison, details, proof, root, sentences, switch, upload
from handlers.views.blocks import CUT_SHORT, message, section
from storage.records import AnchorState, UploadState
from storage.switch_records import SwitchState
from tests.handlers.blockkit import message_faults
from tests.handlers.hostile import Dealt, dealt
from tests.handlers.reports import World
from tests.lab.builders import NOW, Ca

shuffled = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


def test_a_message_that_would_be_too_long_is_cut_at_a_block_and_says_so() -> None:
    """Slack refuses the whole message otherwise."""
    made = message("long", [section("x" * 2900) for _ in range(20)])

    assert made.blocks[-1]["elements"][0]["text"] == CUT_SHORT
    assert message_faults(made.text, made.blocks) == []


@shuffled
@given(hand=dealt)
def test_no_text_from_outside_is_long_enough_to_push_the_decision_out_of_a_message(hand: Dealt) -> None:
    """The buttons come last, so they would be the first to go."""
    world = World(hand, 60)
    for made, wanted in (
        (switch.render(world.switch_report(SwitchState.PROPOSED), NOW), ids.SWITCH_REJECT),
        (switch.render(world.switch_report(SwitchState.APPROVED), NOW), ids.SWITCH_CANCEL),
        (root.render(world.root(AnchorState.REQUESTED), NOW), ids.ROOT_APPROVE),
    ):
        shown = [block for block in made.blocks if block["type"] == "actions"]
        assert wanted in [element.get("action_id") for block in shown for element in block["elements"]]


@pytest.mark.parametrize("state", [SwitchState.ROLLED_BACK, SwitchState.FAILED])
@pytest.mark.parametrize("phase", ["begin", "commit"])
def test_what_the_gateway_said_of_our_inside_is_told_to_our_own_people_alone(state: SwitchState, phase: str) -> None:
    """A folder, a reload command's output: the partner's people read the thread, and may press "Details" there."""
    report = World((["x"], 1), 1).switch_report(state)
    said = {"path": "/srv/tls/acme", "output": "haproxy: line 7"}
    outcome = {"code": "reload_failed", "phase": phase, "data": said}
    report = replace(report, switch=replace(report.switch, outcome=outcome))
    told = proof.render(report)
    assert ids.SWITCH_DETAILS in str(told.blocks[-1])
    for hidden in (told.blocks, details.of_switch(report, NOW, is_ours=False)):
        assert "/srv/tls" not in str(hidden)
        assert "haproxy" not in str(hidden)
    shown = str(details.of_switch(report, NOW, is_ours=True))
    assert "/srv/tls/acme" in shown
    assert "haproxy: line 7" in shown


@pytest.mark.parametrize("purpose", ["switch", "overlap"])
def test_where_the_gateway_could_not_be_asked_that_is_the_reason_that_is_told(purpose: str) -> None:
    """Nothing was seen then, so there are no facts to look at; in the demo, a new connection behind its Envoy."""
    report = World((["x"], 1), 1).switch_report(SwitchState.ROLLED_BACK)
    outcome = {"code": "not_proven", f"{purpose}_trouble": "not_loaded", "restored": True, "restore_proven": True}
    report = replace(report, switch=replace(report.switch, outcome=outcome), proofs=())
    told = str(proof.render(report).blocks)
    assert "The gateway's program does not know this connection's files" in told
    assert "Put right what is said above" in told
    assert "facts above" not in told
    outcome |= {"restore_proven": False, "restore_trouble": "unreachable"}
    report = replace(report, switch=replace(report.switch, outcome=outcome))
    assert "The gateway's program does not answer." in str(proof.render(report).blocks)


@pytest.mark.parametrize("state", [one for one in SwitchState if not one.is_open])
@shuffled
@given(hand=dealt)
def test_a_decided_switch_has_no_buttons(state: SwitchState, hand: Dealt) -> None:
    """Nothing is left to click once it is over."""
    made = switch.render(World(hand, 1).switch_report(state), NOW)

    assert [block for block in made.blocks if block["type"] == "actions"] == []


@pytest.mark.parametrize("state", [one for one in SwitchState if not one.is_open])
@shuffled
@given(hand=dealt)
def test_a_switch_that_is_over_shrinks_to_a_summary(state: SwitchState, hand: Dealt) -> None:
    """What, from what to what, who decided and when; the rest is in the audit and the proof."""
    report = World(hand, 30).switch_report(state)
    made = switch.render(report, NOW)

    assert len(made.blocks) == 2
    for one in report.each():
        assert sentences.state(one.switch.state) in made.blocks[0]["text"]["text"]
    for given_by in report.approvals.values():
        assert f"<@{given_by.user_id}>" in str(made.blocks)


@shuffled
@given(hand=dealt)
def test_the_question_for_the_partner_names_no_partner(hand: Dealt) -> None:
    """The channel may be shared with another company: the names are in a form that only operators can open."""
    report = World(hand, 3).upload_report(UploadState.NEEDS_PARTNER)
    named = tuple(
        replace(one, name=f"Rival {place}", key=f"rival-{place}") for place, one in enumerate(report.partners)
    )
    made = upload.render(replace(report, partners=named, items=()), NOW)

    assert "ival" not in str(made)
    assert f"{ids.OPEN_MODAL}{ids.MODAL_ASSIGN}" in str(made.blocks)


def test_only_the_differences_of_old_and_new_stand_in_the_table() -> None:
    """Same owner, other issuer, other key of the same kind."""
    shop = World((["acme"], 1), 1)
    first, second = Ca.root("Issuing CA 1"), Ca.root("Issuing CA 4")
    old, new = (Certificate.from_der(ca.leaf("b2b.example", san=("b2b.example",)).der) for ca in (first, second))
    report = replace(shop.switch_report(SwitchState.PROPOSED), old_certificate=old, new_certificate=new)
    table, unchanged = comparison.render(report, NOW)
    rows = {row[0]["text"]: [cell.get("text") for cell in row[1:]] for row in table["rows"]}

    assert rows["Issuer"] == ["Issuing CA 1", "Issuing CA 4"]
    assert rows["Key"] == ["EC P-256", "EC P-256, another key"]
    assert "Owner" not in rows
    assert unchanged["elements"][0]["text"] == "Unchanged: owner, names, ends"


def test_the_days_of_old_and_new_are_shown_in_the_readers_zone() -> None:
    """As dates of a rich text; a year that Slack cannot show stands in UTC."""
    shop = World((["acme"], 1), 1)
    ca = Ca.root("Issuing CA 1")
    never = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    ders = [ca.leaf("b2b.example", not_after=end).der for end in (NOW + timedelta(days=9, minutes=1), never)]
    old, new = map(Certificate.from_der, ders)
    report = replace(shop.switch_report(SwitchState.PROPOSED), old_certificate=old, new_certificate=new)
    (_, was, ends), *_ = (row for row in comparison.render(report, NOW)[0]["rows"] if row[0]["text"] == "Ends")

    day, rest = was["elements"][0]["elements"]
    assert (day["type"], day["timestamp"]) == ("date", int(old.not_after.timestamp()))
    assert rest["text"].startswith(", 9 days left")
    assert ends["elements"][0]["elements"][0] == {"type": "text", "text": "9999-12-31"}


def test_a_chain_is_a_numbered_list_from_the_certificate_to_what_is_missing() -> None:
    """Leaf -> intermediate -> (root is not there)."""
    root = Ca.root("Nordlicht Root")
    issuing = root.intermediate("Issuing CA 4")
    leaf, above = (Certificate.from_der(one.der) for one in (issuing.leaf("b2b.example"), issuing))
    wanted = MissingIssuer(above.issuer, None, None, None, None, (), above, 2, ())
    report = ChainReport(leaf, Verdict.INCOMPLETE, (leaf, above), None, (wanted,), (), leaf.not_after, 3)
    lines = [re.sub(r"<!date[^>]*>", "DAY", line) for line in certificate.chain(report).split("\n")]

    assert lines[1:] == [
        "1. b2b.example – until DAY",
        "2. Issuing CA 4 – intermediate, until DAY",
        "3. :grey_question: Nordlicht Root – *missing*",
    ]


def test_a_name_that_passes_for_another_is_marked_wherever_people_decide_by_it() -> None:
    """A Cyrillic A: in the answer to the file, in its details, and in the request for such a root."""
    shop = World((["acme"], 1), 1)
    root_ca = Ca.root("\u0410CME Root")
    leaf = Certificate.from_der(root_ca.leaf("\u0410CME").der)
    item = replace(shop.item(), certificate=leaf, kind="partner", already=False, entry=shop.entry())
    answer = upload.render(replace(shop.upload_report(UploadState.STORED), items=(item,)), NOW)
    page = details.of_certificate(ItemDetails(item, None), NOW)
    asked = replace(shop.root(AnchorState.REQUESTED), certificate=Certificate.from_der(root_ca.der))

    said = "looks like `ACME` but has Cyrillic letter: \u0410 (U+0410)"
    assert said in str(answer.blocks)
    assert said in str(page)
    assert "looks like `ACME Root`" in str(root.render(asked, NOW).blocks)


@shuffled
@given(hand=dealt)
def test_a_decided_root_has_no_buttons(hand: Dealt) -> None:
    """Neither approved nor declined."""
    for anchor in (AnchorState.APPROVED, AnchorState.DECLINED):
        made = root.render(World(hand, 1).root(anchor), NOW)
        assert [block for block in made.blocks if block["type"] == "actions"] == []
