"""The audit as CSV (RFC 4180), for spreadsheets and for archives. Pure.

A cell that a spreadsheet would take for a formula begins with an apostrophe instead, as OWASP asks for ("CSV
Injection"): names in it come from strangers.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from storage.records import AuditEntry

COLUMNS = (
    "entry",
    "time",
    "person",
    "team",
    "action",
    "subject",
    "source",
    "fingerprints",
    "data",
    "previous",
    "digest",
)

# OWASP's list, with the full-width forms that Excel reads as the narrow ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_csv(entries: Iterable[AuditEntry]) -> tuple[bytes, int, int | None]:
    """The table with its head line, how many entries it holds, and the number of the last of them.

    UTF-8 with a byte order mark, without which Excel takes it for the local code page.
    """
    text = io.StringIO()
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    table.writerow(COLUMNS)
    count, last = 0, None
    for entry in entries:
        table.writerow([_cell(value) for value in _row(entry)])
        count, last = count + 1, entry.id
    return text.getvalue().encode("utf-8-sig"), count, last


def fingerprints_of(entry: AuditEntry) -> tuple[str, ...]:
    """The SHA-256 fingerprints of certificates that the entry names, each once."""
    return tuple(dict.fromkeys(_fingerprints(entry.data)))


def _fingerprints(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _fingerprints(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _fingerprints(inner, name)
    elif isinstance(value, str) and name.endswith("sha256"):
        yield value


def _row(entry: AuditEntry) -> tuple[str, ...]:
    return (
        str(entry.id),
        entry.at.isoformat(timespec="microseconds"),
        entry.actor,
        entry.team,
        entry.action,
        entry.subject,
        entry.source,
        " ".join(fingerprints_of(entry)),
        json.dumps(dict(entry.data), sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        entry.previous,
        entry.digest,
    )


def _cell(value: str) -> str:
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
