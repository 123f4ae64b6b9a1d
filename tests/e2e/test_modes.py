"""Switches that wait: for an agreed moment, for the first sight of the new certificate, through an overlap.

One world for all; each story has a partner of its own, because a connection has one open switch at a time.
"""

import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.conftest import World
from tests.e2e.forms import choose, filled, open_by, press_in
from tests.e2e.office import Member, Message, buttons_of, text_of, wait_for
from tests.loopback import HTTP

ACME, GLOBEX, INITECH = "C0ACMEB2B", "C0GLOBEXAS2", "C0INITECHEDI"
FILES = {ACME: "acme-b2b-full.p7b", GLOBEX: "globex-as2-new.pem", INITECH: "initech-edi-new.pem"}
A_FEW_SECONDS = 5


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo world with its bot, which looks at endpoints all the time."""
    world = World(tmp_path_factory.mktemp("modes"))
    world.more_settings = {"WATCH_SECONDS": "0.3"}
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def brought(world: World, channel: str) -> tuple[str, Message]:
    """The partner's new certificate with its whole chain: the thread, and the answer in it."""
    olivia = world.member("UOLIVIA")
    ts = olivia.drop(channel, FILES[channel], world.sample(FILES[channel]))
    return ts, olivia.sees(channel, ts, "new certificate")


def proposed(person: Member, channel: str, ts: str, summary: Message, mode: str) -> Message:
    """A proposal in this mode, its window as the form has it, once the endpoint was looked at."""
    view = open_by(person, channel, summary, "Propose switch", "Propose a switch")
    view = choose(person, view, "propose.mode", mode, "until")
    assert person.submit(view, filled(view, reason="The old one ends soon"))["ok"]
    return person.sees(channel, ts, "waits for approvals", "certificate *in use*")


def agreed(world: World, channel: str, ts: str, proposal: Message, partner: str) -> None:
    """Both sides say yes."""
    adam, theirs = world.member("UADAM"), world.member(partner)
    assert adam.press(channel, proposal, "Approve")["ok"]
    half = adam.sees(channel, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
    assert theirs.press(channel, half, "Confirm")["ok"]


def files_in(person: Member, channel: str, ts: str) -> dict[str, str]:
    """The bot's files in the thread: name and address."""
    messages = person.slack.conversations_replies(channel=channel, ts=ts, limit=100)["messages"]
    found = [file for one in messages if one.get("user") == "UBOTCS" for file in one.get("files", [])]
    return {str(file["name"]): str(file["url_private"]) for file in found}


def content(person: Member, url: str) -> str:
    """A file as the person gets it."""
    return HTTP.get(url, headers={"Authorization": f"Bearer {person.token}"}).raise_for_status().text


def test_an_agreed_moment_after_one_approval_where_the_policy_says_so_and_its_evidence(world: World) -> None:
    """Globex need not confirm: a trust admin says so in the form. The past is refused at its field."""
    olivia, adam, tess = (world.member(user) for user in ("UOLIVIA", "UADAM", "UTESS"))
    assert olivia.command(GLOBEX, "policy globex")["ok"]
    assert "trust admins" in olivia.told(GLOBEX, "Switches of")
    assert tess.command(GLOBEX, "policy globex")["ok"]
    tess.told(GLOBEX, "Switches of")
    form = open_by(tess, GLOBEX, tess.ephemerals(GLOBEX)[-1], "Change", "Approval policy")
    refused = tess.submit(form, filled(form, confirms="no", quiet_from="1320", quiet_to="360", zone="Mars/North"))
    assert list(refused["errors"]) == ["zone"]
    assert tess.submit(form, filled(form, confirms="no", lives_days="7"))["ok"]
    assert "need not confirm" in text_of(tess.modal("Policy changed"))

    ts, summary = brought(world, GLOBEX)
    view = open_by(olivia, GLOBEX, summary, "Propose switch", "Propose a switch")
    view = choose(olivia, view, "propose.mode", "at", "due_at")
    past = olivia.submit(view, filled(view, reason="In time", due_at=int(time.time()) - 60))
    assert list(past["errors"]) == ["due_at"]
    world.lab.set_presented("globex", "new")
    due = int(time.time()) + A_FEW_SECONDS
    assert olivia.submit(view, filled(view, reason="In time", due_at=due))["ok"]
    proposal = olivia.sees(GLOBEX, ts, "waits for approvals", f"<!date^{due}^", "need not confirm")
    assert adam.press(GLOBEX, proposal, "Approve")["ok"]
    proof = olivia.sees(GLOBEX, ts, "*Proven:*", "TLSv1.3")
    ((changed_at,),) = world.rows("select changed_at from switch where mode = 'at' and state = 'proven'")
    assert str(changed_at) >= time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(due)), "not before its moment"

    assert adam.press(GLOBEX, proof, "Export")["ok"]
    direct = str(adam.slack.conversations_open(users="UBOTCS")["channel"]["id"])
    announced = wait_for("its announcement", lambda: next(iter(adam.channel(direct)), None))
    assert "*Evidence* of the switch" in text_of(announced)
    found = wait_for("the evidence", lambda: f if len(f := files_in(adam, direct, announced["ts"])) == 2 else None)
    assert files_in(adam, GLOBEX, ts) == {}, "the partner's people read that thread"
    document = json.loads(content(adam, next(url for name, url in found.items() if name.endswith(".json"))))
    assert (document["switch"]["state"], document["switch"]["mode"], document["doubts"]) == ("proven", "at", [])
    assert "<h2>Audit</h2>" in content(adam, next(url for name, url in found.items() if name.endswith(".html")))


