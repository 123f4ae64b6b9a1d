"""From the rows of switches, approvals and proofs to the values that leave the store."""

from storage.keys import numbered
from storage.switch_records import Approval, Proof, Side, Switch, SwitchMode, SwitchState, Way
from storage.switch_tables import ApprovalRow, ProofRow, SwitchRow


def switch_of(row: SwitchRow) -> Switch:
    """The switch that the row holds."""
    return Switch(
        id=numbered(row.id),
        public_id=row.public_id,
        connection_id=row.connection_id,
        connection_version=row.connection_version,
        from_partner_certificate_id=row.from_partner_certificate_id,
        to_partner_certificate_id=row.to_partner_certificate_id,
        from_sha256=row.from_sha256,
        to_sha256=row.to_sha256,
        mode=SwitchMode(row.mode),
        due_at=row.due_at,
        until=row.until,
        undoes=row.undoes,
        bundle=row.bundle,
        reason=row.reason,
        state=SwitchState(row.state),
        requested_by=row.requested_by,
        requested_team=row.requested_team,
        requested_at=row.requested_at,
        observed=dict(row.observed),
        outcome=dict(row.outcome),
        reminders=row.reminders,
        reminded_at=row.reminded_at,
        changed_at=row.changed_at,
    )


def approval_of(row: ApprovalRow) -> Approval:
    """The decision that the row holds."""
    return Approval(
        id=numbered(row.id),
        switch_id=row.switch_id,
        side=Side(row.side),
        approved=row.approved,
        user_id=row.user_id,
        team_id=row.team_id,
        at=row.at,
        from_sha256=row.from_sha256,
        to_sha256=row.to_sha256,
        connection_version=row.connection_version,
        reason=row.reason,
        word_name=row.word_name,
        word_channel=row.word_channel,
        word_at=row.word_at,
    )


def proof_of(row: ProofRow) -> Proof:
    """The proof that the row holds."""
    return Proof(
        id=numbered(row.id),
        switch_id=row.switch_id,
        purpose=row.purpose,
        choreography=row.choreography,
        endpoint=row.endpoint,
        at=row.at,
        duration_ms=row.duration_ms,
        verdict=row.verdict,
        presented=tuple(row.presented),
        protocol=row.protocol,
        cipher=row.cipher,
        detail=dict(row.detail),
        way=Way(row.way),
    )
