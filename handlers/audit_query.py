"""From the words of the command to what the audit is asked for."""

from datetime import UTC, date, datetime, time, timedelta

from bot.services.audit import AuditQuery
from bot.services.errors import BadInput
from bot.services.partners import Partners
from handlers import parse
from handlers.views.values import Partner
from handlers.vocabulary import Audit


def query_of(partners: Partners, words: str) -> AuditQuery:
    """What the words ask for.

    Raises:
        BadInput: they do not ask for the audit.
        NotFound: there is no such partner.
    """
    command = parse.parse(words)
    if not isinstance(command, Audit):
        raise BadInput("command", "not_understood")
    return query_for(command, partners.by_key(command.partner) if command.partner is not None else None)


def query_for(command: Audit, partner: Partner | None) -> AuditQuery:
    """What the command asks for; its days begin and end in UTC."""
    return AuditQuery(
        partner=partner.key if partner else None,
        person=command.person,
        certificate=command.certificate,
        switch=command.switch,
        since=_begin(command.since),
        until=_begin(command.until + timedelta(days=1)) if command.until else None,
    )


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None
