"""The README's story by hand, in headless Chromium: what a newcomer sees, step by step.

With SCREENSHOTS set to a folder (`make screenshots`) each step leaves its picture there, for the README.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import World
from tests.workspace.browser import chromium, chromium_page

pytestmark = pytest.mark.browser

# To its end, with what stands above it; a message that is higher than the pane from its beginning.
INTO_VIEW = """message => {
  const high = message.offsetHeight > message.closest(".message-list").clientHeight;
  message.style.scrollMargin = "14px";
  message.scrollIntoView({ block: high ? "start" : "end" });
}"""
ROLL_BACK_PATIENCE = 30_000  # milliseconds; a handshake that shows something else is tried again


class Screen:
    """One person after the other at the same page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def open(self, channel: str) -> None:
        """Go to a channel, as a newcomer who opens the printed address."""
        self.page.goto(self._url)
        self.page.get_by_role("navigation", name="Channels").get_by_role("link", name=channel).click()

    def act_as(self, name: str) -> None:
        """Use the switcher, which loads the page anew."""
        with self.page.expect_navigation():
            self.page.get_by_role("combobox", name="Acting as").select_option(label=name)

    @property
    def thread(self) -> Locator:
        """The thread pane."""
        return self.page.get_by_role("complementary", name="Thread")

    def sample(self, file_name: str) -> Locator:
        """A sample file of the panel."""
        return self.page.locator(".sample").filter(has_text=file_name)

    def drop_into_channel(self, file_name: str) -> None:
        """Drop a sample and open the thread that hangs on it."""
        self.sample(file_name).get_by_role("button", name="Drop into channel").click()
        replies = self.page.get_by_role("main").get_by_role("button", name="repl").last
        replies.click()

    def shot(self, name: str, words: str = "", page: Page | None = None) -> None:
        """A picture for the README, where one is wanted, with the thread's newest message with these words in view."""
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        page = page or self.page
        if words:
            message = (
                page.get_by_role("complementary", name="Thread").get_by_role("article").filter(has_text=words).last
            )
            message.evaluate(INTO_VIEW)
        page.mouse.move(0, 0)
        page.wait_for_timeout(400)  # let images and focus settle; only pictures wait
        page.screenshot(path=Path(folder) / f"{name}.png")

    @contextmanager
    def narrow_and_dark(self) -> Iterator[Page]:
        """The same place on a telephone at night."""
        browser = self.page.context.browser
        assert browser is not None
        with chromium_page(browser, width=400, height=860, dark=True) as page:
            page.goto(self.page.url)
            yield page


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The demo world just as a newcomer finds it."""
    plain = World(tmp_path, with_more_people=False)
    try:
        plain.start_bot()
        yield plain
    finally:
        plain.close()


@pytest.fixture
def screen(world: World) -> Iterator[Screen]:
    """A browser at the world's page."""
    with chromium() as browser, chromium_page(browser, width=1440, height=900) as page:
        yield Screen(page, world.workspace.url)


def propose(screen: Screen) -> None:
    """From the summary's button through the form."""
    screen.thread.get_by_role("button", name="Propose switch").click()
    form = screen.page.get_by_role("dialog")
    form.get_by_label("Reason").fill("The certificate in use ends in three weeks")
    form.get_by_role("button", name="Propose").click()
    expect(screen.thread.get_by_text("presents now")).to_be_visible()
    expect(screen.thread.get_by_text("the partner has to put the new one live")).to_be_visible()


def decide(screen: Screen, label: str) -> None:
    """Press a button of the proposal and say yes to its question."""
    screen.thread.get_by_role("button", name=label).click()
    screen.page.get_by_role("dialog").get_by_role("button", name=label).click()


def test_the_story_by_hand(world: World, screen: Screen) -> None:
    """Drop, missing issuer, drop it, complete, propose, approve, confirm, proof; a picture of each step."""
    screen.open("acme-b2b")
    expect(screen.sample("acme-b2b-new.pem")).to_be_visible()
    screen.shot("01-start")

    screen.drop_into_channel("acme-b2b-new.pem")
    expect(screen.thread.get_by_text("Missing issuer")).to_be_visible()
    screen.shot("02-missing-issuer", "Missing issuer")

    screen.sample("nordlicht-issuing-ca-4.cer").get_by_role("button", name="Drop into thread").click()
    expect(screen.thread.get_by_text("Issuer found")).to_be_visible()
    expect(screen.thread.get_by_role("button", name="Propose switch")).to_be_visible()
    screen.shot("03-chain-complete", "added to the CA list")

    propose(screen)
    screen.shot("04-proposal", "waits for approvals")

    screen.act_as("Adam Novak")
    decide(screen, "Approve")
    expect(screen.thread.get_by_role("button", name="Approve")).to_have_count(0)
    server = screen.page.get_by_role("radiogroup", name="ACME Components's server presents")
    server.get_by_role("radio", name="new certificate").check()
    screen.act_as("Paula Reyes")
    expect(screen.thread.get_by_role("button", name="Confirm")).to_be_visible()
    screen.shot("05-approved", "waits for approvals")
    decide(screen, "Confirm")
    expect(screen.thread.get_by_text("Proven:")).to_be_visible()
    screen.shot("06-proven", "Proven:")
    assert world.lab.presented("acme") == "new"
    with screen.narrow_and_dark() as page:
        proof = page.get_by_role("complementary", name="Thread").get_by_text("Proven:")
        expect(proof).to_be_visible()
        screen.shot("08-narrow-and-dark", "Proven:", page)


def test_a_switch_that_its_partner_does_not_follow_ends_rolled_back(world: World, screen: Screen) -> None:
    """The endpoint still presents the old certificate; the thread says what was seen and what to do."""
    screen.open("acme-b2b")
    screen.drop_into_channel("acme-b2b-full.p7b")
    propose(screen)
    screen.act_as("Adam Novak")
    decide(screen, "Approve")
    expect(screen.thread.get_by_role("button", name="Approve")).to_have_count(0)
    screen.act_as("Paula Reyes")
    decide(screen, "Confirm")
    expect(screen.thread.get_by_text("Rolled back:")).to_be_visible(timeout=ROLL_BACK_PATIENCE)
    expect(screen.thread.get_by_text("still the old certificate")).to_be_visible()
    screen.shot("07-rolled-back", "Rolled back:")
    assert world.lab.presented("acme") == "old"
