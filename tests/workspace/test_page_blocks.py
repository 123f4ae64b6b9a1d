"""The browser page: blocks as they are drawn, in messages and on the home tab."""

import pytest
from playwright.sync_api import Page, expect

from tests.patience import eventually
from tests.workspace.page_app import PIXEL, button, plain
from tests.workspace.page_world import NOAH, PAT, Json, Room

pytestmark = pytest.mark.browser


def test_all_layout_blocks_are_drawn(room: Room, page: Page) -> None:
    """Header, fields, context, divider, table, rich text, Markdown, and a picture of this workspace."""
    upload = room.world.bot.files_upload_v2(content=PIXEL, filename="chain.png", channel=room.id)
    picture = room.world.bot.files_info(file=upload["file"]["id"])["file"]["url_private"]
    rich = [
        {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": "rich", "style": {"bold": True}}, {"type": "user", "user_id": PAT}],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "point"}]}],
        },
    ]
    cells = [
        [{"type": "raw_text", "text": "Partner"}, {"type": "raw_text", "text": "Days"}],
        [{"type": "raw_text", "text": "Acme"}, {"type": "raw_text", "text": "12"}],
    ]
    blocks: list[Json] = [
        {"type": "header", "text": plain("Acme Industries")},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Key* RSA"}, plain("Serial 4f")]},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"by <@{NOAH}>"}]},
        {"type": "table", "rows": cells},
        {"type": "rich_text", "elements": rich},
        {"type": "markdown", "text": "**strong** and [a link](https://acme.example)"},
        {"type": "image", "image_url": picture, "alt_text": "the chain"},
    ]
    room.world.bot.chat_postMessage(channel=room.id, text="x", blocks=blocks)
    room.open(page)
    message = page.get_by_role("article").filter(has=page.get_by_role("heading", name="Acme Industries"))
    expect(message.get_by_role("separator")).to_have_count(1)
    expect(message.get_by_text("by @Noah Brandt")).to_be_visible()
    expect(message.get_by_role("columnheader", name="Days")).to_be_visible()
    expect(message.get_by_role("cell", name="12")).to_be_visible()
    expect(message.get_by_role("listitem").filter(has_text="point")).to_be_visible()
    expect(message.get_by_text("rich@Pat Kowalski")).to_be_visible()
    expect(message.get_by_role("link", name="a link")).to_have_attribute("href", "https://acme.example")
    image = message.get_by_role("img", name="the chain")
    expect(image).to_be_visible()
    eventually(lambda: image.evaluate("node => node.naturalWidth") == 1)


def test_the_home_tab_shows_what_the_app_published_for_this_user(room: Room, page: Page) -> None:
    """Opening it tells the app; its buttons work."""
    room.open(page)
    page.get_by_role("link", name="Countersign").click()
    expect(page.get_by_role("heading", name="Waits for you")).to_be_visible()
    page.get_by_role("button", name="Look").click()
    eventually(lambda: [one for one in room.world.heard if one.get("value") == "value of Look"])


def rich(text: str) -> Json:
    """A rich_text block of one line."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }


def test_newer_blocks_are_drawn_and_none_is_called_unknown(room: Room, page: Page) -> None:
    """Card, container, plan, data table with pages, chart, context actions; what is inside them works, too."""
    cells = [[{"type": "raw_text", "text": f"certificate {n}"}] for n in range(8)]
    tasks = [
        {"type": "task_card", "task_id": "1", "title": "Read the file", "status": "complete"},
        {"type": "task_card", "task_id": "2", "title": "Build", "status": "in_progress", "details": rich("half way")},
    ]
    thumbs: Json = {"type": "feedback_buttons", "action_id": "keep"}
    thumbs["positive_button"] = {"text": plain("Good"), "value": "up"}
    thumbs["negative_button"] = {"text": plain("Bad"), "value": "down"}
    pie = {"type": "pie", "segments": [{"label": "30 days", "value": 3}, {"label": "90 days", "value": 12}]}
    inside = [{"type": "section", "text": plain("inside")}]
    blocks: list[Json] = [
        {"type": "card", "title": plain("Card"), "body": plain("Body"), "actions": [button("Go", "keep")]},
        {"type": "container", "title": plain("Group"), "is_collapsible": True, "child_blocks": inside},
        {"type": "plan", "title": "Plan", "tasks": tasks},
        {"type": "data_table", "caption": "Certificates", "rows": [[{"type": "raw_text", "text": "Name"}], *cells]},
        {"type": "data_visualization", "title": "Expiries", "chart": pie},
        {"type": "context_actions", "elements": [thumbs]},
    ]
    room.say("x", blocks=blocks)
    room.open(page)
    expect(page.locator(".unsupported")).to_have_count(0)
    expect(page.get_by_text("half way")).to_be_visible()
    page.get_by_text("Group").click()
    expect(page.get_by_text("inside")).to_be_hidden()
    expect(page.get_by_role("cell", name="certificate 5")).to_have_count(0)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("cell", name="certificate 5")).to_be_visible()
    expect(page.get_by_role("meter", name="90 days: 12")).to_be_visible()
    page.get_by_role("button", name="Go", exact=True).click()
    page.get_by_role("button", name="Bad").click()
    pressed = eventually(lambda: found if len(found := [one for one in room.heard() if "action_id" in one]) > 1 else [])
    assert [one.get("value") for one in pressed] == ["value of Go", "down"]
