"""Who clicked: looked up on the server at every click, never taken from the payload."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.services.people import Person, PersonRole
from handlers.slack_calls import code_of, unavailable

log = structlog.get_logger(__name__)

# A role that was just taken away must not live on for long; users.info allows 100 calls a minute (Tier 4).
REMEMBER_SECONDS = 30.0
# So many answers are kept; a workspace has more users than those who are asked about within half a minute.
REMEMBERED = 2_000
ANY_MEMBER = "*"
# Published errors of users.info that say: nobody whom we may know. Such a person may nothing.
UNKNOWN = frozenset({"user_not_found", "user_not_visible"})
# Errors of usergroups.users.list that no later try mends. Nobody is in such a group; the log says why.
NO_GROUP = frozenset({"no_such_subteam", "plan_upgrade_required", "missing_scope"})


@dataclass
class _Remembered:
    until: float
    value: Any


@dataclass(frozen=True)
class Holder:
    """One name in a role's setting: a user id, `*`, or a user group id with its members."""

    name: str
    members: tuple[str, ...] = ()


@dataclass
class RoleRules:
    """Who holds which role: user ids, user group ids (`S...`), or `*` for every full member of our own team."""

    rules: Mapping[PersonRole, Sequence[str]] = field(default_factory=dict)


class People:
    """Slack users as the product's persons.

    Args:
        client: with `users:read` and, where user groups are configured, `usergroups:read`.
        home_team: the id of the team that installed the app.
        rules: who holds which role.
    """

    def __init__(self, client: WebClient, home_team: str, rules: RoleRules) -> None:
        self._client = client
        self._home_team = home_team
        self._rules = rules
        self._memory: dict[str, _Remembered] = {}
        self._lock = threading.Lock()

    def person(self, user_id: str, team_id: str | None = None) -> Person:
        """The person behind a Slack user id; somebody whom Slack does not show us belongs to no team.

        `team_id` from the payload is only used where Slack does not tell the team itself.

        Raises:
            SlackUnavailable: Slack could not be asked; the caller answers "try again".
        """
        user = self._remember(f"user:{user_id}", lambda: self._user(user_id))
        if user is None:
            return Person(user_id, "", user_id)
        team = str(user.get("team_id") or team_id or "")
        is_home = team == self._home_team and not user.get("is_stranger", False)
        is_guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted"))
        is_bot = bool(user.get("is_bot") or user_id == "USLACKBOT")
        may_hold_roles = is_home and not (is_guest or is_bot or user.get("deleted"))
        profile = user.get("profile") or {}
        return Person(
            user_id=user_id,
            team_id=team,
            name=str(profile.get("display_name") or user.get("real_name") or user.get("name") or user_id),
            roles=self._roles(user_id) if may_hold_roles else frozenset(),
            is_home=is_home,
            is_guest=is_guest,
            is_bot=is_bot,
            is_admin=is_home and not is_guest and bool(user.get("is_admin") or user.get("is_owner")),
        )

    @property
    def named(self) -> Mapping[PersonRole, Sequence[str]]:
        """The user and group ids that the settings name for each role; `*` stands for everybody."""
        return self._rules.rules

    def holders(self, role: PersonRole) -> tuple[Holder, ...]:
        """Who is named for the role, in the order of the setting; user groups with the members that Slack tells now.

        Raises:
            SlackUnavailable: Slack could not be asked.
        """
        names = self._rules.rules.get(role, ())
        return tuple(Holder(name, tuple(self._group(name)) if name.startswith("S") else ()) for name in names)

    def _user(self, user_id: str) -> dict[str, Any] | None:
        try:
            user: dict[str, Any] = self._client.users_info(user=user_id).get("user", {})
        except (SlackApiError, OSError) as error:
            if isinstance(error, SlackApiError) and code_of(error) in UNKNOWN:
                return None
            raise unavailable(error) from None
        return user

    def _roles(self, user_id: str) -> frozenset[PersonRole]:
        return frozenset(
            role for role, names in self._rules.rules.items() if any(self._is_named(user_id, name) for name in names)
        )

    def _is_named(self, user_id: str, name: str) -> bool:
        if name == ANY_MEMBER:
            return True
        if name.startswith("S"):
            return user_id in self._group(name)
        return user_id == name

    def _group(self, name: str) -> list[str]:
        members: list[str] = self._remember(f"group:{name}", lambda: self._members(name))
        return members

    def _members(self, group: str) -> list[str]:
        try:
            members: list[str] = self._client.usergroups_users_list(usergroup=group).get("users", [])
        except (SlackApiError, OSError) as error:
            if isinstance(error, SlackApiError) and code_of(error) in NO_GROUP:
                log.error("user_group_unusable", group=group, error=code_of(error))
                return []
            raise unavailable(error) from None
        return members

    def _remember(self, key: str, ask: Callable[[], Any]) -> Any:
        now = time.monotonic()
        with self._lock:
            known = self._memory.get(key)
            if known and known.until > now:
                return known.value
        value = ask()
        with self._lock:
            self._memory.pop(key, None)  # so that the oldest answer stays the first
            self._memory[key] = _Remembered(now + REMEMBER_SECONDS, value)
            while len(self._memory) > REMEMBERED:
                del self._memory[next(iter(self._memory))]
        return value
