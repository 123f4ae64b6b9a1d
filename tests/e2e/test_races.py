"""Many people act on one switch at once, over the wire: one outcome, and everybody who came too late is told so."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from tests.at_once import at_once
from tests.e2e.conftest import BOTH_TRANSPORTS, World
from tests.e2e.office import Member, Message, View, wait_for
from tests.e2e.test_story import ACME, complete_chain, propose

pytestmark = BOTH_TRANSPORTS
ENDS = ("rejected", "cancelled", "expired", "proven", "rolled_back", "failed")
# How often each person clicks what; with the two forms of rejection that are sent it makes fifty.
CLICKS = (("UADAM", "Approve", 12), ("UTESS", "Approve", 12), ("UPAULA", "Confirm", 12), ("UOLIVIA", "Cancel", 12))


def only_proposal(world: World, ts: str, summary: Message) -> Message:
    """Three people have the form open and send it; the proposal of the one who was first."""
    people = [world.member(user) for user in ("UOLIVIA", "UADAM", "UTESS")]
    answers = at_once([partial(propose, person, ACME, summary) for person in people])
    refused = [answer for answer in answers if answer.get("errors")]
    assert len(refused) == len(people) - 1, answers
    assert all("open" in str(answer["errors"]) for answer in refused), answers
    proposal = people[0].sees(ACME, ts, "waits for approvals", "presents now", "certificate *in use*")
    assert world.rows("select state from switch") == [("proposed",)]
    return proposal


def rejection(person: Member, proposal: Message) -> View:
    """The open form in which the person says why not."""
    assert person.press(ACME, proposal, "Reject")["ok"]
    return person.modal("Reject")


def actions(world: World) -> Counter[str]:
    """How often the audit has each thing that was done with the one switch."""
    return Counter(action for (action,) in world.rows("select action from audit where subject like ?", "switch:%"))


def test_proposals_and_fifty_clicks_at_once_have_one_outcome_and_tell_the_others(world: World) -> None:
    """Of three proposals one is open; then two approvals at most, one end, and an answer to every click."""
    ts, summary = complete_chain(world)
    proposal = only_proposal(world, ts, summary)
    world.lab.set_presented("acme", "new")
    adam, paula = world.member("UADAM"), world.member("UPAULA")
    no = {"reason": {"value": "Not this week"}}
    forms = [(person, rejection(person, proposal)) for person in (adam, paula)]
    acts = [partial(person.submit, form, no) for person, form in forms]
    acts += [
        partial(world.member(user).press, ACME, proposal, label) for user, label, often in CLICKS for _ in range(often)
    ]
    assert len(at_once(acts)) == 50
    wait_for("the end", lambda: world.rows("select 1 from switch where state in (?, ?, ?, ?, ?, ?)", *ENDS))
    world.settle()

    done = actions(world)
    ((state,),) = world.rows("select state from switch")
    assert {end: done[f"switch.{end}"] for end in ENDS if done[f"switch.{end}"]} == {state: 1}
    assert done["switch.approval"] <= 2
    assert done["switch.switching"] <= 1
    counted = done["switch.approval"] + done["switch.cancelled"]
    clickers = [world.member(user) for user, _, _ in CLICKS]
    told = len(acts) - len(forms) - counted
    wait_for("all who came too late to be told", lambda: _told(clickers, ts) == told)


def _told(people: Sequence[Member], ts: str) -> int:
    return sum(len(person.ephemerals(ACME, ts)) for person in people)
