"""What a proposal asks of one person: pure, by the rule that the service applies again at the click."""

from collections.abc import Mapping

from bot.services.approval_rules import Act, Case, Ruling, rule
from bot.services.consent import wanted
from bot.services.people import Person
from storage.records import Partner, Policy
from storage.switch_records import Side

_DECIDES = {Act.APPROVE: Side.OURS, Act.CONFIRM: Side.PARTNER, Act.RECORD_WORD: Side.PARTNER}


def acts_asked(
    person: Person, requested_by: str, partner: Partner, decided_by: Mapping[Side, frozenset[str]], policy: Policy
) -> frozenset[Act]:
    """What the person may do about an undecided proposal; empty where it does not wait for this person.

    Where the partner is in Slack its own people are asked. One of ours may still record its word, but is not asked to.
    """
    may = {act for act in Act if rule(Case(act, person, requested_by, partner, decided_by)) is Ruling.ALLOWED}
    through = {side for side in Side if len(decided_by.get(side, ())) >= wanted(policy, side)}
    if through == set(Side):  # the policy has come to ask for less: see `Consent.awaits`
        through = {Side.PARTNER}
    mine = {side for side, people in decided_by.items() if person.user_id in people}
    may -= {act for act, side in _DECIDES.items() if side in through | mine} | {Act.CANCEL}
    asked = {Act.APPROVE, Act.CONFIRM} | ({Act.RECORD_WORD} if partner.slack_team_id is None else set())
    return frozenset(may) if may & asked else frozenset()
