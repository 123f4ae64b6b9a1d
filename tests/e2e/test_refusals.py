"""Clicks that must not count: each is refused with a sentence, and the state stays as it was."""

from concurrent.futures import ThreadPoolExecutor

from tests.e2e.conftest import BOTH_TRANSPORTS, World
from tests.e2e.office import Message, buttons_of, wait_for
from tests.e2e.test_story import ACME, complete_chain, proposed

pytestmark = BOTH_TRANSPORTS


def state(world: World) -> tuple[str, int]:
    """The one switch's state, and how many approvals it has."""
    ((name,),) = world.rows("select state from switch")
    ((count,),) = world.rows("select count(*) from approval")
    return name, count


def proposal_in(world: World) -> tuple[str, Message]:
    """A proposal by Olivia that waits for both sides."""
    ts, summary = complete_chain(world)
    return ts, proposed(world, ts, summary)


def test_who_may_not_decide_is_told_so(world: World) -> None:
    """The requester, a stranger in the shared channel, and each side for the other.

    Nor does a third company in the channel look behind what is posted there.
    """
    ts, proposal = proposal_in(world)
    refused = {
        ("UOLIVIA", "Approve"): "somebody else",
        ("USTRANGER", "Approve"): "",
        ("USTRANGER", "Confirm"): "",
        ("USTRANGER", "Reject"): "",
        ("USTRANGER", "Cancel"): "",
        ("USTRANGER", "Details"): "for our team, and for the people of this partner",
        ("UGUEST", "Details"): "Guests cannot do that",
        ("UPAULA", "Approve"): "",
        ("UADAM", "Confirm"): "",
    }
    for (user, label), words in refused.items():
        person = world.member(user)
        before = len(person.ephemerals(ACME, ts))
        assert person.press(ACME, proposal, label)["ok"]
        person.told(ACME, words, ts, before)
    assert state(world) == ("proposed", 0)


def test_many_clicks_at_once_are_one_approval(world: World) -> None:
    """Adam twice and Tess once while the bot stands still: one approval, the others are told who was first."""
    ts, proposal = proposal_in(world)
    adam, tess = world.member("UADAM"), world.member("UTESS")
    with ThreadPoolExecutor(3) as clicks:
        with world.frozen_bot():
            sent = [clicks.submit(person.press, ACME, proposal, "Approve") for person in (adam, adam, tess)]
            world.wait_for_payloads(3)
        for click in sent:
            click.result()
    adam.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*")
    assert state(world) == ("proposed", 1)

    def late() -> list[Message]:
        return [one for person in (adam, tess) for one in person.ephemerals(ACME, ts)]

    wait_for("an answer to each click that came too late", lambda: len(late()) >= 2)
    assert len(late()) == 2


def test_a_click_on_an_outdated_proposal_changes_nothing(world: World) -> None:
    """The connection was changed after the proposal was shown: what was approved would not be what is done."""
    ts, proposal = proposal_in(world)
    adam = world.member("UADAM")
    world.rows("update connection set version = version + 1 where name = 'acme-https'")
    assert adam.press(ACME, proposal, "Approve")["ok"]
    adam.told(ACME, "changed", ts)
    assert state(world) == ("proposed", 0)


def test_a_rejection_needs_a_reason_and_ends_the_switch(world: World) -> None:
    """Paula rejects for ACME; the reason is shown to everybody and the buttons go."""
    ts, proposal = proposal_in(world)
    paula = world.member("UPAULA")
    assert paula.press(ACME, proposal, "Reject")["ok"]
    form = paula.modal("Reject")
    assert paula.submit(form, {})["error"] == "missing_required"
    assert paula.submit(form, {"reason": {"value": "We are in our peak week"}})["ok"]
    final = paula.sees(ACME, ts, "Switch", "rejected")
    assert not buttons_of(final)
    paula.sees(ACME, ts, "We are in our peak week", "UPAULA")
    assert state(world)[0] == "rejected"


def test_the_requester_can_take_a_proposal_back(world: World) -> None:
    """Cancelled: nothing was changed, and a new proposal is possible."""
    ts, proposal = proposal_in(world)
    olivia = world.member("UOLIVIA")
    assert olivia.press(ACME, proposal, "Cancel")["ok"]
    olivia.sees(ACME, ts, "Switch", "cancelled")
    assert state(world)[0] == "cancelled"
