"""The files gateway on a real folder: what a TLS program finds there, at every moment of a switch."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from bot.gateways.base import Gateway, Material, Role, Snapshot, Staged
from bot.gateways.errors import GatewayDamaged, GatewayMisconfigured, GatewayRefused
from bot.gateways.files import KEPT_VERSIONS
from bot.gateways.probe import ProofVerdict, prove
from bot.gateways.registry import open_gateway
from bot.pki.certificate import Certificate
from tests.gateways.peers import answers, peer, server_context
from tests.lab.builders import NOW, Ca, Issued, self_signed

ISSUING = Ca.root("Files Root").intermediate("Files Issuing")
OLD, NEW = ISSUING.leaf("b2b.acme.example"), ISSUING.leaf("b2b.acme.example")


def material(holder: Issued, role: Role = Role.ACCEPTS) -> Material:
    """What a switch to this certificate hands over."""
    own, *above = (Certificate.from_der(one.der) for one in (holder, *holder.above))
    return Material(role, own, tuple(above[:-1]), tuple(above[-1:]))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The gateway's folder."""
    return tmp_path / "gateway"


@pytest.fixture
def gateway(root: Path) -> Gateway:
    """A files gateway without a reload command."""
    return open_gateway("files", {"root": root})


def switch(gateway: Gateway, holder: Issued, role: Role = Role.ACCEPTS) -> Staged:
    """Stage and commit."""
    staged = gateway.stage("acme-https", material(holder, role))
    gateway.commit(staged)
    return staged


def live(gateway: Gateway) -> str | None:
    """The pin in use."""
    current = gateway.current("acme-https")
    return current.pins[0] if current else None


def refusal(run: Callable[[], object]) -> GatewayRefused:
    """The refusal that the call ends in."""
    with pytest.raises(GatewayRefused) as refused:
        run()
    return refused.value


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
    reader.join(10)
    assert wrong == []


