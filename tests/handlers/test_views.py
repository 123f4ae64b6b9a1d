"""Every view, over a hostile world: within Slack's limits, and without a mention, link or control from outside."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, Verdict
from handlers import ids
from handlers.views import certificate, comparison, lists, modals, prompt, proof, root, sentences, switch, upload
from handlers.views.blocks import CUT_SHORT, Message, message, section
from handlers.views.form import Origin
from handlers.vocabulary import Unclear
from storage.records import AnchorState, PromptState, SwitchState, UploadState
from tests.handlers.blockkit import message_faults, texts, view_faults
from tests.handlers.reports import Dealt, World, dealt
from tests.lab.builders import NOW, Ca

ORIGIN = Origin("C0ACME", "1.2", "12", "ab" * 32)

T = TypeVar("T")


def _of(state: T, made: Callable[[World, T], Message]) -> Callable[[World], Message]:
    return lambda world: made(world, state)


MESSAGES: dict[str, Callable[[World], Message]] = {
    "upload stored": lambda w: upload.render(w.upload_report(UploadState.STORED), NOW),
    "upload needs partner": lambda w: upload.render(w.upload_report(UploadState.NEEDS_PARTNER), NOW),
    "upload refused": lambda w: upload.render(w.upload_report(UploadState.REFUSED, "private_key"), NOW),
    "upload details": lambda w: upload.details(w.details(), NOW),
    "import started": lambda w: upload.import_started("UOLIVIA", w.many),
    "prompt completed": lambda w: prompt.completed(w.prompt(PromptState.ANSWERED)),
    "partners": lambda w: lists.partners([w.partner() for _ in range(w.many)]),
    "certificates": lambda w: lists.certificates(w.partner(), [w.listed() for _ in range(w.many)], NOW),
    "shown": lambda w: lists.shown(w.shown(), NOW, may_change=True),
    "deletion": lambda w: lists.deletion(w.shown()),
    "ca list": lambda w: lists.ca_list([w.ca_entry() for _ in range(w.many)], NOW),
    "connections": lambda w: lists.connections(w.partner(), [w.connection_report() for _ in range(w.many)], NOW),
    "switches": lambda w: lists.switches([w.switch_line() for _ in range(w.many)], w.partner()),
    "audit": lambda w: lists.audit([w.audit_entry() for _ in range(w.many)], None),
    "help": lambda _w: lists.help_text("/cert", ours=False),
    "unclear": lambda w: lists.unclear("/cert", Unclear(w.text(), (), known=False)),
    **{f"prompt {state}": _of(state, lambda w, one: prompt.render(w.prompt(one))) for state in PromptState},
    **{f"root {state}": _of(state, lambda w, one: root.render(w.root(one), NOW)) for state in AnchorState},
    **{f"switch {state}": _of(state, lambda w, one: switch.render(w.switch_report(one), NOW)) for state in SwitchState},
    **{f"proof {state}": _of(state, lambda w, one: proof.render(w.switch_report(one))) for state in SwitchState},
    **{
        f"offer {name}": _of(name, lambda _w, one: lists.form_offer(one))
        for name in (ids.MODAL_IMPORT, ids.MODAL_PROPOSE)
    },
}

VIEWS: dict[str, Callable[[World], dict[str, Any]]] = {
    "import": lambda w: modals.import_files(ORIGIN, [w.partner() for _ in range(w.many)], None),
    "assign": lambda w: modals.assign(ORIGIN, [w.partner() for _ in range(w.many)]),
    "rename": lambda w: modals.rename(ORIGIN, w.text()),
    "propose": lambda w: modals.propose(
        ORIGIN, [w.connection() for _ in range(w.many)], w.connection(), [w.entry() for _ in range(w.many)], 3
    ),
    "reject": lambda _w: modals.reject(ORIGIN),
    "decline": lambda _w: modals.decline_root(ORIGIN),
    "word": lambda w: modals.record_word(ORIGIN, w.text(), NOW),
    "partner": lambda _w: modals.partner_add(ORIGIN),
    "connection": lambda w: modals.connection_add(ORIGIN, [w.partner()], None),
}

LENGTHS = (0, 1, 60)
OURS = re.compile(
    r"<!date\^\d+\^\{date_short(?:_pretty\} at \{time)?\}\|[0-9: UTC-]+>|<@(?:UOLIVIA|UADAM|UTESS|UBOTCS)>|<#C\d{8}>"
)
QUOTE = re.compile("^> ", re.MULTILINE)
UNSEEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")

shuffled = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


def _is_safe(content: Any) -> None:
    for kind, text in texts(content):
        assert not UNSEEN.search(text), text
        if kind == "mrkdwn":
            outside = QUOTE.sub("", OURS.sub("", text))
            assert "<" not in outside, text
            assert ">" not in outside, text
            # Entities are whole, and code spans closed: nothing from outside runs into our own words.
            assert not re.search(r"&(?!amp;|lt;|gt;)", outside), text
            assert all(line.count("`") % 2 == 0 for line in outside.replace("```", "").split("\n")), text


@pytest.mark.parametrize("many", LENGTHS)
@pytest.mark.parametrize("name", sorted(MESSAGES))
@shuffled
@given(hand=dealt)
def test_every_message_is_within_slacks_limits_and_safe(name: str, many: int, hand: Dealt) -> None:
    """By the documented limits, by slack_sdk's own models, and against hostile text."""
    made = MESSAGES[name](World(hand, many))

    assert message_faults(made.text, made.blocks) == []
    _is_safe(made.blocks)
    assert "<!" not in made.text.replace("<!date", "")
    for block in Block.parse_all(made.blocks):
        block.to_dict()


