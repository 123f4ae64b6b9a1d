"""Wrong moves during a switch: each ends with the old state, or says why not, what was seen and what to do."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.gateways.base import Staged
from bot.gateways.errors import GatewayRefused, GatewayUnreachable
from bot.services.switches import SwitchState
from handlers.views import proof
from handlers.views.details import of_switch
from tests.databases import Database
from tests.gateways.peers import peer
from tests.lab.builders import Issued
from tests.services.endpoint import PartnerEndpoint
from tests.services.power import FailingGateway, Power
from tests.services.switch_world import NEW, OLD, THIRD, World


class Farm(PartnerEndpoint):
    """Several servers behind one address, asked in turn; the last one goes on."""

    def __init__(self, folder: Path, *servers: Issued) -> None:
        super().__init__(folder, servers[0])
        self._servers = list(servers)

    def behave(self, connection: socket.socket, stop: threading.Event) -> None:
        """One connection, to the next server."""
        self.present(self._servers.pop(0) if len(self._servers) > 1 else self._servers[0])
        super().behave(connection, stop)


@contextmanager
def farm(folder: Path, *servers: Issued) -> Iterator[str]:
    """The farm's address."""
    made = Farm(folder, *servers)
    with peer(made.behave) as address:
        yield address.uri


def said(world: World, public_id: str) -> str:
    """The outcome, as the thread tells it."""
    return str(proof.render(world.switches.report(public_id)).blocks)


@pytest.mark.parametrize("second", [OLD, THIRD], ids=["the-old-one", "a-third-one"])
def test_a_proof_that_passes_once_and_fails_the_second_time_is_none(database: Database, second: Issued) -> None:
    """One of the partner's servers has the new certificate, the next one has not."""
    with farm(database.folder / "partner", NEW, second, OLD) as uri:
        world = World(database, uri, over=())
        world.installed()
        public_id = world.approved()
        assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    switch = world.switch(public_id)
    assert (switch.outcome["code"], switch.outcome["restored"]) == ("not_proven", True)
    assert world.switches.report(public_id).proofs_for("switch")[0].verdict == "matched"
    assert world.held() == OLD.sha256
    words = said(world, public_id)
    assert "Rolled back" in words
    assert "What was seen instead" in words
    assert "What to do" in words
    assert ("still the old certificate" in words) is (second is OLD)
    world.store.close()


class BrokenGateway(FailingGateway):
    """A real gateway, of which one call ends like that of a program that is gone or of a disk that is full."""

    def __init__(self, world: World, error: GatewayRefused | GatewayUnreachable, after: bool) -> None:
        super().__init__(world.gateway, Power(None))
        self._error = error
        self._after = after

    def commit(self, staged: Staged) -> None:
        """Before anything was done, or when all was done and only the answer is lost."""
        if self._after:
            super().commit(staged)
        raise self._error


@pytest.mark.parametrize("after", [False, True], ids=["before-the-change", "after-the-change"])
@pytest.mark.parametrize(
    "error",
    [GatewayUnreachable("unreachable", {"error": "ECONNREFUSED"}), GatewayRefused("disk_full", {"error": "ENOSPC"})],
    ids=["gateway-died", "disk-full"],
)
def test_a_commit_that_breaks_ends_with_the_old_state_and_the_reason_in_the_thread(
    database: Database, error: GatewayRefused | GatewayUnreachable, after: bool
) -> None:
    """Whether the change was made or not: the snapshot is live again, and a handshake has shown it."""
    with farm(database.folder / "partner", OLD) as uri:
        world = World(database, uri, over=())
        world.installed()
        public_id = world.approved()
        assert world.rollout(BrokenGateway(world, error, after)).run(public_id) is SwitchState.ROLLED_BACK
    outcome = world.switch(public_id).outcome
    assert (outcome["code"], outcome["restored"], outcome["restore_proven"]) == (error.code, True, True)
    assert world.held() == OLD.sha256
    words = said(world, public_id)
    assert "What happened" in words
    assert "What to do" in words
    # The partner's people read the thread; what the gateway said of our inside is for ours alone.
    assert error.data["error"] not in words
    report = world.switches.report(public_id)
    inside = [str(of_switch(report, world.clock(), is_ours=is_ours)) for is_ours in (True, False)]
    assert [error.data["error"] in one for one in inside] == [True, False]
    world.store.close()
