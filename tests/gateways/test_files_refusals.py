"""What the files gateway refuses or finds damaged, and that its live state stays what it was."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.gateways.base import Gateway, Snapshot, Staged
from bot.gateways.errors import GatewayDamaged, GatewayMisconfigured
from bot.gateways.registry import open_gateway
from tests.gateways.switching import NEW, OLD, live, material, refusal, switch
from tests.lab.builders import self_signed


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
    assert (refused.value.code, refused.value.data["known"]) == ("unknown_kind", "envoy, files, haproxy")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"gateway": 1, "connection": "a", "version": null, "certificate": null}']
)
def test_a_stored_snapshot_that_is_none_is_an_error_not_a_guess(text: str) -> None:
    """The way back is never made up."""
    with pytest.raises(ValueError, match="not a snapshot"):
        Snapshot.from_json(text)
