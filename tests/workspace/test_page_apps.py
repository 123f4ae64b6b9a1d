"""The browser page: what an app puts there - buttons, selects, modals, commands, shortcuts, Home."""

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_bolt import Ack
from slack_sdk import WebClient

from tests.workspace.browser import chromium, chromium_page
from tests.workspace.page_world import INTERNAL, NOAH, OLIVIA, PAT, Json, Room, World, eventually, running_world

pytestmark = pytest.mark.browser

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(label: str, value: str) -> Json:
    """An option of a select."""
    return {"text": plain(label), "value": value}


def button(label: str, action_id: str, **more: Any) -> Json:
    """A button with its value."""
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": f"value of {label}", **more}


def field(label: str, element: Json, **more: Any) -> Json:
    """An input block whose ids are its element's type."""
    kind = element["type"]
    return {"type": "input", "block_id": kind, "label": plain(label), "element": {"action_id": kind, **element}, **more}


CHOICES = [option("One", "1"), option("Two", "2"), option("Three", "3")]
FORM = [
    field("Text", {"type": "plain_text_input"}),
    field("Note", {"type": "plain_text_input", "action_id": "note", "multiline": True}, block_id="note", optional=True),
    field("Mail", {"type": "email_text_input"}),
    field("Count", {"type": "number_input", "is_decimal_allowed": False}),
    field("Choice", {"type": "static_select", "options": CHOICES}),
    field("Person", {"type": "users_select"}),
    field("Place", {"type": "conversations_select"}),
    field("Several", {"type": "multi_static_select", "options": CHOICES}),
    field("Ticks", {"type": "checkboxes", "options": CHOICES}),
    field("Radio", {"type": "radio_buttons", "options": CHOICES}),
    field("Day", {"type": "datepicker"}),
    field("Hour", {"type": "timepicker"}),
    field("Moment", {"type": "datetimepicker"}),
    field("Search", {"type": "external_select", "min_query_length": 2}),
    field("Certificate file", {"type": "file_input", "max_files": 2}),
]


def modal(callback_id: str, blocks: list[Json], title: str = "Import certificate") -> Json:
    """A modal with a submit button."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "submit": plain("Import"),
        "blocks": blocks,
    }


def listen(world: World) -> None:
    """The app under the page: it keeps what it hears and answers the way its test needs."""
    listen_to_presses(world)
    listen_to_commands(world)
    listen_to_modals(world)


def listen_to_presses(world: World) -> None:
    """Buttons and selects of messages and the home tab."""
    app = world.app

    @app.action("press")
    def press(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        world.heard.append({"channel": body["channel"]["id"], **body["actions"][0]})
        ts, channel = body["message"]["ts"], body["channel"]["id"]
        client.chat_update(
            channel=channel, ts=ts, text="approved", blocks=[{"type": "section", "text": plain("approved by you")}]
        )

    @app.action("keep")
    def keep(ack: Ack, body: Json) -> None:
        ack()
        world.heard.append({"channel": body.get("channel", {}).get("id"), **body["actions"][0]})

    @app.action("whisper")
    def whisper(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.chat_postEphemeral(
            channel=body["channel"]["id"], user=body["user"]["id"], text="you may not approve your own request"
        )


def listen_to_commands(world: World) -> None:
    """The command, the shortcut, the home tab."""
    app = world.app

    @app.command("/cert")
    def cert(ack: Ack, body: Json, client: WebClient) -> None:
        world.heard.append({"channel": body["channel_id"], "text": body["text"]})
        if body["text"] == "form":
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal("form", FORM))
        elif body["text"] == "steps":
            ack()
            client.views_open(
                trigger_id=body["trigger_id"], view=modal("steps", [field("Word", {"type": "plain_text_input"})])
            )
        else:
            ack(f"help for `{body['text']}`")

    @app.options("external_select")
    def search(ack: Ack, body: Json) -> None:
        ack(options=[option(f"{body['value']} GmbH", "acme-1"), option(f"{body['value']} AG", "acme-2")])

    @app.shortcut("import_certificate")
    def shortcut(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        blocks = [{"type": "section", "text": plain(f"about {body['message']['text']}")}]
        client.views_open(trigger_id=body["trigger_id"], view=modal("last", blocks))

    @app.event("app_home_opened")
    def home(event: Json, client: WebClient) -> None:
        blocks = [
            {"type": "header", "text": plain("Waits for you")},
            {"type": "actions", "elements": [button("Look", "keep")]},
        ]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})


def listen_to_modals(world: World) -> None:
    """Submissions."""
    app = world.app

    @app.view("form")
    def submitted(ack: Ack, body: Json) -> None:
        ack()
        world.submitted.append(body["view"]["state"]["values"])

    @app.view("steps")
    def step(ack: Ack, body: Json) -> None:
        word = body["view"]["state"]["values"]["plain_text_input"]["plain_text_input"]["value"]
        if word == "push":
            ack(
                response_action="push",
                view=modal("last", [{"type": "section", "text": plain("second of the stack")}], "Second"),
            )
        elif word == "update":
            ack(
                response_action="update",
                view=modal("last", [{"type": "section", "text": plain("another view")}], "Updated"),
            )
        else:
            ack(response_action="errors", errors={"plain_text_input": f"{word} is not a word for this"})

    @app.view("last")
    def last(ack: Ack) -> None:
        ack(response_action="clear")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the module."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    """One workspace and app for the module."""
    with running_world(listen) as running:
        yield running


@pytest.fixture
def room(shared_world: World) -> Iterator[Room]:
    """A channel of this test's own; no dialog stays open after it."""
    yield shared_world.room()
    shared_world.close_dialogs()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh context."""
    with chromium_page(browser) as opened:
        yield opened


def run_command(page: Page, room: Room, text: str) -> None:
    """Types a command into the channel's composer and sends it."""
    box = page.get_by_role("textbox", name=room.box)
    box.fill(text)
    box.press("Enter")


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