def test_two_writers_of_one_connection_leave_one_whole_state(gateway: Gateway) -> None:
    """The lock is on the folder, so it holds between processes too."""
    holders = [ISSUING.leaf(f"writer {place}") for place in range(6)]
    threads = [threading.Thread(target=switch, args=(gateway, holder)) for holder in holders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert live(gateway) in {holder.sha256 for holder in holders}
    assert gateway.trust("acme-https").pins == (live(gateway),)


# --- role presents: the key is already there ---


def put_key(root: Path, text: str) -> Path:
    """What the gateway's own people do."""
    key = root / "acme-https" / "private.key"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text(text)
    return key


def test_a_presented_certificate_is_served_with_the_key_beside_it(gateway: Gateway, root: Path, tmp_path: Path) -> None:
    """A TLS server loads fullchain.pem and private.key from the gateway's folder, and the proof holds against it."""
    key = put_key(root, NEW.key_pem)
    switch(gateway, NEW, Role.PRESENTS)
    folder = root / "acme-https" / "current"
    assert not (folder / "truststore.p12").exists()
    context = server_context(tmp_path, OLD)
    context.load_cert_chain(folder / "fullchain.pem", key)
    with peer(answers(context, b"HTTP/1.1 204 No Content\r\n\r\n")) as endpoint:
        seen = prove(endpoint, gateway.trust("acme-https"), NOW)
    assert (seen.verdict, seen.detail["sent_chain"]) == (ProofVerdict.MATCHED, "complete")


def test_no_key_a_foreign_key_and_an_unreadable_key_each_have_their_word(gateway: Gateway, root: Path) -> None:
    """RSA beside EC counts as foreign; an encrypted key must not make OpenSSL ask for a pass phrase."""

    def stage() -> Staged:
        return gateway.stage("acme-https", material(NEW, Role.PRESENTS))

    assert refusal(stage).code == "no_key"
    put_key(root, OLD.key_pem)
    assert refusal(stage).code == "key_does_not_fit"
    put_key(root, self_signed("rsa", key_kind="rsa").key_pem)
    assert refusal(stage).code == "key_does_not_fit"
    put_key(root, "no key at all\n")
    assert refusal(stage).code == "key_unreadable"
    put_key(root, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8=\n-----END ENCRYPTED PRIVATE KEY-----\n")
    assert refusal(stage).code == "key_unreadable"
    assert gateway.current("acme-https") is None
    assert [path.name for path in (root / "acme-https" / "versions").iterdir()] == []
    put_key(root, NEW.key_pem)
    stage()


def test_a_key_changed_after_the_staging_stops_the_commit(gateway: Gateway, root: Path) -> None:
    """Nothing that cannot be served goes live."""
    put_key(root, OLD.key_pem)
    switch(gateway, OLD, Role.PRESENTS)
    put_key(root, NEW.key_pem)
    staged = gateway.stage("acme-https", material(NEW, Role.PRESENTS))
    put_key(root, OLD.key_pem)
    assert refusal(lambda: gateway.commit(staged)).code == "key_does_not_fit"
    assert live(gateway) == OLD.sha256


# --- refusals ---


@pytest.mark.parametrize("name", ["", "..", "../etc", "a/b", "Acme", "acme\n", "a" * 65, ".hidden", "ä", "a\0"])
def test_a_connection_name_that_is_no_slug_never_reaches_the_disk(gateway: Gateway, root: Path, name: str) -> None:
    """Every door of the port refuses it."""
    doors: tuple[Callable[[], object], ...] = (
        lambda: gateway.current(name),
        lambda: gateway.snapshot(name),
        lambda: gateway.trust(name),
        lambda: gateway.stage(name, material(NEW)),
        lambda: gateway.commit(Staged("files", name, "000001-0123456789abcdef", NEW.sha256)),
        lambda: gateway.restore(name, Snapshot("files", name, None, None)),
    )
    for run in doors:
        assert refusal(run).code == "bad_connection_name"
    assert not root.exists()


def test_a_bare_pin_on_an_issued_certificate_is_not_written(gateway: Gateway) -> None:
    """Without anchors some gateways would admit it even expired."""
    assert refusal(lambda: gateway.stage("acme-https", replace(material(NEW), anchors=()))).code == "bad_material"
    globex = replace(material(NEW), certificate=material(self_signed("as2.globex.example")).certificate)
    assert refusal(lambda: gateway.stage("acme-https", globex)).code == "bad_material"


def test_a_version_that_is_gone_or_changed_is_not_made_live(gateway: Gateway, root: Path) -> None:
    """Staged, then removed or edited by another hand."""
    switch(gateway, OLD)
    staged = gateway.stage("acme-https", material(NEW))
    for strange in ("../../elsewhere", "000009-0123456789abcdef"):
        assert refusal(partial(gateway.commit, replace(staged, version=strange))).code == "version_gone"
    assert refusal(lambda: gateway.commit(replace(staged, sha256=OLD.sha256))).data["reason"] == "other_certificate"
    (root / "acme-https" / "versions" / staged.version / "pinned.pem").write_text(OLD.chain_pem)
    assert refusal(lambda: gateway.commit(staged)).data["reason"] == "inconsistent"
    assert live(gateway) == OLD.sha256


def test_files_changed_behind_our_back_are_found_when_they_are_read(gateway: Gateway, root: Path) -> None:
    """Drift: another certificate in the live folder, or a `current` that leads elsewhere."""
    with pytest.raises(GatewayDamaged):
        gateway.trust("acme-https")
    switch(gateway, OLD)
    (root / "acme-https" / "current" / "certificate.pem").write_text(NEW.pem)
    with pytest.raises(GatewayDamaged, match="inconsistent"):
        gateway.current("acme-https")
    (root / "acme-https" / "current").unlink()
    (root / "acme-https" / "current").symlink_to("/etc")
    with pytest.raises(GatewayDamaged, match="inconsistent"):
        gateway.snapshot("acme-https")


def test_a_disk_that_takes_no_more_changes_nothing(tmp_path: Path) -> None:
    """A process whose files may not grow past 100 bytes stands in for a full disk (EFBIG)."""
    root = tmp_path / "gateway"
    gateway = open_gateway("files", {"root": root})
    switch(gateway, OLD)
    (tmp_path / "new.pem").write_text(NEW.chain_pem)
    script = """
import resource, signal, ssl, sys
from pathlib import Path
from bot.gateways.base import Material, Role
from bot.gateways.errors import GatewayRefused
from bot.gateways.registry import open_gateway
from bot.pki.certificate import Certificate
blocks = Path(sys.argv[2]).read_text().split("-----END CERTIFICATE-----\\n")[:-1]
leaf, *up = [Certificate.from_der(ssl.PEM_cert_to_DER_cert(one + "-----END CERTIFICATE-----\\n")) for one in blocks]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    open_gateway("files", {"root": sys.argv[1]}).stage("acme-https", Material(Role.ACCEPTS, leaf, up[:1], up[1:]))
except GatewayRefused as refused:
    print(refused.code, refused.data["error"])
"""
    said = subprocess.run([sys.executable, "-c", script, root, tmp_path / "new.pem"],
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert (said.stdout.strip(), said.stderr) == ("disk_full EFBIG", "")
    assert live(gateway) == OLD.sha256
    assert len(list((root / "acme-https" / "versions").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_a_refusal(tmp_path: Path) -> None:
    """A file stands where the folder should be: true for root too, whom no mode bits stop."""
    (tmp_path / "gateway").write_text("in the way")
    gateway = open_gateway("files", {"root": tmp_path / "gateway"})
    refused = refusal(lambda: gateway.stage("acme-https", material(NEW)))
    assert refused.code == "unwritable"
    assert str(tmp_path) not in str(refused)


def test_a_read_only_folder_keeps_its_live_version(gateway: Gateway, root: Path) -> None:
    """As an ordinary user the mode bits stop us; root goes past them, so then there is nothing to see."""
    switch(gateway, OLD)
    folder = root / "acme-https" / "versions"
    folder.chmod(0o500)
    try:
        if os.access(folder, os.W_OK):
            switch(gateway, NEW)
            assert live(gateway) == NEW.sha256
            return
        assert refusal(lambda: gateway.stage("acme-https", material(NEW))).code == "unwritable"
        assert live(gateway) == OLD.sha256
    finally:
        folder.chmod(0o700)


# --- settings ---


@pytest.mark.parametrize(
    "settings", [{}, {"root": "x", "reload": "rm -rf /"}, {"root": "x", "reload": [""]}, {"root": "x", "typo": 1},
                 {"root": "x", "reload_timeout_s": 0}, {"root": "x", "truststore_password": "short"}],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_named_without_their_values(settings: dict[str, object]) -> None:
    """A shell line instead of an argument list is one of them."""
    with pytest.raises(GatewayMisconfigured, match="bad_settings") as refused:
        open_gateway("files", settings)
    assert "rm -rf" not in str(refused.value)
    assert "short" not in refused.value.data.values()


def test_an_unknown_kind_names_the_known_ones() -> None:
    """One table, one answer."""
    with pytest.raises(GatewayMisconfigured) as refused:
        open_gateway("carrier-pigeon", {})
    assert (refused.value.code, refused.value.data["known"]) == ("unknown_kind", "files")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"gateway": 1, "connection": "a", "version": null, "certificate": null}']
)
def test_a_stored_snapshot_that_is_none_is_an_error_not_a_guess(text: str) -> None:
    """The way back is never made up."""
    with pytest.raises(ValueError, match="not a snapshot"):
        Snapshot.from_json(text)


def test_the_private_key_is_opened_by_openssl_alone(gateway: Gateway, root: Path) -> None:
    """No Python file object ever opens private.key: an audit hook sees every `open` of this process."""
    key = put_key(root, NEW.key_pem)
    opened: list[object] = []
    watching = [True]
    sys.addaudithook(lambda event, args: opened.append(args[0]) if watching[0] and event == "open" else None)
    try:
        switch(gateway, NEW, Role.PRESENTS)
    finally:
        watching[0] = False
    assert str(key) not in [str(path) for path in opened]
    assert any("fullchain.pem" in str(path) for path in opened)
