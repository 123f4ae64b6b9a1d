"""The browser page: reading and writing messages, threads and files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.workspace.browser import chromium_page
from tests.workspace.page_world import INTERNAL, NOAH, OLIVIA, PAT, Room

pytestmark = pytest.mark.browser


def test_what_one_person_sends_another_sees_at_once(room: Room, page: Page, browser: Browser) -> None:
    """Enter sends, Shift+Enter starts a line; no reload on the other side."""
    with chromium_page(browser) as other:
        room.open(page, OLIVIA)
        room.open(other, NOAH)
        box = page.get_by_role("textbox", name=room.box)
        box.press_sequentially("first line")
        box.press("Shift+Enter")
        box.press_sequentially("second line")
        box.press("Enter")
        expect(other.get_by_role("article", name="Olivia Berg")).to_contain_text("first line\nsecond line")
        expect(box).to_have_value("")


def test_typed_text_is_stored_as_slack_stores_it(room: Room, page: Page) -> None:
    """Mentions become references, addresses links, and what a person types as markup stays text."""
    room.open(page)
    page.get_by_role("textbox", name=room.box).fill(
        "@noah see #b2b-operations at https://acme.example/pki. <!channel> & `@noah`"
    )
    page.get_by_role("button", name="Send").click()
    event = room.heard()[0]
    assert event["text"] == f"<@{NOAH}> see <#{INTERNAL}> at <https://acme.example/pki>. &lt;!channel&gt; &amp; `@noah`"
    expect(page.get_by_role("article")).to_contain_text(
        "@Noah Brandt see #b2b-operations at https://acme.example/pki. <!channel> & @noah"
    )


def test_mrkdwn_is_drawn_and_text_from_outside_is_never_html(room: Room, page: Page) -> None:
    """Bold, italic, strike, code, quote, list, link, emoji; a tag and a javascript link stay text."""
    room.say(
        "*bold* _italic_ ~gone~ `co*de*` snake_case_name 2*3*4 :white_check_mark: :nosuch:\n&gt; quoted\n• item\n"
        "<https://acme.example|label> <javascript:alert(1)|bad> &lt;img src=x onerror=alert(1)&gt;\n"
        "```pre\n*formatted*```"
    )
    room.open(page)
    message = page.get_by_role("article")
    expect(message.locator("strong")).to_have_text("bold")
    expect(message.locator("em")).to_have_text("italic")
    expect(message.locator("s")).to_have_text("gone")
    expect(message.locator("code")).to_have_text("co*de*")
    expect(message.locator("blockquote")).to_have_text("quoted")
    expect(message.locator("li")).to_have_text("item")
    expect(message.locator("pre")).to_have_text("pre\n*formatted*")
    expect(message.get_by_role("link")).to_have_count(1)
    expect(message.get_by_role("link", name="label")).to_have_attribute("rel", "noopener noreferrer")
    expect(message).to_contain_text("snake_case_name 2*3*4 ✅ :nosuch:")
    expect(message).to_contain_text("<img src=x onerror=alert(1)>")
    expect(message.locator("img")).to_have_count(0)


def test_times_are_those_of_the_viewers_zone(room: Room, page: Page) -> None:
    """The same instant reads differently in Berlin, New York and Tokyo."""
    instant = int(datetime(2026, 11, 2, 8, tzinfo=UTC).timestamp())
    room.say(f"until <!date^{instant}^{{date_short}} {{time}}|some day>")
    for user, shown in ((OLIVIA, "2 Nov 2026 09:00"), (NOAH, "2 Nov 2026 03:00"), (PAT, "2 Nov 2026 17:00")):
        room.open(page, user)
        expect(page.get_by_role("article")).to_contain_text(shown)


def test_a_foreign_user_carries_the_team_and_the_app_its_mark(room: Room, page: Page) -> None:
    """Who speaks for whom is in view in a shared channel."""
    room.say("from the app")
    room.world.user(PAT).chat_postMessage(channel=room.id, text="from the partner")
    room.open(page)
    expect(page.get_by_role("article", name="Countersign").get_by_text("APP", exact=True)).to_be_visible()
    expect(page.get_by_role("article", name="Pat Kowalski").get_by_text("Acme Industries")).to_be_visible()
    expect(page.get_by_role("heading", name="Shared with Acme Industries")).to_be_visible()
    room.open(page, PAT)
    expect(page.get_by_role("article", name="Pat Kowalski").get_by_text("Acme Industries")).to_have_count(0)
    expect(page.get_by_role("link", name="b2b-operations")).to_have_count(0)


def test_unread_messages_of_other_channels_are_counted_until_seen(room: Room, page: Page) -> None:
    """The mark comes live and goes with the visit."""
    other = room.world.room()
    room.open(page)
    other.say("one")
    other.say("two")
    link = page.get_by_role("link", name=other.name)
    expect(link).to_contain_text("2 unread")
    link.click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(link).not_to_contain_text("unread")


def test_a_changed_message_is_drawn_anew_and_a_deleted_one_goes(room: Room, page: Page) -> None:
    """chat.update and chat.delete show without a reload."""
    ts = room.say("waiting for the issuer")
    room.open(page)
    room.world.bot.chat_update(channel=room.id, ts=ts, text="chain complete")
    expect(page.get_by_role("article")).to_contain_text("chain complete")
    room.world.bot.chat_delete(channel=room.id, ts=ts)
    expect(page.get_by_role("article")).to_have_count(0)


def test_a_thread_opens_beside_the_channel_and_takes_replies(room: Room, page: Page) -> None:
    """Reply in thread, reply count, Esc closes; the address names the thread."""
    ts = room.say("parent")
    room.open(page)
    page.get_by_role("article").hover()
    page.get_by_role("button", name="Reply in thread").click()
    thread = page.get_by_role("complementary", name="Thread")
    thread.get_by_role("textbox", name="Reply in thread").fill("a reply")
    thread.get_by_role("button", name="Send").click()
    expect(thread.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("button", name="1 reply")).to_be_visible()
    assert page.url.endswith(f"#{room.id}/{ts}")
    assert [reply["text"] for reply in room.replies(ts)] == ["parent", "a reply"]
    thread.get_by_role("textbox").press("Escape")
    expect(thread).to_have_count(0)
    page.get_by_role("button", name="1 reply").click()
    expect(thread.get_by_role("article").nth(1)).to_contain_text("a reply")


def test_a_thread_follows_its_newest_message_unless_the_person_scrolled_up(room: Room, page: Page) -> None:
    """New replies and grown ones move the end into view; who reads above is left alone."""
    ts = room.say("parent")
    first = room.say("line\n" * 40, thread_ts=ts)
    room.say("second", thread_ts=ts)
    room.open(page)
    page.get_by_role("button", name="2 replies").click()
    thread = page.get_by_role("complementary", name="Thread")
    expect(thread.get_by_text("second")).to_be_in_viewport()
    room.world.bot.chat_update(channel=room.id, ts=first, text="line\n" * 80)
    expect(thread.get_by_text("second")).to_be_in_viewport()
    room.say("third", thread_ts=ts)
    expect(thread.get_by_text("third")).to_be_in_viewport()
    thread.get_by_role("log").hover()
    page.mouse.wheel(0, -600)
    expect(thread.get_by_text("third")).not_to_be_in_viewport()
    room.say("fourth", thread_ts=ts)
    expect(thread.get_by_text("fourth")).to_have_count(1)
    expect(thread.get_by_text("fourth")).not_to_be_in_viewport()


@pytest.mark.parametrize("width", [1280, 1440])
def test_an_open_thread_has_more_room_than_its_channel(room: Room, page: Page, width: int) -> None:
    """The channel keeps 320 pixels at least."""
    ts = room.say("parent")
    room.say("reply", thread_ts=ts)
    page.set_viewport_size({"width": width, "height": 800})
    room.open(page)
    page.get_by_role("button", name="1 reply").click()
    thread = page.get_by_role("complementary", name="Thread").bounding_box()
    channel = page.get_by_role("main").bounding_box()
    assert thread
    assert channel
    assert thread["width"] > channel["width"] >= 320


def test_the_address_of_a_reply_opens_its_thread(room: Room, page: Page) -> None:
    """A link to any message of a thread leads into it."""
    ts = room.say("parent")
    reply = room.say("reply", thread_ts=ts)
    room.open(page, thread=reply)
    expect(page.get_by_role("complementary", name="Thread").get_by_role("article")).to_have_count(2)
    assert page.url.endswith(f"#{room.id}/{ts}")


def test_attached_files_arrive_with_their_bytes(room: Room, page: Page, tmp_path: Path) -> None:
    """Attach two, take one off, send with a text: one file_share message; the card downloads the same bytes."""
    good, other = tmp_path / "acme.pem", tmp_path / "other.pem"
    good.write_bytes(b"certificate bytes")
    other.write_bytes(b"not wanted")
    room.open(page)
    page.get_by_label(f"Files for: {room.box}").set_input_files([good, other])
    page.get_by_role("button", name="Remove other.pem").click()
    page.get_by_role("textbox", name=room.box).fill("here it is")
    page.get_by_role("textbox", name=room.box).press("Enter")
    event = room.heard()[0]
    assert (event["subtype"], event["text"], [file["name"] for file in event["files"]]) == (
        "file_share",
        "here it is",
        ["acme.pem"],
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Download acme.pem").click()
    assert Path(download.value.path()).read_bytes() == b"certificate bytes"


def test_an_empty_file_is_refused_with_a_sentence(room: Room, page: Page, tmp_path: Path) -> None:
    """Slack takes no empty uploads; the composer keeps what it had."""
    empty = tmp_path / "empty.pem"
    empty.touch()
    room.open(page)
    page.get_by_label(f"Files for: {room.box}").set_input_files(empty)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("This file is empty")
    expect(page.get_by_role("button", name="Remove empty.pem")).to_be_visible()


def test_acting_as_another_user_shows_that_users_view(room: Room, page: Page) -> None:
    """The switcher names all people with their team, and not the app."""
    room.open(page)
    switcher = page.get_by_role("combobox", name="Acting as")
    expect(switcher.locator("option")).to_have_text(["Olivia Berg", "Noah Brandt", "Pat Kowalski"])
    expect(switcher.locator("optgroup[label='Acme Industries'] option")).to_have_text("Pat Kowalski")
    switcher.select_option("Pat Kowalski")
    page.wait_for_url(f"**/?as={PAT}#{room.id}")
    page.get_by_role("textbox", name=room.box).fill("hello from Acme")
    page.get_by_role("button", name="Send").click()
    assert room.heard()[0]["user"] == PAT


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_wider_than_the_window(room: Room, browser: Browser, width: int) -> None:
    """Long words, hex and file names wrap or scroll within their place; narrow, the sidebar is behind a button."""
    ts = room.say("X" * 400 + " " + ":".join(["AB"] * 120))
    room.world.bot.chat_postMessage(channel=room.id, thread_ts=ts, text="`" + "y" * 300 + "`")
    with chromium_page(browser, width=width, height=700) as page:
        for thread in (None, ts):
            room.open(page, thread=thread)
            expect(page.get_by_role("log").last).to_contain_text("XXXX")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for box in page.evaluate(
                "[...document.querySelectorAll('.message-list')].map(n => [n.scrollWidth, n.clientWidth])"
            ):
                assert box[0] <= box[1]
        if width == 400:
            page.goto(f"{room.world.server.url}/?as={OLIVIA}#{room.id}")
            page.get_by_role("button", name="Channels").click()
            expect(page.get_by_role("link", name="b2b-operations")).to_be_in_viewport()


def test_the_page_reconnects_after_the_workspace_was_away(room: Room, page: Page) -> None:
    """A dropped stream says so and comes back by itself; what was missed is there."""
    room.open(page)
    page.context.set_offline(True)
    room.say("said meanwhile")
    page.context.set_offline(False)
    expect(page.get_by_role("article")).to_contain_text("said meanwhile")
