"""The evidence of a switch, for an auditor: who asked, who approved what, what proves it.

The audit's digests come with it, so that the document can be held against the chain later; and what does not fit
together in the database is said as a doubt, instead of being left for others to find.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.pki.certificate import Certificate
from bot.services.audit_verification import says_what_it_said
from bot.services.chains import Chains
from bot.services.proof_digest import digest_of_proofs, proof_document
from bot.services.switch_ledger import subject_of
from bot.services.switch_report import SwitchReport, read_report
from storage.audit import AuditFilter
from storage.records import AuditEntry, AuditHead
from storage.store import Store
from storage.switch_records import Approval, Switch, SwitchState

FORM = "countersign-evidence/2"
"""Names the shape of the JSON (docs/evidence.schema.json); other members need another number."""

ENTRIES_MOST = 2_000
"""Audit entries of one switch; a roll-out writes some ten, so that this is only a bound."""


class Doubt(StrEnum):
    """What does not fit together; stable words."""

    ENTRY_CHANGED = "entry_changed"  # an audit entry does not say what its digest was made of
    STATE_DIFFERS = "state_differs"  # the audit's last word on the state is another
    APPROVAL_UNAUDITED = "approval_unaudited"  # the audit knows no such decision of that person at that time
    PROOFS_DIFFER = "proofs_differ"  # the proofs are not those that the audit named when the switch ended


@dataclass(frozen=True, slots=True)
class Evidence:
    """All there is to show for a switch. `approvals`, proofs and `entries` are in the order of events.

    `made_at` is when it was put together; the chain in `report` is judged as of then, all else as of the events.
    """

    report: SwitchReport
    approvals: tuple[Approval, ...]
    entries: tuple[AuditEntry, ...]
    head: AuditHead
    made_at: datetime
    doubts: tuple[Doubt, ...]


class EvidenceFile:
    """Where evidence comes from."""

    def __init__(self, store: Store, chains: Chains, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._chains = chains
        self._clock = clock

    def of(self, public_id: str) -> Evidence:
        """The evidence of a switch in any state, read as of one moment.

        Raises:
            NotFound: no such switch.
        """
        at = self._clock()
        with self._store.reading() as tx:
            report = read_report(tx, self._chains, public_id, at)
            approvals = tx.switches.approvals(report.switch)
            found = tx.audit.find(AuditFilter(subject=subject_of(public_id)), ENTRIES_MOST)
            head = tx.audit.head()
        entries = tuple(reversed(found))
        return Evidence(report, approvals, entries, head, at, tuple(_doubts(report, approvals, entries)))


def _doubts(report: SwitchReport, approvals: tuple[Approval, ...], entries: tuple[AuditEntry, ...]) -> Iterator[Doubt]:
    if not all(says_what_it_said(one) for one in entries):
        yield Doubt.ENTRY_CHANGED
    if _last_state(entries) is not report.switch.state:
        yield Doubt.STATE_DIFFERS
    if not all(_is_audited(one, entries) for one in approvals):
        yield Doubt.APPROVAL_UNAUDITED
    if not all(_names_these(one, report) for one in entries):
        yield Doubt.PROOFS_DIFFER


def _last_state(entries: tuple[AuditEntry, ...]) -> SwitchState | None:
    states = {f"switch.{state.value}": state for state in SwitchState}
    return next((states[one.action] for one in reversed(entries) if one.action in states), None)


def _is_audited(approval: Approval, entries: tuple[AuditEntry, ...]) -> bool:
    action = "switch.approval" if approval.approved else "switch.rejected"
    said = (approval.user_id, approval.team_id, approval.at, approval.from_sha256, approval.to_sha256)
    return any(
        one.action == action
        and (one.actor, one.team, one.at, one.data.get("from_sha256"), one.data.get("to_sha256")) == said
        and one.data.get("connection_version") == approval.connection_version
        and one.data.get("side", approval.side.value) == approval.side.value
        for one in entries
    )


def _names_these(entry: AuditEntry, report: SwitchReport) -> bool:
    """Whether the entry, if it names proofs, names those that are kept; what was tried after it does not count."""
    named, count = entry.data.get("proofs_digest"), entry.data.get("proofs")
    if named is None or not isinstance(count, int):
        return named is None
    return digest_of_proofs(report.proofs[:count]) == named


def as_document(evidence: Evidence) -> dict[str, object]:
    """The evidence as JSON holds it: times in ISO 8601, certificates in PEM."""
    report = evidence.report
    return {
        "form": FORM,
        "made_at": _time(evidence.made_at),
        "switch": _switch(report.switch),
        "together": [{"id": one.switch.public_id, "connection": one.connection.name} for one in report.together],
        "partner": {"key": report.partner.key, "name": report.partner.name},
        "connection": {
            "name": report.connection.name,
            "role": report.connection.role.value,
            "uri": report.connection.uri,
            "gateway": report.connection.gateway,
            "choreographies": [one.name for one in report.connection.choreographies],
        },
        "from": _certificate(report.old_certificate, report.old.display_name if report.old else None),
        "to": _certificate(report.new_certificate, report.new.display_name if report.new else None),
        "chain": {
            "as_of": _time(evidence.made_at),
            "verdict": report.chain.verdict.value,
            "path": [{"sha256": one.sha256, "subject": one.subject.rfc4514} for one in report.chain.path],
        },
        "approvals": [_approval(one) for one in evidence.approvals],
        "proofs": [proof_document(one) for one in report.proofs],
        "audit": {
            "entries": [_entry(one) for one in evidence.entries],
            "head": {"digest": evidence.head.digest, "entries": evidence.head.entries},
        },
        "doubts": [one.value for one in evidence.doubts],
    }


def _switch(switch: Switch) -> Mapping[str, object]:
    return {
        "id": switch.public_id,
        "state": switch.state.value,
        "mode": switch.mode.value,
        "due_at": _time(switch.due_at) if switch.due_at else None,
        "until": _time(switch.until) if switch.until else None,
        "undoes": switch.undoes,
        "bundle": switch.bundle,
        "reason": switch.reason,
        "requested_by": switch.requested_by,
        "requested_team": switch.requested_team,
        "requested_at": _time(switch.requested_at),
        "changed_at": _time(switch.changed_at),
        "connection_version": switch.connection_version,
        "outcome": dict(switch.outcome),
    }


def _certificate(certificate: Certificate | None, name: str | None) -> Mapping[str, object] | None:
    if certificate is None:
        return None
    return {
        "name": name,
        "sha256": certificate.sha256,
        "subject": certificate.subject.rfc4514,
        "issuer": certificate.issuer.rfc4514,
        "serial": f"{certificate.serial:x}",
        "not_before": _time(certificate.not_before),
        "not_after": _time(certificate.not_after),
        "names": list(certificate.san),
        "pem": certificate.pem,
    }


def _approval(approval: Approval) -> Mapping[str, object]:
    return {
        "side": approval.side.value,
        "approved": approval.approved,
        "user": approval.user_id,
        "team": approval.team_id,
        "at": _time(approval.at),
        "from_sha256": approval.from_sha256,
        "to_sha256": approval.to_sha256,
        "connection_version": approval.connection_version,
        "reason": approval.reason,
        "word_of": approval.word_name,
        "word_channel": approval.word_channel,
        "word_at": _time(approval.word_at) if approval.word_at else None,
    }


def _entry(entry: AuditEntry) -> Mapping[str, object]:
    return {
        "entry": entry.id,
        "at": _time(entry.at),
        "actor": entry.actor,
        "team": entry.team,
        "action": entry.action,
        "subject": entry.subject,
        "source": entry.source,
        "data": dict(entry.data),
        "previous": entry.previous,
        "digest": entry.digest,
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
