"""What the reads across the tables give out and take in: frozen values, as in `records`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.switch_records import Side, Switch


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A partner certificate in one line. `connections` are those on which it is in use."""

    entry_id: int
    partner_id: int
    display_name: str
    sha256: str
    not_before: datetime
    not_after: datetime
    upload_id: int | None
    connections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undecided:
    """A proposal, its partner, and who has decided for which side."""

    switch: Switch
    partner_id: int
    decided_by: Mapping[Side, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Totals:
    """What there is of one partner; `ends` is when the first certificate in use ends."""

    certificates: int = 0
    connections: int = 0
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose uploads are asked about: by a person, in channels, or for partners. Any of them is enough."""

    uploaded_by: str = ""
    channels: Collection[str] = ()
    partner_ids: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search looks for: `text` in names, `digits` at the start of fingerprints, `serials` as hex numbers."""

    text: str
    digits: str = ""
    serials: tuple[str, ...] = ()
