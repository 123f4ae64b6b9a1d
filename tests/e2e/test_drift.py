"""The gateway was changed by hand: found at the start and by the clock, told once, put right by an approver's click."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.gateways.files import FilesGateway, FilesSettings
from bot.gateways.shelf import CURRENT
from tests.e2e.conftest import World
from tests.e2e.office import Member, Message, buttons_of, text_of, wait_for
from tests.e2e.test_home import Page, labels
from tests.e2e.test_story import ACME
from tests.gateways.site import NEW as STRANGER
from tests.gateways.site import material

CONNECTION = "acme-https"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The gateway's files were exchanged while no bot was there; the rounds are quick."""
    world = World(tmp_path)
    world.more_settings = {"DRIFT_SECONDS": "0.3"}
    try:
        exchange(world)
        world.start_bot()
        yield world
    finally:
        world.close()


def exchange(world: World) -> None:
    """By another hand than the bot's."""
    gateway = FilesGateway(FilesSettings(root=world.folder / "data/gateway"))
    gateway.commit(gateway.stage(CONNECTION, material(STRANGER)))


def current(world: World) -> Path:
    """The link to what is live."""
    return world.folder / "data/gateway" / CONNECTION / CURRENT


def told(member: Member) -> list[Message]:
    """The bot's messages about gateways in ACME's channel."""
    every = [one for one in member.channel(ACME) if one.get("bot_id") and not one.get("is_ephemeral")]
    return [one for one in every if CONNECTION in text_of(one)]


def sees(member: Member, *words: str) -> Message:
    """Wait for the one that says all this."""
    return wait_for(
        f"{words}", lambda: next((one for one in told(member) if all(word in text_of(one) for word in words)), None)
    )


def test_what_was_changed_at_the_gateway_is_put_back_by_an_approver_and_proven(world: World) -> None:
    """Others are refused in private; App Home asks approvers and tells the rest; a second one is found by the clock."""
    olivia, adam, paula = (world.member(user) for user in ("UOLIVIA", "UADAM", "UPAULA"))
    message = sees(adam, "*The gateway differs*", "ACME Components", "*Traffic fails*", "<@UADAM>")
    assert str(world.folder) not in text_of(message), "the partner's people read it"
    for member, refusal in ((olivia, "Only approvers"), (paula, "belongs to the other side")):
        assert member.press(ACME, message, "Put back")["ok"]
        member.told(ACME, refusal)
    assert "acme-https" in text_of(Page(olivia).open("Gateways that differ (1)", "waits for an approver"))
    home = Page(adam)
    asked = home.open("Waits for you (1)", "*The gateway differs*", "*Traffic fails*")
    assert "Put back what is on record" in labels(asked)
    assert olivia.command(ACME, "connections acme")["ok"]
    olivia.told(ACME, "*The gateway differs* from what is on record, since")

    home.press(asked, "Put back")
    mended = sees(paula, "*Put back:*", "OrderToCash", "TLSv1.3", "Approved by <@UADAM>", "6 fresh handshakes")
    assert mended["ts"] == message["ts"]
    assert buttons_of(mended) == []
    home.sees("Nothing waits for you")
    assert "The gateway differs" not in text_of(home.open("Ends next"))

    live = current(world).readlink()
    current(world).unlink()
    found = adam.sees(ACME, mended["ts"], "hold no certificate for this connection")
    current(world).symlink_to(live)
    over = adam.sees(ACME, mended["ts"], "It was not I who put it back")
    assert over["ts"] == found["ts"]
    world.settle()
    assert len(told(adam)) == 1
    assert len(adam.answers(ACME, mended["ts"])) == 2, "what comes back soon is told in the same thread"
    assert world.rows("select state from drift order by id") == [("mended",), ("gone",)]
    assert [one for (one,) in world.rows("select action from audit where action like 'drift.%' order by id")] == [
        "drift.found", "drift.approved", "drift.mended", "drift.found", "drift.gone"
    ]  # fmt: skip
