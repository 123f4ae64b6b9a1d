"""Who acts, and what they may do. A person is looked up on the server at every click; a payload is never believed."""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.services.errors import NotAllowed
from storage.records import Partner


class PersonRole(StrEnum):
    """What a member of our own team is trusted with."""

    OPERATOR = "operator"
    APPROVER = "approver"
    TRUST_ADMIN = "trust_admin"


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user as looked up now. `is_home` says whether it is a member of the bot's own team.

    `is_admin`: an admin of our workspace, who sees how the product is set up; it is no role and allows nothing else.
    """

    user_id: str
    team_id: str
    name: str
    roles: frozenset[PersonRole] = field(default=frozenset())
    is_home: bool = False
    is_guest: bool = False
    is_bot: bool = False
    is_admin: bool = False

    def has(self, role: PersonRole) -> bool:
        """Whether the person holds the role; only full members of our own team ever do."""
        return role in self.roles and self.is_home and not (self.is_guest or self.is_bot)

    def belongs_to(self, partner: Partner) -> bool:
        """Whether the person is a full member of the partner's own Slack team."""
        outside = not (self.is_home or self.is_guest or self.is_bot)
        return outside and partner.slack_team_id is not None and self.team_id == partner.slack_team_id


SYSTEM = Person("system", "", "Countersign", frozenset(PersonRole), is_home=True)
"""The bot itself, where it sets up a starter world or acts on the clock. No Slack user has this id."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in Slack something was asked. `thread_ts` is None in the channel itself."""

    channel: str
    thread_ts: str | None

    @property
    def source(self) -> str:
        """The spot as the audit keeps it."""
        return f"slack:{self.channel}/{self.thread_ts or ''}"


_MISSING = {
    PersonRole.OPERATOR: "not_operator",
    PersonRole.APPROVER: "not_approver",
    PersonRole.TRUST_ADMIN: "not_trust_admin",
}


def require(person: Person, role: PersonRole) -> None:
    """Raises NotAllowed unless the person holds the role."""
    if person.is_bot:
        raise NotAllowed("bot")
    if person.is_guest:
        raise NotAllowed("guest")
    if not person.is_home:
        raise NotAllowed("stranger")
    if not person.has(role):
        raise NotAllowed(_MISSING[role])


def upload_refusal(person: Person, partner: Partner | None) -> str | None:
    """Why the person may not upload for this partner (None: not known yet), as NotAllowed's reason; None if allowed.

    Our operators may, for every partner; a member of the partner's own Slack team may, for that partner only.
    """
    if person.is_bot:
        return "bot"
    if person.is_guest:
        return "guest"
    if person.is_home:
        return None if person.has(PersonRole.OPERATOR) else "not_operator"
    return None if partner is not None and person.belongs_to(partner) else "stranger"
