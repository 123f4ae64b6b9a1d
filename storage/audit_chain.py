"""How an audit entry vouches for the one before it. Pure, so that whoever holds the rows can compute it too.

An entry's digest is the SHA-256 of its canonical JSON: the members below, sorted by name, without blanks, in UTF-8
(what RFC 8785 asks for; the audit holds no fractions, where the two would part). One of them is the digest of the entry
before, so that no entry can be changed, taken away, put in or moved without changing every digest after it. The row's
number is no member: the order is that of the links.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from storage.types import storable

GENESIS = "0" * 64
"""What the first entry names as the one before it."""

FORM = 1
"""The number of this form of an entry; a later form with other members has to take another."""


def digest_of(
    previous: str,
    at: datetime,
    actor: str,
    team: str,
    action: str,
    subject: str,
    source: str,
    data: Mapping[str, object],
) -> str:
    """The digest of an entry, in hex.

    Raises:
        ValueError: for a naive time, or for data with NaN or infinity.
        TypeError: for data that JSON cannot hold.
    """
    if at.tzinfo is None:
        msg = "a naive datetime cannot be stored"
        raise ValueError(msg)
    members = {
        "action": action,
        "actor": actor,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "data": data,
        "form": FORM,
        "previous": previous,
        "source": source,
        "subject": subject,
        "team": team,
    }
    return canonical_digest(members)


def canonical_digest(value: object) -> str:
    """The SHA-256, in hex, of the canonical JSON of a value.

    Raises:
        ValueError: for NaN or infinity.
        TypeError: for what JSON cannot hold.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def as_kept(data: Mapping[str, object]) -> dict[str, object]:
    """The data as a database gives it back: the digest is of what is read, not of what was meant.

    Raises:
        ValueError: for NaN or infinity.
        TypeError: for data that JSON cannot hold.
    """
    kept = _storable(json.loads(json.dumps(dict(data), allow_nan=False)))
    return dict(kept) if isinstance(kept, dict) else {}


def _storable(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {storable(name): _storable(one) for name, one in value.items()}
    return value
