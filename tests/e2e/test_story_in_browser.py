"""The README's story by hand, in headless Chromium: what a newcomer sees, state by state, wide and narrow."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot.gateways.shelf import CURRENT
from bot.workspace.faults import ACK_SECONDS, TRIGGER_SECONDS
from tests.e2e.conftest import World
from tests.e2e.screen import Screen
from tests.gateways.programs import find_envoy
from tests.lab.builders import Ca
from tests.workspace.browser import chromium, chromium_page

pytestmark = [pytest.mark.browser, pytest.mark.gateway]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The demo world just as a newcomer finds it."""
    plain = World(tmp_path, with_more_people=False, envoy=Path(find_envoy()))
    plain.more_settings = {"DRIFT_SECONDS": "3"}
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


def propose(screen: Screen, shot: str = "") -> None:
    """From the summary's button through the form."""
    screen.thread.get_by_role("button", name="Propose switch").click()
    screen.dialog.get_by_label("Reason").fill("The certificate in use ends in three weeks")
    if shot:
        screen.state(shot)
    screen.dialog.get_by_role("button", name="Propose").click()
    expect(screen.thread.get_by_text("presents now")).to_be_visible()
    expect(screen.thread.get_by_text("the partner has to put the new one live")).to_be_visible()


def requests_fare(screen: Screen, value: str) -> None:
    """On the panel, every choreography's last request to ACME, with nothing pressed."""
    rows = screen.page.get_by_role("list", name="Our requests through Envoy").first.get_by_role("listitem")
    expect(rows).to_contain_text([value] * 3)


def decide(screen: Screen, label: str) -> None:
    """Press a button of the proposal and say yes to its question."""
    screen.thread.get_by_role("button", name=label).click()
    screen.dialog.get_by_role("button", name=label).click()


def lead_back(world: World) -> None:
    """Somebody who knows nothing of the bot points the gateway at the certificate of before."""
    (link,) = world.folder.rglob(f"acme-https/{CURRENT}")
    (before,) = [one for one in link.parent.joinpath("versions").iterdir() if one.name != link.readlink().name]
    other = link.with_name("other")
    other.symlink_to(f"versions/{before.name}")
    other.rename(link)


def test_the_story_by_hand(world: World, screen: Screen) -> None:
    """Drop, missing issuer, drop it, complete, propose, approve, confirm, proof; and what happens afterwards."""
    screen.open("acme-b2b")
    expect(screen.sample("acme-b2b-new.pem")).to_be_visible()
    requests_fare(screen, "old certificate")
    screen.state("01-start")

    screen.drop_into_channel("acme-b2b-new.pem")
    expect(screen.thread.get_by_text("Missing issuer", exact=True)).to_be_visible()
    expect(screen.thread.get_by_role("img", name="Picture of the chain")).to_be_visible()
    screen.state("02-missing-issuer", "Missing issuer")

    screen.sample("nordlicht-issuing-ca-4.cer").get_by_role("button", name="Drop into thread").click()
    expect(screen.thread.get_by_text("Issuer found")).to_be_visible()
    expect(screen.thread.get_by_role("button", name="Propose switch")).to_be_visible()
    expect(screen.thread.get_by_role("img", name="Picture of the chain")).to_be_visible()
    screen.state("03-chain-complete", "added to the CA list")

    propose(screen, "08-form-propose")
    screen.state("04-proposal", "waits for approvals")

    screen.act_as("Adam Novak")
    decide(screen, "Approve")
    expect(screen.thread.get_by_role("button", name="Approve")).to_have_count(0)
    screen.state("05-approved", "waits for approvals", to_its_end=True)
    server = screen.page.get_by_role("radiogroup", name="The server of ACME Components presents")
    server.get_by_role("radio", name="new certificate").check()
    requests_fare(screen, "refused: not the agreed certificate")
    screen.act_as("Paula Reyes")
    expect(screen.thread.get_by_role("button", name="Confirm")).to_be_visible()
    screen.state("09-partners-view", "waits for approvals", to_its_end=True)
    decide(screen, "Confirm")
    expect(screen.thread.get_by_text("Proven:")).to_be_visible()
    requests_fare(screen, "new certificate")
    screen.state("06-proven", "Proven:")
    assert world.lab.presented("acme") == "new"

    screen.go("C0ACMEB2B", "UADAM")
    screen.command("/cert connection acme-https")
    expect(screen.channel.get_by_text("Only visible to you")).to_be_visible()
    screen.state("22-connection")

    lead_back(world)
    expect(screen.channel.get_by_text("The gateway differs")).to_be_visible()
    screen.state("21-gateway-differs")


