"""What runs durably: over `kill -9` in the middle of a switch, and beside a message that cannot be made."""

import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.e2e.conftest import World
from tests.e2e.office import buttons_of, text_of, wait_for
from tests.e2e.test_story import ACME, INITECH, complete_chain, proposed


class Gate:
    """Stands before a partner's endpoint: connections wait while it is closed, and pass when it is open."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.open = threading.Event()
        self.open.set()
        self.waiting = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        self.waiting += not self.open.is_set()
        self.open.wait()
        far = socket.create_connection(self._target)
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()

    def close(self) -> None:
        """No more connections."""
        self.open.set()
        self._listener.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        source.close()
        sink.close()


@contextmanager
def gate_before_acme(world: World) -> Iterator[Gate]:
    """ACME's connection leads through the gate."""
    uri = urlsplit(world.lab.uri("acme"))
    gate = Gate((str(uri.hostname), int(uri.port or 443)))
    try:
        world.rows("update connection set uri = ? where name = 'acme-https'", f"https://127.0.0.1:{gate.port}/b2b")
        yield gate
    finally:
        gate.close()


def version_of(world: World) -> int:
    """Counts the changes of ACME's connection."""
    ((version,),) = world.rows("select version from connection where name = 'acme-https'")
    return int(version)


def test_a_kill_in_the_middle_of_a_switch_ends_proven_and_is_told_once(quiet_world: World) -> None:
    """Written to the gateway, waiting for the proving handshake, `kill -9`: the next process proves it."""
    world = quiet_world
    with gate_before_acme(world) as gate:
        world.start_bot()
        adam, paula = world.member("UADAM"), world.member("UPAULA")
        version = version_of(world)
        ts, summary = complete_chain(world)
        proposal = proposed(world, ts, summary)
        world.lab.set_presented("acme", "new")
        assert adam.press(ACME, proposal, "Approve")["ok"]
        half = adam.sees(ACME, ts, "waits for approvals", ":white_check_mark: *Ours*: <@UADAM>")
        gate.open.clear()
        assert paula.press(ACME, half, "Confirm")["ok"]
        wait_for("the proving handshake", lambda: gate.waiting > 0)
        assert world.rows("select state from switch") == [("switching",)]
        world.kill_bot()
        gate.open.set()
        world.start_bot()
        wait_for("the end", lambda: world.rows("select state from switch") == [("proven",)])
        world.settle()
    final = next(one for one in paula.answers(ACME, ts) if one["ts"] == proposal["ts"])
    assert not buttons_of(final)
    # A note about something slow becomes the answer: two subjects, one message.
    placed = world.rows("select distinct ts from place where subject not like 'picture:%'")
    assert sorted(one["ts"] for one in paula.answers(ACME, ts)) == sorted(ts for (ts,) in placed), "none twice"
    assert version_of(world) == version + 1, "the connection moved once"


def jobs_of(world: World) -> bytes:
    """Everything that the engine has written down."""
    if world.settings.database_url:
        tables = ("workflow_status", "operation_outputs")
        return "".join(str(row) for table in tables for row in world.rows(f"select * from dbos.{table}")).encode()  # noqa: S608
    return b"".join(path.read_bytes() for path in (world.folder / "data").glob("jobs.sqlite*") if path.is_file())


def test_a_message_that_cannot_be_made_holds_up_nothing_and_no_file_reaches_the_job_database(world: World) -> None:
    """A notice that no view knows, in the same channel, before a good file and a private key."""
    olivia = world.member("UOLIVIA")
    world.rows("insert into place (subject, channel, attempted, shown) values ('riddle:1', ?, false, '')", INITECH)
    world.rows("insert into notice (subject, created_at) values ('riddle:1', '2026-11-01 00:00:00.000000')")
    good, bad = world.sample("initech-edi-new.pem"), world.sample("b2b-private-key.pem")
    ts = olivia.drop(INITECH, "new.pem", good)
    olivia.sees(INITECH, ts, "Chain complete")
    olivia.drop(INITECH, "key.pem", bad, ts)
    wait_for("the refusal", lambda: world.rows("select 1 from upload where state = 'refused'"))
    wait_for("the rest", lambda: world.rows("select subject from notice where done_at is null") == [("riddle:1",)])
    assert "riddle:1" in world.log.read_text(), "it is in the log"
    assert len(olivia.answers(INITECH, ts)) == 2
    kept = jobs_of(world)
    for content in (good, bad):
        line = content.splitlines()[2]
        assert line not in kept
        assert b64encode(line) not in kept
    assert world.workspace.bot_token.encode() not in kept
    assert world.workspace.bot_token not in world.log.read_text()
    assert not [one for one in olivia.answers(INITECH, ts) if "went wrong" in text_of(one)]
