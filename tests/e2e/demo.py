"""`countersign run` as a newcomer has it: one process, without any Slack settings, and the people on its page."""

import json
import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Process
from tests.e2e.launcher import launcher
from tests.e2e.office import Member, wait_for
from tests.loopback import HTTP

ACME = "C0ACMEB2B"
CHOREOGRAPHIES = {"AdvanceShipNotice", "OrderToCash", "ProcureToPay"}
PAGE = re.compile(r"Open (http://\S+) in your browser")
PROCESSES = Path("/proc")


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

    def answered(self) -> int:
        """How many of the requests to ACME were, since its server last changed."""
        return sum(int(row["note"].split(" answered")[0]) for row in self.acme()["readings"]["rows"])

    def envoy_ports(self) -> list[int]:
        """Where Envoy listens, as the folder remembers it."""
        kept = json.loads((self.data / "lab/world.json").read_bytes())["ports"]
        return [port for name, port in kept.items() if name.startswith("edge-")]

    def kill_envoy(self) -> None:
        """`kill -9` of Envoy alone, which is told by its configuration; nothing else that runs has that."""
        configuration = os.fsencode(self.data / "lab/envoy.json")
        (pid,) = (int(one.parent.name) for one in PROCESSES.glob("[0-9]*/cmdline") if is_envoy(one, configuration))
        os.kill(pid, signal.SIGKILL)

    def notice(self) -> str:
        """What the panel says at its top of what happened by itself."""
        told: dict[str, str] = self.member("UOLIVIA")._get("/client/panel").get("notice", {"text": ""})
        return told["text"]

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()


def is_envoy(command_line: Path, configuration: bytes) -> bool:
    """Whether this process is the Envoy with that configuration; the process between has it among its arguments too."""
    try:
        words = command_line.read_bytes().split(b"\0")
    except OSError:  # it has ended meanwhile
        return False
    return words[1:3] == [b"--config-path", configuration]


@contextmanager
def running(folder: Path, start: Callable[[dict[str, str], Path], Process], **settings: str) -> Iterator[Demo]:
    """The bot without any Slack settings, on the data of this folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLACK_")}
    environment = {**kept, "DATA_DIR": str(folder / "data"), "WORKSPACE_PORT": "0", "DEMO_REQUEST_SECONDS": "0.3"}
    environment |= settings
    log = folder / f"bot-{len(list(folder.glob('*.log')))}.log"
    demo = Demo(start(environment, log), log, folder / "data")
    try:
        yield demo
    finally:
        demo.kill()


def forked(environment: dict[str, str], log: Path) -> Process:
    """A process that begins with everything imported."""
    return launcher().start(environment, log)