def test_a_switch_that_its_partner_does_not_follow_ends_rolled_back(world: World, screen: Screen) -> None:
    """The endpoint still presents the old certificate; the thread says what was seen and what to do."""
    screen.open("acme-b2b")
    screen.drop_into_channel("acme-b2b-full.p7b")
    expect(screen.thread.get_by_role("button", name="Propose switch")).to_be_visible()
    expect(screen.thread.get_by_role("img", name="Picture of the chain")).to_be_visible()
    screen.state("10-upload-complete", "Chain complete")
    propose(screen)
    screen.act_as("Adam Novak")
    decide(screen, "Approve")
    expect(screen.thread.get_by_role("button", name="Approve")).to_have_count(0)
    screen.act_as("Paula Reyes")
    decide(screen, "Confirm")
    expect(screen.thread.get_by_text("Rolled back:")).to_be_visible()
    expect(screen.thread.get_by_text("still the old certificate")).to_be_visible()
    requests_fare(screen, "old certificate")
    screen.state("07-rolled-back", "Rolled back:")
    assert world.lab.presented("acme") == "old"


def test_what_else_there_is_to_see(world: World, screen: Screen) -> None:
    """A refusal, a root that waits for its approval, forms and lists, App Home for each side, the inspector."""
    olivia = world.member("UOLIVIA")
    olivia.drop("C0ACMEB2B", "acme-b2b-full.p7b", world.sample("acme-b2b-full.p7b"))
    refused = olivia.drop("C0ACMEB2B", "b2b-with-key.pem", world.sample("b2b-with-key.pem"))
    screen.go(f"C0ACMEB2B/{refused}", "UOLIVIA")
    expect(screen.thread.get_by_text("private key").first).to_be_visible()
    screen.state("11-refusal")

    screen.thread.get_by_role("button", name="Close thread").click()
    screen.command("/cert list acme")
    expect(screen.channel.get_by_text("Only visible to you")).to_be_visible()
    screen.state("12-list")
    name = screen.channel.get_by_role("article").last.locator("strong").filter(has_text="acme-b2b").last.inner_text()
    screen.command(f"/cert show {name}")
    expect(screen.channel.get_by_text("Only visible to you")).to_have_count(2)
    screen.state("13-show")
    screen.command("/cert import")
    expect(screen.dialog).to_be_visible()
    screen.state("14-form-import")
    screen.page.keyboard.press("Escape")

    root = Ca.root("Hansa Root")
    place = olivia.drop("C0CERTS", "hansa-root.cer", root.der)
    screen.go(f"C0CERTS/{place}", "UTESS")
    expect(screen.thread.get_by_role("button", name="Approve")).to_be_visible()
    screen.state("15-root-approval")

    for name, person in (("16-home", "UADAM"), ("17-home-admin", "UTESS"), ("18-home-partner", "UPAULA")):
        screen.go("home", person)
        expect(screen.page.locator(".home-content[data-loaded] .block").first).to_be_visible()
        screen.state(name)

    world.misbehave(ack_timeout=ACK_SECONDS, trigger_seconds=TRIGGER_SECONDS)  # as a newcomer finds them, too
    screen.go("C0ACMEB2B", "UOLIVIA")
    screen.page.get_by_role("button", name="Inspector", exact=True).click()
    screen.page.locator(".exchange").first.locator("summary").click()
    screen.state("19-inspector")
    screen.page.get_by_role("tab", name="Faults").click()
    expect(screen.page.get_by_role("switch", name="Bot token revoked")).to_be_visible()
    expect(screen.page.get_by_role("tab", name="Faults")).to_have_text("Faults")
    screen.state("20-faults")
