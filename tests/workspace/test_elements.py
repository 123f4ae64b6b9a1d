"""Claims about elements: each input takes its documented fields, in the blocks and surfaces where it may stand."""

import pytest

from bot.workspace import blocks
from bot.workspace.elements import FIELDS
from bot.workspace.shapes import Refusal
from tests.workspace.place import Json, actions, modal, section
from tests.workspace.test_newer_blocks import OPTION, PLAIN, plain, rich

DEFAULTS: dict[str, Json] = {
    "static_select": {"options": [OPTION]},
    "multi_static_select": {"options": [OPTION]},
    "checkboxes": {"options": [OPTION]},
    "radio_buttons": {"options": [{"text": {"type": "mrkdwn", "text": "*x*"}, "value": "v"}]},
    "number_input": {"is_decimal_allowed": True},
}
ELEMENT_PAIRS: list[tuple[str, Json, Json]] = [
    ("datepicker", {"initial_date": "2026-11-24"}, {"initial_date": "24.11.2026"}),
    ("timepicker", {"initial_time": "23:59"}, {"initial_time": "24:00"}),
    ("datetimepicker", {"initial_date_time": 1_795_511_085}, {"initial_date_time": "tomorrow"}),
    ("plain_text_input", {"max_length": 3000, "min_length": 0}, {"max_length": 3001}),
    ("plain_text_input", {"initial_value": "x" * 3000}, {"initial_value": "x" * 3001}),
    ("email_text_input", {"initial_value": "a@b.example"}, {"max_length": 5}),
    ("url_text_input", {"placeholder": plain(150)}, {"placeholder": plain(151)}),
    ("number_input", {"min_value": "1", "max_value": "2.5"}, {"min_value": 1}),
    ("rich_text_input", {"initial_value": rich({"type": "text", "text": "x"})}, {"initial_value": section()}),
    ("checkboxes", {"options": [{"text": PLAIN, "value": str(n)} for n in range(10)]}, {"options": [OPTION] * 11}),
    ("static_select", {"initial_option": OPTION}, {"initial_option": {**OPTION, "value": "other"}}),
    ("static_select", {"options": [OPTION]}, {"options": [{**OPTION, "text": {"type": "mrkdwn", "text": "x"}}]}),
    ("multi_static_select", {"max_selected_items": 1}, {"max_selected_items": 0}),
    ("external_select", {"min_query_length": 0}, {"min_query_length": "3"}),
    ("multi_external_select", {"initial_options": [OPTION]}, {"initial_options": ["v"]}),
    ("users_select", {"initial_user": "U1"}, {"initial_user": 1}),
    ("multi_users_select", {"initial_users": ["U1"]}, {"initial_users": "U1"}),
    ("conversations_select", {"filter": {"include": ["im", "public"]}}, {"filter": {}}),
    ("multi_conversations_select", {"filter": {"include": ["im"]}}, {"filter": {"include": ["secret"]}}),
    ("channels_select", {"response_url_enabled": True}, {"response_url_enabled": "yes"}),
    ("multi_channels_select", {"initial_channels": ["C1"]}, {"initial_channels": [1]}),
    ("radio_buttons", {}, {"options": [{**OPTION, "url": "https://x.example"}]}),
    ("file_input", {"max_files": 10, "filetypes": ["pem"]}, {"max_files": 11}),
]


@pytest.mark.parametrize(
    ("kind", "good", "bad"), ELEMENT_PAIRS, ids=[f"{p[0]}-{n}" for n, p in enumerate(ELEMENT_PAIRS)]
)
def test_every_input_takes_its_fields_and_refuses_what_is_not_so(kind: str, good: Json, bad: Json) -> None:
    """In an input block of a modal."""

    def view(more: Json) -> Json:
        element = {"type": kind, "action_id": "a", **DEFAULTS.get(kind, {}), **more}
        return modal({"type": "input", "label": PLAIN, "element": element})

    assert blocks.view(view(good), ("modal",))
    with pytest.raises(Refusal, match="invalid_arguments"):
        blocks.view(view(bad), ("modal",))


def test_no_input_element_is_forgotten() -> None:
    """The pairs above cover all of them."""
    others = {"button", "workflow_button", "icon_button", "feedback_buttons", "overflow", "image"}
    assert {pair[0] for pair in ELEMENT_PAIRS} == set(FIELDS) - others


def test_only_one_element_of_a_view_takes_the_focus() -> None:
    """focus_on_load twice is refused at the second place."""

    def field(name: str) -> Json:
        element = {"type": "plain_text_input", "action_id": "a", "focus_on_load": True}
        return {"type": "input", "block_id": name, "label": PLAIN, "element": element}

    assert blocks.view(modal(field("a")), ("modal",))
    with pytest.raises(Refusal) as refused:
        blocks.view(modal(field("a"), field("b")), ("modal",))
    assert "[json-pointer:/view/blocks/1/element/focus_on_load]" in refused.value.messages[0]


def test_only_an_overflow_menu_links_and_only_modals_take_files() -> None:
    """An option's url; file_input in a message and in the Home tab."""
    linked = {**OPTION, "url": "https://x.example"}
    assert blocks.message_blocks([actions({"type": "overflow", "options": [linked]})])
    with pytest.raises(Refusal, match="invalid_blocks"):
        blocks.message_blocks([actions({"type": "static_select", "options": [linked]})])
    upload = {"type": "input", "label": PLAIN, "element": {"type": "file_input", "action_id": "f"}}
    with pytest.raises(Refusal, match="invalid_blocks"):
        blocks.message_blocks([upload])
    with pytest.raises(Refusal, match="invalid_arguments"):
        blocks.view({"type": "home", "blocks": [upload]}, ("home",))