def fill_form(form: Any, file: Path) -> None:
    """Fills every field of FORM the way a person does."""
    form.get_by_label("Text").fill("some text")
    form.get_by_label("Mail").fill("pki@acme.example")
    form.get_by_label("Count").fill("7")
    form.get_by_label("Choice").select_option("Two")
    form.get_by_label("Person").select_option("Noah Brandt")
    form.get_by_label("Place").select_option("#b2b-operations")
    form.locator("summary").click()
    form.get_by_role("group", name="Several").get_by_label("One").check()
    form.get_by_role("group", name="Several").get_by_label("Three").check()
    form.get_by_role("group", name="Ticks").get_by_label("Two").check()
    form.get_by_role("radiogroup", name="Radio").get_by_label("Three").check()
    form.get_by_label("Day").fill("2026-12-24")
    form.get_by_label("Hour").fill("18:30")
    form.get_by_label("Moment").fill("2026-12-24T18:30")
    form.get_by_label("Search").fill("Acme")
    form.get_by_role("option", name="Acme AG").click()
    form.get_by_label("Certificate file").set_input_files(file)


def test_a_modal_sends_the_state_of_every_kind_of_input(room: Room, page: Page, tmp_path: Path) -> None:
    """All inputs by their labels; the file goes up by Slack's upload flow and is named by id."""
    file = tmp_path / "acme.pem"
    file.write_bytes(b"certificate bytes")
    room.open(page)
    run_command(page, room, "/cert form")
    form = page.get_by_role("dialog", name="Import certificate")
    fill_form(form, file)
    form.get_by_role("button", name="Import").click()
    expect(form).to_have_count(0)
    values = eventually(lambda: room.world.submitted)[-1]
    state = {kind: next(iter(actions.values())) for kind, actions in values.items()}
    assert state["plain_text_input"]["value"] == "some text"
    assert state["note"]["value"] is None
    assert state["email_text_input"]["value"] == "pki@acme.example"
    assert state["number_input"]["value"] == "7"
    assert state["static_select"]["selected_option"] == CHOICES[1]
    assert state["users_select"]["selected_user"] == NOAH
    assert state["conversations_select"]["selected_conversation"] == INTERNAL
    assert [one["value"] for one in state["multi_static_select"]["selected_options"]] == ["1", "3"]
    assert [one["value"] for one in state["checkboxes"]["selected_options"]] == ["2"]
    assert state["radio_buttons"]["selected_option"]["value"] == "3"
    assert state["datepicker"]["selected_date"] == "2026-12-24"
    assert state["timepicker"]["selected_time"] == "18:30"
    berlin = datetime(2026, 12, 24, 18, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert state["datetimepicker"]["selected_date_time"] == berlin.timestamp()
    assert state["external_select"]["selected_option"]["value"] == "acme-2"
    assert [(one["name"], one["size"]) for one in state["file_input"]["files"]] == [("acme.pem", 17)]


def test_a_file_input_takes_the_panels_samples_too(room: Room, page: Page) -> None:
    """The panel cannot be reached behind a dialog, so its files are in the field's own menu."""
    room.open(page)
    run_command(page, room, "/cert form")
    form = page.get_by_role("dialog", name="Import certificate")
    form.get_by_role("button", name="Use a sample file").click()
    page.get_by_role("menuitem", name="New certificate").click()
    expect(form.get_by_role("button", name="Remove acme.pem")).to_be_visible()
    form.get_by_role("button", name="Remove acme.pem").click()
    expect(form.get_by_role("button", name="Remove acme.pem")).to_have_count(0)


def test_missing_and_refused_inputs_are_named_at_their_field(room: Room, page: Page) -> None:
    """First the required ones, then the app's own errors; what was typed stays."""
    room.open(page)
    run_command(page, room, "/cert steps")
    form = page.get_by_role("dialog", name="Import certificate")
    form.get_by_role("button", name="Import").click()
    word = form.get_by_label("Word")
    expect(word).to_have_accessible_description("Please complete this required field.")
    expect(word).to_be_focused()
    word.fill("nonsense")
    word.press("Enter")
    expect(word).to_have_accessible_description("nonsense is not a word for this")
    expect(word).to_have_attribute("aria-invalid", "true")
    expect(word).to_have_value("nonsense")


def test_modals_stack_and_go_back_one_by_one(room: Room, page: Page) -> None:
    """push, Back, update, clear; the former view keeps what was typed."""
    room.open(page)
    run_command(page, room, "/cert steps")
    first = page.get_by_role("dialog", name="Import certificate")
    first.get_by_label("Word").fill("push")
    first.get_by_role("button", name="Import").click()
    second = page.get_by_role("dialog", name="Second")
    expect(second).to_contain_text("second of the stack")
    second.get_by_role("button", name="Back").click()
    expect(first.get_by_label("Word")).to_have_value("push")
    first.get_by_label("Word").fill("update")
    first.get_by_role("button", name="Import").click()
    updated = page.get_by_role("dialog", name="Updated")
    expect(updated).to_contain_text("another view")
    updated.get_by_role("button", name="Import").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_modal_is_shown_to_its_user_only(room: Room, page: Page, browser: Browser) -> None:
    """Another person in the same channel sees nothing of it."""
    with chromium_page(browser) as other:
        room.open(page, OLIVIA)
        room.open(other, NOAH)
        run_command(page, room, "/cert steps")
        expect(page.get_by_role("dialog")).to_be_visible()
        room.say("said later")
        expect(other.get_by_role("article")).to_contain_text("said later")
        expect(other.get_by_role("dialog")).to_have_count(0)


def test_the_home_tab_shows_what_the_app_published_for_this_user(room: Room, page: Page) -> None:
    """Opening it tells the app; its buttons work."""
    room.open(page)
    page.get_by_role("link", name="Countersign").click()
    expect(page.get_by_role("heading", name="Waits for you")).to_be_visible()
    page.get_by_role("button", name="Look").click()
    eventually(lambda: [one for one in room.world.heard if one.get("value") == "value of Look"])


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
