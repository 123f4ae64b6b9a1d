"""What is written down of a switch: the proposal, each decision about it, each try to see what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.switch_records import Side, SwitchMode, Way

USED = "used"
"""The purpose of a proof: the first use of the new certificate by a client, as the gateway counted it."""


@dataclass(frozen=True, slots=True)
class NewSwitch:
    """What a proposal consists of; fingerprints and version are those shown."""

    public_id: str
    connection_id: int
    connection_version: int
    from_partner_certificate_id: int | None
    from_sha256: str | None
    to_partner_certificate_id: int
    to_sha256: str
    reason: str
    requested_by: str
    requested_team: str
    requested_at: datetime
    mode: SwitchMode = SwitchMode.NOW
    due_at: datetime | None = None
    until: datetime | None = None
    undoes: str | None = None
    bundle: str | None = None


@dataclass(frozen=True, slots=True)
class NewApproval:
    """One decision for one side. `word_*`: one of ours keeps the word that somebody of the partner gave elsewhere."""

    side: Side
    approved: bool
    user_id: str
    team_id: str
    at: datetime
    reason: str = ""
    word_name: str | None = None
    word_channel: str | None = None
    word_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewProof:
    """One look at a connection, as `Proof` keeps it."""

    purpose: str
    choreography: str | None
    endpoint: str
    at: datetime
    duration_ms: int
    verdict: str
    presented: tuple[str, ...]
    protocol: str | None
    cipher: str | None
    detail: Mapping[str, object]
    way: Way = Way.ENDPOINT
