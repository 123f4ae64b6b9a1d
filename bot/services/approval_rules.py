"""Who may decide what about a switch: one pure function, so that the whole rule can be read and tested in one place.

A click proves a Slack login and nothing more; the person in it was looked up on the server at this click. The sides
can never be the same person: `ours` takes members of our own team only, `partner` members of the partner's only, and
where the partner is not on Slack, whoever of us approves for our side may not also record the partner's word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.services.people import SYSTEM, Person, PersonRole
from storage.records import Partner
from storage.switch_records import Approval, Side


class Act(StrEnum):
    """What somebody wants to do with a proposal."""

    APPROVE = "approve"  # for our side
    CONFIRM = "confirm"  # for the partner's side, by one of the partner's people
    RECORD_WORD = "record_word"  # for the partner's side, by one of ours who was told elsewhere
    REJECT = "reject"
    CANCEL = "cancel"


class Ruling(StrEnum):
    """The answer. All but ALLOWED are the reason of a `NotAllowed`."""

    ALLOWED = "allowed"
    BOT = "bot"
    GUEST = "guest"
    STRANGER = "stranger"  # neither our team nor the partner's
    WRONG_SIDE = "wrong_side"  # the partner's people do not decide for us
    PARTNER_SIDE_ONLY = "partner_side_only"  # we do not decide for the partner
    OWN_REQUEST = "own_request"
    OWN_APPROVAL = "own_approval"  # one person of ours would decide for both sides
    NOT_APPROVER = "not_approver"
    NOT_OPERATOR = "not_operator"


@dataclass(frozen=True, slots=True)
class Case:
    """All that the ruling depends on.

    `requested_by` is the requester's Slack user id; `decided_by` names everybody who has decided, for each side.
    """

    act: Act
    person: Person
    requested_by: str
    partner: Partner
    decided_by: Mapping[Side, frozenset[str]] = field(default_factory=dict)


def deciders(decisions: Iterable[Approval]) -> dict[Side, frozenset[str]]:
    """Who has decided, for each side, as `Case.decided_by` wants it."""
    found: dict[Side, set[str]] = {}
    for one in decisions:
        found.setdefault(one.side, set()).add(one.user_id)
    return {side: frozenset(people) for side, people in found.items()}


_OTHER_SIDE = {Act.APPROVE: Side.PARTNER, Act.RECORD_WORD: Side.OURS}
_OUR_ACTS = frozenset({Act.APPROVE, Act.RECORD_WORD, Act.CANCEL})


def rule(case: Case) -> Ruling:
    """Whether the person may do it, and if not, why not (the most telling reason first)."""
    person = case.person
    if person.is_bot or person.user_id == SYSTEM.user_id:
        return Ruling.BOT
    if person.is_guest:
        return Ruling.GUEST
    if person.is_home:
        return _rule_for_ours(case)
    if not person.belongs_to(case.partner):
        return Ruling.STRANGER
    if case.act in _OUR_ACTS:
        return Ruling.WRONG_SIDE
    # A requester who has since moved to the partner's team is still the requester.
    own_confirmation = case.act is Act.CONFIRM and person.user_id == case.requested_by
    return Ruling.OWN_REQUEST if own_confirmation else Ruling.ALLOWED


def _rule_for_ours(case: Case) -> Ruling:
    person = case.person
    is_requester = person.user_id == case.requested_by
    is_approver = person.has(PersonRole.APPROVER)
    match case.act:
        case Act.CONFIRM:
            return Ruling.PARTNER_SIDE_ONLY
        case Act.APPROVE if is_requester:
            return Ruling.OWN_REQUEST
        case Act.CANCEL if is_requester:
            return Ruling.ALLOWED
        case Act.APPROVE | Act.RECORD_WORD if person.user_id in case.decided_by.get(_OTHER_SIDE[case.act], ()):
            return Ruling.OWN_APPROVAL
        case Act.RECORD_WORD:
            return Ruling.ALLOWED if is_approver or person.has(PersonRole.OPERATOR) else Ruling.NOT_OPERATOR
        case Act.APPROVE | Act.REJECT | Act.CANCEL:
            return Ruling.ALLOWED if is_approver else Ruling.NOT_APPROVER
