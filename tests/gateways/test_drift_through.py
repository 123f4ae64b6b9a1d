"""A real HAProxy and a real Envoy that somebody has changed by hand: seen, told apart, put back, and it works again."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bot.gateways.haproxy.runtime import CommandSocket
from bot.gateways.listener import Listener
from bot.services.drift_facts import Effect, Found, effect_of
from storage.switch_records import DriftState, Role, Way
from tests.databases import SQLITE, new_database
from tests.gateways.site import Site, material, plain_status, site
from tests.patience import eventually
from tests.services.drift_world import DriftWorld
from tests.services.switch_world import ADAM, NEW, OLD, OLIVIA

pytestmark = pytest.mark.gateway

NAME = "acme-out"


def typed_at_the_socket(made: Site) -> None:
    """HAProxy admits another certificate instead, until its next reload."""
    pins = f"{made.root}/{NAME}/current/pins.lst"
    socket = CommandSocket(made.folder / "stats.sock", 5)
    socket.ask(f"clear acl {pins}")
    socket.ask(f"add acl {pins} {NEW.sha256}")


def written_over(made: Site) -> None:
    """Envoy's secret, by an editor that does not move the link."""
    file = made.root / NAME / "current/sds.json"
    file.write_text(file.read_text().replace("x509", "X509") + "\n")


def taken_away(made: Site) -> None:
    """The link that the program's configuration leads through."""
    (made.root / NAME / "current").unlink()


def link_moved(made: Site) -> None:
    """To the version before, which has the other certificate."""
    folder = made.root / NAME
    other = next(one for one in (folder / "versions").iterdir() if NEW.sha256 in (one / "pins.json").read_text())
    (folder / "by-hand").symlink_to(Path("versions") / other.name)
    (folder / "by-hand").replace(folder / "current")


def found_and_put_back(world: DriftWorld, made: Site, change: Callable[[Site], None], works: bool) -> Found:
    """What the change was found to be; then an approver says so, and it is undone."""
    change(made)
    eventually(lambda: (_status(made) == 200) is works, "the program to feel it")
    drifts = world.drifts(made.gateway)
    drifts.look(NAME)
    report = drifts.report(world.every()[-1].public_id)
    drifts.approve(ADAM, report.drift.public_id, report.drift.revision)
    listener = Listener.parse(f"http://127.0.0.1:{made.ports.outbound}/b2b")
    assert world.mending(made.gateway, listener=listener).run(report.drift.public_id) is DriftState.MENDED
    over = drifts.report(report.drift.public_id)
    assert over.drift.outcome["proven"] is True
    assert [one.way for one in over.proofs] == [Way.REPORT, *([Way.ENDPOINT] * 2), *([Way.THROUGH] * 2)]
    assert made.gateway.drift(NAME) is None
    assert _status(made) == 200
    return report.found


@pytest.mark.parametrize("kind", ["haproxy", "envoy"])
def test_what_somebody_did_to_the_program_or_its_files_is_found_and_put_back(kind: str, tmp_path: Path) -> None:
    """In HAProxy's memory, in Envoy's file, and by the link that both follow, moved or taken away."""
    (tmp_path / "site").mkdir()
    with site(kind, tmp_path / "site") as made, new_database(SQLITE, tmp_path) as database:
        world = DriftWorld(database)
        made.partner.presents(OLD)
        for holder in (NEW, OLD):
            made.take(NAME, material(holder))
        world.add_connection(NAME, made.partner.endpoint.uri, over=("OrderToCash",))
        world.connections.set_certificate(OLIVIA, NAME, world.old.id)
        world.drifts(made.gateway).look(NAME)
        assert world.every() == ()

        gone = found_and_put_back(world, made, taken_away, works=True)
        assert (gone.codes, gone.files, gone.memory) == (("nothing_there",), (), (OLD.sha256,))
        assert effect_of(gone, Role.ACCEPTS) is Effect.GOES_ON
        if kind == "haproxy":
            typed = found_and_put_back(world, made, typed_at_the_socket, works=False)
            assert (typed.codes, typed.files, typed.memory) == (("pins",), (OLD.sha256,), (NEW.sha256,))
            assert effect_of(typed, Role.ACCEPTS) is Effect.FAILS
            moved = found_and_put_back(world, made, link_moved, works=True)
            assert moved.only_files, "it would begin to fail with the next reload"
            assert effect_of(moved, Role.ACCEPTS) is Effect.GOES_ON
        else:
            written = found_and_put_back(world, made, written_over, works=True)
            assert (written.codes, written.files, written.memory) == (("files",), (OLD.sha256,), (OLD.sha256,))
            moved = found_and_put_back(world, made, link_moved, works=False)
            assert (moved.codes, moved.runs) == (("other_certificate",), (NEW.sha256,))
            assert effect_of(moved, Role.ACCEPTS) is Effect.FAILS


def _status(made: Site) -> int:
    with suppress(OSError):
        return plain_status(made.ports.outbound)
    return 0
