"""What goes wrong at a running HAProxy and Envoy: each ends with the old state live, or says plainly why it cannot."""

import errno
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.gateways.base import Gateway, Role, Snapshot
from bot.gateways.condition import CheckState, Difference
from bot.gateways.errors import GatewayDamaged, GatewayUnreachable
from bot.gateways.haproxy.runtime import CommandSocket
from bot.gateways.registry import open_gateway
from tests.gateways.site import GW_NEW, GW_OLD, ISSUING, NEW, OLD, Site, leaf, material, site
from tests.gateways.switching import refusal
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.gateway


@pytest.fixture(scope="module")
def haproxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A HAProxy, for what only it can do."""
    with site("haproxy", tmp_path_factory.mktemp("only")) as made:
        yield made


def drifted(gateway: Gateway, connection: str) -> tuple[Difference, ...]:
    """How memory and disk differ."""
    found = gateway.drift(connection)
    return found.differences if found else ()


def test_a_program_that_died_refuses_the_commit_and_starts_again_with_the_old_state(there: Site) -> None:
    """Nothing was changed on the disk, so the restart brings back what was agreed on."""
    before = there.gateway.snapshot("acme-in")
    staged = there.gateway.stage("acme-in", material(NEW))
    assert there.program is not None
    there.program.kill()
    with pytest.raises(GatewayUnreachable):
        there.gateway.commit(staged)
    with pytest.raises(GatewayUnreachable) as unreachable:
        there.gateway.restore("acme-in", before)
    assert unreachable.value.data["disk"] == "restored"
    with pytest.raises(GatewayUnreachable):
        there.gateway.snapshot("acme-in")
    assert {check.state for check in there.gateway.examine() if check.code == "unreachable"} == {CheckState.BAD}
    there.program = there.start(there)
    assert (there.admits(OLD), there.admits(NEW)) == (True, False)
    assert there.gateway.snapshot("acme-in") == before


def test_after_a_switch_and_a_death_the_disk_goes_back_and_the_restart_follows(there: Site) -> None:
    """A roll-back while the program is down: said plainly, and true when it starts."""
    before = there.gateway.snapshot("acme-in")
    there.switch("acme-in", NEW)
    assert there.program is not None
    there.program.kill()
    with pytest.raises(GatewayUnreachable) as unreachable:
        there.gateway.restore("acme-in", before)
    assert unreachable.value.data["disk"] == "restored"
    there.program = there.start(there)
    assert (there.admits(OLD), there.admits(NEW)) == (True, False)
    there.gateway.restore("acme-in", before)


def test_a_certificate_whose_key_is_not_there_is_refused_before_anything_happens(there: Site) -> None:
    """The gateway's people have not laid the new key down."""
    stranger = leaf(ISSUING, "gw.example")
    refused = refusal(lambda: there.gateway.stage("gw", material(stranger, Role.PRESENTS)))
    assert (refused.code, refused.data["tried"]) == ("key_does_not_fit", "2")
    assert there.presented() == GW_OLD.der


def test_a_key_exchanged_between_staging_and_commit_is_refused(there: Site) -> None:
    """Certificate and key change in one rename, or not at all."""
    staged = there.gateway.stage("gw", material(GW_NEW, Role.PRESENTS))
    key = there.root / "gw/keys/new.key"
    key.write_text(GW_OLD.key_pem)
    try:
        assert refusal(lambda: there.gateway.commit(staged)).code == "key_does_not_fit"
        assert there.presented() == GW_OLD.der
    finally:
        key.write_text(GW_NEW.key_pem)
    there.gateway.commit(staged)
    assert there.presented() == GW_NEW.der


def test_a_certificate_that_the_program_cannot_serve_ends_with_the_old_one(there: Site) -> None:
    """A key of a curve that OpenSSL loads and so does HAProxy, but Envoy does not; it shows it all the same."""
    exotic = leaf(ISSUING, "gw.example", key_kind="brainpool")
    key = there.root / "gw/keys/exotic.key"
    key.write_text(exotic.key_pem)
    try:
        staged = there.gateway.stage("gw", material(exotic, Role.PRESENTS))
        if there.kind == "haproxy":
            there.gateway.commit(staged)
            assert there.gateway.drift("gw") is None
            return
        refused = refusal(lambda: there.gateway.commit(staged))
        assert (refused.code, refused.data["reason"]) == ("not_taken", "refused")
        assert refused.data["old_state_taken"] == "true"
        assert there.presented() == GW_OLD.der
        assert there.gateway.drift("gw") is None
        assert "updates_refused" in {check.code for check in there.gateway.examine()}
    finally:
        there.reset()
        key.unlink()


