"""What a request for an issuer shows about fetching it: a button where it helps, and each failure in its own words."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.pki.parsing import Refusal
from bot.services import fetching
from bot.services.fetching import FetchFailure, FetchRefused, FetchStanding
from handlers import ids
from handlers.views import fetch_phrases, prompt, sentences
from handlers.views.blocks import Message
from storage.records import PromptState
from tests.handlers.blockkit import message_faults
from tests.handlers.hostile import Dealt, dealt
from tests.handlers.reports import World
from tests.lab.builders import NOW

HOSTILE = "http://x.example/<!channel>`*&@here*`\n>" + "a" * 3_000
FACTS: dict[str, Any] = {
    "url": "http://ca.example/i.cer",
    "host": "ca.example",
    "scheme": "ftp",
    "port": 22,
    "limit": 3,
}


def buttons(message: Message, action: str = ids.FETCH_ISSUER) -> list[tuple[str, str]]:
    """Action and value of every button of that kind."""
    elements = [one for block in message.blocks for one in block.get("elements", [])]
    return [(one["action_id"], one["value"]) for one in elements if one.get("action_id") == action]


def test_every_reason_that_a_fetch_is_refused_for_has_its_sentence() -> None:
    """As raised anywhere in the room; and what may come instead of a certificate is what the parser can refuse."""
    room = Path(str(fetching.__file__)).parent
    raised = {
        reason for path in room.glob("*.py") for reason in re.findall(r'FetchRefused\(\s*"(\w+)"', path.read_text())
    }
    assert raised == set(fetch_phrases.FETCH)
    assert set(fetch_phrases.FETCHED) == {one.value for one in Refusal}
    told = {reason: sentences.fetch(reason, {**FACTS, "why": "html", "found": "CN=x"}) for reason in raised}
    assert len(set(told.values())) == len(told)
    assert not [text for text in told.values() if "{" in text or not text.endswith(".")]


@pytest.mark.parametrize("why", list(Refusal))
def test_what_came_instead_of_a_certificate_is_named(why: Refusal) -> None:
    """A web page, a key, nothing ..."""
    told = sentences.error(FetchRefused("not_a_certificate", url="http://ca.example/i.cer", why=why.value))
    assert fetch_phrases.FETCHED[why.value] in told


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hand=dealt)
def test_the_button_is_there_only_while_fetching_is_offered(hand: Dealt) -> None:
    """Open and offered: one button with the request's number; else none."""
    report = World(hand, 2).prompt(PromptState.OPEN)
    offered = prompt.render(report, FetchStanding(offered=True, failure=None))
    assert buttons(offered) == [(ids.FETCH_ISSUER, str(report.prompt.id))]
    assert message_faults(offered.text, offered.blocks) == []
    assert buttons(prompt.render(report, FetchStanding(offered=False, failure=None))) == []
    answered = replace(report, prompt=replace(report.prompt, state=PromptState.ANSWERED))
    assert buttons(prompt.render(answered, FetchStanding(offered=True, failure=None))) == []


@settings(max_examples=20, deadline=None)
@given(hand=dealt)
def test_a_public_root_is_offered_for_approval_while_the_request_waits(hand: Dealt) -> None:
    """Said in words, with one button that carries the request's number; nothing of it once it is answered."""
    world = World(hand, 2)
    report = replace(world.prompt(PromptState.OPEN), public_root=world.certificate())
    shown = prompt.render(report)
    assert buttons(shown, ids.ADD_PUBLIC_ROOT) == [(ids.ADD_PUBLIC_ROOT, str(report.prompt.id))]
    assert "only needs approval" in str(shown.blocks)
    assert not buttons(prompt.render(replace(report, public_root=None)), ids.ADD_PUBLIC_ROOT)
    answered = replace(report, prompt=replace(report.prompt, state=PromptState.ANSWERED))
    assert not buttons(prompt.render(answered), ids.ADD_PUBLIC_ROOT)


@settings(max_examples=20, deadline=None)
@given(hand=dealt)
def test_a_strangers_address_in_a_failure_neither_pings_nor_breaks_out(hand: Dealt) -> None:
    """Three addresses full of markup, each longer than a section."""
    report = World(hand, 2).prompt(PromptState.OPEN)
    facts = {**FACTS, "url": HOSTILE, "host": HOSTILE, "found": HOSTILE, "why": HOSTILE}
    for reason in (*fetch_phrases.FETCH, HOSTILE):
        refused = FetchRefused(reason, **facts)
        failure = FetchFailure("UOLIVIA", NOW, (refused, refused, refused))
        shown = prompt.render(report, FetchStanding(offered=True, failure=failure))
        assert message_faults(shown.text, shown.blocks) == []
        assert "<!" not in json.dumps(shown.blocks).replace("<!date^", "")
        assert buttons(shown), "a failure must not push the button out"
