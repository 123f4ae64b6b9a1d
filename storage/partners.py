"""Partners and the Slack channels that tell them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from storage.keys import numbered
from storage.records import Partner, Policy, QuietHours
from storage.tables import PartnerChannelRow, PartnerPolicyRow, PartnerRow
from storage.types import by_code_point


class Partners:
    """The repository of partners."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, key: str, name: str, slack_team_id: str | None, created_by: str, at: datetime) -> Partner:
        """A new partner.

        Raises:
            sqlalchemy.exc.IntegrityError: when the key is taken.
        """
        row = PartnerRow(key=key, name=name, slack_team_id=slack_team_id, created_by=created_by, created_at=at)
        self._session.add(row)
        self._session.flush()
        return self._record(row)

    def link(self, partner_id: int, channel: str) -> None:
        """Let the channel tell the partner.

        Raises:
            sqlalchemy.exc.IntegrityError: when the channel belongs to a partner already.
        """
        self._session.add(PartnerChannelRow(channel=channel, partner_id=partner_id))
        self._session.flush()

    def list(self) -> tuple[Partner, ...]:
        """All partners by name."""
        rows = self._session.exec(
            select(PartnerRow).order_by(by_code_point(col(PartnerRow.name)), col(PartnerRow.id))
        ).all()
        return self._records(rows)

    def by_id(self, partner_id: int) -> Partner | None:
        """The partner, or None."""
        row = self._session.get(PartnerRow, partner_id)
        return self._record(row) if row else None

    def by_key(self, key: str) -> Partner | None:
        """The partner with this short name, or None."""
        row = self._session.exec(select(PartnerRow).where(PartnerRow.key == key)).first()
        return self._record(row) if row else None

    def by_channel(self, channel: str) -> Partner | None:
        """The partner that this Slack channel belongs to, or None."""
        link = self._session.get(PartnerChannelRow, channel)
        return self.by_id(link.partner_id) if link else None

    def policy(self, partner_id: int) -> Policy:
        """Who has to agree to the partner's switches."""
        row = self._session.get(PartnerPolicyRow, partner_id)
        if row is None:
            return Policy()
        hours = (row.quiet_from, row.quiet_until)
        quiet = None if None in hours else QuietHours(row.quiet_from or 0, row.quiet_until or 0, row.quiet_zone)
        return Policy(row.ours, row.partner_confirms, row.lives_days, quiet)

    def set_policy(self, partner_id: int, policy: Policy, by: str, at: datetime) -> None:
        """Another policy, from the next decision on."""
        row = self._session.get(PartnerPolicyRow, partner_id) or PartnerPolicyRow(partner_id=partner_id, changed_by=by)
        row.ours, row.partner_confirms, row.lives_days = policy.ours, policy.partner_confirms, policy.lives_days
        row.quiet_from = policy.quiet.start if policy.quiet else None
        row.quiet_until = policy.quiet.end if policy.quiet else None
        row.quiet_zone = policy.quiet.zone if policy.quiet else "UTC"
        row.changed_by, row.changed_at = by, at
        self._session.add(row)
        self._session.flush()

    def _record(self, row: PartnerRow) -> Partner:
        return self._records([row])[0]

    def _records(self, rows: Sequence[PartnerRow]) -> tuple[Partner, ...]:
        ids = [row.id for row in rows]
        links = select(PartnerChannelRow).where(col(PartnerChannelRow.partner_id).in_(ids))
        channels: dict[int, list[str]] = {}
        for link in self._session.exec(links.order_by(col(PartnerChannelRow.channel))):
            channels.setdefault(link.partner_id, []).append(link.channel)
        return tuple(_partner(row, channels.get(numbered(row.id), ())) for row in rows)


def _partner(row: PartnerRow, channels: Sequence[str]) -> Partner:
    return Partner(numbered(row.id), row.key, row.name, row.slack_team_id, tuple(channels))
