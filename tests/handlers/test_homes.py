"""Publishing Home: once for each change, never an older page over a newer one, and whereabouts that are asked once."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from handlers.home.homes import FOLLOWED, OPEN_SECONDS, OTHERS_SECONDS, Homes
from handlers.home.pages import Pages
from handlers.home.whereabouts import REMEMBER_SECONDS, Whereabouts
from handlers.views import leaf as leaves
from handlers.views.blocks import View, section
from handlers.views.leaf import Leaf, Tab
from storage.records import Place
from tests.handlers.slack import CHANNEL, SHARED, bot_of, person_of
from tests.patience import eventually


class Clock:
    """A time that a test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """The time now."""
        return self.now


class Board(Pages):
    """Pages that say what is on the board now."""

    def __init__(self) -> None:
        self.text = "first"
        self.drawn = 0

    def view(self, user_id: str, team_id: str, leaf: Leaf) -> View:  # noqa: ARG002 - the board is the same for all
        """What is on it, and which page was asked for."""
        self.drawn += 1
        blocks = [section(f"{self.text} {leaf.tab} {leaf.query}")]
        return View({"type": "home", "private_metadata": leaf.dumped(), "blocks": blocks})


@pytest.fixture
def homes(workspace: WorkspaceServer) -> Iterator[tuple[Homes, Board, Clock]]:
    """Open Homes over a board."""
    board, clock = Board(), Clock()
    made = Homes(bot_of(workspace), board, clock)
    made.start()
    yield made, board, clock
    made.stop()


def shown(workspace: WorkspaceServer, user_id: str) -> dict[str, Any] | None:
    """The Home that Slack shows the person."""
    token = workspace.user_token(user_id)
    client = WebClient(token, base_url=f"{workspace.url}/client/")
    return cast("dict[str, Any] | None", client.api_call("home", json={"tab": "home"}).get("view"))


def says(workspace: WorkspaceServer, user_id: str, words: str) -> dict[str, Any]:
    """Wait until it says these words."""

    def look() -> dict[str, Any] | None:
        view = shown(workspace, user_id)
        return view if view and words in view["blocks"][0]["text"]["text"] else None

    return eventually(look, f"{words!r} on the Home of {user_id}")


def test_a_page_that_another_replica_changed_is_read_again(
    workspace: WorkspaceServer, homes: tuple[Homes, Board, Clock]
) -> None:
    """Its hash is not the one that we know: Slack refuses ours, and what the store says by then is published."""
    ours, board, _ = homes
    ours.show("UOLIVIA", "T0HOME", Leaf(), None)
    says(workspace, "UOLIVIA", "first")
    other = {"type": "home", "blocks": [section("by another replica")]}
    bot_of(workspace).views_publish(user_id="UOLIVIA", view=other)

    board.text, drawn = "second", board.drawn
    ours.show("UOLIVIA", "T0HOME", Leaf(Tab.PARTNERS), "a hash of long ago")
    says(workspace, "UOLIVIA", "second partners")
    assert board.drawn >= drawn + 2


def test_what_others_do_comes_after_a_while_and_what_is_closed_is_left_alone(
    workspace: WorkspaceServer, homes: tuple[Homes, Board, Clock]
) -> None:
    """The page that is open stays open; who left long ago is not told."""
    ours, board, clock = homes
    ours.show("UADAM", "T0HOME", Leaf(Tab.SEARCH, query="acme"), None)
    says(workspace, "UADAM", "first search acme")

    board.text = "changed"
    ours.follow()
    clock.now += OTHERS_SECONDS + 1
    ours.follow()  # wakes the thread, which sleeps by the real clock
    says(workspace, "UADAM", "changed search acme")

    clock.now += OPEN_SECONDS + 1
    drawn = board.drawn
    ours.follow()
    ours.show("UOLIVIA", "T0HOME", Leaf(), None)
    says(workspace, "UOLIVIA", "changed front")
    assert board.drawn == drawn + 1


def test_so_many_homes_are_followed_and_no_more(homes: tuple[Homes, Board, Clock]) -> None:
    """Slack takes a hundred publications a minute, and memory is bounded."""
    ours, _, _ = homes
    for number in range(FOLLOWED * 3):
        ours.show(f"UNOBODY{number}", "T0HOME", Leaf(), None)
    assert len(ours._readers) == FOLLOWED


def test_whereabouts_are_asked_once_and_again_after_a_move(workspace: WorkspaceServer) -> None:
    """Also where the first answer has become old."""
    clock = Clock()
    whereabouts = Whereabouts(bot_of(workspace), clock)
    assert whereabouts.channels("UOLIVIA") >= {CHANNEL, SHARED}

    before = whereabouts.channels("UADAM")
    person_of(workspace, "UADAM").conversations_join(channel=CHANNEL)
    assert whereabouts.channels("UADAM") == before
    whereabouts.forget("UADAM")
    assert CHANNEL in whereabouts.channels("UADAM")
    clock.now += REMEMBER_SECONDS + 1
    assert CHANNEL in whereabouts.channels("UADAM")
    assert whereabouts.channels("UNOBODY") == frozenset()


def test_a_message_has_an_address_and_what_is_nowhere_has_none(workspace: WorkspaceServer) -> None:
    """As Slack gives it; a message that was deleted has none any more."""
    whereabouts = Whereabouts(bot_of(workspace))
    ts = str(bot_of(workspace).chat_postMessage(channel=CHANNEL, text="here")["ts"])

    def at(ts: str | None, channel: str = CHANNEL) -> str:
        return whereabouts.address(Place("upload:1", channel, None, ts, attempted=True, shown=""))

    assert at(ts).startswith("http")
    assert at(None) == whereabouts.address(None) == ""
    assert at("1.000001") == at(ts, "C0NOWHERE") == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"tab": "other"}',
        '{"tab": []}',
        '{"offset": -1}',
        "[" * 100_000,
        '{"tab":"front","offset":1e99}',
    ],
)
def test_a_leaf_from_outside_that_is_none_is_the_front_page(text: str) -> None:
    """It comes back in a button's value."""
    assert leaves.read(text) == Leaf()


@pytest.mark.parametrize("leaf", [Leaf(), Leaf(Tab.SEARCH, 20, True, 7, '<!channel> "x"')])
def test_a_leaf_comes_back_as_it_was(leaf: Leaf) -> None:
    """Whatever somebody searched for."""
    assert leaves.read(leaf.dumped()) == leaf
    assert len(leaf.dumped()) <= 2000
