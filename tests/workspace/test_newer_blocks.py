"""Claims about the younger blocks: what Slack documents passes, its neighbour is refused in its place."""

from typing import Any

import pytest

from bot.workspace import blocks
from bot.workspace.shapes import Refusal
from tests.workspace.place import Json, actions, button, modal, section

PLAIN = {"type": "plain_text", "text": "x"}
OPTION = {"text": PLAIN, "value": "v"}
PICTURE = {"type": "image", "image_url": "https://x.example/x.png", "alt_text": "a picture"}
CELL = {"type": "raw_text", "text": "x"}
NUMBER = {"type": "raw_number", "value": 1, "text": "1"}


def plain(length: int) -> Json:
    """A plain text of that length."""
    return {"type": "plain_text", "text": "x" * length}


def rich(*parts: Json, kind: str = "rich_text_section", **more: Any) -> Json:
    """A rich text block of one container."""
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts), **more}]}


def table(rows: list[list[Json]], **more: Any) -> Json:
    """A data table."""
    return {"type": "data_table", "caption": "Certificates", "rows": rows, **more}


def chart(kind: str, **more: Any) -> Json:
    """A data visualization."""
    return {"type": "data_visualization", "title": "Days left", "chart": {"type": kind, **more}}


def bars(names: list[str], labels: list[str], categories: list[str]) -> Json:
    """A bar chart with so many series, each with these labels."""
    data = [{"label": label, "value": 1} for label in labels]
    series = [{"name": name, "data": data} for name in names]
    return chart("bar", series=series, axis_config={"categories": categories, "x_label": "week"})


def container(count: int, **more: Any) -> Json:
    """A container of so many dividers."""
    return {"type": "container", "title": PLAIN, "child_blocks": [{"type": "divider"}] * count, **more}


def task(**more: Any) -> Json:
    """A task card."""
    return {"type": "task_card", "task_id": "t", "title": "Check the chain", "status": "complete", **more}


VIDEO = {
    "type": "video", "alt_text": "a walk", "title": PLAIN, "thumbnail_url": "https://x.example/t.png",
    "video_url": "https://x.example/v",
}  # fmt: skip
SEGMENT = {"label": "x", "value": 1}
FEEDBACK = {
    "type": "feedback_buttons", "action_id": "f", "positive_button": {"text": PLAIN, "value": "yes"},
    "negative_button": {"text": PLAIN, "value": "no"},
}  # fmt: skip
ICON = {"type": "icon_button", "icon": "trash", "text": PLAIN, "action_id": "i"}

