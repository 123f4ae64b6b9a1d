"""The README's story by hand, in headless Chromium: what a newcomer sees, step by step.

With SCREENSHOTS set to a folder (`make screenshots`) each step leaves its picture there, for the README.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import World
from tests.workspace.browser import chromium, chromium_page

pytestmark = pytest.mark.browser


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

    def shot(self, name: str) -> None:
        """A picture for the README, where one is wanted."""
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            self.page.wait_for_timeout(400)  # let images and focus settle; only pictures wait
            self.page.screenshot(path=Path(folder) / f"{name}.png")


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


def test_the_story_by_hand(world: World, screen: Screen) -> None:
    """Drop, missing issuer, drop it, complete, propose, approve, confirm, proof; a picture of each step."""
    screen.open("acme-b2b")
    expect(screen.sample("acme-b2b-new.pem")).to_be_visible()
    screen.shot("01-start")

    screen.drop_into_channel("acme-b2b-new.pem")
    expect(screen.thread.get_by_text("Missing issuer")).to_be_visible()
    screen.shot("02-missing-issuer")

    screen.sample("nordlicht-issuing-ca-4.cer").get_by_role("button", name="Drop into thread").click()
    expect(screen.thread.get_by_text("Issuer found")).to_be_visible()
    expect(screen.thread.get_by_role("button", name="Propose switch")).to_be_visible()
    screen.shot("03-chain-complete")

    propose(screen)
    screen.shot("04-proposal")

    screen.act_as("Adam Novak")
    screen.thread.get_by_role("button", name="Approve").click()
    screen.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(screen.thread.get_by_role("button", name="Approve")).to_have_count(0)
    server = screen.page.get_by_role("radiogroup", name="ACME Components's server presents")
    server.get_by_role("radio", name="new certificate").check()
    screen.act_as("Paula Reyes")
    screen.shot("05-approved")
    screen.thread.get_by_role("button", name="Confirm").click()
    expect(screen.thread.get_by_text("Proven:")).to_be_visible()
    screen.shot("06-proven")
    assert world.lab.presented("acme") == "new"
