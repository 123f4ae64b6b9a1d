"""What an auditor gets for a switch, on the command line and as a page, and the doubts that come with it."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from bot.auditing import BROKEN, UNUSABLE, WHOLE, run_evidence
from bot.cli import main
from bot.services.errors import NotFound
from bot.services.evidence import FORM, Doubt, EvidenceFile, as_document
from bot.services.proof_digest import digest_of_proofs
from bot.services.switches import SwitchMode, SwitchState, Timing
from handlers.views.evidence import page
from storage.switch_records import Proof, Way
from tests.databases import Database
from tests.lab.builders import NOW
from tests.services.by_hand import by_hand
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import ADAM, NEW, OLD, OLIVIA, SPOT, World

WINDOW = Timing(SwitchMode.FIRST_SEEN, until=NOW + timedelta(days=3))
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/evidence.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def proven(world: World, endpoint: PartnerEndpoint) -> str:
    """A switch that was proven."""
    public_id = world.approved()
    endpoint.present(NEW)
    assert world.rollout().run(public_id) is SwitchState.PROVEN
    return public_id


def file_of(world: World) -> EvidenceFile:
    """Where evidence comes from."""
    return EvidenceFile(world.store, world.chains, world.clock)


def test_the_evidence_tells_the_whole_switch_and_has_no_doubt(world: World, proven: str) -> None:
    """Request, both approvals bound to the fingerprint, handshakes, and every audit entry with its digest."""
    evidence = file_of(world).of(proven)
    document = as_document(evidence)
    assert evidence.doubts == ()
    read = json.loads(json.dumps(document))
    assert (read["switch"]["state"], read["switch"]["requested_by"]) == ("proven", "UOLIVIA")
    assert [(one["side"], one["user"], one["to_sha256"]) for one in read["approvals"]] == [
        ("ours", "UADAM", NEW.sha256),
        ("partner", "UPAULA", NEW.sha256),
    ]
    assert (read["from"]["sha256"], read["to"]["sha256"]) == (OLD.sha256, NEW.sha256)
    assert read["to"]["pem"] == NEW.pem
    proofs = [one for one in read["proofs"] if one["purpose"] == "switch"]
    assert {one["presented"][0] for one in proofs if one["way"] == "endpoint"} == {NEW.sha256}
    assert [one["detail"]["accepted"] for one in proofs if one["way"] == "report"] == [[NEW.sha256]] * 2
    entries = read["audit"]["entries"]
    assert (entries[0]["action"], entries[-1]["action"]) == ("switch.proposed", "switch.proven")
    assert all(re.fullmatch("[0-9a-f]{64}", one["digest"]) for one in entries)
    assert read["audit"]["head"]["digest"] == entries[-1]["digest"]


def test_the_entry_that_ends_a_switch_names_its_handshakes(world: World, proven: str) -> None:
    """How many, and the digest of all; a rolled-back switch too."""
    evidence = file_of(world).of(proven)
    last = evidence.entries[-1]
    assert last.data["proofs"] == len(evidence.report.proofs) > 0
    assert last.data["proofs_digest"] == digest_of_proofs(evidence.report.proofs)


def test_the_digest_of_handshakes_is_what_earlier_releases_made_of_them() -> None:
    """Audits name it: a way that all proofs had before there was another must not change it."""
    at = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    proof = Proof(
        1, 1, "switch", "OrderToCash", "https://h/", at, 12, "matched", ("ab" * 32,), "TLSv1.3", "C", {"a": 1}
    )
    before = "2b11aa5c67d6dcd30ab940926d9d9c82b963a866f98a9054be6ed813516360c8"
    assert digest_of_proofs([proof]) == before
    assert digest_of_proofs([replace(proof, way=Way.THROUGH)]) != before


def test_the_document_is_what_its_schema_says(world: World, endpoint: PartnerEndpoint) -> None:
    """In every state on the way, with a moment, a window, others beside it, and a way back."""
    check = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    check.check_schema(SCHEMA)
    assert SCHEMA["title"] == FORM

    def told(public_id: str) -> dict[str, Any]:
        document = json.loads(json.dumps(as_document(file_of(world).of(public_id))))
        assert [error.message for error in check.iter_errors(document)] == []
        switch: dict[str, Any] = document["switch"]
        return {**switch, "together": [one["connection"] for one in document["together"]]}

    moment = world.clock() + timedelta(days=1)
    other = world.add_connection("acme-as2", endpoint.uri, over=())
    world.connections.set_certificate(OLIVIA, "acme-as2", world.old.id)
    for timing, dated in ((Timing(SwitchMode.AT, due_at=moment), "due_at"), (WINDOW, "until")):
        made = world.switches.propose(OLIVIA, world.connection.id, world.new.id, "renewal", SPOT, timing, [other.id])
        asked = told(made.public_id)
        assert [name for name in ("due_at", "until") if asked[name]] == [dated]
        assert (asked["bundle"], asked["together"]) == (made.public_id, ["acme-https", "acme-as2"])
        world.switches.cancel(OLIVIA, made.public_id)
    failed = world.approved()
    assert world.rollout().run(failed) is SwitchState.ROLLED_BACK
    endpoint.present(NEW)
    proven = world.approved()
    assert world.rollout().run(proven) is SwitchState.PROVEN
    back = world.switches.propose_undo(OLIVIA, proven, "wrong file", SPOT).public_id
    assert [told(one)["state"] for one in (failed, proven, back)] == ["rolled_back", "proven", "proposed"]
    assert (told(back)["undoes"], told(proven)["undoes"], told(proven)["bundle"]) == (proven, None, None)


def test_a_rolled_back_switch_has_its_evidence_too(world: World) -> None:
    """The partner never flipped: what was seen instead, and the proven restore."""
    public_id = world.approved()
    assert world.rollout().run(public_id) is SwitchState.ROLLED_BACK
    evidence = file_of(world).of(public_id)
    assert evidence.doubts == ()
    assert {one.purpose for one in evidence.report.proofs} >= {"switch", "restore"}
    assert evidence.entries[-1].data["proofs"] == len(evidence.report.proofs)


@pytest.mark.parametrize(
    ("statement", "doubt"),
    [
        ("UPDATE audit SET actor = 'UEVE' WHERE action = 'switch.approved'", Doubt.ENTRY_CHANGED),
        ("UPDATE switch SET state = 'rolled_back'", Doubt.STATE_DIFFERS),
        ("UPDATE approval SET user_id = 'UEVE' WHERE side = 'ours'", Doubt.APPROVAL_UNAUDITED),
        ("UPDATE approval SET to_sha256 = from_sha256 WHERE side = 'partner'", Doubt.APPROVAL_UNAUDITED),
        ("UPDATE proof SET verdict = 'other' WHERE purpose = 'switch'", Doubt.PROOFS_DIFFER),
        ("DELETE FROM proof WHERE purpose = 'switch'", Doubt.PROOFS_DIFFER),
    ],
)
def test_what_was_changed_by_hand_is_a_doubt(world: World, proven: str, statement: str, doubt: Doubt) -> None:
    """In the audit, the switch, an approval, a proof."""
    by_hand(world.store, statement)
    assert doubt in file_of(world).of(proven).doubts


def test_an_open_switch_has_evidence_so_far(world: World) -> None:
    """Proposed only: no decision, no doubt."""
    public_id = world.propose().public_id
    evidence = file_of(world).of(public_id)
    assert (evidence.approvals, evidence.doubts) == ((), ())
    assert "Nobody has decided." in page(evidence)
    with pytest.raises(NotFound):
        file_of(world).of("none")


def test_a_rejected_switch_has_no_doubt_and_keeps_the_reason(world: World) -> None:
    """The decision is in the audit as its own end."""
    public_id = world.propose().public_id
    world.switches.reject(ADAM, public_id, "not before the freeze ends")
    evidence = file_of(world).of(public_id)
    assert evidence.doubts == ()
    assert [(one.approved, one.user_id) for one in evidence.approvals] == [(False, "UADAM")]
    assert "not before the freeze ends" in page(evidence)


class Read(HTMLParser):
    """The tags, attributes and words of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One tag."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        """Words between tags."""
        self.words += data


def test_the_page_says_what_the_document_says_and_loads_nothing(world: World, proven: str) -> None:
    """Fingerprints, people and digests are on it; no script, no address to load from, no text turned round."""
    by_hand(world.store, "UPDATE switch SET reason = '<script>alert(1)</script> \u202e<img src=x onerror=y>'")
    evidence = file_of(world).of(proven)
    read = Read(page(evidence))
    assert not {"script", "img", "link", "iframe", "a", "form"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name in {"src", "href", "style"} or name.startswith("on")]
    assert "\u202e" not in read.words
    assert "<script>alert(1)</script>" in read.words, "it is shown, as text"
    plain_words = read.words.replace(" ", "").lower()
    for known in (NEW.sha256, OLD.sha256, "uadam", "upaula", evidence.head.digest, evidence.entries[0].digest):
        assert known in plain_words


def test_a_doubt_stands_on_the_page(world: World, proven: str) -> None:
    """Where a reader sees it first."""
    by_hand(world.store, "UPDATE proof SET verdict = 'other' WHERE purpose = 'switch'")
    words = Read(page(file_of(world).of(proven))).words
    assert words.index("Doubt:") < words.index("Request")


def test_the_command_line_prints_the_document_or_writes_the_page(
    world: World, proven: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit code 0; 1 with a doubt, which is said; 2 for a switch that is not there."""
    out, html = tmp_path / "out.json", tmp_path / "page.html"

    def run(public_id: str, file: Path | None) -> tuple[int, str]:
        with out.open("w", encoding="utf-8") as stream, (tmp_path / "told").open("w", encoding="utf-8") as told:
            code = run_evidence(file_of(world), public_id, file, stream, told)
        return code, (tmp_path / "told").read_text(encoding="utf-8")

    assert run(proven, None) == (WHOLE, "")
    assert json.loads(out.read_text(encoding="utf-8"))["form"] == FORM
    assert run(proven, html) == (WHOLE, "")
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("none", None)[0] == UNUSABLE
    by_hand(world.store, "DELETE FROM proof")
    assert run(proven, None) == (BROKEN, "countersign: proofs_differ\n")
    assert capsys.readouterr().out == ""


def test_audit_verify_tells_whole_broken_and_unusable_by_its_exit_code(
    world: World,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The head that one run prints is what a later one expects; a changed row is named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    def verify(*more: str) -> tuple[int, str]:
        code = main(["audit", "verify", *more])
        return code, capsys.readouterr().out

    code, said = verify()
    head = re.search(r"Head: ([0-9a-f]{64})", said)
    assert (code, head is not None, "The chain is whole." in said) == (0, True, True)
    assert head is not None
    world.propose()
    code, said = verify("--expect", head.group(1).upper())
    assert (code, "The expected head is entry" in said) == (0, True)
    code, said = verify("--expect", "ab" * 32)
    assert (code, "MISSING" in said) == (1, True)
    by_hand(world.store, "UPDATE audit SET actor = 'UEVE' WHERE id = 2")
    code, said = verify()
    assert (code, "entry 2: changed" in said, "BROKEN" in said) == (1, True, True)
    with pytest.raises(SystemExit) as refused:
        main(["audit", "verify", "--expect", "short"])
    assert refused.value.code == 2
