"""The other ways of a proof: through the gateway, and by its own report; kept, told, and a reason to undo."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.gateways import probe
from bot.gateways.endpoint import Endpoint
from bot.gateways.listener import Listener
from bot.services.evidence import EvidenceFile, as_document
from bot.services.overlaps import Overlaps
from bot.services.switches import Side, SwitchMode, SwitchState, Timing
from handlers.views import details, proof, switch
from handlers.views.evidence import page
from storage.switch_records import Way
from tests.databases import Database
from tests.gateways import programs
from tests.gateways.peers import peer
from tests.lab.builders import NOW, days
from tests.services.endpoint import PartnerEndpoint
from tests.services.forgetful import Forgetful
from tests.services.switch_world import ADAM, CHOREOGRAPHIES, NEW, OLD, OLIVIA, PAULA, SPOT, World

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
COMPLAINT = b"HTTP/1.1 503 Service Unavailable\r\n\r\n<html>"


class Door:
    """The gateway's own listener; it answers as it is told, one answer for each request, the last one again."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []

    def behave(self, connection: socket.socket, _: threading.Event) -> None:
        """One connection, plain."""
        request = b""
        while b"\r\n\r\n" not in request and (data := connection.recv(4096)):
            request += data
        self.requests.append(request)
        connection.sendall(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


@contextmanager
def door(*answers: bytes) -> Iterator[tuple[Door, Listener]]:
    """It, and where it is."""
    made = Door(*answers)
    with peer(made.behave) as endpoint:
        yield made, Listener(endpoint, tls=False)


@pytest.fixture
def world(database: Database, endpoint: PartnerEndpoint) -> World:
    """The usual connection, with all of its choreographies; the partner has the new certificate live already."""
    made = World(database, endpoint.uri)
    made.installed()
    endpoint.present(NEW)
    return made


def said(world: World, public_id: str) -> str:
    """The outcome, as the thread tells it."""
    return str(proof.render(world.switches.report(public_id)).blocks)


def detailed(world: World, public_id: str) -> str:
    """What is behind "Details"."""
    return str(details.of_switch(world.switches.report(public_id), NOW))


def test_a_switch_is_proven_at_the_endpoint_through_the_gateway_and_by_its_report(world: World) -> None:
    """Each choreography by a request of its own, twice; all of it kept, told in the thread and in the evidence."""
    public_id = world.approved()
    with door(OK) as (opened, listener):
        assert world.rollout(listener=listener).run(public_id) is SwitchState.PROVEN
    report = world.switches.report(public_id)
    passed = report.proofs_for("switch", Way.THROUGH)
    assert [one.choreography for one in passed] == list(CHOREOGRAPHIES) * 2
    assert {(one.verdict, one.endpoint, one.presented) for one in passed} == {("answered", listener.uri, ())}
    asked = [request.split(b"X-Choreography: ")[1].split(b"\r\n")[0] for request in opened.requests]
    assert asked == [b"Invoicing", b"OrderToCash", b"%C3%9Cbergabe"] * 2
    told = report.proofs_for("switch", Way.REPORT)
    assert [(one.verdict, one.detail["source"], one.detail["accepted"]) for one in told] == [
        ("agrees", "disk", [NEW.sha256])
    ] * 2
    words = said(world, public_id)
    assert "Through the gateway: 3 of 3 choreographies answered (200)" in words
    assert "6 fresh handshakes, 2 for each choreography" in words
    assert "accepts the new certificate alone (by its files" in words
    assert listener.uri not in words, "the partner's people read along"
    assert "Through the gateway: 3 of 3 choreographies answered (200)" in detailed(world, public_id)
    evidence = EvidenceFile(world.store, world.chains, world.clock).of(public_id)
    assert evidence.doubts == ()
    assert str(as_document(evidence)).count("'way': 'through'") == 6
    assert page(evidence).count("through the gateway") == 1, "all that showed the same are one row"


@pytest.mark.parametrize("answers", [(OK, OK, OK, COMPLAINT), ()], ids=["once", "nobody"])
def test_a_way_through_that_fails_undoes_the_switch_and_says_what_to_do(
    world: World, answers: tuple[bytes, ...]
) -> None:
    """The endpoint is fine: in the second round only, or because nobody listens there."""
    public_id = world.approved()
    if answers:
        with door(*answers) as (_, listener):
            end = world.rollout(listener=listener).run(public_id)
    else:
        nobody = Listener.parse(f"http://127.0.0.1:{programs.free_port()}/")
        end = world.rollout(listener=nobody).run(public_id)
    assert end is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restored"]) == ("no_way_through", True)
    assert world.switches.report(public_id).proofs_for("switch")[-1].verdict == "matched"
    assert world.held() == OLD.sha256
    words = said(world, public_id)
    assert "a request through the gateway did not get to the partner" in words
    assert ("HTTP/1.1 503 Service Unavailable" if answers else "nobody listens at the gateway's own address") in words
    assert ("Look at the gateway's log" if answers else "GATEWAYS_FILE") in words


def test_nothing_is_claimed_of_a_way_that_was_not_tried(world: World) -> None:
    """No listener is set: the thread does not speak of it, and the details say how to set one."""
    public_id = world.approved()
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    assert world.switches.report(public_id).proofs_for("switch", Way.THROUGH) == ()
    assert "Through the gateway" not in said(world, public_id)
    assert "Through the gateway: not tried, because `through` in GATEWAYS_FILE" in detailed(world, public_id)


def test_a_gateway_that_reports_something_else_than_agreed_undoes_the_switch(world: World) -> None:
    """Right once, wrong the second time: a handshake with the partner's endpoint is not enough."""
    public_id = world.approved()
    assert world.rollout(Forgetful(world, 1)).run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restored"]) == ("other_accepted", True)
    last = world.switches.report(public_id).proofs_for("switch", Way.REPORT)[-1]
    assert (last.verdict, last.detail["wanted"], last.detail["accepted"]) == ("differs", [NEW.sha256], [OLD.sha256])
    words = said(world, public_id)
    assert "The gateway itself reports that it accepts something else" in words
    assert "See who else changes the gateway" in words


def test_the_report_has_both_in_an_overlap_and_the_new_one_alone_afterwards(world: World) -> None:
    """A retirement whose way through fails leads back to accepting both, and the proposal says why."""
    window = Timing(SwitchMode.OVERLAP, until=NOW + days(3))
    made = world.switches.propose(OLIVIA, world.connection.id, world.new.id, "renewal", SPOT, window)
    public_id = made.public_id
    world.switches.approve(ADAM, public_id, Side.OURS)
    world.switches.approve(PAULA, public_id, Side.PARTNER)
    overlaps = Overlaps(world.store, world.clock)
    with door(OK) as (opened, listener):
        assert world.rollout(listener=listener).run(public_id) is SwitchState.OVERLAP
        overlaps.seen(public_id, probe.look(Endpoint.parse(world.connection.uri), NOW, 5.0))
        overlaps.retire(ADAM, public_id)
        opened.answers = [COMPLAINT]
        assert world.rollout(listener=listener).run(public_id) is SwitchState.OVERLAP
        trouble = world.switch(public_id).outcome["trouble"]
        assert isinstance(trouble, dict)
        assert trouble["code"] == "no_way_through"
        assert "did not get to the partner" in str(switch.render(world.switches.report(public_id), NOW).blocks)
        opened.answers = [OK]
        overlaps.retire(ADAM, public_id)
        assert world.rollout(listener=listener).run(public_id) is SwitchState.PROVEN
    report = world.switches.report(public_id)
    both = sorted([OLD.sha256, NEW.sha256])
    assert [one.detail["accepted"] for one in report.proofs_for("overlap", Way.REPORT)] == [both, both]
    assert {str(one.detail["accepted"]) for one in report.proofs_for("switch", Way.REPORT)} == {str([NEW.sha256])}


def test_what_we_present_is_proven_by_a_handshake_alone(database: Database, endpoint: PartnerEndpoint) -> None:
    """The way through leads to the partner, and what the gateway accepts is another matter."""
    world = World(database, endpoint.uri, role="presents", over=())
    endpoint.present(NEW)
    keys = database.folder / "gateway/acme-https/keys"
    keys.mkdir(parents=True)
    for name, holder in (("old", OLD), ("new", NEW)):
        (keys / f"{name}.key").write_text(holder.key_pem)
    world.installed()
    public_id = world.approved()
    nobody = Listener.parse(f"http://127.0.0.1:{programs.free_port()}/")
    assert world.rollout(listener=nobody).run(public_id) is SwitchState.PROVEN
    assert {one.way for one in world.switches.report(public_id).tries_for("switch")} == {Way.ENDPOINT}
    assert "Through" not in detailed(world, public_id)
