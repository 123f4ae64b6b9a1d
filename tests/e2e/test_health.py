"""The health endpoints of the real process: in both modes, and true about what they say."""

import re
import signal

import httpx
import pytest

from tests.e2e.conftest import BOTH_TRANSPORTS, World
from tests.e2e.office import wait_for

pytestmark = BOTH_TRANSPORTS


def base_url(world: World) -> str:
    """Where the bot says that it answers."""
    found = re.search(r"/readyz at (http://\S+)\.\n", world.log.read_text())
    assert found
    return found[1]


def ready(url: str) -> dict[str, object]:
    """What `/readyz` says; its status must agree."""
    answer = httpx.get(f"{url}/readyz", trust_env=False, timeout=10)
    report: dict[str, object] = answer.json()
    assert (answer.status_code == 200) == report["ready"]
    return report


def test_the_process_says_whether_it_is_alive_and_ready_and_goes_in_order(quiet_world: World) -> None:
    """Ready with everything there; without Slack's socket not; told to stop, it ends with code 0."""
    world = quiet_world
    world.more_settings["HTTP_PORT"] = "0"
    world.start_bot()
    url = base_url(world)
    assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    report = ready(url)
    assert (report["ready"], report["store"], report["jobs"], report["slack"]) == (True, "ok", "ok", "ok")
    assert ("seconds_since_slack" in report) == (world.transport == "Socket Mode")
    if world.transport == "Socket Mode":
        world.workspace.stop()
        wait_for("the loss of the socket", lambda: ready(url)["slack"] == "not connected")
        assert httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    assert world.bot is not None
    world.bot.send_signal(signal.SIGTERM)
    assert world.bot.wait(30) == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/healthz", trust_env=False)