def test_first_sight_tells_its_gap_and_there_is_no_way_back_to_what_has_ended(world: World) -> None:
    """Initech flips at a moment of its own; the gap until its new certificate is accepted is in the proof."""
    olivia, ian = world.member("UOLIVIA"), world.member("UIAN")
    ts, summary = brought(world, INITECH)
    proposal = proposed(olivia, INITECH, ts, summary, "first_seen")
    assert "as soon as the endpoint presents" in text_of(proposal)
    agreed(world, INITECH, ts, proposal, "UIAN")
    waiting = ian.sees(INITECH, ts, "approved and scheduled", "looked at every few seconds", "one *in use*")
    assert "Cancel" in [one["text"]["text"] for one in buttons_of(waiting)]
    time.sleep(random.uniform(0.0, 1.5))  # noqa: S311 - the partner moves when it likes: the story's own chance
    world.lab.set_presented("initech", "new")
    proof = ian.sees(INITECH, ts, "*Proven:*", "First seen at the endpoint", "s later")

    form = open_by(olivia, INITECH, proof, "Undo", "Undo the switch")
    assert olivia.submit(form, filled(form, reason="Their old clients fail"))["ok"]
    assert "has expired" in text_of(olivia.modal("Not done"))


def test_an_overlap_is_retired_by_a_click_and_its_way_back_reminds_is_voided_and_comes_again(world: World) -> None:
    """Not retired before the new one was seen. The way back needs both sides again; an edit voids what they said."""
    olivia, adam, paula = (world.member(user) for user in ("UOLIVIA", "UADAM", "UPAULA"))
    ts, summary = brought(world, ACME)
    asks_about_the_gap(olivia, ACME, ts, summary)
    is_given_up(world, ts, summary)
    proposal = proposed(olivia, ACME, ts, summary, "overlap")
    sheet = open_by(paula, ACME, proposal, "Sheet", "Sheet for the partner")
    ((sha256,),) = world.rows("select distinct to_sha256 from switch where mode = 'overlap'")
    assert ":".join(sha256[:32].upper()[place : place + 2] for place in range(0, 32, 2)) in text_of(sheet)
    press_in(paula, sheet, "Post as a file")
    told = wait_for("the word", lambda: v if "comes into the thread" in text_of(v := paula.modal()) else None)
    assert told["title"]["text"] == "Sheet for the partner"
    wait_for("the sheet", lambda: [name for name in files_in(paula, ACME, ts) if name.endswith(".txt")])
    agreed(world, ACME, ts, proposal, "UPAULA")
    both = adam.sees(ACME, ts, "accepting old and new", "The gateway accepts *old and new* since", "one *in use*")
    assert adam.press(ACME, both, "Retire")["ok"]
    adam.told(ACME, "Not yet", ts)
    world.lab.set_presented("acme", "new")
    seen = adam.sees(ACME, ts, "Only the *new* one is seen since", "retired by itself at about")
    assert adam.press(ACME, seen, "Retire")["ok"]
    proof = paula.sees(ACME, ts, "*Proven:*", "TLSv1.3")

    way_back = (adam, ACME, ts, proof)
    back = undone(*way_back)
    long_ago = f"{datetime.now(UTC) - timedelta(hours=5):%Y-%m-%d %H:%M:%S.%f}"
    world.rows("update switch set requested_at = ? where state = 'proposed'", long_ago)
    reminder = olivia.sees(ACME, ts, "still waits", "<@UTESS>: please approve", "please confirm")
    assert "UADAM" not in text_of(reminder), "who proposed it may not approve it"
    tess = world.member("UTESS")
    assert tess.press(ACME, back, "Approve")["ok"]
    tess.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UTESS>")
    add_choreography(olivia, ACME, "acme-https", "Returns")
    olivia.sees(ACME, ts, "has *expired*", "<@UTESS>: what you approved does not count any more")

    back = undone(*way_back)
    assert tess.press(ACME, back, "Approve")["ok"]
    half = tess.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UTESS>")
    world.lab.set_presented("acme", "old")
    assert paula.press(ACME, half, "Confirm")["ok"]
    wait_for("the way back", lambda: world.rows("select 1 from switch where state = 'proven' and undoes is not null"))
    world.settle()


