"""`countersign check`, from files on disk to text, JSON and exit code."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from bot.public_roots import public_roots
from bot.terminal import run_check
from tests.lab.builders import NOW, Ca, days, self_signed
from tests.lab.containers import HTML_PAGE, broken_block


def check(folder: Path, file: str | bytes, *cas: str, as_json: bool = False) -> tuple[int, str]:
    """Write the files, run the command's door, give exit code and output."""
    target = folder / "partner.pem"
    target.write_bytes(file if isinstance(file, bytes) else file.encode())
    ca_files = [folder / f"ca{number}.pem" for number in range(len(cas))]
    for path, content in zip(ca_files, cas, strict=True):
        path.write_text(content)
    out = io.StringIO()
    return run_check(target, ca_files, NOW, as_json, out), out.getvalue()


def as_data(folder: Path, file: str | bytes, *cas: str) -> tuple[int, dict[str, Any]]:
    """The same with --json."""
    code, text = check(folder, file, *cas, as_json=True)
    loaded: dict[str, Any] = json.loads(text)
    return code, loaded


def test_a_complete_chain_is_drawn_as_a_tree(tmp_path: Path) -> None:
    """Root -> A -> leaf: A in the partner's own file, in front of the leaf."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    code, text = check(tmp_path, a.pem + a.leaf("leaf").pem, root.pem)
    titles = [line.strip() for line in text.splitlines() if "CN=" in line]
    assert code == 0
    assert text.splitlines()[1] == "Chain: complete, trusted up to the root"
    assert titles == [
        "CN=leaf,O=Test Trust GmbH,C=DE",
        "└─ CN=A,O=Test Trust GmbH,C=DE",
        "└─ CN=Root,O=Test Trust GmbH,C=DE  [trust anchor]",
    ]


def test_strict_holds_the_chain_to_the_letter_of_the_profile(tmp_path: Path) -> None:
    """A root without a key id: good for partners, not by the letter."""
    root = Ca.root("Root", ski=False)
    (tmp_path / "leaf.pem").write_text(root.leaf("leaf", aki=True).pem)
    (tmp_path / "ca.pem").write_text(root.pem)
    outcomes = []
    for strict in (False, True):
        out = io.StringIO()
        outcomes.append(run_check(tmp_path / "leaf.pem", [tmp_path / "ca.pem"], NOW, False, out, strict))
    assert outcomes == [0, 1]
    assert "off profile (rule no_subject_key_id)" in out.getvalue()


def test_a_missing_issuer_is_named_with_where_to_get_it(tmp_path: Path) -> None:
    """A is nowhere."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    code, text = check(tmp_path, a.leaf("leaf", aia="http://aia.example/a.cer").pem, root.pem)
    assert code == 1
    assert "MISSING  CN=A,O=Test Trust GmbH,C=DE" in text
    assert "get it at  http://aia.example/a.cer" in text


def test_json_says_the_same_for_programs(tmp_path: Path) -> None:
    """Missing issuer with key id and near miss; findings; problems of the file."""
    root = Ca.root("Root")
    a = root.intermediate("A")
    leaf = a.leaf("leaf")
    code, data = as_data(tmp_path, broken_block() + leaf.pem, root.pem, root.intermediate("A").pem)
    assert code == 1
    assert (data["format"], data["verdict"], data["anchor"]) == (1, "incomplete", None)
    assert data["at"] == NOW.isoformat()
    assert data["certificate"]["sha256"] == leaf.sha256
    (missing,) = data["missing"]
    assert missing["name"] == "CN=A,O=Test Trust GmbH,C=DE"
    assert missing["aki"] == data["certificate"]["aki"]
    assert [one["reason"] for one in missing["near_misses"]] == ["same_name_other_key"]
    assert data["problems"] == [{"place": 1, "code": "broken_base64", "data": {}}]


