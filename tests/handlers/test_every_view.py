"""Every view, over a hostile world: taken by Slack, and without a mention, link or control from outside."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as SdkView

from bot.workspace import blocks as workspace
from handlers import views
from handlers.views.blocks import Message, View, with_image
from tests.handlers.blockkit import message_faults, texts, view_faults
from tests.handlers.generators import GENERATORS, Made
from tests.handlers.hostile import Dealt, dealt
from tests.handlers.reports import World

# What the views are made with, no views themselves.
SHELLS = frozenset(
    {"blocks.message", "blocks.say", "blocks.with_image", "blocks.without_image", "form.modal", "form.page"}
)
# Ours: dates, people, channels and threads of the generated world. What else is in angle brackets came from outside.
OURS = re.compile(
    r"<!date\^\d+\^\{date_short(?:_pretty\} at \{time)?\}\|[0-9: UTC-]+>|<@(?:UOLIVIA|UADAM|UTESS|UBOTCS)>|<#C\d{8}>"
    r"|<!subteam\^S0TRUST>"
    r"|<https://acme\.slack\.com/archives/C0ACME/p13\?thread_ts=1\.2&amp;cid=C0ACME\|thread>"
)
QUOTE = re.compile("^> ", re.MULTILINE)
UNSEEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
shuffled = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


def found_views() -> Iterator[str]:
    """Every public function of the views that makes a message or a view, and whatever is said once it was done."""
    for module in pkgutil.iter_modules(views.__path__):
        source = importlib.import_module(f"{views.__name__}.{module.name}")
        for name, function in inspect.getmembers(source, inspect.isfunction):
            if name.startswith("_") or function.__module__ != source.__name__:
                continue
            answer = get_type_hints(function).get("return")
            if answer in {Message, View} and f"{module.name}.{name}" not in SHELLS:
                yield f"{module.name}.{name}"


def test_every_view_has_its_generator() -> None:
    """A new one without would be shown to people before it was shown to a test."""
    assert set(found_views()) <= set(GENERATORS)


@pytest.mark.parametrize("name", sorted(GENERATORS))
@shuffled
@given(hand=dealt, many=st.sampled_from((0, 1, 12, 200)))
def test_slack_takes_every_view_and_nothing_from_outside_acts_in_it(name: str, many: int, hand: Dealt) -> None:
    """By the documented limits, by slack_sdk's models, by the local Slack, and read part by part for what would act."""
    for made in GENERATORS[name](World(hand, many)):
        if isinstance(made, Message):
            _is_taken(made)
            _is_safe(made.blocks)
            assert not re.search(r"[<>]", made.text), made.text
        else:
            _is_taken_as_view(made)
            _is_safe(made)


def _is_taken(made: Message) -> None:
    shown = with_image(made, "F0PICTURE")
    assert message_faults(made.text, shown.blocks) == []
    assert workspace.message_blocks(shown.blocks)
    for block in Block.parse_all(shown.blocks):
        block.to_dict()


def _is_taken_as_view(made: Mapping[str, Any]) -> None:
    view = dict(made)
    assert view_faults(view) == []
    assert workspace.view(view, ("modal", "home"))
    if not any((block.get("element") or {}).get("type") == "file_input" for block in view["blocks"]):
        SdkView(**view).to_dict()  # the SDK has no model of file_input


def _is_safe(content: Made | Any) -> None:
    for kind, text in texts(content):
        assert not UNSEEN.search(text), text
        if kind == "mrkdwn":
            _acts_not(text)


def _acts_not(text: str) -> None:
    """Nothing in angle brackets but ours, entities whole, code spans closed in their line."""
    outside = QUOTE.sub("", OURS.sub("", text))
    assert not re.search("[<>]", outside), text
    assert not re.search(r"&(?!amp;|lt;|gt;)", outside), text
    assert all(line.count("`") % 2 == 0 for line in outside.replace("```", "").split("\n")), text
