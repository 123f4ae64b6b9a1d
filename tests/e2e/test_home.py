"""App Home over the wire: each reader sees what is theirs, decides from there, and the page follows the store."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import World
from tests.e2e.office import Member, View, buttons_of, text_of, wait_for
from tests.e2e.test_story import ACME, complete_chain, proposed


@dataclass
class Page:
    """One person's Home, as their client is told of it."""

    member: Member

    def open(self, *words: str) -> View:
        """Open the tab, go to its front page, whichever was open before, and wait for these words."""
        assert self.member._post("/client/home", {"tab": "home"})["ok"]
        shown = self.waits(f"the Home of {self.member.user_id}", bool)
        if "Overview" in labels(shown):
            self.press(shown, "Overview")
        return self.sees(*words)

    def sees(self, *words: str) -> View:
        """Wait until the page has these words, without opening it again."""
        return self.waits(f"{words} on {self.member.user_id}'s Home", lambda text: all(word in text for word in words))

    def waits(self, what: str, fits: Callable[[str], bool]) -> View:
        """Wait until the page's text fits."""

        def look() -> View | None:
            events = self.member._get("/client/events", after="0")["events"]
            views = [one["view"] for one in events if one["type"] == "home"]
            return views[-1] if views and fits(text_of(views[-1])) else None

        return wait_for(what, look)

    def press(self, view: View, label: str) -> None:
        """Press a button of the page."""
        button = next(one for one in buttons_of(view) if one["text"]["text"].startswith(label))
        self.act(view, button["block_id"], button["action_id"])

    def act(self, view: View, block_id: str, action_id: str, **more: Any) -> None:
        """Use an element of the page."""
        fields = {"view_id": view["id"], "block_id": block_id, "action_id": action_id, **more}
        assert self.member._post("/client/action", fields)["ok"]


def labels(view: View) -> list[str]:
    """What can be pressed."""
    return [one["text"]["text"] for one in buttons_of(view)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all of them: each looks at it, one changes ACME's connection."""
    world = World(tmp_path_factory.mktemp("home"))
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def test_our_people_see_every_partner_and_what_ends_next(world: World) -> None:
    """With a bar, what is left, and where it is in use."""
    shown = Page(world.member("UOLIVIA")).open("Ends next", "ACME Components", "Globex", "Initech", "`initech-https`")

    assert "expired" in text_of(shown)
    assert "▓" in text_of(shown)
    assert "Partners" in labels(shown)
    assert not {"CA list", "Roles"} & set(labels(shown)), "those are for admins"


def test_a_partners_people_see_their_own_company_and_nothing_of_others(world: World) -> None:
    """Paula works for ACME: no other partner, no page of ours, also not by a forged button."""
    page = Page(world.member("UPAULA"))
    shown = page.open("Your company", "ACME Components", "acme-https")

    for other in ("Globex", "Initech", "globex", "initech"):
        assert other not in text_of(shown)
    assert not {"Partners", "CA list", "Roles"} & set(labels(shown))
    page.press(shown, "Open")
    opened = page.sees("you present", "OrderToCash")
    assert "Initech" not in text_of(opened)
    page.act(opened, "home_search", "home.search", value="initech")
    page.sees("Nothing is called", "initech")


@pytest.mark.parametrize("user_id", ["UGUEST", "USTRANGER"])
def test_guests_and_strangers_get_a_polite_page(world: World, user_id: str) -> None:
    """And nothing that can be pressed."""
    shown = Page(world.member(user_id)).open("Hello.")

    assert buttons_of(shown) == []
    assert "ACME" not in text_of(shown)


def test_a_trust_admin_sees_the_ca_list_and_who_holds_which_role(world: World) -> None:
    """With the setting that says so."""
    page = Page(world.member("UTESS"))
    page.press(page.open("Overview"), "Roles")
    page.press(page.sees("Trust admins", "TRUST_ADMINS", "<@UTESS>", "<@UADAM>"), "CA list")
    listed = page.sees("CA list (", "trust anchor")
    page.press(listed, "Show")
    assert "SHA-256 fingerprint" in text_of(page.member.modal("Certificate"))


def test_the_search_finds_by_name_subject_fingerprint_and_serial_number(world: World) -> None:
    """All of them as people have them at hand."""
    page = Page(world.member("UADAM"))
    ((sha256, serial),) = world.rows(
        "select sha256, serial from certificate join partner_certificate on certificate.id = certificate_id"
        " where display_name like 'globex-as2%' limit 1"
    )
    colons = ":".join(sha256[place : place + 2] for place in range(0, 16, 2)).upper()
    page.open("Overview")
    for text in ("globex-AS2", colons, serial.upper(), str(int(serial, 16))):
        view = page.waits("a page", bool)
        page.act(view, "home_search", "home.search", value=text)
        page.sees("Found for", text, "*globex-as2")
    page.act(page.sees("Found for"), "home_search", "home.search", value="x")
    page.sees("at least 2 characters")


def test_a_switch_is_approved_from_home_and_every_open_home_follows(world: World) -> None:
    """Adam and Paula decide without a channel; Olivia, who proposed it, is not asked; the thread says the same."""
    olivia, adam, paula = (Page(world.member(user)) for user in ("UOLIVIA", "UADAM", "UPAULA"))
    ts, summary = complete_chain(world)
    proposed(world, ts, summary)

    asked = adam.open("Waits for you (", "*Switch* of `acme-https`", "The old one ends soon")
    assert {"Approve", "Reject"} <= set(labels(asked))
    assert "Confirm for ACME Components" not in labels(asked)
    assert "Approve" not in labels(olivia.open("Open switches (1)", "`acme-https`"))
    assert {"Approve"} & set(labels(paula.open("*Switch* of `acme-https`"))) == set()

    adam.press(asked, "Approve")
    adam.waits("Adam is asked no more", lambda text: "*Switch* of `acme-https`" not in text)
    adam.member.sees(ACME, ts, "waits for approvals", "<@UADAM>")
    world.lab.set_presented("acme", "new")
    paula.press(paula.sees("*Switch* of `acme-https`"), "Confirm for ACME")
    paula.member.sees(ACME, ts, "Switch", "proven")
    paula.waits("Paula is asked no more", lambda text: "*Switch* of `acme-https`" not in text)
