"""Who may what, as Slack tells it at the click."""

from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.config import Settings
from bot.services.people import PersonRole
from bot.workspace.server import WorkspaceServer
from handlers.people import People, RoleRules
from handlers.slack_calls import SlackUnavailable
from tests.handlers.slack import ACME, HOME, SEED, bot_of, running, user


def roles(workspace: WorkspaceServer, user_id: str, *names: str) -> bool:
    """Whether the user is a trust admin by a setting of these names."""
    people = People(bot_of(workspace), HOME, RoleRules({PersonRole.TRUST_ADMIN: names}))
    return people.person(user_id).has(PersonRole.TRUST_ADMIN)


def test_roles_are_held_by_id_by_user_group_or_by_everybody_of_ours(workspace: WorkspaceServer) -> None:
    """`U...`, `S...` and `*`."""
    assert roles(workspace, "UADAM", "UOLIVIA", "UADAM")
    assert not roles(workspace, "UADAM", "UOLIVIA")
    assert roles(workspace, "UOLIVIA", "S0OPS")
    assert not roles(workspace, "UADAM", "S0OPS")
    assert roles(workspace, "UADAM", "*")
    assert not roles(workspace, "UADAM")


@pytest.mark.parametrize("user_id", ["UGUEST", "UROBOT", "UPAULA", "UBOTCS", "UNOBODY"])
@pytest.mark.parametrize("names", [("*",), ("S0OPS",), ("UGUEST", "UROBOT", "UPAULA", "UBOTCS", "UNOBODY")])
def test_guests_bots_and_partners_never_hold_a_role(
    workspace: WorkspaceServer, user_id: str, names: tuple[str, ...]
) -> None:
    """Not even where a setting names them."""
    assert not roles(workspace, user_id, *names)


def test_whose_account_was_deactivated_holds_no_role_any_more() -> None:
    """Whatever the setting or the user group still says: who has left approves nothing."""
    seed = {**SEED, "users": [*SEED["users"], user("UGONE", deleted=True)]}
    seed["usergroups"] = [{**SEED["usergroups"][0], "users": ["UGONE"]}]
    with running(seed) as server:
        assert [roles(server, "UGONE", name) for name in ("UGONE", "S0OPS", "*")] == [False] * 3


def test_the_team_is_slacks_word_and_not_the_payloads(workspace: WorkspaceServer) -> None:
    """A payload that claims our team makes nobody one of ours; who cannot be seen belongs to no team."""
    people = People(bot_of(workspace), HOME, RoleRules({PersonRole.OPERATOR: ("*",)}))
    paula = people.person("UPAULA", HOME)
    assert (paula.team_id, paula.is_home) == (ACME, False)
    nobody = people.person("UNOBODY", HOME)
    assert (nobody.team_id, nobody.is_home, nobody.roles) == ("", False, frozenset())


def test_a_group_that_is_not_there_holds_nobody_and_stops_nobody() -> None:
    """A wrong id, or a missing scope, must not take the other roles away."""
    with running() as server:
        rules = RoleRules({PersonRole.APPROVER: ("S0GONE",), PersonRole.OPERATOR: ("UOLIVIA",)})
        olivia = People(bot_of(server), HOME, rules).person("UOLIVIA")
    assert olivia.roles == {PersonRole.OPERATOR}
    with running({**SEED, "app": {**SEED["app"], "scopes": ["users:read"]}}) as server:
        rules = RoleRules({PersonRole.APPROVER: ("S0OPS",), PersonRole.OPERATOR: ("UOLIVIA",)})
        olivia = People(bot_of(server), HOME, rules).person("UOLIVIA")
    assert olivia.roles == {PersonRole.OPERATOR}


def test_while_slack_cannot_be_asked_nobody_is_anybody(workspace: WorkspaceServer) -> None:
    """Neither allowed nor refused: try again."""
    people = People(WebClient("xoxb-wrong", base_url=workspace.api_url), HOME, RoleRules())
    with pytest.raises(SlackUnavailable, match="invalid_auth"):
        people.person("UOLIVIA")


def test_the_settings_take_names_by_comma_or_blank(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As people write them."""
    monkeypatch.setenv("APPROVERS", "U1, S0OPS  U2")
    monkeypatch.setenv("OPERATORS", "")
    monkeypatch.chdir(tmp_path)  # away from a developer's .env
    settings = Settings()
    assert settings.approvers == ("U1", "S0OPS", "U2")
    assert settings.operators == ()
