"""Who reads an answer, and so which partners it may be about. Pure.

A partner's own people see what concerns them and nothing of other partners; an answer that is posted in a channel is
read by everybody in it, whoever asked.
"""

from dataclasses import dataclass

from bot.services.errors import NotAllowed, NotFound
from bot.services.people import Person, Spot
from handlers import vocabulary
from handlers.views.values import Partner

# What a partner's people may ask for: their own certificates, connections and switches.
_FOR_PARTNERS = (
    vocabulary.Help,
    vocabulary.Import,
    vocabulary.ListCertificates,
    vocabulary.Connections,
    vocabulary.ShowConnection,
    vocabulary.Switches,
    vocabulary.Unclear,
)
# What would tell about others, whatever its arguments.
_ABOUT_ALL = (
    vocabulary.Partners,
    vocabulary.PartnerAdd,
    vocabulary.PartnerChannel,
    vocabulary.Ca,
    vocabulary.Choreographies,
    vocabulary.DescribeChoreography,
    vocabulary.Audit,
)


@dataclass(frozen=True)
class Asked:
    """A question: by whom, where, and who will read the answer.

    `partner` is the one whom the channel belongs to; `public` says that the answer is posted for all in the channel;
    `shared` that people of other Slack teams are in it.
    """

    person: Person
    spot: Spot
    partner: Partner | None = None
    public: bool = False
    shared: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether a full member of our own team asks."""
        return self.person.is_home and not (self.person.is_guest or self.person.is_bot)

    @property
    def is_narrow(self) -> bool:
        """Whether the answer may be about one partner at most."""
        return not self.is_ours or (self.public and (self.shared or self.partner is not None))

    @property
    def scope(self) -> Partner | None:
        """The one partner that a narrow answer may be about; None for none."""
        if self.partner is None or self.is_ours:
            return self.partner
        return self.partner if self.person.belongs_to(self.partner) else None


def check(asked: Asked, command: vocabulary.Command) -> None:
    """Raises NotAllowed where the command is not for this person, or its answer not for all who would read it."""
    if isinstance(command, vocabulary.Help | vocabulary.Unclear):
        return
    if not asked.is_ours:
        if asked.person.is_bot or asked.person.is_guest:
            raise NotAllowed("bot" if asked.person.is_bot else "guest")
        if asked.scope is None or not isinstance(command, _FOR_PARTNERS):
            raise NotAllowed("stranger")
    elif asked.is_narrow and (isinstance(command, _ABOUT_ALL) or asked.scope is None):
        raise NotAllowed("shared_channel")


def require_reader(person: Person, partner: Partner | None) -> None:
    """Raises NotAllowed unless it is one of our own full members, or of the partner's: a channel has others, too."""
    if person.is_bot or person.is_guest:
        raise NotAllowed("bot" if person.is_bot else "guest")
    if not person.is_home and (partner is None or not person.belongs_to(partner)):
        raise NotAllowed("stranger")


def narrowed(asked: Asked, partner: Partner) -> Partner:
    """The partner, where an answer to this question may be about it."""
    if not asked.is_narrow or (asked.scope is not None and asked.scope.id == partner.id):
        return partner
    if asked.is_ours:
        raise NotAllowed("shared_channel")
    raise NotFound("partner", partner.key)


def named(asked: Asked, key: str) -> bool:
    """Whether a partner's people may learn anything from asking for this key: only for their own."""
    return asked.is_ours or (asked.scope is not None and key.lower() == asked.scope.key)
