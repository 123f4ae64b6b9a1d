"""`countersign audit verify` and `countersign evidence`: what an auditor asks for, from the database. No Slack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from bot.services.audit import Audit
from bot.services.audit_verification import Broken, Fault, Verdict
from bot.services.errors import NotFound
from bot.services.evidence import Evidence, EvidenceFile, as_document
from handlers.views.evidence import page

WHOLE, BROKEN, UNUSABLE = 0, 1, 2

SHOWN = 50
"""Faults that are printed one by one; a terminal is no place for more."""

_FAULTS: Final = {
    Fault.CHANGED: "entry {}: changed. It does not say what its digest was made of.",
    Fault.REMOVED: "entry {}: the entry before it was removed, or replaced by another.",
    Fault.INSERTED: "entry {}: inserted. It does not belong to the chain.",
    Fault.MOVED: "entry {}: moved. It belongs to another place in the chain.",
    Fault.END_REMOVED: "entry {}: it is the newest, but was not the last. What came after it was removed.",
}


def run_verify(audit: Audit, expect: str | None, out: TextIO) -> int:
    """Print whether the audit is whole; returns the exit code.

    Args:
        audit: the audit of the configured database.
        expect: a head that an earlier run printed, kept elsewhere; it has to be in the chain.
        out: where the lines go.
    """
    verdict = audit.verify(expect)
    out.writelines(f"{line}\n" for line in _lines(verdict, expect))
    return WHOLE if verdict.is_whole and (expect is None or verdict.expected is not None) else BROKEN


def _lines(verdict: Verdict, expect: str | None) -> Iterator[str]:
    yield f"Entries: {verdict.entries:,}"
    yield f"Head: {verdict.head.digest}"
    if verdict.head.entries != verdict.entries:
        yield f"The head counts {verdict.head.entries:,} entries."
    yield from (_sentence(one) for one in verdict.faults[:SHOWN])
    if len(verdict.faults) > SHOWN:
        yield f"... and {len(verdict.faults) - SHOWN:,} more."
    if expect is not None:
        yield _expected(verdict.expected)
    yield "The chain is whole." if verdict.is_whole else "The chain is BROKEN."
    if verdict.is_whole and expect is None:
        yield "Keep the head elsewhere: `countersign audit verify --expect HEAD` tells later whether it is still there."


def _sentence(broken: Broken) -> str:
    if broken.fault is Fault.END_REMOVED and broken.entry_id == 0:
        return "All entries were removed."
    return _FAULTS[broken.fault].format(broken.entry_id)


def _expected(entry_id: int | None) -> str:
    if entry_id is None:
        return "The expected head is MISSING: the audit was written anew, or cut off before it."
    return f"The expected head is entry {entry_id}." if entry_id else "The expected head stands before the first entry."


def run_evidence(file: EvidenceFile, public_id: str, html: Path | None, out: TextIO, told: TextIO) -> int:
    """Print the evidence of a switch as JSON, or write it as a page; returns the exit code.

    Args:
        file: where evidence comes from.
        public_id: the switch.
        html: where to write the page; None prints the JSON.
        out: where the JSON goes.
        told: where the doubts go.
    """
    try:
        evidence = file.of(public_id)
    except NotFound:
        told.write(f"countersign: there is no switch {public_id!r}\n")
        return UNUSABLE
    if html is None:
        out.write(json.dumps(as_document(evidence), indent=2, ensure_ascii=False) + "\n")
    else:
        html.write_text(page(evidence), encoding="utf-8")
    return _doubts(evidence, told)


def _doubts(evidence: Evidence, told: TextIO) -> int:
    told.writelines(f"countersign: {one.value}\n" for one in evidence.doubts)
    return BROKEN if evidence.doubts else WHOLE