def test_json_of_a_complete_chain_ends_at_the_anchor(tmp_path: Path) -> None:
    """With the whole path and no complaint; a stranger in the file is named as one."""
    root = Ca.root("Root")
    leaf, stranger = root.leaf("leaf"), Ca.root("Stranger")
    code, data = as_data(tmp_path, leaf.pem + stranger.pem, root.pem)
    assert code == 0
    assert [one["sha256"] for one in data["path"]] == [leaf.sha256, root.sha256]
    assert data["anchor"] == root.sha256
    assert data["findings"] == []
    assert data["strangers"] == [stranger.sha256]


def test_a_missing_root_that_is_well_known_is_said_to_need_approval_alone(tmp_path: Path) -> None:
    """One of Mozilla's roots is in the file and not in the CA list: as text and as data."""
    first = next(iter(public_roots()))
    code, data = as_data(tmp_path, first.pem)
    assert (code, data["verdict"], data["known_root"]) == (1, "unapproved_root", first.sha256)
    assert "well-known public root" in check(tmp_path, first.pem)[1]


def test_other_paths_and_the_second_opinion_are_shown(tmp_path: Path) -> None:
    """Two roots have signed A; for the public web the leaf lacks its alternative names."""
    one, two = Ca.root("One"), Ca.root("Two")
    a = one.intermediate("A", not_after=NOW + days(30))
    files = (a.leaf("leaf").pem, one.pem, two.pem + a.pem + two.cross_sign(a, not_after=NOW + days(60)).pem)
    _, data = as_data(tmp_path, *files)
    assert [one["ends"] for one in data["paths"]] == [(NOW + days(60)).isoformat(), (NOW + days(30)).isoformat()]
    assert data["paths"][0]["sha256"] == [one["sha256"] for one in data["path"]]
    assert data["public_web"]["accepted"] is False
    _, text = check(tmp_path, *files)
    assert "As a certificate of the public web: no: " in text
    assert "Other complete paths:\n  until 2026-12-24" in text


def test_the_generation_that_the_list_has_is_told_from_the_one_that_is_wanted(tmp_path: Path) -> None:
    """By key id and dates, beside the near miss."""
    root = Ca.root("Root")
    old = root.intermediate("A")
    _, text = check(tmp_path, root.intermediate("A").leaf("leaf").pem, root.pem + old.pem)
    assert "not it     CN=A,O=Test Trust GmbH,C=DE: same name other key (key id " in text
    assert ", valid 2024-01-01 to 2034-01-01)" in text


def test_a_self_signed_certificate_is_to_be_pinned(tmp_path: Path) -> None:
    """Nothing is missing, and yet nobody vouches for it."""
    code, text = check(tmp_path, self_signed("as2").pem)
    assert code == 1
    assert "pin it by its fingerprint" in text
    assert "MISSING" not in text


@pytest.mark.parametrize("as_json", [False, True])
def test_a_private_key_is_refused_and_not_repeated(tmp_path: Path, as_json: bool) -> None:
    """Exit code 2, and nothing of the file in the output."""
    leaf = self_signed("as2")
    code, text = check(tmp_path, leaf.pem + leaf.key_pem, as_json=as_json)
    assert code == 2
    assert "private" in text
    assert not any(line in text for line in leaf.key_pem.splitlines()[1:-1])


def test_a_file_that_cannot_be_read_is_code_2(tmp_path: Path) -> None:
    """Absent, or without a certificate; also among the CA files."""
    out = io.StringIO()
    assert run_check(tmp_path / "absent.pem", [], NOW, False, out) == 2
    assert out.getvalue().startswith("absent.pem: ")
    assert check(tmp_path, HTML_PAGE)[0] == 2
    assert check(tmp_path, self_signed("x").pem, "no certificate here")[0] == 2
    assert as_data(tmp_path, HTML_PAGE)[1]["refused"] == "html"


def test_a_hostile_name_does_not_steer_the_terminal(tmp_path: Path) -> None:
    """Escape sequences and direction marks in a DN come out as text."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "\x1b[2Jevil\u202egnp.exe\n")])
    _, text = check(tmp_path, self_signed("x", subject=name).pem)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[2Jevil" in text
