"""The health endpoints of the real process: in both modes, and true about what they say."""

import re
import signal
import sys

import httpx
import pytest

from tests.e2e.conftest import BOTH_TRANSPORTS, World
from tests.e2e.office import wait_for
from tests.loopback import HTTP
from tests.patience import PATIENCE_SECONDS

pytestmark = BOTH_TRANSPORTS


def base_url(world: World) -> str:
    """Where the bot says that it answers, once it is connected and has said so."""
    return wait_for("its address", lambda: re.search(r"/readyz at (http://\S+)\.\n", world.log.read_text()))[1]


def ready(url: str) -> dict[str, object]:
    """What `/readyz` says; its status must agree."""
    answer = HTTP.get(f"{url}/readyz")
    report: dict[str, object] = answer.json()
    assert (answer.status_code == 200) == report["ready"]
    return report


def test_the_process_says_whether_it_is_alive_and_ready_and_goes_in_order(quiet_world: World) -> None:
    """Ready with everything there; without Slack's socket not; told to stop, it ends with code 0."""
    world = quiet_world
    world.command = [sys.executable, "-m", "bot", "run"]
    world.more_settings["HTTP_PORT"] = "0"
    world.start_bot()
    url = base_url(world)
    assert HTTP.get(f"{url}/healthz").status_code == 200
    report = ready(url)
    assert (report["ready"], report["store"], report["jobs"], report["slack"]) == (True, "ok", "ok", "ok")
    assert ("seconds_since_slack" in report) == (world.transport == "Socket Mode")
    if world.transport == "Socket Mode":
        world.workspace.stop()
        wait_for("the loss of the socket", lambda: ready(url)["slack"] == "not connected")
        assert HTTP.get(f"{url}/healthz").status_code == 200
    assert world.bot is not None
    world.bot.send_signal(signal.SIGTERM)
    assert world.bot.wait(PATIENCE_SECONDS) == 0
    with pytest.raises(httpx.TransportError):
        HTTP.get(f"{url}/healthz")
