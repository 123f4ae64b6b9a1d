"""The chains of 14 public web sites as they were served, through the door of `countersign check`."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.pki.certificate import Certificate
from bot.terminal import run_check
from tests.conformance.suites import Case, cases, certificate

SITES = [case for case in cases("limbo_core.json") if case.id.startswith("online::")]


@lru_cache
def public_roots() -> dict[tuple[bytes, str], bytes]:
    """Certifi's roots: name and key, and the PEM."""
    loaded = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
    values = [Certificate.from_der(one.public_bytes(Encoding.DER)) for one in loaded]
    return {(one.subject.canonical, one.key.spki_sha256): one.pem.encode() for one in values}


def check(folder: Path, case: Case, ca_files: Sequence[Path]) -> tuple[int, dict[str, Any]]:
    """Run the command on the chain as the site served it."""
    served = folder / "served.pem"
    served.write_text("\n".join([case.raw["peer_certificate"], *case.raw["untrusted_intermediates"]]))
    out = io.StringIO()
    code = run_check(served, ca_files, case.moment, True, out)
    report: dict[str, Any] = json.loads(out.getvalue())
    return code, report


def test_there_are_14_sites() -> None:
    """None was lost."""
    assert len(SITES) == 14


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in SITES])
def test_the_path_of_a_real_site_is_right(case: Case, tmp_path: Path) -> None:
    """From the site's certificate to the suite's own root, every link signed by the next."""
    ca_file = tmp_path / "root.pem"
    ca_file.write_text("\n".join(case.raw["trusted_certs"]))
    code, report = check(tmp_path, case, [ca_file])
    path = report["path"]
    assert (code, report["verdict"]) == (0, "complete")
    assert path[0]["sha256"] == certificate(case.raw["peer_certificate"]).sha256
    assert report["anchor"] == path[-1]["sha256"] in {certificate(pem).sha256 for pem in case.raw["trusted_certs"]}
    assert [one["issuer"] for one in path[:-1]] == [one["subject"] for one in path[1:]]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in SITES])
def test_the_path_of_a_real_site_is_right_among_all_public_roots(case: Case, tmp_path: Path) -> None:
    """With certifi's whole list. Where that does not have the site's root, the root is named as missing."""
    ca_file = tmp_path / "certifi.pem"
    ca_file.write_bytes(b"".join(public_roots().values()))
    root = certificate(case.raw["trusted_certs"][0])
    listed = (root.subject.canonical, root.key.spki_sha256) in public_roots()
    code, report = check(tmp_path, case, [ca_file])
    if listed:
        assert (code, report["verdict"]) == (0, "complete")
        assert report["path"][0]["sha256"] == certificate(case.raw["peer_certificate"]).sha256
    else:
        assert code in {0, 1}
        assert code == 0 or [one["name"] for one in report["missing"]] == [root.subject.rfc4514]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in SITES])
def test_a_real_site_without_its_root_lacks_exactly_that_one(case: Case, tmp_path: Path) -> None:
    """No CA list at all: the root is named, unless the site sent it along."""
    root = certificate(case.raw["trusted_certs"][0])
    code, report = check(tmp_path, case, [])
    assert code == 1
    assert root.subject.rfc4514 in {one["name"] for one in report["missing"]} | {report["path"][-1]["subject"]}
