"""The browser page where people are quicker than the wire: nothing typed is lost, nothing that is gone comes back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.workspace.page_world import OLIVIA, Room, World, running_world

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A workspace whose app says nothing by itself."""
    with running_world(lambda _: None) as running:
        yield running


@pytest.fixture
def room(world: World) -> Room:
    """A channel of this test's own."""
    return world.room()


def held(page: Page, address: str) -> list[Route]:
    """The requests to this address, each of which waits until the test lets it go."""
    found: list[Route] = []

    def hold(route: Route) -> None:
        found.append(route)

    page.route(address, hold)
    return found


def test_what_is_typed_while_a_message_goes_out_stays_in_the_box(room: Room, page: Page) -> None:
    """Enter once more meanwhile sends nothing twice; files that came in between are for the next message, too."""
    room.open(page)
    waiting = held(page, "**/api/chat.postMessage")
    box = page.get_by_role("textbox", name=room.box)
    box.fill("first")
    box.press("Enter")
    send = page.get_by_role("button", name="Send")
    expect(send).to_have_attribute("aria-busy", "true")
    box.press_sequentially(", second thought")
    box.press("Enter")
    late = {"name": "late.pem", "mimeType": "text/plain", "buffer": b"late"}
    page.get_by_label(f"Files for: {room.box}").set_input_files(late)  # type: ignore[arg-type]
    (route,) = waiting
    route.continue_()
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("first")
    expect(box).to_have_value(", second thought")
    expect(page.get_by_role("list", name="Attached files")).to_contain_text("late.pem")


def test_a_message_that_is_deleted_while_the_channel_is_read_does_not_come_back(room: Room, page: Page) -> None:
    """What the server had read out before is older than the event that arrived first."""
    gone = room.say("soon gone")
    waiting = held(page, "**/client/channel?*")
    with page.expect_request("**/client/channel?*"):
        page.goto(f"{room.world.server.url}/?as={OLIVIA}#{room.id}")
    expect(page.get_by_role("log")).to_be_attached()
    (route,) = waiting
    answer = route.fetch()
    assert "soon gone" in answer.text()
    room.world.bot.chat_delete(channel=room.id, ts=gone)
    room.say("later")
    expect(page.get_by_role("article")).to_contain_text("later")
    route.fulfill(response=answer)
    page.locator("[data-loaded]").wait_for(state="attached")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("article")).to_contain_text("later")
