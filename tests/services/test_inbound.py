"""A partner that only comes to us: no address to look at, so the gateway's own report is what proves a switch."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.services.chains import Chains
from bot.services.errors import BadInput
from bot.services.overlaps import Overlaps
from bot.services.overview import Overview
from bot.services.policies import Policies
from bot.services.schedule import Schedule
from bot.services.sights import Reader
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from bot.services.watch import Watch
from handlers.views import details, proof, reminder, switch
from storage.records import Policy, QuietHours
from storage.switch_records import Connection, Way
from tests.databases import Database
from tests.lab.builders import NOW, days
from tests.services.forgetful import Forgetful
from tests.services.switch_world import ADAM, CLERK, NEW, OLD, OLIVIA, PAULA, TESS, World

WINDOW = NOW + days(3)


@pytest.fixture
def world(database: Database) -> Iterator[World]:
    """Two partners' worth of people, and the connection under test without an address."""
    made = World(database, "inbound")
    made.installed()
    yield made
    made.store.close()


def approved(world: World, timing: Timing) -> str:
    """A switch with both approvals."""
    public_id = world.propose(timing=timing).public_id
    world.rollout().look(public_id)
    world.switches.approve(ADAM, public_id, Side.OURS)
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    return public_id


def test_only_what_we_accept_can_do_without_an_address(world: World) -> None:
    """By the word, or by nothing; an address can be given later, and be taken away again."""
    made: Connection = world.add_connection("acme-in", " Inbound ")
    assert (made.uri, made.comes_to_us, world.connection.comes_to_us) == ("", True, True)
    for uri in ("", "inbound"):
        with pytest.raises(BadInput):
            world.add_connection("our-gw", uri, role="presents")
    named = [one.name for one in made.choreographies]
    changed, _ = world.connections.change(OLIVIA, "acme-in", "https://b2b.acme.example/", named)
    assert not changed.comes_to_us
    changed, _ = world.connections.change(OLIVIA, "acme-in", "", named)
    assert changed.comes_to_us


def test_the_proposal_says_that_there_is_nothing_to_look_at_and_the_proof_is_the_gateways_report(world: World) -> None:
    """Asked twice; no handshake, and no word of one."""
    public_id = approved(world, Timing())
    assert world.switches.unobserved() == ()
    report = world.switches.report(public_id)
    assert report.proofs_for("before") == ()
    assert "the partner comes to us, so what it presents is seen at our gateway alone" in str(
        switch.render(report, NOW).blocks
    )
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    report = world.switches.report(public_id)
    tried = report.tries_for("switch")
    assert [(one.way, one.verdict, one.detail["accepted"]) for one in tried] == [
        (Way.REPORT, "agrees", [NEW.sha256])
    ] * 2
    said = str(proof.render(report).blocks)
    assert "The gateway itself reports that it accepts the new certificate alone" in said
    assert "No handshake: the partner comes to us" in said
    assert "handshakes" not in said
    assert "Through the gateway" not in str(details.of_switch(report, NOW))


def test_a_report_of_something_else_brings_the_old_state_back(world: World) -> None:
    """And that is proven by the report, too."""
    public_id = approved(world, Timing())
    assert world.rollout(Forgetful(world, 0)).run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restored"], outcome["restore_proven"]) == ("other_accepted", True, True)
    assert world.held() == OLD.sha256


def test_it_cannot_wait_to_be_seen_first_and_an_overlap_is_ended_by_people(world: World) -> None:
    """The clock finds nothing to look at; who retires the old one answers for it."""
    with pytest.raises(BadInput) as refused:
        approved(world, Timing(SwitchMode.FIRST_SEEN, until=WINDOW))
    assert refused.value.data["reason"] == "no_endpoint"
    public_id = approved(world, Timing(SwitchMode.OVERLAP, until=WINDOW))
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    overlaps = Overlaps(world.store, world.clock)
    watch = Watch(world.store, Schedule(world.store, world.clock), overlaps, world.clock, 5.0)
    assert watch.due() == (public_id,)
    watch.look(public_id)
    assert world.switch(public_id).state is SwitchState.OVERLAP
    assert "retired by a click: when the partner says" in str(
        switch.render(world.switches.report(public_id), NOW).blocks
    )
    overlaps.retire(ADAM, public_id)
    assert world.rollout().run(public_id) is SwitchState.PROVEN


def waits_for(world: World) -> set[str]:
    """On whose front page an overlap lasts longer than agreed."""
    overview = Overview(world.store, Chains(world.store, world.clock), world.clock)
    people = (OLIVIA, ADAM, CLERK, PAULA)
    return {one.user_id for one in people if overview.front(Reader(one)).waiting.overlaps.total}


def test_an_overlap_that_nobody_ended_cuts_nobody_off_and_people_are_asked_until_one_decides(world: World) -> None:
    """Whichever went by itself could be the one in use. First at the window's end, at last once a week."""
    public_id = approved(world, Timing(SwitchMode.OVERLAP, until=WINDOW))
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    overlaps, schedule = Overlaps(world.store, world.clock), Schedule(world.store, world.clock)
    assert waits_for(world) == set()
    asked = []
    for hour in range(-3, 28 * 24, 4):
        world.clock.now = WINDOW + timedelta(hours=hour)
        overlaps.watched()
        asked += [hour for _ in (*schedule.remind(), *schedule.remind())]
    assert asked[0] == 1
    assert [after - before for before, after in pairwise(asked)] == [4, 8, 16, 32, 64, 128, 168, 168]
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    current = world.gateway.current(world.connection.name)
    assert current is not None
    assert {*current.pins} == {OLD.sha256, NEW.sha256}
    said = str(reminder.render(world.switches.report(public_id), ["UADAM"]).blocks)
    assert waits_for(world) == {"UOLIVIA", "UADAM"}
    assert "<@UOLIVIA>, <@UADAM>: *old and new* are still accepted on `acme-https`" in said
    overlaps.retire(OLIVIA, public_id)
    assert "retired" in str(switch.render(world.switches.report(public_id), NOW).blocks)
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    assert (schedule.remind(), waits_for(world)) == ((), set())
    assert "waits for nobody any more" in str(reminder.render(world.switches.report(public_id)).blocks)


def test_nobody_is_asked_in_the_quiet_hours_of_the_partner(world: World) -> None:
    """The window ends in the night: the morning is early enough."""
    zone = QuietHours(0, 18 * 60, "UTC")
    Policies(world.store, world.clock).change(TESS, "acme", Policy(quiet=zone))
    public_id = approved(world, Timing(SwitchMode.OVERLAP, until=WINDOW))
    assert world.rollout().run(public_id) is SwitchState.OVERLAP
    schedule = Schedule(world.store, world.clock)
    world.clock.now = WINDOW + timedelta(hours=1)
    assert schedule.remind() == ()
    world.clock.now = WINDOW + timedelta(hours=7)
    assert schedule.remind() == (public_id,)