def test_a_disk_that_takes_no_more_leaves_memory_and_disk_old(there: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system has no room for the moved link, after HAProxy's memory has changed already: it changes back."""
    staged = there.gateway.stage("acme-in", material(GW_NEW))
    replace = os.replace

    def full(source: object, target: object) -> None:
        if str(target).endswith("/current"):
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        assert refusal(lambda: there.gateway.commit(staged)).code == "disk_full"
    assert (there.admits(OLD), there.admits(GW_NEW)) == (True, False)
    assert there.gateway.drift("acme-in") is None


def test_a_version_changed_on_the_disk_by_another_hand_is_a_drift(there: Site) -> None:
    """The program still runs with the old one; nobody may take the changed file for it."""
    name = "ca.pem" if there.kind == "haproxy" else "sds.json"
    file = there.root / "acme-in/current" / name
    data = file.read_bytes()
    file.write_bytes(data + b"\n")
    try:
        assert drifted(there.gateway, "acme-in") == (Difference.FILES,)
        with pytest.raises(GatewayDamaged):
            there.gateway.trust("acme-in")
        with pytest.raises(GatewayDamaged, match="drifted"):
            there.gateway.snapshot("acme-in")
    finally:
        file.write_bytes(data)
    assert there.gateway.drift("acme-in") is None


def test_a_connection_that_the_program_does_not_know_is_laid_out_once_and_then_refused(there: Site) -> None:
    """The first files come before the configuration; a switch that nobody would notice is none."""
    there.switch("new-one", OLD)
    assert drifted(there.gateway, "new-one") == (Difference.NOT_LOADED,)
    assert refusal(lambda: there.switch("new-one", NEW)).code == "not_loaded"
    assert refusal(lambda: there.gateway.snapshot("new-one")).code == "not_loaded"
    current = there.gateway.current("new-one")
    assert current is not None
    assert current.pins == (OLD.sha256,)
    there.gateway.restore("new-one", Snapshot(there.gateway.name, "new-one", None, None))
    assert there.gateway.current("new-one") is None


def test_what_the_program_needs_at_its_start_is_not_taken_away(there: Site) -> None:
    """Back to nothing would keep it from ever starting again."""
    nothing = Snapshot(there.gateway.name, "acme-in", None, None)
    assert refusal(lambda: there.gateway.restore("acme-in", nothing)).data["reason"] == "configuration_needs_files"
    assert there.admits(OLD)


def test_pins_changed_in_haproxys_memory_are_found_and_mended(haproxy: Site) -> None:
    """Somebody typed at the socket: what was agreed on is put back by a restore of what the disk holds."""
    haproxy.reset()
    pins = f"{haproxy.root}/acme-in/current/pins.lst"
    CommandSocket(haproxy.folder / "stats.sock", 5).ask(f"add acl {pins} {NEW.sha256.upper()}")
    assert haproxy.admits(NEW)
    found = haproxy.gateway.drift("acme-in")
    assert found is not None
    assert (found.differences, found.memory_pins) == ((Difference.PINS,), tuple(sorted((NEW.sha256, OLD.sha256))))
    with pytest.raises(GatewayDamaged, match="drifted"):
        haproxy.gateway.snapshot("acme-in")
    assert "drift" in {check.code for check in haproxy.gateway.examine()}
    current = haproxy.gateway.current("acme-in")
    assert current is not None
    haproxy.gateway.restore("acme-in", Snapshot("haproxy", "acme-in", current.version, current.pins[0]))
    assert haproxy.gateway.drift("acme-in") is None
    assert not haproxy.admits(NEW)


def test_somebody_elses_open_transaction_is_not_ended_and_ours_of_a_dead_bot_is(haproxy: Site) -> None:
    """HAProxy knows one at a time, in the whole process."""
    haproxy.reset()
    cli = CommandSocket(haproxy.folder / "stats.sock", 5)
    blocks = (ISSUING.pem + ISSUING.above[0].pem).encode()
    other = leaf(ISSUING)
    cli.ask("new ssl ca-file /elsewhere/ca.pem")
    assert "created" in cli.ask("set ssl ca-file /elsewhere/ca.pem", blocks)
    refused = refusal(lambda: haproxy.take("acme-in", material(GW_NEW)))
    assert refused.code == "busy"
    assert haproxy.admits(OLD)
    assert "aborted" in cli.ask("abort ssl ca-file /elsewhere/ca.pem")
    assert "created" in cli.ask(f"set ssl ca-file {haproxy.root}/acme-out/current/ca.pem", blocks)
    haproxy.take("acme-in", material(GW_NEW))
    assert haproxy.admits(GW_NEW)
    assert not haproxy.admits(other)


def test_a_configuration_that_haproxy_refuses_ends_with_the_old_certificate(haproxy: Site) -> None:
    """Somebody broke haproxy.cfg: the old worker goes on, the disk goes back."""
    haproxy.reset()
    config = haproxy.folder / "h.cfg"
    text = config.read_text()
    config.write_text(text + "\nnonsense\n")
    try:
        refused = refusal(lambda: haproxy.switch("gw", GW_NEW, Role.PRESENTS))
        assert (refused.code, refused.data["reason"]) == ("reload_failed", "refused")
        assert haproxy.presented() == GW_OLD.der
        assert haproxy.gateway.drift("gw") is None
    finally:
        config.write_text(text)
    haproxy.switch("gw", GW_NEW, Role.PRESENTS)
    assert haproxy.presented() == GW_NEW.der


def test_a_socket_that_may_not_change_anything_is_named(haproxy: Site, tmp_path: Path) -> None:
    """Level `operator` shows ACLs and changes nothing of TLS."""
    haproxy.reset()
    answers = {b"show info": b"Version: 2.6.12\n", b"show cli level": b"operator\n"}
    path = tmp_path / "operator.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(answers[connection.recv(100).strip()])

        thread = threading.Thread(target=serve)
        thread.start()
        checks = open_gateway("haproxy", {"root": tmp_path / "none", "socket": path, "timeout_s": 1}).examine()
        thread.join(PATIENCE_SECONDS)
    found = {check.code: check.state for check in checks}
    assert found["level_not_admin"] is CheckState.BAD
