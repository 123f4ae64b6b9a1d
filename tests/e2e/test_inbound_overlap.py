"""A partner that only comes to us, in an overlap that lasts longer than agreed: nobody is cut off, people are asked."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import World
from tests.e2e.forms import choose, filled, open_by
from tests.e2e.office import text_of, wait_for
from tests.e2e.test_home import Page
from tests.e2e.test_modes import ACME, agreed, brought

A_WINDOW_S = 8


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The demo world with its bot."""
    made = World(tmp_path)
    try:
        made.start_bot()
        yield made
    finally:
        made.close()


def test_an_overlap_that_nobody_ended_goes_on_until_somebody_decides_in_app_home(world: World) -> None:
    """ACME's connection loses its address; the window passes, both stay accepted; Adam retires the old one in Home."""
    olivia, adam = world.member("UOLIVIA"), world.member("UADAM")
    assert olivia.command(ACME, "connection change acme-https")["ok"]
    olivia.told(ACME, "acme-https")
    form = open_by(olivia, ACME, olivia.ephemerals(ACME)[-1], "Change", "Change a connection")
    assert olivia.submit(form, filled(form, uri=""))["ok"]
    wait_for("the change", lambda: world.rows("select 1 from connection where name = 'acme-https' and uri = ''"))

    ts, summary = brought(world, ACME)
    form = open_by(olivia, ACME, summary, "Propose switch", "Propose a switch")
    form = choose(olivia, form, "propose.mode", "overlap", "until")
    assert "from then on people are asked to decide" in str(form)
    until = int(time.time()) + A_WINDOW_S
    assert olivia.submit(form, filled(form, reason="The old one ends soon", until=until))["ok"]
    agreed(world, ACME, ts, olivia.sees(ACME, ts, "waits for approvals", "both stay accepted"), "UPAULA")
    adam.sees(ACME, ts, "accepting old and new", f"If nobody has decided by <!date^{until}^")

    olivia.sees(ACME, ts, "<@UOLIVIA>, <@UADAM>", "still accepted on `acme-https`, longer than agreed")
    assert time.time() > until
    assert world.rows("select state from switch") == [("overlap",)]
    page = Page(adam)
    late = page.open("longer than agreed", "Nothing here shows whether")
    page.press(late, "Retire the old one")
    olivia.sees(ACME, ts, "*Proven:*", "The gateway itself reports that it accepts the new certificate alone")
    assert "longer than agreed" not in text_of(page.open("Nothing waits for you"))
