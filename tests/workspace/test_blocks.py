"""Claims about Block Kit: every documented limit is held, to the character, and the refusal points at the place."""

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient

from bot.workspace import blocks
from bot.workspace.shapes import Refusal
from tests.workspace.place import GENERAL, OLIVIA, Json, actions, button, error_of, modal, section, text_input

PLAIN = {"type": "plain_text", "text": "x"}
OPTION = {"text": PLAIN, "value": "v"}


def plain(length: int) -> Json:
    """A plain text of that length."""
    return {"type": "plain_text", "text": "x" * length}


def select(count: int, **more: Any) -> Json:
    """A static select with so many options."""
    options = [{"text": PLAIN, "value": str(n)} for n in range(count)]
    return {"type": "static_select", "action_id": "s", "options": options, **more}


LIMITS: list[tuple[str, list[Json], list[Json], str]] = [
    ("blocks", [{"type": "divider"}] * 50, [{"type": "divider"}] * 51, "/blocks"),
    ("section", [section("x" * 3000)], [section("x" * 3001)], "/blocks/0/text/text"),
    (
        "header",
        [{"type": "header", "text": plain(150)}],
        [{"type": "header", "text": plain(151)}],
        "/blocks/0/text/text",
    ),
    (
        "button text",
        [actions(button(text="x" * 75))],
        [actions(button(text="x" * 76))],
        "/blocks/0/elements/0/text/text",
    ),
    ("value", [actions(button(value="x" * 2000))], [actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    ("action id", [actions(button("x" * 255))], [actions(button("x" * 256))], "/blocks/0/elements/0/action_id"),
    ("block id", [section(block_id="x" * 255)], [section(block_id="x" * 256)], "/blocks/0/block_id"),
    (
        "elements",
        [actions(*(button(f"a{n}") for n in range(25)))],
        [actions(*(button(f"a{n}") for n in range(26)))],
        "/blocks/0/elements",
    ),
    (
        "context",
        [{"type": "context", "elements": [PLAIN] * 10}],
        [{"type": "context", "elements": [PLAIN] * 11}],
        "/blocks/0/elements",
    ),
    (
        "fields",
        [{"type": "section", "fields": [PLAIN] * 10}],
        [{"type": "section", "fields": [PLAIN] * 11}],
        "/blocks/0/fields",
    ),
    (
        "field text",
        [{"type": "section", "fields": [plain(2000)]}],
        [{"type": "section", "fields": [plain(2001)]}],
        "/blocks/0/fields/0/text",
    ),
    ("options", [actions(select(100))], [actions(select(101))], "/blocks/0/elements/0/options"),
    (
        "markdown",
        [{"type": "markdown", "text": "x" * 12_000}],
        [{"type": "markdown", "text": "x" * 12_001}],
        "/blocks/0/text",
    ),
    (
        "table rows",
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 100}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
        "/blocks/0/rows",
    ),
    (
        "block ids",
        [section(block_id="a"), section(block_id="b")],
        [section(block_id="a"), section(block_id="a")],
        "/blocks/1/block_id",
    ),
    (
        "action ids",
        [actions(button("a"), button("b"))],
        [actions(button("a"), button("a"))],
        "/blocks/0/elements/1/action_id",
    ),
]


@pytest.mark.parametrize(("good", "bad", "pointer"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_the_limit_itself_passes_and_one_more_is_refused_at_its_place(
    good: list[Json], bad: list[Json], pointer: str
) -> None:
    """Message blocks, one limit at a time."""
    assert blocks.message_blocks(good)
    with pytest.raises(Refusal) as refused:
        blocks.message_blocks(bad)
    assert refused.value.code == "invalid_blocks"
    assert any(f"[json-pointer:{pointer}" in message for message in refused.value.messages), refused.value.messages


@pytest.mark.parametrize(
    "bad",
    [
        {"type": "hologram"},
        {"type": ["section"]},
        "section",
        {"type": "section"},
        {"type": "section", "text": "bare"},
        {"type": "section", "text": PLAIN, "colour": "red"},
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "actions", "elements": []},
        {"type": "actions", "elements": [{"type": "plain_text_input"}]},
        {"type": "actions", "elements": [{**button(), "style": "huge"}]},
        {"type": "actions", "elements": [{"type": "static_select"}]},
        {"type": "actions", "elements": [select(2, initial_option=OPTION)]},
        {"type": "actions", "elements": [{**button(), "confirm": {"title": plain(101), "text": PLAIN}}]},
        {"type": "section", "text": {"type": "mrkdwn", "text": ""}},
        {"type": "image", "image_url": "https://x.example/x.png"},
        {"type": "input", "label": PLAIN, "element": {"type": "file_input", "action_id": "f"}},
        {"type": "alert", "text": PLAIN},
    ],
)
def test_what_slack_does_not_know_is_refused(bad: Any) -> None:
    """Unknown types and fields, missing parts, elements where they may not be."""
    with pytest.raises(Refusal) as refused:
        blocks.message_blocks([bad])
    assert refused.value.code == "invalid_blocks"


def test_a_message_is_refused_as_a_whole_with_all_reasons(bot: WebClient) -> None:
    """Over the wire: invalid_blocks, one sentence and pointer for each fault; nothing is posted."""
    bad = [section("x" * 3001), {"type": "hologram"}]
    refused = error_of(lambda: bot.chat_postMessage(channel=GENERAL, text="x", blocks=bad))
    assert refused["error"] == "invalid_blocks"
    assert refused["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        "[ERROR] unsupported type: hologram [json-pointer:/blocks/1/type]",
    ]
    assert error_of(lambda: bot.chat_postMessage(channel=GENERAL, text="x", blocks="nope"))["error"] == (
        "invalid_blocks_format"
    )
    assert bot.conversations_history(channel=GENERAL)["messages"] == []


def test_only_one_table_a_message_and_no_novel() -> None:
    """Two tables, and a payload near the reported total limit."""
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}
    with pytest.raises(Refusal, match="invalid_attachments"):
        blocks.message_blocks([table, table])
    with pytest.raises(Refusal, match="msg_blocks_too_long"):
        blocks.message_blocks([section("x" * 3000) for _ in range(5)])


def test_missing_ids_are_given_and_own_ids_kept() -> None:
    """As Slack does, so that every element can be named."""
    block = {
        "type": "actions",
        "elements": [{key: v for key, v in button().items() if key != "action_id"}, button("own")],
    }
    checked = blocks.message_blocks([block])
    assert checked is not None
    assert checked[0]["block_id"]
    assert checked[0]["elements"][0]["action_id"]
    assert checked[0]["elements"][1]["action_id"] == "own"
    assert "block_id" not in block


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(section(), title=plain(25)), "/view/title/text"),
        (modal(section(), submit=plain(25)), "/view/submit/text"),
        (modal(section(), private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(*[{"type": "divider"}] * 101), "/view/blocks"),
        ({key: v for key, v in modal(text_input()).items() if key != "submit"}, "/view"),
        ({"type": "workflow_step", "blocks": []}, "/view/type"),
    ],
)
def test_a_faulty_view_is_refused_with_a_pointer(bot: WebClient, view: Json, pointer: str) -> None:
    """views.* say invalid_arguments and where."""
    refused = error_of(lambda: bot.views_open(trigger_id="1.2.3", view=view))
    assert refused["error"] == "invalid_arguments"
    assert any(f"[json-pointer:{pointer}" in message for message in refused["response_metadata"]["messages"])


