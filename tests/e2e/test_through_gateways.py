"""A switch made in Slack, as the traffic of every choreography sees it through a real HAProxy and a real Envoy."""

from collections.abc import Iterator

import pytest

from bot.gateways.base import Role
from bot.gateways.condition import Survivor
from bot.gateways.configuration import Gateways
from tests.e2e.edge import ACME, CHOREOGRAPHIES, NAMES, PAUSE_S, Answer, EdgeWorld, agreed, edge_world, proposed
from tests.e2e.office import text_of
from tests.gateways.load import after, load
from tests.gateways.site import GW_NEW, GW_OLD, ISSUING, Client, admitted, leaf

pytestmark = pytest.mark.gateway

THIRD = leaf(ISSUING, "b2b.acme-components.example")
IDLE = 5
THROUGH = "Through the gateway: 3 of 3 choreographies answered (200)"


@pytest.fixture(scope="module", params=["haproxy", "envoy"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeWorld]:
    """The demo world behind the program, for both roles: each has a connection of its own."""
    with edge_world(request.param, tmp_path_factory.mktemp(request.param)) as world:
        yield world


def everyone(world: EdgeWorld) -> list[Answer]:
    """A request of each choreography."""
    return [world.ask(name) for name in CHOREOGRAPHIES]


def all_with(which: str) -> list[Answer]:
    """Every choreography is answered, and ACME's server presented this certificate in the handshake for it."""
    return [Answer(200, name, which) for name in CHOREOGRAPHIES]


def test_what_we_accept_changes_by_overlap_and_no_request_of_any_choreography_fails(world: EdgeWorld) -> None:
    """Old alone, both, flipped, new alone; ours to ACME's server, and ACME's to us. The retired one is refused.

    What was open before lives through the overlap. Afterwards it is cut, or the gateway has said that it cannot.
    """
    old, new, port = world.acme("old"), world.acme("new"), world.ports.inbound
    assert everyone(world) == all_with("old")
    assert (admitted(port, old), admitted(port, new)) == (True, False)
    idle = [Client(port, old) for _ in range(IDLE)]
    assert [client.ask() for client in idle] == [200] * IDLE
    session = idle[0].session

    file = "acme-b2b-full.p7b"
    ts, proposal = proposed(world, file, world.sample(file), NAMES.outbound, "overlap")
    with load([*world.ours, lambda: admitted(port, old)], PAUSE_S) as good:
        agreed(world, ts, proposal)
        adam = world.member("UADAM")
        adam.sees(ACME, ts, "accepting old and new", "The gateway accepts *old and new* since")
        after(good)
        assert everyone(world) == all_with("old")
        with load([lambda: admitted(port, new)], PAUSE_S) as theirs:
            after(theirs)
            world.lab.set_presented("acme", "new")
            assert everyone(world) == all_with("new")
            seen = adam.sees(ACME, ts, "Only the *new* one is seen since")
            after(good)
    assert [client.ask() for client in idle] == [200] * IDLE

    with load([*world.ours, lambda: admitted(port, new)], PAUSE_S) as good:
        assert adam.press(ACME, seen, "Retire")["ok"]
        proof = adam.sees(ACME, ts, "*Proven:*", "TLSv1.3", *CHOREOGRAPHIES, THROUGH, "asked of the running program")
        after(good)
    lives_on = Survivor.OPEN_CONNECTIONS in Gateways.read(world.gateways_file())("edge").survivors(Role.ACCEPTS)
    assert ("go on as they are" if lives_on else "refused at their next request") in text_of(proof)
    assert everyone(world) == all_with("new")
    if world.kind == "haproxy":  # counts requests by certificate
        assert admitted(port, new)
        adam.sees(ACME, ts, "*Proven:*", "First use by a client seen at the gateway")

    assert (admitted(port, old), admitted(port, old, session)) == (False, False)
    assert [client.ask() for client in idle] == [200 if lives_on else 403] * IDLE, "as the proof says"
    for client in idle:
        client.close()
    world.lab.set_presented("acme", "old")
    assert {answer.status for answer in everyone(world)} <= {502, 503}, "no request to who goes back to the old one"
    world.lab.set_presented("acme", "new")
    assert everyone(world) == all_with("new")


def test_a_switch_that_finds_no_way_through_the_gateway_is_undone_and_says_so(world: EdgeWorld) -> None:
    """ACME's endpoint is fine, both are accepted; what is dead is the listener that our own programs send to."""
    before = everyone(world)
    data = "".join(one.pem for one in (THIRD, *THIRD.above[:-1])).encode("ascii")
    ts, proposal = proposed(world, "acme-third.pem", data, NAMES.outbound, "overlap")
    with world.way.shut():
        agreed(world, ts, proposal)
        adam = world.member("UADAM")
        undone = adam.sees(ACME, ts, "*Rolled back:*", "a request through the gateway did not get to the partner")
    said = text_of(undone)
    assert "nobody listens at the gateway's own address" in said
    assert "`countersign doctor` knocks there" in said
    assert str(world.way.port) not in said, "the partner's people read along"
    assert everyone(world) == before
    assert not admitted(world.ports.inbound, THIRD)


def test_what_we_present_changes_without_a_failed_handshake_and_is_proven_from_outside(world: EdgeWorld) -> None:
    """A renewal with a new key under another CA; the bot has no client certificate, and needs none to see ours."""
    client = world.pinned()
    assert world.presented() == GW_OLD.der
    data = "".join(one.pem for one in (GW_NEW, *GW_NEW.above[:-1])).encode("ascii")
    ts, proposal = proposed(world, "nordwind-gw.pem", data, NAMES.ours)
    with load([*world.ours, lambda: admitted(world.ports.inbound, client)], PAUSE_S) as good:
        after(good)
        paula = agreed(world, ts, proposal)
        paula.sees(ACME, ts, "*Proven:*", "TLSv1.3", *CHOREOGRAPHIES)
        assert {world.presented() for _ in range(5)} == {GW_NEW.der}
        after(good)
