"""Who may decide what, as a table and as properties that hold for everybody."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.approval_rules import Act, Case, Ruling, rule
from bot.services.people import SYSTEM, Person, PersonRole
from storage.records import Partner
from storage.switch_records import Side
from tests.services.switch_world import (
    ADAM,
    BOTH,
    CLERK,
    GUEST,
    OLIVIA,
    PARTNER_GUEST,
    PAULA,
    ROBOT,
    STRANGER,
)

ACME = Partner(1, "acme", "ACME", "T0ACME", ("C0ACME",))
NO_SLACK = Partner(2, "globex", "Globex", None, ())

# Requested by Olivia, unless the row says otherwise.
TABLE = [
    (Act.APPROVE, ADAM, Ruling.ALLOWED),
    (Act.APPROVE, BOTH, Ruling.ALLOWED),
    (Act.APPROVE, OLIVIA, Ruling.OWN_REQUEST),
    (Act.APPROVE, CLERK, Ruling.NOT_APPROVER),
    (Act.APPROVE, PAULA, Ruling.WRONG_SIDE),
    (Act.APPROVE, STRANGER, Ruling.STRANGER),
    (Act.APPROVE, GUEST, Ruling.GUEST),
    (Act.APPROVE, ROBOT, Ruling.BOT),
    (Act.APPROVE, SYSTEM, Ruling.BOT),
    (Act.CONFIRM, PAULA, Ruling.ALLOWED),
    (Act.CONFIRM, ADAM, Ruling.PARTNER_SIDE_ONLY),
    (Act.CONFIRM, OLIVIA, Ruling.PARTNER_SIDE_ONLY),
    (Act.CONFIRM, STRANGER, Ruling.STRANGER),
    (Act.CONFIRM, PARTNER_GUEST, Ruling.GUEST),
    (Act.RECORD_WORD, OLIVIA, Ruling.ALLOWED),
    (Act.RECORD_WORD, ADAM, Ruling.ALLOWED),
    (Act.RECORD_WORD, CLERK, Ruling.NOT_OPERATOR),
    (Act.RECORD_WORD, PAULA, Ruling.WRONG_SIDE),
    (Act.REJECT, ADAM, Ruling.ALLOWED),
    (Act.REJECT, PAULA, Ruling.ALLOWED),
    (Act.REJECT, OLIVIA, Ruling.NOT_APPROVER),
    (Act.REJECT, STRANGER, Ruling.STRANGER),
    (Act.CANCEL, OLIVIA, Ruling.ALLOWED),
    (Act.CANCEL, ADAM, Ruling.ALLOWED),
    (Act.CANCEL, CLERK, Ruling.NOT_APPROVER),
    (Act.CANCEL, PAULA, Ruling.WRONG_SIDE),
    (Act.CANCEL, STRANGER, Ruling.STRANGER),
]


@pytest.mark.parametrize(("act", "person", "ruling"), TABLE, ids=[f"{a}-{p.name}-{r}" for a, p, r in TABLE])
def test_each_person_gets_the_ruling_of_the_table(act: Act, person: Person, ruling: Ruling) -> None:
    """The whole rule at a glance."""
    assert rule(Case(act, person, OLIVIA.user_id, ACME)) is ruling


def test_an_approver_who_asked_may_not_approve() -> None:
    """Four eyes, also where the requester holds both roles."""
    assert rule(Case(Act.APPROVE, BOTH, BOTH.user_id, ACME)) is Ruling.OWN_REQUEST


def test_one_person_of_ours_does_not_decide_for_both_sides() -> None:
    """Where the partner's word is recorded by us, four eyes are those of two people of ours; the requester's count."""
    by_adam = {Side.OURS: frozenset({ADAM.user_id})}
    assert rule(Case(Act.RECORD_WORD, ADAM, OLIVIA.user_id, NO_SLACK, by_adam)) is Ruling.OWN_APPROVAL
    assert rule(Case(Act.RECORD_WORD, OLIVIA, OLIVIA.user_id, NO_SLACK, by_adam)) is Ruling.ALLOWED
    word_by_adam = {Side.PARTNER: frozenset({ADAM.user_id})}
    assert rule(Case(Act.APPROVE, ADAM, OLIVIA.user_id, NO_SLACK, word_by_adam)) is Ruling.OWN_APPROVAL
    assert rule(Case(Act.APPROVE, BOTH, OLIVIA.user_id, NO_SLACK, word_by_adam)) is Ruling.ALLOWED


def test_a_repeated_decision_is_no_question_of_permission() -> None:
    """Who clicks twice is told that it is decided, not that they may not."""
    assert rule(Case(Act.APPROVE, ADAM, OLIVIA.user_id, ACME, {Side.OURS: frozenset({ADAM.user_id})})) is Ruling.ALLOWED


def test_a_partner_without_slack_has_no_people_of_its_own() -> None:
    """A user whose team is unknown must not match a partner whose team is unknown."""
    nobody = replace(PAULA, team_id="")
    assert rule(Case(Act.CONFIRM, nobody, OLIVIA.user_id, NO_SLACK)) is Ruling.STRANGER


people = st.builds(
    Person,
    user_id=st.sampled_from(["U1", "U2", "system"]),
    team_id=st.sampled_from(["", "T0HOME", "T0ACME", "T0INITECH"]),
    name=st.just("somebody"),
    roles=st.frozensets(st.sampled_from(PersonRole)),
    is_home=st.booleans(),
    is_guest=st.booleans(),
    is_bot=st.booleans(),
)
partners = st.sampled_from([ACME, NO_SLACK])
requesters = st.sampled_from(["U1", "U2"])


@given(act=st.sampled_from(Act), person=people, requester=requesters, partner=partners)
def test_whoever_is_allowed_is_a_full_member_of_one_side(
    act: Act, person: Person, requester: str, partner: Partner
) -> None:
    """No bot, guest or stranger ever gets through, whatever they want to do."""
    if rule(Case(act, person, requester, partner)) is not Ruling.ALLOWED:
        return
    assert not person.is_bot
    assert not person.is_guest
    assert person.user_id != SYSTEM.user_id
    assert person.is_home or (partner.slack_team_id is not None and person.team_id == partner.slack_team_id)


@given(person=people, requester=requesters, partner=partners)
def test_nobody_gives_both_approvals_with_their_own_voice(person: Person, requester: str, partner: Partner) -> None:
    """The sides are disjoint, and the requester is on neither."""
    ours = rule(Case(Act.APPROVE, person, requester, partner)) is Ruling.ALLOWED
    theirs = rule(Case(Act.CONFIRM, person, requester, partner)) is Ruling.ALLOWED
    assert not (ours and theirs)
    if ours or theirs:
        assert person.user_id != requester
    if ours:
        assert PersonRole.APPROVER in person.roles
