"""Who may do what, by role, team and kind of account."""

from itertools import combinations, product

import pytest

from bot.services.errors import NotAllowed
from bot.services.people import SYSTEM, Person, PersonRole, require, upload_refusal
from storage.records import Partner

# Everybody there is, as far as any rule can tell them apart: drawn at random, the rare ones would hardly come up.
ROLES = [frozenset(roles) for size in range(len(PersonRole) + 1) for roles in combinations(PersonRole, size)]
PEOPLE = [
    Person("U1", team, "Name", roles, is_home=home, is_guest=guest, is_bot=bot)
    for team in ("THOME", "TACME", "TELSE", "")
    for roles in ROLES
    for home, guest, bot in product((True, False), repeat=3)
]
PARTNERS = [Partner(1, "acme", "ACME", team, ()) for team in (None, "TACME", "")]


@pytest.mark.parametrize("role", PersonRole)
def test_a_role_is_worth_something_only_to_a_full_member_of_our_team(role: PersonRole) -> None:
    """Guests, bots and people of other teams hold none, whatever the settings list."""
    for person in PEOPLE:
        allowed = role in person.roles and person.is_home and not person.is_guest and not person.is_bot
        assert person.has(role) is allowed
        if allowed:
            require(person, role)
        else:
            with pytest.raises(NotAllowed):
                require(person, role)


@pytest.mark.parametrize("partner", [None, *PARTNERS], ids=lambda one: repr(one and one.slack_team_id))
def test_only_our_operators_and_the_partners_own_people_upload(partner: Partner | None) -> None:
    """A guest, a bot or a member of a third team never does; without a partner only operators do."""
    for person in PEOPLE:
        full = not person.is_guest and not person.is_bot
        ours = full and person.is_home and PersonRole.OPERATOR in person.roles
        theirs = (
            full
            and not person.is_home
            and partner is not None
            and partner.slack_team_id is not None
            and person.team_id == partner.slack_team_id
        )
        assert (upload_refusal(person, partner) is None) is (ours or theirs)


def test_the_bot_itself_holds_every_role_and_is_no_slack_user() -> None:
    """It sets up a starter world; Slack user ids begin with U or W."""
    assert all(SYSTEM.has(role) for role in PersonRole)
    assert not SYSTEM.user_id.startswith(("U", "W"))


@pytest.mark.parametrize("partner", PARTNERS, ids=lambda one: repr(one and one.slack_team_id))
def test_only_a_full_member_of_the_partners_own_team_belongs_to_it(partner: Partner) -> None:
    """Neither its guests nor its bots, nor one of ours who has the same team's id."""
    for person in PEOPLE:
        full = not (person.is_home or person.is_guest or person.is_bot)
        assert person.belongs_to(partner) is (full and person.team_id == partner.slack_team_id)