PAIRS: list[tuple[str, Json, Json, str]] = [
    ("card title", {"type": "card", "title": plain(150)}, {"type": "card", "title": plain(151)}, "/title/text"),
    ("card body", {"type": "card", "body": plain(200)}, {"type": "card", "body": plain(201)}, "/body/text"),
    ("card content", {"type": "card", "hero_image": PICTURE}, {"type": "card", "icon": PICTURE}, ""),
    (
        "card buttons",
        {"type": "card", "actions": [button()]},
        {"type": "card", "actions": [{"type": "overflow", "options": [OPTION]}]},
        "/actions/0/type",
    ),
    (
        "carousel",
        {"type": "carousel", "elements": [{"type": "card", "title": PLAIN}] * 10},
        {"type": "carousel", "elements": [{"type": "card", "title": PLAIN}] * 11},
        "/elements",
    ),
    (
        "carousel of cards",
        {"type": "carousel", "elements": [{"type": "card", "title": PLAIN}]},
        {"type": "carousel", "elements": [section()]},
        "/elements/0/type",
    ),
    ("container", container(10), container(11), "/child_blocks"),
    ("container title", container(1, title=plain(150)), container(1, title=plain(151)), "/title/text"),
    ("container width", container(1, width="wide"), container(1, width="huge"), "/width"),
    (
        "container folded",
        container(1, is_collapsible=True, default_collapsed=True),
        container(1, default_collapsed=True),
        "/default_collapsed",
    ),
    ("container in container", container(1), {**container(1), "child_blocks": [container(1)]}, "/child_blocks/0/type"),
    ("data table rows", table([[CELL]] * 101), table([[CELL]] * 102), "/rows"),
    (
        "data table header",
        table([[CELL], [rich({"type": "text", "text": "x"})]]),
        table([[rich()], [CELL]]),
        "/rows/0/0",
    ),
    ("data table width", table([[CELL, NUMBER]] * 2), table([[CELL, NUMBER], [CELL]]), "/rows"),
    ("data table cells", table([[CELL] * 20] * 2), table([[CELL] * 21] * 2), "/rows/0"),
    ("data table page", table([[CELL]] * 2, page_size=100), table([[CELL]] * 2, page_size=101), "/page_size"),
    ("number cell", table([[NUMBER]] * 2), table([[{**NUMBER, "value": "1"}]] * 2), "/rows/0/0/value"),
    (
        "chart title",
        chart("pie", segments=[SEGMENT]),
        {**chart("pie", segments=[SEGMENT]), "title": "x" * 51},
        "/title",
    ),
    ("pie", chart("pie", segments=[SEGMENT] * 6), chart("pie", segments=[SEGMENT] * 7), "/chart/segments"),
    (
        "empty segment",
        chart("pie", segments=[SEGMENT]),
        chart("pie", segments=[{"label": "x", "value": 0}]),
        "/chart/segments/0/value",
    ),
    ("series", bars(list("abcdef"), ["w"], ["w"]), bars(list("abcdefg"), ["w"], ["w"]), "/chart/series"),
    ("series names", bars(["a", "b"], ["w"], ["w"]), bars(["a", "a"], ["w"], ["w"]), "/chart/series/1/name"),
    ("axis labels", bars(["a"], ["w", "v"], ["w", "v"]), bars(["a"], ["w"], ["w", "v"]), "/chart/series/0/data"),
    ("chart kind", bars(["a"], ["w"], ["w"]), chart("radar"), "/chart/type"),
    ("task state", task(status="error"), task(status="done"), "/status"),
    ("task details", task(details=rich()), task(details=section()), "/details/type"),
    (
        "task source",
        task(sources=[{"type": "url", "url": "https://x.example", "text": "x"}]),
        task(sources=[{"type": "file", "url": "https://x.example", "text": "x"}]),
        "/sources/0/type",
    ),
    ("plan", {"type": "plan", "title": "x", "tasks": [task()]}, {"type": "plan", "tasks": [task()]}, ""),
    ("plan of tasks", {"type": "plan", "title": "x"}, {"type": "plan", "title": "x", "tasks": [section()]}, "/tasks/0"),
    ("video title", {**VIDEO, "title": plain(199)}, {**VIDEO, "title": plain(200)}, "/title/text"),
    ("video author", {**VIDEO, "author_name": "x" * 49}, {**VIDEO, "author_name": "x" * 50}, "/author_name"),
    ("video address", VIDEO, {**VIDEO, "video_url": "http://x.example/v"}, "/video_url"),
    (
        "context actions",
        {"type": "context_actions", "elements": [{**ICON, "action_id": f"i{n}"} for n in range(5)]},
        {"type": "context_actions", "elements": [{**ICON, "action_id": f"i{n}"} for n in range(6)]},
        "/elements",
    ),
    (
        "feedback",
        {"type": "context_actions", "elements": [FEEDBACK]},
        {"type": "context_actions", "elements": [{**FEEDBACK, "positive_button": {"text": plain(76), "value": "y"}}]},
        "/elements/0/positive_button/text/text",
    ),
    ("icon button place", {"type": "context_actions", "elements": [ICON]}, actions(ICON), "/elements/0/type"),
    (
        "rich list",
        rich({"type": "rich_text_section", "elements": []}, kind="rich_text_list", style="ordered", indent=8),
        rich({"type": "rich_text_section", "elements": []}, kind="rich_text_list", style="dotted"),
        "/elements/0/style",
    ),
    ("rich link", rich({"type": "link", "url": "x"}), rich({"type": "link"}), "/elements/0/elements/0"),
    ("rich kind", rich({"type": "emoji", "name": "x"}), rich({"type": "hologram"}), "/elements/0/elements/0/type"),
    (
        "rich style",
        rich({"type": "text", "text": "x", "style": {"bold": True}}),
        rich({"type": "text", "text": "x", "style": {"bold": "yes"}}),
        "/elements/0/elements/0/style/bold",
    ),
    (
        "table column",
        {"type": "table", "rows": [[CELL]], "column_settings": [{"align": "right"}]},
        {"type": "table", "rows": [[CELL]], "column_settings": [{"align": "middle"}]},
        "/column_settings/0/align",
    ),
    ("two pictures", {**PICTURE}, {**PICTURE, "slack_file": {"id": "F1"}}, ""),
    (
        "slack file",
        {"type": "image", "alt_text": "x", "slack_file": {"id": "F1"}},
        {"type": "image", "alt_text": "x", "slack_file": {"id": "F1", "url": "https://x.example"}},
        "/slack_file",
    ),
]


