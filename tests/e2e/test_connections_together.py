"""One form proposes the switch of every connection that uses the old certificate; the thread tells how each ended."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import World
from tests.e2e.forms import filled, open_by
from tests.e2e.office import Message, buttons_of, text_of, wait_for

ACME = "C0ACMEB2B"
FILE = "acme-b2b-full.p7b"
SECOND = "acme-depot"
GATEWAYS = """
[gateways.main]
kind = "files"
root = "{folder}/data/gateway"

[gateways.branch]
kind = "files"
root = "{folder}/branch"
"""


class TwoConnections(World):
    """ACME has a depot that uses the certificate of its main server, behind a gateway of its own, and is down."""

    def gateways_file(self) -> Path:
        """Two gateways."""
        path = self.folder / "gateways.toml"
        path.write_text(GATEWAYS.format(folder=self.folder))
        return path

    def starter(self) -> dict[str, Any]:
        """The demo's stock and the depot."""
        starter = self.lab.starter()
        connections: Any = starter["connections"]
        demo = [{**one, "gateway": "main"} for one in connections]
        acme = next(one for one in demo if one["name"] == "acme-https")
        depot = {**acme, "name": SECOND, "uri": "https://127.0.0.1:1/depot", "gateway": "branch"}
        return {**starter, "connections": [*demo, depot]}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The demo world with the depot, and its bot."""
    world = TwoConnections(tmp_path)
    try:
        world.start_bot()
        yield world
    finally:
        world.close()


def test_two_connections_are_switched_by_one_decision_and_each_is_told(world: World) -> None:
    """The main server has flipped and is proven; the depot is down and goes back. A new connection has a gateway."""
    olivia, adam, paula = (world.member(user) for user in ("UOLIVIA", "UADAM", "UPAULA"))
    ts = olivia.drop(ACME, FILE, world.sample(FILE))
    summary = olivia.sees(ACME, ts, "new certificate", "Chain complete")
    form = open_by(olivia, ACME, summary, "Propose switch", "Propose a switch")
    view = form if beside(form) else chosen(world, form, "acme-https")
    assert beside(view) == [SECOND], "offered, and ticked"
    assert olivia.submit(view, filled(view, also=True, reason="The old one ends soon"))["ok"]

    proposal = olivia.sees(ACME, ts, "waits for approvals", "2 connections", "certificate *in use*", "presents now: :w")
    assert all(name in text_of(proposal) for name in ("acme-https", SECOND))
    assert adam.press(ACME, proposal, "Approve")["ok"]
    half = adam.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
    world.lab.set_presented("acme", "new")
    assert paula.press(ACME, half, "Confirm")["ok"]

    proof = paula.sees(ACME, ts, "*Proven:* `acme-https`", "TLSv1.3")
    paula.sees(ACME, ts, f"*Rolled back:* `{SECOND}`", "not* in use")
    world.settle()
    final = paula.sees(
        ACME, ts, "not the same everywhere", "`acme-https`: *switched and proven*", f"`{SECOND}`: *rolled"
    )
    assert final["ts"] == proposal["ts"]
    assert not buttons_of(final), "nothing is left to decide"
    pins = [world.folder / root / "current/pins.json" for root in ("data/gateway/acme-https", f"branch/{SECOND}")]
    assert pins[0].read_text() != pins[1].read_text()
    back = open_by(adam, ACME, proof, "Undo", "Undo the switch")
    assert adam.submit(back, filled(back, reason="Their old clients fail"))["ok"]
    undo = adam.sees(ACME, ts, "waits for approvals", "Takes back the switch")
    assert SECOND not in text_of(undo), "the depot never left the old certificate"

    adds_a_connection(world, "branch")


def adds_a_connection(world: World, gateway: str) -> None:
    """Where there are two gateways the form asks for it; who typed it all is told at which one the connection is."""
    olivia = world.member("UOLIVIA")
    assert olivia.command(ACME, "connection add")["ok"]
    view = olivia.modal("Add a connection")
    sent = filled(view, name="acme-third", uri="https://127.0.0.1:1/third", gateway=gateway)
    assert olivia.submit(view, sent)["ok"]
    wait_for("the connection", lambda: world.rows("select 1 from connection where name = 'acme-third'"))
    assert world.rows("select gateway from connection where name = 'acme-third'") == [(gateway,)]
    assert f"at the gateway `{gateway}`" in text_of(olivia.modal("Connection added"))
    assert olivia.command(ACME, "connection add acme acme-fourth accepts https://127.0.0.1:1/fourth")["ok"]
    (told,) = wait_for("the answer", lambda: olivia.ephemerals(ACME))
    assert "at the gateway `main`" in text_of(told), "the first one"


def beside(view: Message) -> list[str]:
    """The connections that are ticked to be switched as well."""
    boxes = [one["element"] for one in view["blocks"] if (one.get("element") or {}).get("action_id") == "also"]
    return [one["text"]["text"] for box in boxes for one in box["initial_options"]]


def chosen(world: World, view: Message, connection: str) -> Message:
    """The form once that connection is chosen in it."""
    olivia = world.member("UOLIVIA")
    block = next(one for one in view["blocks"] if (one.get("element") or {}).get("action_id") == "propose.connection")
    option = next(one for one in block["element"]["options"] if one["text"]["text"].startswith(connection))
    where = {"view_id": view["id"], "block_id": block["block_id"], "action_id": "propose.connection"}
    assert olivia._post("/client/action", {**where, "selected_option": option})["ok"]
    return wait_for("the other connection to be offered", lambda: v if beside(v := olivia.modal()) else None)
