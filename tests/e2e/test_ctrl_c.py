"""Ctrl-C ends `countersign run` in good order: exit code 0, no complaint, and what was under way is done later."""

import signal
from pathlib import Path

from tests.e2e.demo import ACME, Demo, forked, running
from tests.e2e.office import text_of, wait_for
from tests.loopback import HTTP
from tests.patience import PATIENCE_SECONDS

LIFE = {"DEMO_ENVOY": "false", "LOG_LEVEL": "ERROR"}


def summaries(demo: Demo, ts: str) -> int:
    """How often the bot has said in the thread of the drop what it is."""
    return sum("Chain complete" in text_of(message) for message in demo.member("UOLIVIA").answers(ACME, ts))


def test_a_ctrl_c_loses_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    """A file is dropped, Ctrl-C in the same breath, a second life on the same folder: one answer, in either life."""
    with running(tmp_path, forked, **LIFE) as demo:
        olivia = demo.member("UOLIVIA")
        (offered,) = (file["url"] for file in demo.acme()["files"] if file["name"] == "acme-b2b-full.p7b")
        content = HTTP.get(offered).content
        ts = olivia.drop(ACME, "acme-b2b-full.p7b", content)
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(PATIENCE_SECONDS) == 0
        assert demo.log.read_text().endswith("Stopping ...\n"), "nothing to complain of"
    with running(tmp_path, forked, **LIFE) as demo:
        wait_for("the answer", lambda: summaries(demo, ts))
        again = demo.member("UOLIVIA").drop(ACME, "acme-b2b-full.p7b", content)
        wait_for("the second answer", lambda: demo.member("UOLIVIA").answers(ACME, again))
        assert summaries(demo, ts) == 1
        assert "Traceback" not in demo.log.read_text()
