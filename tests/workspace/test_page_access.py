"""The browser page for everybody: axe-core finds nothing in any state, and the whole story goes by keyboard alone."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.patience import eventually
from tests.workspace.browser import chromium_page
from tests.workspace.page_app import CHOICES, button, plain, run_command
from tests.workspace.page_world import NOAH, OLIVIA, Room

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
CONTRAST: dict[str, Any] = {
    **EVERYTHING,
    "runOnly": ["color-contrast", "link-in-text-block"],
}  # all that a theme can change
CONFIRM = {"title": plain("Sure?"), "text": plain("It goes."), "confirm": plain("Yes"), "deny": plain("No")}


def furnish(room: Room) -> str:
    """A channel in which everything happened; returns the `ts` of a message with a thread."""
    room.say("*bold* `code` <https://acme.example|a link> <!channel>\n&gt; quoted\n```pre```")
    select = {"type": "static_select", "action_id": "keep", "placeholder": plain("Partner"), "options": CHOICES}
    more = {"type": "overflow", "action_id": "keep", "options": CHOICES}
    cells = [[{"type": "raw_text", "text": "Partner"}], [{"type": "raw_text", "text": "Acme"}]]
    blocks = [
        {"type": "header", "text": plain("Acme Industries")},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Chain* complete"}, "accessory": more},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": f"by <@{NOAH}>"}]},
        {"type": "table", "rows": cells},
        {"type": "actions", "elements": [button("Approve", "press", style="primary"), select]},
        {"type": "actions", "elements": [button("Remove", "press", style="danger", confirm=CONFIRM)]},
    ]
    ts = room.say("request", blocks=blocks)
    room.say("reply", thread_ts=ts)
    room.world.user(NOAH).reactions_add(channel=room.id, timestamp=ts, name="eyes")
    room.world.user(NOAH).files_upload_v2(channel=room.id, content=b"certificate", filename="acme.pem")
    room.world.bot.chat_postEphemeral(channel=room.id, user=OLIVIA, text="you may not")
    return ts


def check(page: Page, state: str, options: dict[str, Any]) -> None:
    """Runs axe-core over the page as it is now."""
    page.evaluate(AXE)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    told = [(one["impact"], one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]
    assert not told, (state, told)


def message_menu(page: Page, _room: Room) -> None:
    """Opens the menu of the message with the table."""
    article = page.get_by_role("article").filter(has_text="Acme Industries")
    article.hover()
    article.get_by_role("button", name="More actions").click()


def reaction_menu(page: Page, _room: Room) -> None:
    """Opens the emoji."""
    article = page.get_by_role("article").filter(has_text="Acme Industries")
    article.hover()
    article.get_by_role("button", name="Add reaction").click()


def members(page: Page, room: Room) -> None:
    """Opens the channel's details."""
    page.get_by_role("button", name="4 members").click()
    expect(page.get_by_role("dialog", name=f"About #{room.name}")).to_be_visible()


def inspector(page: Page, _room: Room) -> None:
    """Opens the inspector and unfolds what is newest."""
    page.get_by_role("button", name="Inspector", exact=True).click()
    page.locator('.exchange[data-direction="request"]').first.locator("summary").click()
    expect(page.get_by_role("group", name="Arguments")).to_be_visible()


def faults(page: Page, _room: Room) -> None:
    """Opens the fault switches."""
    page.get_by_role("button", name="Inspector", exact=True).click()
    page.get_by_role("tab", name="Faults").click()
    expect(page.get_by_role("switch", name="Bot token revoked")).to_be_visible()


def form(page: Page, room: Room) -> None:
    """Opens a form with every kind of input and lets it complain."""
    run_command(page, room, "/cert form")
    dialog = page.get_by_role("dialog", name="Import certificate")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog.get_by_text("Please complete this required field.").first).to_be_visible()


def home(page: Page, _room: Room) -> None:
    """Opens the app's home tab."""
    page.get_by_role("link", name="Countersign").click()
    expect(page.get_by_role("heading", name="Waits for you")).to_be_visible()


def jump(page: Page, _room: Room) -> None:
    """Opens the box that leads everywhere."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Jump to")).to_be_visible()


def completion(page: Page, room: Room) -> None:
    """Begins a command."""
    page.get_by_role("textbox", name=room.box).press_sequentially("/ce")
    expect(page.get_by_role("option", name="/cert")).to_be_visible()


def toast(page: Page, _room: Room) -> None:
    """Has something fail."""
    page.context.set_offline(True)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.context.set_offline(False)


def confirmation(page: Page, _room: Room) -> None:
    """Presses a button that asks first."""
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("dialog", name="Sure?")).to_be_visible()


def sidebar(page: Page, _room: Room) -> None:
    """The list of channels on a telephone."""
    page.set_viewport_size({"width": 400, "height": 800})
    page.get_by_role("button", name="Channels").click()
    expect(page.get_by_role("link", name="b2b-operations")).to_be_in_viewport()


STATES: tuple[Callable[[Page, Room], None], ...] = (
    message_menu, reaction_menu, members, inspector, faults, form, home, jump, completion, toast, confirmation, sidebar,
)  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_any_state(room: Room, browser: Browser, *, dark: bool) -> None:
    """Every rule in the light theme; what a theme can change (contrast) in the dark one, too."""
    options = CONTRAST if dark else EVERYTHING
    ts = furnish(room)
    with chromium_page(browser, width=1440, height=900, dark=dark) as page:
        room.open(page, thread=ts)
        check(page, "thread", options)
        for state in STATES:
            back(page, room)
            state(page, room)
            check(page, state.__name__, options)


def back(page: Page, room: Room) -> None:
    """To the channel with nothing open, without loading the page anew."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.evaluate("id => { location.hash = id; }", room.id)
    expect(page.locator(".thread-view")).to_have_count(0)
    page.get_by_role("textbox", name=room.box).fill("")


