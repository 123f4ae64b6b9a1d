"""Partners' channels and choreographies: by command, by form and by who may; and what Slack tells about channels."""

from collections.abc import Iterator

import pytest

from tests.e2e.commands import ask, chosen, dismiss, form_of, typed
from tests.e2e.conftest import World
from tests.e2e.office import text_of, wait_for

CERTIFICATES, NEW = "C0CERTS", "C0ACMENEW"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot."""
    world = World(tmp_path_factory.mktemp("setup"))
    try:
        # Adam may approve, but not set anything up.
        world.roles = {**world.roles, "operators": ("UOLIVIA",)}
        world.start_bot()
        yield world
    finally:
        world.close()


def partner_of(world: World, channel: str) -> str | None:
    """The key of the partner that the channel tells."""
    found = world.rows(
        "select key from partner join partner_channel on partner.id = partner_id where channel = ?", channel
    )
    return str(found[0][0]) if found else None


def audit(world: World, action: str) -> list[str]:
    """Who did that."""
    return [str(actor) for (actor,) in world.rows("select actor from audit where action = ? order by id", action)]


def test_a_partner_gets_one_more_channel_by_command_or_by_form(world: World) -> None:
    """Operators only; a channel belongs to one partner; an unfinished command opens the form with what is known."""
    olivia, adam = world.member("UOLIVIA"), world.member("UADAM")

    assert "Only operators" in text_of(ask(adam, f"partner channel acme <#{NEW}|acme-new>"))
    assert f"<#{NEW}>" in text_of(ask(olivia, f"partner channel acme <#{NEW}|acme-new>"))
    assert partner_of(world, NEW) == "acme"
    assert "already" in text_of(ask(olivia, f"partner channel globex <#{NEW}|acme-new>"))
    assert "acme" in text_of(ask(olivia, "partner channel acem <#C0OTHERCHANNEL|other>"))

    form = form_of(olivia, "partner channel globex")
    partner = next(one["element"] for one in form["blocks"] if one["element"]["action_id"] == "partner")
    assert "Globex" in partner["initial_option"]["text"]["text"]
    values = {**chosen(form, "partner", "Globex"), "channel": {"selected_conversation": CERTIFICATES}}
    assert olivia.submit(form, values)["ok"]
    wait_for("the link", lambda: partner_of(world, CERTIFICATES) == "globex")
    assert audit(world, "partner.channel_linked")[-2:] == ["UOLIVIA", "UOLIVIA"]
    dismiss(olivia, olivia.modal("Channel added"))


def test_a_choreography_is_described_by_command_or_by_form(world: World) -> None:
    """Operators only; a slip of the pen makes no new one; the list tells what each is for and where it runs."""
    olivia, adam = world.member("UOLIVIA"), world.member("UADAM")

    assert "Only operators" in text_of(ask(adam, "choreography OrderToCash orders"))
    assert "OrderToCash" in text_of(ask(olivia, "choreography OrdrToCash orders"))
    assert "Orders in <!here>" not in str(ask(olivia, "choreography OrderToCash Orders in &lt;!here&gt;"))
    form = form_of(olivia, "choreography StockReport")
    assert olivia.submit(form, typed(choreography="StockReport", description="Levels at night"))["ok"]
    dismiss(olivia, olivia.modal("Described"))

    listed = text_of(ask(adam, "choreographies"))
    assert "StockReport: Levels at night" in listed
    assert "OrderToCash" in listed
    assert "acme-https" in listed
    assert audit(world, "choreography.described") == ["UOLIVIA", "UOLIVIA"]