def test_a_view_over_a_quarter_megabyte_is_too_large(bot: WebClient) -> None:
    """Checked before all else."""
    view = {"type": "home", "blocks": [section("x" * 3000) for _ in range(90)]}
    assert error_of(lambda: bot.views_publish(user_id=OLIVIA, view=view))["error"] == "view_too_large"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KINDS = ["section", "header", "context", "actions", "input", "image", "table", "rich_text", "markdown", "button"]
KINDS += ["card", "carousel", "container", "plan", "task_card", "video", "data_table", "data_visualization", "alert"]
KINDS += ["context_actions", "rich_text_section", "rich_text_list", "raw_text", "raw_number", "text", "pie", "bar"]
KINDS += ["static_select", "checkboxes", "overflow", "file_input", "plain_text_input", "plain_text", "mrkdwn"]
NAMES = ["text", "fields", "elements", "element", "accessory", "options", "option_groups", "initial_option", "rows"]
NAMES += ["child_blocks", "tasks", "chart", "series", "segments", "axis_config", "categories", "data", "title", "body"]
NAMES += ["confirm", "label", "style", "value", "block_id", "action_id", "placeholder", "max_files", "alt_text"]
BLOCKISH = st.recursive(
    JSON | st.just(PLAIN) | st.just(OPTION),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.builds(
            lambda kind, parts: {**parts, "type": kind},
            st.sampled_from(KINDS),
            st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
        )
    ),
    max_leaves=12,
)


@given(BLOCKISH)
@settings(deadline=None)  # the claim is not about time, and the machine may be busy
def test_no_payload_whatever_makes_the_checker_fall(raw: Any) -> None:
    """Anything JSON can hold is either accepted or refused in Slack's words."""
    for check in (
        lambda: blocks.message_blocks([raw]),
        lambda: blocks.view({"type": "home", "blocks": raw}, ("home",)),
    ):
        with contextlib.suppress(Refusal):
            check()