def press(page: Page, *keys: str) -> None:
    """Keys one after the other."""
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the control of this name has the focus; fails where none ever gets it."""
    for _ in range(120):
        if (
            page.evaluate("document.activeElement?.getAttribute('aria-label') || document.activeElement?.innerText")
            == name
        ):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {name}")


def test_the_whole_story_goes_by_keyboard_alone(room: Room, browser: Browser, tmp_path: Path) -> None:
    """Post a file, open the thread, press the button, fill in a form, say yes, close: no mouse, no lost focus."""
    file = tmp_path / "acme.pem"
    file.write_bytes(b"certificate bytes")
    with chromium_page(browser, width=1440) as page:
        page.on("filechooser", lambda chooser: chooser.set_files(file))  # heard from the start, so that none is missed
        room.open(page)
        expect(page.get_by_role("textbox", name=room.box)).to_be_focused()
        press(page, "Shift+Tab")
        expect(page.get_by_role("button", name="Attach files")).to_be_focused()
        press(page, "Enter")
        expect(page.get_by_role("button", name="Remove acme.pem")).to_be_visible()
        expect(page.get_by_role("textbox", name=room.box)).to_be_focused()
        press(page, "Enter")
        upload = room.heard()[0]
        assert upload["files"][0]["name"] == "acme.pem"
        ask = [{"type": "actions", "elements": [button("Approve", "press", confirm=CONFIRM)]}]
        room.say("approve it", thread_ts=upload["ts"], blocks=ask)

        expect(page.get_by_role("button", name="1 reply")).to_be_visible()
        page.get_by_role("log").focus()  # as F6 or a screen reader's landmarks lead there
        tab_to(page, "Reply in thread")
        press(page, "Enter")
        thread = page.get_by_role("complementary", name="Thread")
        expect(thread.get_by_role("textbox")).to_be_focused()
        thread.get_by_role("log").focus()
        tab_to(page, "Approve")
        press(page, "Enter")
        dialog = page.get_by_role("dialog", name="Sure?")
        expect(dialog.get_by_role("button", name="Yes")).to_be_focused()
        press(page, "Enter")
        expect(thread.get_by_text("approved by you")).to_be_visible()
        thread.get_by_role("textbox").focus()
        press(page, "Escape")
        expect(thread).to_have_count(0)

        page.get_by_role("textbox", name=room.box).focus()
        page.keyboard.type("/cert steps")
        press(page, "Enter")
        form = page.get_by_role("dialog", name="Import certificate")
        expect(form.get_by_label("Word")).to_be_focused()
        page.keyboard.type("update")
        press(page, "Enter")
        updated = page.get_by_role("dialog", name="Updated")
        expect(updated.get_by_role("button", name="Import")).to_be_visible()
        press(page, "Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("textbox", name=room.box)).to_be_focused()


def test_menus_and_panels_give_the_focus_back(room: Room, browser: Browser) -> None:
    """Escape closes what was opened, and the focus is where it came from."""
    room.say("look at me")
    with chromium_page(browser, width=1440) as page:
        room.open(page)
        more = page.get_by_role("article").get_by_role("button", name="More actions")
        more.focus()
        press(page, "Enter", "ArrowDown", "Escape")
        expect(more).to_be_focused()
        react = page.get_by_role("article").get_by_role("button", name="Add reaction")
        react.focus()
        press(page, "Enter", "ArrowRight", "Enter")
        expect(page.get_by_role("button", name="eyes: 1, you")).to_have_attribute("aria-pressed", "true")
        people = page.get_by_role("button", name="4 members")
        people.focus()
        press(page, "Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        press(page, "Escape")
        expect(people).to_be_focused()
        inspect = page.get_by_role("button", name="Inspector", exact=True)
        inspect.focus()
        press(page, "Enter")
        expect(page.get_by_role("tab", name="Traffic")).to_be_focused()
        press(page, "ArrowRight")
        expect(page.get_by_role("tab", name="Faults")).to_be_focused()
        press(page, "Escape")
        expect(inspect).to_be_focused()


def test_new_messages_are_announced_and_nothing_moves_for_those_who_ask(room: Room, browser: Browser) -> None:
    """The list is a polite live region; with reduced motion no transition remains."""
    with chromium_page(browser) as page:
        page.emulate_media(reduced_motion="reduce")
        room.open(page)
        log = page.get_by_role("log")
        room.say("said just now")
        expect(log).to_contain_text("said just now")
        assert log.get_attribute("aria-label") == f"Messages in #{room.name}"
        moving = (
            "[...document.querySelectorAll('*')].filter(n => getComputedStyle(n).transitionDuration !== '0s').length"
        )
        assert eventually(lambda: page.evaluate(moving) == 0)
