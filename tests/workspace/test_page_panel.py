"""The browser page: the panel of the demo world beside the messages."""

import pytest
from playwright.sync_api import Page, expect

from tests.patience import eventually
from tests.workspace.page_world import OLIVIA, Room

pytestmark = pytest.mark.browser


def drop_sample(page: Page, onto: str) -> None:
    """Drags the panel's sample onto the element that the selector names."""
    page.locator(".sample").first.drag_to(page.locator(onto), target_position={"x": 150, "y": 150})


def test_a_sample_of_the_panel_is_dropped_into_channel_or_thread(room: Room, page: Page) -> None:
    """By its buttons, at once; and by dragging, into the composer."""
    page.set_viewport_size({"width": 1500, "height": 800})
    room.open(page)
    panel = page.get_by_role("complementary", name="Demo world")
    panel.get_by_role("button", name="Drop into channel: acme.pem").click()
    first = room.heard()[0]
    assert room.world.bot.files_info(file=first["files"][0]["id"])["file"]["size"] == len(room.world.panel.sample)
    expect(panel.get_by_role("button", name="Drop into thread: acme.pem")).to_have_count(0)
    page.goto(f"{room.world.server.url}/?as={OLIVIA}#{room.id}/{first['ts']}")
    panel.get_by_role("button", name="Drop into thread: acme.pem").click()
    second = room.heard(2)[1]
    assert second["thread_ts"] == first["ts"]
    drop_sample(page, ".thread-view")
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_role("button", name="Remove acme.pem")).to_be_visible()
    thread.get_by_role("textbox").press("Enter")
    third = room.heard(3)[2]
    assert (third["thread_ts"], third["files"][0]["name"]) == (first["ts"], "acme.pem")


def test_a_switch_of_the_panel_reaches_its_provider(room: Room, page: Page) -> None:
    """Segmented buttons are radio buttons by role; the choice stays after the panel is read anew."""
    room.open(page)
    group = page.get_by_role("radiogroup", name="Acme presents")
    expect(group.get_by_role("radio", name="Old")).to_be_checked()
    group.get_by_role("radio", name="New").check()
    eventually(lambda: room.world.panel.presented == "new")
    expect(group.get_by_role("radio", name="New")).to_be_checked()


def test_what_changes_on_the_panel_follows_by_itself_and_leaves_the_focus_alone(room: Room, page: Page) -> None:
    """Readings and a notice: the rest is not drawn anew for them; whoever stands on a button goes on from there."""
    provider = room.world.panel
    provider.readings = [{"label": "OrderToCash", "value": "old certificate", "note": "1 answered", "state": "good"}]
    try:
        room.open(page)
        rows = page.get_by_role("list", name="Requests").get_by_role("listitem")
        expect(rows).to_have_text(["OrderToCashold certificate1 answered"])
        drop = page.get_by_role("button", name="Drop into channel: acme.pem")
        drop.focus()
        provider.readings = [{"label": "<b>Invoicing", "value": "refused", "note": "2 failed", "state": "bad"}]
        provider.notice = {"text": "<i>It has ended", "state": "bad"}
        expect(rows).to_have_text(["<b>Invoicingrefused2 failed"])
        notice = page.get_by_role("complementary", name="Demo world").get_by_role("status")
        expect(notice).to_have_text("<i>It has ended")
        provider.notice = None
        expect(notice).to_have_text("")
        expect(drop).to_be_focused()
    finally:
        provider.readings, provider.notice = [], None
