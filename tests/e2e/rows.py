"""What a store holds in the end, told so that two runs can be compared: no numbers, times or ids of the moment.

Every table that is there is read, so a new one is compared from its first day. A row that another one refers to stands
in its place there, by its own contents.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa

# What a run makes up: epoch seconds as Slack writes them, its file ids, free ports, and the hashes of the audit chain.
_MADE_UP = (
    (re.compile(r"\b\d{10}\.\d{6}\b"), "TS"),
    (re.compile(r"\bF0[0-9A-Z]{9}\b"), "FILE"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*([+-]\d\d:\d\d|Z)?"), "TIME"),
)
_OF_THE_MOMENT = {"duration_ms", "previous", "digest", "shown", "public_id", "proofs_digest"}
# Tables of the machinery: how often it tried is no part of what came of it.
_MACHINERY = {"alembic_version", "audit_head"}
# Decoration that follows at a pace of its own, and notes that are gone in the end.
_DECORATION = ("picture:", "progress:")
_SUBJECTS = {
    "upload": "upload", "prompt": "waiting_prompt", "completed": "waiting_prompt", "root": "ca_certificate",
    "ca": "ca_certificate", "certificate": "partner_certificate", "switch": "switch", "proof": "switch",
}  # fmt: skip


def end_state(url: str) -> dict[str, Counter[str]]:
    """By table, how often each row is there."""
    engine = sa.create_engine(url)
    try:
        return _Dump(engine).told()
    finally:
        engine.dispose()


class _Dump:
    def __init__(self, engine: sa.Engine) -> None:
        self._tables = sa.MetaData()
        self._tables.reflect(engine)
        with engine.connect() as connection:
            self._rows = {
                table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
                for table in self._tables.sorted_tables
                if table.name not in _MACHINERY
            }

    def told(self) -> dict[str, Counter[str]]:
        """Everything."""
        return {name: Counter(self._row(name, row) for row in self._kept(name)) for name in self._rows}

    def _kept(self, name: str) -> list[dict[str, Any]]:
        rows = [row for row in self._rows[name] if not str(row.get("subject", "")).startswith(_DECORATION)]
        if name == "notice":  # what was followed is said once, however often it was
            return [
                {"subject": subject, "done_at": done}
                for subject, done in {(r["subject"], bool(r["done_at"])) for r in rows}
            ]
        return rows

    def _row(self, name: str, row: Mapping[str, Any]) -> str:
        references = {key.parent.name: key.column.table.name for key in self._tables.tables[name].foreign_keys}
        # A switch outlives the certificates that it names, so these are not declared as references.
        references |= {column: "partner_certificate" for column in row if column.endswith("_partner_certificate_id")}
        told = {}
        for column, value in row.items():
            if column == "id" or column in _OF_THE_MOMENT:
                continue
            told[column] = self._reference(references[column], value) if column in references else self._value(value)
        return json.dumps(told, sort_keys=True)

    def _reference(self, table: str, number: int | None) -> str | None:
        return None if number is None else self._label(table, "id", number)

    def _label(self, table: str, column: str, value: object) -> str:
        found = self._by[table, column].get(str(value))
        return f"{table} gone" if found is None else hashlib.sha256(self._row(table, found).encode()).hexdigest()[:12]

    @cached_property
    def _by(self) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
        columns = [(table, "id") for table in self._rows] + [("switch", "public_id")]
        return {(table, name): {str(row.get(name)): row for row in self._rows[table]} for table, name in columns}

    def _value(self, value: Any) -> Any:
        match value:
            case dict():
                return {key: "ID" if key.endswith("_id") and isinstance(one, int) else self._value(one)
                        for key, one in value.items() if key not in _OF_THE_MOMENT}  # fmt: skip
            case list():
                return [self._value(one) for one in value]
            case str():
                return self._text(value)
            case bool() | int() | float() | None:
                return value
            case bytes():
                return hashlib.sha256(value).hexdigest()
            case _:  # a time
                return "TIME"

    def _text(self, text: str) -> str:
        kind, colon, name = text.partition(":")
        if colon and kind in _SUBJECTS:
            table = _SUBJECTS[kind]
            return f"{kind}:{self._label(table, 'public_id' if table == 'switch' else 'id', name)}"
        for pattern, word in _MADE_UP:
            text = pattern.sub(word, text)
        return text
