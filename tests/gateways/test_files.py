"""The files gateway on a real folder: what a TLS program finds there, at every moment of a switch."""

import json
import shutil
import stat
import subprocess
import threading
from pathlib import Path

from cryptography.hazmat.primitives.serialization import pkcs12

from bot.gateways.base import Gateway, Snapshot
from bot.gateways.registry import open_gateway
from bot.gateways.shelf import KEPT_VERSIONS
from tests.gateways.switching import ISSUING, NEW, OLD, live, material, switch
from tests.lab.builders import self_signed
from tests.patience import PATIENCE_SECONDS


def test_an_accepted_certificate_lies_there_as_bundle_parts_and_pins(gateway: Gateway, root: Path) -> None:
    """The bundle is certificate, chain, anchors in this order, without a blank line that would cut it."""
    staged = switch(gateway, NEW)
    folder = root / "acme-https" / "current"
    assert (folder / "pinned.pem").read_text() == NEW.chain_pem
    assert "\n\n" not in (folder / "pinned.pem").read_text()
    assert (folder / "certificate.pem").read_text() == NEW.pem
    assert (folder / "chain.pem").read_text() == ISSUING.pem
    assert (folder / "anchors.pem").read_text() == ISSUING.above[0].pem
    pins = json.loads((folder / "pins.json").read_text())
    assert (pins["role"], pins["sha256"], pins["version"]) == ("accepts", [NEW.sha256], staged.version)
    assert pins["not_after"] == "2027-05-21T00:00:00+00:00"
    assert "b2b.acme.example" in pins["subject"]


def test_everything_is_private_to_the_gateway(gateway: Gateway, root: Path) -> None:
    """Files 0600, folders 0700."""
    switch(gateway, NEW)
    for path in (root / "acme-https").rglob("*"):
        if not path.is_symlink():
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_java_finds_every_certificate_in_the_trust_store(gateway: Gateway, root: Path) -> None:
    """A plain PKCS#12 of CA certificates shows Java 0 entries; this one must show three, trusted."""
    switch(gateway, NEW)
    store = root / "acme-https" / "current" / "truststore.p12"
    keytool = shutil.which("keytool")
    if keytool:
        shown = subprocess.run(
            [keytool, "-list", "-v", "-storetype", "PKCS12", "-keystore", store, "-storepass", "changeit"],
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout  # fmt: skip
        assert shown.count("trustedCertEntry") == 3
        for alias in ("pinned", "chain-1", "anchor-1"):
            assert f"Alias name: {alias}" in shown
        assert NEW.sha256.upper() in shown.replace(":", "")
    read = pkcs12.load_pkcs12(store.read_bytes(), b"changeit")
    assert {one.certificate for one in read.additional_certs} == {
        NEW.certificate,
        *(up.certificate for up in NEW.above),
    }


def test_a_self_signed_pin_needs_nobody_above_it(gateway: Gateway) -> None:
    """The pin is the trust."""
    globex = self_signed("as2.globex.example")
    switch(gateway, globex)
    trust = gateway.trust("acme-https")
    assert (trust.pins, trust.chain, trust.anchors) == ((globex.sha256,), (), ())


def test_a_staged_version_is_not_live_until_its_commit(gateway: Gateway) -> None:
    """A crash between stage and commit leaves the old one, and the commit still works afterwards."""
    switch(gateway, OLD)
    staged = gateway.stage("acme-https", material(NEW))
    assert live(gateway) == OLD.sha256
    gateway.commit(staged)
    gateway.commit(staged)
    assert live(gateway) == NEW.sha256


def test_staging_again_after_a_crash_makes_no_second_version(gateway: Gateway, root: Path) -> None:
    """The step is repeated by the durable workflow; so are its leftovers found and cleared."""
    first = gateway.stage("acme-https", material(NEW))
    draft = root / "acme-https" / "versions" / ".draft-0123456789ab"
    draft.mkdir()
    assert gateway.stage("acme-https", material(NEW)) == first
    assert [path.name for path in draft.parent.iterdir()] == [first.version]


def test_a_restore_goes_back_to_exactly_the_snapshot(gateway: Gateway, root: Path) -> None:
    """Also by a bot that was restarted and knows only the stored snapshot."""
    before = switch(gateway, OLD)
    stored = gateway.snapshot("acme-https").to_json()
    switch(gateway, NEW)
    again = open_gateway("files", {"root": str(root)})
    for _ in range(2):
        again.restore("acme-https", Snapshot.from_json(stored))
        current = again.current("acme-https")
        assert current is not None
        assert (current.version, current.pins) == (before.version, (OLD.sha256,))


def test_a_first_switch_is_undone_to_nothing(gateway: Gateway) -> None:
    """The snapshot of an empty gateway leads back to an empty gateway."""
    snapshot = gateway.snapshot("acme-https")
    assert (snapshot.version, snapshot.certificate) == (None, None)
    gateway.restore("acme-https", snapshot)
    switch(gateway, NEW)
    for _ in range(2):
        gateway.restore("acme-https", snapshot)
        assert gateway.current("acme-https") is None


def test_a_snapshot_survives_ten_and_more_attempts(gateway: Gateway, root: Path) -> None:
    """Old versions are pruned, never the live one, and a prune does not take the way back of the next switch."""
    switch(gateway, OLD)
    snapshot = gateway.snapshot("acme-https")
    for place in range(KEPT_VERSIONS + 3):
        gateway.stage("acme-https", material(ISSUING.leaf(f"attempt {place}")))
    assert len(list((root / "acme-https" / "versions").iterdir())) == KEPT_VERSIONS + 1
    switch(gateway, NEW)
    gateway.restore("acme-https", snapshot)
    assert live(gateway) == OLD.sha256


def test_a_reader_never_sees_a_half_swap(gateway: Gateway, root: Path) -> None:
    """A program that resolves `current` and reads finds one whole version, while swaps run as fast as they can."""
    staged = [switch(gateway, OLD), switch(gateway, NEW)]
    done = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not done.is_set():
            try:
                folder = (root / "acme-https" / "current").resolve(strict=True)
                pin = json.loads((folder / "pins.json").read_text())["sha256"][0]
                if (folder / "pinned.pem").read_text() != {OLD.sha256: OLD, NEW.sha256: NEW}[pin].chain_pem:
                    wrong.append("mixed")
            except (OSError, ValueError, KeyError) as error:
                wrong.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(200):
        gateway.commit(staged[turn % 2])
    done.set()
    reader.join(PATIENCE_SECONDS)
    assert wrong == []


def test_two_writers_of_one_connection_leave_one_whole_state(gateway: Gateway) -> None:
    """The lock is on the folder, so it holds between processes too."""
    holders = [ISSUING.leaf(f"writer {place}") for place in range(6)]
    threads = [threading.Thread(target=switch, args=(gateway, holder)) for holder in holders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert live(gateway) in {holder.sha256 for holder in holders}
    assert gateway.trust("acme-https").pins == (live(gateway),)
