"""The slowest inputs of the conformance suites: no one may take over 250 ms."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from bot.pki.errors import UnreadableCertificate
from tests.conformance.suites import FOLDER, Case, report

BAR_MS = 250
SHOWN = 5


def slowest() -> Iterator[str]:
    """The lines to print."""
    if not FOLDER.exists():
        yield "the shared conformance data is not beside this checkout: the slowest input was not measured"
        return
    taken = []
    for suite in ("limbo_core.json", "bettertls_pathbuilding.json"):
        for raw in json.loads((FOLDER / suite).read_text())["testcases"]:
            case = Case(raw["id"], raw)
            begun = time.perf_counter()
            try:
                verdict = report(case).verdict.value
            except UnreadableCertificate:
                verdict = "unreadable"
            taken.append(((time.perf_counter() - begun) * 1e3, case.id, verdict))
    taken.sort(reverse=True)
    yield f"{len(taken)} inputs of the suites, reading included; the slowest (bar {BAR_MS} ms):"
    for spent, name, verdict in taken[:SHOWN]:
        yield f"  {spent:7.1f} ms  {name}: {verdict}"
