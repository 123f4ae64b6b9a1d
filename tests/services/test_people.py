"""Who may do what, by role, team and kind of account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.errors import NotAllowed
from bot.services.people import SYSTEM, Person, PersonRole, require, upload_refusal
from storage.records import Partner

people = st.builds(
    Person,
    st.sampled_from(["U1", "U2"]),
    st.sampled_from(["THOME", "TACME", "TELSE", ""]),
    st.just("Name"),
    st.frozensets(st.sampled_from(PersonRole)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
partners = st.one_of(
    st.none(),
    st.builds(Partner, st.just(1), st.just("acme"), st.just("ACME"), st.sampled_from([None, "TACME", ""]), st.just(())),
)


@given(people, st.sampled_from(PersonRole))
def test_a_role_is_worth_something_only_to_a_full_member_of_our_team(person: Person, role: PersonRole) -> None:
    """Guests, bots and people of other teams hold none, whatever the settings list."""
    allowed = role in person.roles and person.is_home and not person.is_guest and not person.is_bot
    assert person.has(role) is allowed
    if allowed:
        require(person, role)
    else:
        with pytest.raises(NotAllowed):
            require(person, role)


@given(people, partners)
def test_only_our_operators_and_the_partners_own_people_upload(person: Person, partner: Partner | None) -> None:
    """A guest, a bot or a member of a third team never does; without a partner only operators do."""
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
