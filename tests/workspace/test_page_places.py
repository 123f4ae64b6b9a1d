"""The browser page: what is where - direct messages, unread marks, members, Ctrl K - and the inspector beside it."""

import pytest
from playwright.sync_api import Page, expect

from tests.loopback import HTTP
from tests.patience import eventually
from tests.workspace.page_app import button, run_command
from tests.workspace.page_world import BOT, NOAH, OLIVIA, Room

pytestmark = pytest.mark.browser


def test_unread_marks_survive_a_reload_and_a_line_stands_above_the_news(room: Room, page: Page) -> None:
    """The server keeps how far each person has read."""
    other = room.world.room()
    room.open(page)
    other.open(page)
    other.say("read long ago")
    expect(page.get_by_role("article")).to_have_count(1)
    eventually(lambda: not _unread(room, other.id))
    room.open(page)
    other.say("first news")
    room.world.user(NOAH).chat_postMessage(channel=other.id, text=f"<@{OLIVIA}> second news")
    link = page.get_by_role("link", name=other.name)
    expect(link).to_contain_text("2 unread")
    page.reload()
    expect(link).to_contain_text("2 unread")
    link.click()
    expect(page.get_by_role("separator").filter(has_text="2 new messages")).to_be_visible()
    expect(link).not_to_contain_text("unread")
    eventually(lambda: not _unread(room, other.id))


def _unread(room: Room, channel: str) -> int:
    headers = {"authorization": f"Bearer {room.world.server.user_token(OLIVIA)}"}
    found = HTTP.get(f"{room.world.server.url}/client/sidebar", headers=headers).json()["conversations"]
    return int(next(one["unread"] for one in found if one["id"] == channel))


def test_a_thread_with_news_says_so_until_it_was_opened(room: Room, page: Page) -> None:
    """For those who began it or wrote in it."""
    mine = str(room.world.user(OLIVIA).chat_postMessage(channel=room.id, text="my question")["ts"])
    room.say("an answer", thread_ts=mine)
    room.open(page)
    thread_link = page.get_by_role("button", name="1 reply")
    expect(thread_link).to_contain_text("New")
    thread_link.click()
    expect(thread_link).not_to_contain_text("New")
    room.open(page)
    expect(thread_link).not_to_contain_text("New")


def test_one_writes_to_a_person_and_to_the_app(room: Room, page: Page) -> None:
    """A direct message begins from the sidebar; the app's has a Home and a Messages tab."""
    room.open(page)
    page.get_by_role("button", name="New direct message").click()
    page.get_by_role("menuitem", name="Noah Brandt").click()
    box = page.get_by_role("textbox", name="Message Noah Brandt")
    box.fill("between us")
    box.press("Enter")
    expect(page.get_by_role("article", name="Olivia Berg")).to_contain_text("between us")
    expect(page.get_by_role("link", name="Noah Brandt")).to_have_attribute("aria-current", "page")
    room.open(page, NOAH)
    expect(page.get_by_role("link", name="Olivia Berg")).to_contain_text("1 unread")
    page.get_by_role("link", name="Countersign").click()
    page.get_by_role("button", name="Messages").click()
    expect(page.get_by_role("textbox", name="Message Countersign")).to_be_focused()
    page.get_by_role("navigation", name="App").get_by_role("button", name="Home").click()
    expect(page.get_by_role("heading", name="Waits for you")).to_be_visible()


def test_ctrl_k_leads_to_a_place_by_a_part_of_its_name(room: Room, page: Page) -> None:
    """Arrows choose, Enter goes."""
    room.open(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("b2b")
    expect(page.get_by_role("dialog", name="Jump to").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="b2b-operations")).to_be_visible()


def test_the_app_is_taken_out_of_a_channel_and_brought_back(room: Room, page: Page) -> None:
    """In the channel's details, where every member stands with team and kind."""
    room.open(page)
    page.get_by_role("button", name="4 members").click()
    about = page.get_by_role("dialog", name=f"About #{room.name}")
    expect(about.get_by_role("listitem").filter(has_text="Pat Kowalski")).to_contain_text("Acme Industries")
    expect(about.get_by_role("listitem").filter(has_text="Countersign")).to_contain_text("APP")
    about.get_by_role("button", name="Remove from channel").click()
    expect(about.get_by_text("3 members")).to_be_visible()
    assert BOT not in room.world.user(OLIVIA).conversations_members(channel=room.id)["members"]
    about.get_by_role("button", name="Add to channel").click()
    expect(about.get_by_text("4 members")).to_be_visible()
    assert BOT in room.world.user(OLIVIA).conversations_members(channel=room.id)["members"]
    page.keyboard.press("Escape")
    expect(about).to_have_count(0)
    expect(page.get_by_role("button", name="4 members")).to_be_focused()


def test_a_head_that_is_drawn_anew_under_somebodys_hand_keeps_the_focus(room: Room, page: Page) -> None:
    """Somebody else leaves while the count of members, or a tool beside it, has the focus."""
    room.open(page)
    for left, name in enumerate(("4 members", "Inspector")):
        button = page.get_by_role("button", name=name, exact=True)
        button.focus()
        room.world.user(OLIVIA).conversations_kick(channel=room.id, user=(BOT, NOAH)[left])
        expect(page.get_by_role("button", name=f"{3 - left} members")).to_be_visible()
        kept = page.get_by_role("button", name=name.replace("4", "3"), exact=True)
        expect(kept).to_be_focused()


