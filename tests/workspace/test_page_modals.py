"""The browser page: an app's modals, from every kind of input to the stack."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.patience import eventually
from tests.workspace.browser import chromium_page
from tests.workspace.page_app import CHOICES, run_command
from tests.workspace.page_world import INTERNAL, NOAH, OLIVIA, Room

pytestmark = pytest.mark.browser


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