def asks_about_the_gap(person: Member, channel: str, ts: str, summary: Message) -> None:
    """A moment after the end of the certificate in use is proposed only by who ticks that they know; then cancelled."""
    form = open_by(person, channel, summary, "Propose switch", "Propose a switch")
    form = choose(person, form, "propose.mode", "at", "due_at")
    due = int(time.time()) + 40 * 24 * 3600
    assert "accepts_gap" not in str(form)
    for ticked in (False, False, True):
        assert person.submit(form, filled(form, reason="After the freeze", due_at=due, accepts_gap=ticked))["ok"]
        if not ticked:
            form = person.modal("Propose a switch")
            assert "accepts_gap" in [one.get("block_id") for one in form["blocks"]]
    proposal = person.sees(channel, ts, "waits for approvals", f"<!date^{due}^", "presents now")
    assert person.press(channel, proposal, "Cancel")["ok"]
    person.sees(channel, ts, "was *cancelled*")


def is_given_up(world: World, ts: str, summary: Message) -> None:
    """Somebody thinks better of an overlap: the old state is back and proven, and who decided that is told."""
    olivia, adam = world.member("UOLIVIA"), world.member("UADAM")
    agreed(world, ACME, ts, proposed(olivia, ACME, ts, summary, "overlap"), "UPAULA")
    both = adam.sees(ACME, ts, "accepting old and new", "one *in use*")
    assert adam.press(ACME, both, "Give up")["ok"]
    adam.sees(ACME, ts, "*Rolled back:*", "The overlap was given up", "<@UADAM> decided that", "restored, and proven")


def undone(person: Member, channel: str, ts: str, proof: Message) -> Message:
    """The proposal of the way back."""
    form = open_by(person, channel, proof, "Undo", "Undo the switch")
    assert person.submit(form, filled(form, reason="Their old clients fail"))["ok"]
    return person.sees(channel, ts, "waits for approvals", "Takes back the switch", "presents now")


def add_choreography(person: Member, channel: str, connection: str, name: str) -> None:
    """Change the connection in its form, over which a proposal is open."""
    assert person.command(channel, f"connection change {connection}")["ok"]
    person.told(channel, connection)
    form = open_by(person, channel, person.ephemerals(channel)[-1], "Change", "Change a connection")
    names = next(one["element"] for one in form["blocks"] if one.get("block_id") == "choreographies")["initial_value"]
    assert person.submit(form, filled(form, choreographies=f"{names}\n{name}"))["ok"]
    assert "Its open switch has ended" in text_of(person.modal("Connection changed"))