def test_reactions_come_and_go_and_name_who_gave_them(room: Room, page: Page) -> None:
    """A chip of one's own is pressed; another press takes it back."""
    ts = room.say("done?")
    room.world.user(NOAH).reactions_add(channel=room.id, timestamp=ts, name="eyes")
    room.open(page)
    page.get_by_role("button", name="eyes: 1, Noah Brandt").click()
    mine = page.get_by_role("button", name="eyes: 2, Noah Brandt, you")
    expect(mine).to_have_attribute("aria-pressed", "true")
    mine.click()
    expect(page.get_by_role("button", name="eyes: 1, Noah Brandt")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("article").hover()
    page.get_by_role("button", name="Add reaction").click()
    page.get_by_role("menuitem", name="tada").click()
    expect(page.get_by_role("button", name="tada: 1, you")).to_be_visible()


def test_ones_own_message_is_changed_in_place(room: Room, page: Page) -> None:
    """As it was typed, mentions and all; it is marked as edited afterwards."""
    room.world.user(OLIVIA).chat_postMessage(channel=room.id, text=f"ask <@{NOAH}> &amp; me")
    room.open(page)
    article = page.get_by_role("article")
    article.hover()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Edit message").click()
    box = page.get_by_role("textbox", name="Edit message")
    expect(box).to_have_value("ask @noah & me")
    box.fill("ask @noah & you")
    box.press("Enter")
    expect(article).to_contain_text("ask @Noah Brandt & you(edited)")


def test_the_inspector_shows_what_belongs_to_a_message(room: Room, page: Page) -> None:
    """The post, the press of its button, its update; another message's traffic stays out; new traffic comes live."""
    room.say("something else")
    room.say("request", blocks=[{"type": "actions", "elements": [button("Approve", "press")]}])
    room.open(page)
    article = page.get_by_role("article").filter(has=page.get_by_role("button", name="Approve"))
    article.hover()
    article.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Inspect").click()
    inspector = page.get_by_role("complementary", name="Inspector")
    expect(inspector.locator(".exchange-title")).to_have_text(["message", "chat.postMessage"])
    page.get_by_role("button", name="Approve").click()
    expect(inspector.locator(".exchange-title").filter(has_text="block_actions")).to_have_count(1)
    expect(inspector.locator(".exchange-title").filter(has_text="chat.update")).to_have_count(1)
    inspector.locator(".exchange").filter(has_text="block_actions").locator("summary").click()
    expect(inspector.locator(".exchange[open]").get_by_text("Socket Mode")).to_be_visible()
    expect(inspector.get_by_role("group", name="Payload")).to_contain_text('"action_id": "press"')
    inspector.get_by_role("button", name="Show all").click()
    expect(inspector.locator(".exchange-title").filter(has_text="auth.test").first).to_be_visible()
    assert "xoxb-U" not in page.content()


def test_fault_switches_are_drawn_from_the_server_and_set_there(room: Room, page: Page) -> None:
    """A share is in per cent; what is on is counted in the tab; one button puts all back."""
    room.open(page)
    page.get_by_role("button", name="Inspector", exact=True).click()
    page.get_by_role("tab", name="Faults").click()
    share = page.get_by_role("spinbutton", name="Web API calls answered 429")
    share.fill("25")
    share.press("Tab")
    expect(page.get_by_role("tab", name="Faults (1)")).to_be_visible()
    page.get_by_role("switch", name="Downloads hang").check()
    expect(page.get_by_role("tab", name="Faults (2)")).to_be_visible()
    values = {one["name"]: one["value"] for one in room.world.client(OLIVIA, "faults", {})["faults"]}
    assert (values["ratelimited_share"], values["hold_files"]) == (0.25, True)
    page.get_by_role("spinbutton", name="Copies of each event").fill("999")
    page.get_by_role("spinbutton", name="Copies of each event").press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("did not accept that value")
    page.get_by_role("button", name="All off").click()
    expect(page.get_by_role("tab", name="Faults", exact=True)).to_be_visible()
    values = {one["name"]: one["value"] for one in room.world.client(OLIVIA, "faults", {})["faults"]}
    assert (values["ratelimited_share"], values["hold_files"]) == (0.0, False)


def test_several_choices_of_the_app_and_rich_text_are_sent_as_slack_sends_them(room: Room, page: Page) -> None:
    """multi_external_select and rich_text_input."""
    room.open(page)
    run_command(page, room, "/cert rich")
    form = page.get_by_role("dialog", name="Import certificate")
    form.get_by_label("Note").fill("*bold* and `code` for @noah\nhttps://acme.example")
    search = form.get_by_label("Partners")
    search.fill("Ac")
    form.get_by_role("option", name="Ac GmbH").click()
    search.fill("In")
    form.get_by_role("option", name="In AG").click()
    form.get_by_role("button", name="Remove Ac GmbH").click()
    form.get_by_role("button", name="Import").click()
    expect(form).to_have_count(0)
    values = eventually(lambda: room.world.submitted)[-1]
    chosen = values["multi_external_select"]["multi_external_select"]["selected_options"]
    assert [one["value"] for one in chosen] == ["acme-2"]
    rich = values["rich_text_input"]["rich_text_input"]["rich_text_value"]
    leaves = rich["elements"][0]["elements"]
    assert leaves[0] == {"type": "text", "text": "bold", "style": {"bold": True}}
    assert {"type": "user", "user_id": NOAH} in leaves
    assert {"type": "link", "url": "https://acme.example"} in leaves
