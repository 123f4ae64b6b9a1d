"""Claims about values: what a person enters in each kind of element reaches the app under the published key."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.workspace.inputs import VALUE_KEYS
from tests.workspace.contract import Office
from tests.workspace.place import ADA, GENERAL, OLIVIA, QUIET, SAM, SHARED, Json, actions, modal

PLAIN = {"type": "plain_text", "text": "x"}
OPTIONS = [{"text": {"type": "plain_text", "text": value}, "value": value} for value in ("a", "b", "c")]
SUGGESTED = {"text": {"type": "plain_text", "text": "suggested"}, "value": "s"}
RICH = {
    "type": "rich_text",
    "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "why", "style": {"bold": True}}]}],
}

ENTERED: dict[str, tuple[Json, Any]] = {
    "plain_text_input": ({}, "Acme"),
    "email_text_input": ({}, "olivia@home.example"),
    "url_text_input": ({}, "https://acme.example/as2"),
    "number_input": ({"is_decimal_allowed": True, "min_value": "0", "max_value": "10"}, "2.5"),
    "rich_text_input": ({}, RICH),
    "static_select": ({"options": OPTIONS}, OPTIONS[1]),
    "external_select": ({}, SUGGESTED),
    "radio_buttons": ({"options": OPTIONS}, OPTIONS[2]),
    "checkboxes": ({"options": OPTIONS}, [OPTIONS[0], OPTIONS[2]]),
    "multi_static_select": ({"options": OPTIONS, "max_selected_items": 2}, [OPTIONS[0], OPTIONS[1]]),
    "multi_external_select": ({}, [SUGGESTED]),
    "users_select": ({}, SAM),
    "multi_users_select": ({}, [SAM, ADA]),
    "conversations_select": ({}, GENERAL),
    "multi_conversations_select": ({}, [GENERAL, SHARED]),
    "channels_select": ({}, QUIET),
    "multi_channels_select": ({}, [QUIET]),
    "datepicker": ({}, "2026-11-24"),
    "timepicker": ({}, "09:30"),
    "datetimepicker": ({}, 1_795_511_085),
}
WRONG: dict[str, tuple[Any, str]] = {
    "email_text_input": ("nobody", "missing_required"),
    "url_text_input": ("acme", "missing_required"),
    "number_input": ("11", "missing_required"),
    "rich_text_input": ({"type": "rich_text", "elements": [{"type": "hologram"}]}, "invalid_values"),
    "static_select": ({"value": "z"}, "invalid_values"),
    "multi_static_select": (OPTIONS, "invalid_values"),
    "datepicker": ("2026-13-01", "invalid_values"),
    "timepicker": ("25:00", "invalid_values"),
}


@pytest.fixture(scope="module")
def office(janitor: ThreadPoolExecutor) -> Iterator[Office]:
    """One workspace, and an app that acknowledges everything."""
    office = Office()
    assert office.listening
    yield office
    office.stop(janitor)


def field(kind: str) -> Json:
    """An optional input of that kind; its block is called like it."""
    element = {"type": kind, "action_id": "a", **ENTERED[kind][0]}
    return {"type": "input", "block_id": kind, "label": PLAIN, "element": element, "optional": True}


def given(kind: str, value: Any) -> Json:
    """What the client sends for the value."""
    return {kind: {"a": {VALUE_KEYS[kind]: value}}}


def last(office: Office, kind: str) -> Json:
    """The last payload of that type."""
    return next(body for body in reversed(office.heard) if body.get("type") == kind)


def test_every_input_reaches_the_submission_under_its_key(office: Office) -> None:
    """All twenty kinds in one modal; file_input is claimed with modals."""
    assert set(ENTERED) == set(VALUE_KEYS) - {"overflow", "file_input"}
    blocks = [field(kind) for kind in ENTERED]
    view = office.bot.views_open(trigger_id=office.trigger(), view=modal(*blocks, callback_id="all"))["view"]
    values: Json = {}
    for kind, (_, value) in ENTERED.items():
        values |= given(kind, value)
    assert office.olivia.do("view/submit", view_id=view["id"], values=values)["ok"]
    state = last(office, "view_submission")["view"]["state"]["values"]
    assert state == {kind: {"a": {"type": kind, VALUE_KEYS[kind]: value}} for kind, (_, value) in ENTERED.items()}


def test_untouched_inputs_are_null_or_empty(office: Office) -> None:
    """Single values null, lists empty; initial values are there."""
    first = field("plain_text_input")
    first["element"] = {**first["element"], "initial_value": "given"}
    blocks = [first, field("multi_channels_select"), field("rich_text_input"), field("datepicker")]
    view = office.bot.views_open(trigger_id=office.trigger(), view=modal(*blocks))["view"]
    assert office.olivia.do("view/submit", view_id=view["id"], values={})["ok"]
    state = last(office, "view_submission")["view"]["state"]["values"]
    found = [next(iter(part["a"][key] for key in part["a"] if key != "type")) for part in state.values()]
    assert found == ["given", [], None, None]


@pytest.mark.parametrize("kind", WRONG)
def test_what_does_not_fit_the_field_never_reaches_the_app(office: Office, kind: str) -> None:
    """The client complains at the field, or the value is no value at all."""
    view = office.bot.views_open(trigger_id=office.trigger(), view=modal(field(kind)))["view"]
    heard = len(office.heard)
    value, error = WRONG[kind]
    answer = office.olivia.do("view/submit", view_id=view["id"], values=given(kind, value))
    assert answer["error"] == error
    assert set(answer.get("errors", {kind: ""})) == {kind}
    assert office.heard[heard:] == []


def test_a_choice_in_a_message_is_an_action_and_stays_in_its_state(office: Office) -> None:
    """The chosen date and the chosen boxes: each in `actions`, both in `state.values`."""
    picker = {"type": "datepicker", "action_id": "date", "initial_date": "2026-01-01"}
    boxes = {"type": "checkboxes", "action_id": "boxes", "options": OPTIONS}
    ts = office.bot.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(picker, boxes)])["ts"]
    place = {"channel": GENERAL, "message_ts": ts, "block_id": "decide"}
    assert office.olivia.do("action", **place, action_id="date", selected_date="2026-11-24")["ok"]
    one = last(office, "block_actions")["actions"][0]
    assert (one["type"], one["selected_date"], one["initial_date"]) == ("datepicker", "2026-11-24", "2026-01-01")
    assert office.olivia.do("action", **place, action_id="boxes", selected_options=[OPTIONS[0]])["ok"]
    body = last(office, "block_actions")
    assert body["actions"][0]["selected_options"] == [OPTIONS[0]]
    values = body["state"]["values"]["decide"]
    assert (values["date"]["selected_date"], values["boxes"]["selected_options"]) == ("2026-11-24", [OPTIONS[0]])


def test_feedback_and_icon_buttons_say_what_was_pressed(office: Office) -> None:
    """A value of the app's for each; none other is taken."""
    feedback = {
        "type": "feedback_buttons",
        "action_id": "f",
        "positive_button": {"text": PLAIN, "value": "good"},
        "negative_button": {"text": PLAIN, "value": "bad"},
    }
    icon = {"type": "icon_button", "action_id": "i", "icon": "trash", "text": PLAIN, "value": "v1"}
    blocks = [{"type": "context_actions", "block_id": "c", "elements": [feedback, icon]}]
    ts = office.bot.chat_postMessage(channel=GENERAL, text="x", blocks=blocks)["ts"]
    place = {"channel": GENERAL, "message_ts": ts, "block_id": "c"}
    assert office.olivia.do("action", **place, action_id="f", value="bad")["ok"]
    pressed = last(office, "block_actions")
    assert (pressed["actions"][0]["value"], pressed["user"]["id"]) == ("bad", OLIVIA)
    assert office.olivia.do("action", **place, action_id="i")["ok"]
    assert last(office, "block_actions")["actions"][0]["value"] == "v1"
    assert office.olivia.do("action", **place, action_id="f", value="other")["error"] == "invalid_values"
