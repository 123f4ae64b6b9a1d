"""The browser page: what an app puts into a channel - buttons, selects, ephemeral messages, commands, shortcuts."""

import pytest
from playwright.sync_api import Page, expect

from tests.workspace.page_app import CHOICES, button, plain, run_command
from tests.workspace.page_world import PAT, Room

pytestmark = pytest.mark.browser


def test_a_button_reaches_the_app_and_its_answer_changes_the_message(room: Room, page: Page) -> None:
    """The value comes from the stored message; the buttons are gone once the app has updated it."""
    room.say("request", blocks=[{"type": "actions", "elements": [button("Approve", "press", style="primary")]}])
    room.open(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("article")).to_contain_text("approved by you")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert room.heard()[0]["value"] == "value of Approve"


def test_a_confirm_dialog_asks_before_anything_is_sent(room: Room, page: Page) -> None:
    """Deny and Esc send nothing."""
    confirm = {
        "title": plain("Delete it?"),
        "text": plain("Nothing refers to it."),
        "confirm": plain("Delete"),
        "deny": plain("Keep"),
        "style": "danger",
    }
    room.say("x", blocks=[{"type": "actions", "elements": [button("Remove", "press", confirm=confirm)]}])
    room.open(page)
    dialog = page.get_by_role("dialog", name="Delete it?")
    page.get_by_role("button", name="Remove").click()
    dialog.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Remove").click()
    expect(dialog).to_contain_text("Nothing refers to it.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Remove").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("article")).to_contain_text("approved by you")
    assert len(room.heard()) == 1


def test_a_select_and_an_overflow_menu_in_a_message_send_what_was_chosen(room: Room, page: Page) -> None:
    """By mouse or keyboard; every choice is one action."""
    select = {"type": "static_select", "action_id": "keep", "placeholder": plain("Partner"), "options": CHOICES}
    more = {"type": "overflow", "action_id": "keep", "options": CHOICES}
    room.say(
        "x",
        blocks=[
            {"type": "actions", "elements": [select]},
            {"type": "section", "text": plain("menu"), "accessory": more},
        ],
    )
    room.open(page)
    page.get_by_role("combobox", name="Partner").select_option("Two")
    assert room.heard()[0]["selected_option"]["value"] == "2"
    page.get_by_role("button", name="More options").click()
    expect(page.get_by_role("menuitem", name="One")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert room.heard(2)[1]["selected_option"]["value"] == "3"
    expect(page.get_by_role("menu")).to_have_count(0)


def test_a_press_that_no_app_answers_is_told_and_can_be_repeated(room: Room, page: Page) -> None:
    """The button is pending while the server waits, then a sentence says what went wrong."""
    room.say("x", blocks=[{"type": "actions", "elements": [button("Nobody", "no_listener")]}])
    room.open(page)
    nobody = page.get_by_role("button", name="Nobody")
    nobody.click()
    expect(nobody).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("alert")).to_contain_text("did not answer within 3 seconds")
    expect(nobody).not_to_have_attribute("aria-busy", "true")


def test_an_ephemeral_message_is_marked_and_can_be_dismissed(room: Room, page: Page) -> None:
    """Only its reader sees it, and after a dismissal nobody, also after a reload."""
    room.say("x", blocks=[{"type": "actions", "elements": [button("Approve", "whisper")]}])
    room.open(page)
    page.get_by_role("button", name="Approve").click()
    note = page.get_by_role("article").filter(has_text="Only visible to you")
    expect(note).to_contain_text("you may not approve your own request")
    note.get_by_role("button", name="Dismiss").click()
    expect(note).to_have_count(0)
    room.open(page)
    expect(page.get_by_role("article")).to_have_count(1)
    expect(note).to_have_count(0)


def test_a_command_is_completed_with_its_hint_and_answered_for_its_user_only(room: Room, page: Page) -> None:
    """Tab takes the command, Enter runs it; what was typed is not posted."""
    room.open(page)
    box = page.get_by_role("textbox", name=room.box)
    box.press_sequentially("/ce")
    suggestion = page.get_by_role("option", name="/cert")
    expect(suggestion).to_contain_text("help | list PARTNER")
    box.press("Tab")
    expect(box).to_have_value("/cert ")
    box.press_sequentially("list acme")
    expect(suggestion).to_contain_text("help | list PARTNER")
    box.press("Enter")
    expect(page.get_by_role("article")).to_contain_text("Only visible to you")
    expect(page.get_by_role("article").locator("code")).to_have_text("list acme")
    assert room.heard()[0]["text"] == "list acme"
    assert room.world.bot.conversations_history(channel=room.id)["messages"] == []


def test_an_unknown_command_is_not_posted(room: Room, page: Page) -> None:
    """The text stays in the composer, with a sentence below."""
    room.open(page)
    run_command(page, room, "/nosuch thing")
    expect(page.get_by_text("/nosuch is not a command that you can use here.")).to_be_visible()
    expect(page.get_by_role("textbox", name=room.box)).to_have_value("/nosuch thing")


def test_threads_and_foreign_users_have_no_commands(room: Room, page: Page) -> None:
    """As on Slack; the composer says so instead of failing."""
    ts = room.say("parent")
    room.open(page, thread=ts)
    thread = page.get_by_role("complementary", name="Thread")
    thread.get_by_role("textbox").fill("/cert list")
    expect(thread.get_by_text("Commands do not work in threads.")).to_be_visible()
    expect(thread.get_by_role("option")).to_have_count(0)
    thread.get_by_role("textbox").press("Enter")
    room.open(page, PAT)
    page.get_by_role("textbox", name=room.box).fill("/cert list")
    expect(page.get_by_text("work only for people of its own organisation")).to_be_visible()
    page.get_by_role("article").hover()
    page.get_by_role("button", name="More actions").click()
    expect(page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Import certificate")).to_have_count(0)
    assert len(room.replies(ts)) == 1


def test_a_message_shortcut_opens_the_apps_modal(room: Room, page: Page) -> None:
    """In the message's menu; Esc closes the modal, and the server knows."""
    room.say("the upload")
    room.open(page)
    page.get_by_role("article").hover()
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Import certificate").click()
    dialog = page.get_by_role("dialog", name="Import certificate")
    expect(dialog).to_contain_text("about the upload")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    room.open(page)
    expect(dialog).to_have_count(0)