@pytest.mark.parametrize("many", [1, 120])
@pytest.mark.parametrize("name", sorted(VIEWS))
@shuffled
@given(hand=dealt)
def test_every_form_is_within_slacks_limits_and_safe(name: str, many: int, hand: Dealt) -> None:
    """The same for forms."""
    view = VIEWS[name](World(hand, many))

    assert view_faults(view) == []
    _is_safe(view["blocks"])
    if name != "import":  # the SDK has no model of file_input
        View(**view).to_dict()


def test_a_message_that_would_be_too_long_is_cut_at_a_block_and_says_so() -> None:
    """Slack refuses the whole message otherwise."""
    made = message("long", [section("x" * 2900) for _ in range(20)])

    assert made.blocks[-1]["elements"][0]["text"] == CUT_SHORT
    assert message_faults(made.text, made.blocks) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("switch proposed", ids.SWITCH_REJECT),
        ("switch approved", ids.SWITCH_CANCEL),
        ("root requested", ids.ROOT_APPROVE),
    ],
)
@shuffled
@given(hand=dealt)
def test_no_text_from_outside_is_long_enough_to_push_the_decision_out_of_a_message(
    name: str, wanted: str, hand: Dealt
) -> None:
    """The buttons come last, so they would be the first to go."""
    made = MESSAGES[name](World(hand, 60))

    assert wanted in [
        element.get("action_id") for block in made.blocks if block["type"] == "actions" for element in block["elements"]
    ]


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
    assert sentences.state(state) in made.blocks[0]["text"]["text"]
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
    rows = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in table["rows"]}

    assert rows["Issuer"] == ["Issuing CA 1", "Issuing CA 4"]
    assert rows["Key"] == ["EC P-256", "EC P-256, another key"]
    assert "Owner" not in rows
    assert unchanged["elements"][0]["text"] == "Unchanged: owner, names, ends"


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


@shuffled
@given(hand=dealt)
def test_a_decided_root_has_no_buttons(hand: Dealt) -> None:
    """Neither approved nor declined."""
    for anchor in (AnchorState.APPROVED, AnchorState.DECLINED):
        made = root.render(World(hand, 1).root(anchor), NOW)
        assert [block for block in made.blocks if block["type"] == "actions"] == []