@pytest.mark.parametrize(("good", "bad", "pointer"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_the_documented_form_passes_and_its_neighbour_is_refused_in_place(good: Json, bad: Json, pointer: str) -> None:
    """One rule at a time, in a message."""
    assert blocks.message_blocks([good])
    with pytest.raises(Refusal) as refused:
        blocks.message_blocks([bad])
    assert refused.value.code == "invalid_blocks"
    assert any(f"[json-pointer:/blocks/0{pointer}" in message for message in refused.value.messages), (
        refused.value.messages
    )


def test_alerts_are_for_modals_only() -> None:
    """In a modal up to 200 characters; nowhere else at all."""
    alert = {"type": "alert", "text": plain(200), "level": "warning"}
    assert blocks.view(modal(alert), ("modal",))
    for view in (modal({**alert, "text": plain(201)}), modal({**alert, "level": "loud"})):
        with pytest.raises(Refusal, match="invalid_arguments"):
            blocks.view(view, ("modal",))
    with pytest.raises(Refusal, match="invalid_arguments"):
        blocks.view({"type": "home", "blocks": [alert]}, ("home",))


def test_what_a_whole_message_may_hold_is_counted_over_its_blocks() -> None:
    """Two charts, 12,000 characters of markdown, 10,000 in tables; ids unique down into containers."""
    pie = chart("pie", segments=[SEGMENT])
    assert blocks.message_blocks([pie, pie])
    with pytest.raises(Refusal, match="invalid_blocks"):
        blocks.message_blocks([pie, pie, pie])
    with pytest.raises(Refusal, match="invalid_blocks"):
        blocks.message_blocks([{"type": "markdown", "text": "x" * 6001}] * 2)
    long = table([[CELL], [{"type": "raw_text", "text": "x" * 6000}]])
    with pytest.raises(Refusal, match="invalid_attachments"):
        blocks.message_blocks([long, long])
    inner = {**container(0), "child_blocks": [{"type": "divider", "block_id": "same"}]}
    with pytest.raises(Refusal, match="invalid_blocks"):
        blocks.message_blocks([{"type": "divider", "block_id": "same"}, inner])


def test_elements_inside_other_blocks_are_found_and_named() -> None:
    """Buttons of a card in a carousel and in a container get ids, as the app may be asked about them."""
    card = {"type": "card", "title": PLAIN, "actions": [{key: v for key, v in button().items() if key != "action_id"}]}
    made = blocks.message_blocks(
        [{"type": "carousel", "elements": [card]}, container(0, child_blocks=[actions(button())])]
    )
    assert made is not None
    inside = [block for block in blocks.all_blocks(made) if blocks.elements_of(block)]
    assert [block["type"] for block in inside] == ["card", "actions"]
    assert all(element["action_id"] for block in inside for element in blocks.elements_of(block))
