"""One way to write the audit: in the transaction that does what is written, with fingerprints, ids and codes only."""

from collections.abc import Mapping
from datetime import datetime

from bot.services.people import Person
from storage.store import Transaction


def record(
    tx: Transaction,
    at: datetime,
    person: Person,
    action: str,
    subject: str,
    source: str,
    data: Mapping[str, object],
) -> None:
    """Write who did what to what, from where."""
    tx.audit.add(at, person.user_id, person.team_id, action, subject, source, data)
