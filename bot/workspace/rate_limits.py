"""Rate limits of the app's calls, per method and workspace (docs.slack.dev/apis/web-api/rate-limits).

The tiers are promises of so many calls a minute, with bursts tolerated; how large a burst Slack leaves open. Here a
bucket holds one minute's worth, so that an app that keeps the published pace is never refused, and one that does not
is refused soon.
"""

import math
from dataclasses import dataclass, field

from bot.workspace.faults import Faults
from bot.workspace.shapes import Json
from bot.workspace.state import World

MINUTE = 60.0


@dataclass(frozen=True)
class Limit:
    """`a_minute` calls go on for ever; `burst` calls may come at once."""

    a_minute: float
    burst: int


TIER_2, TIER_3, TIER_4 = (Limit(float(calls), calls) for calls in (20, 50, 100))
SPECIAL = Limit(600.0, 600)  # "hundreds of requests per minute" (docs.slack.dev/reference/methods/auth.test)
POSTS_PER_CHANNEL = Limit(60.0, 10)  # one a second and channel, "short bursts of more than one are allowed"
POSTS_PER_WORKSPACE = Limit(300.0, 300)  # "several hundred messages per minute" for a whole workspace
# Tier 3 in its method's schema and Tier 1 in the published list of tiers. In between: all ten connections at once and
# again, then so many that an app whose sockets keep breaking comes back, while one that storms is sent away.
CONNECTIONS = Limit(20.0, 20)

_TIERS: tuple[tuple[Limit, tuple[str, ...]], ...] = (
    (TIER_2, (
        "conversations.list", "pins.add", "reactions.remove", "usergroups.list", "usergroups.users.list", "users.list",
    )),
    (TIER_4, (
        "api.test", "chat.postEphemeral", "conversations.members", "files.completeUploadExternal",
        "files.getUploadURLExternal", "files.info", "users.info", "views.open", "views.publish", "views.push",
        "views.update",
    )),
    (SPECIAL, ("auth.test", "chat.getPermalink", "oauth.v2.access")),
    (POSTS_PER_WORKSPACE, ("chat.postMessage",)),
    (CONNECTIONS, ("apps.connections.open",)),
)  # fmt: skip
LIMITS = {method: limit for limit, methods in _TIERS for method in methods}
"""By method; the others are in Tier 3, as most of Slack's."""


def limit_of(method: str) -> Limit:
    """The limit of a method for the whole workspace."""
    return LIMITS.get(method, TIER_3)


class RateLimited(Exception):
    """Too many calls; `retry_after` in whole seconds, as the header of the same name."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass
class RateLimits:
    """The app's buckets. They are in memory: a restart forgives."""

    world: World
    faults: Faults
    _full_at: dict[tuple[str, str], float] = field(default_factory=dict)

    def take(self, method: str, arguments: Json) -> None:
        """Counts one call of the app.

        Raises:
            RateLimited: it comes too early; it is not counted.
        """
        if not self.faults.rate_limits:
            return
        buckets = [((method, ""), limit_of(method))]
        if method == "chat.postMessage":
            buckets.append(((method, str(arguments.get("channel"))), POSTS_PER_CHANNEL))
        now = self.world.clock()
        waits = [self._wait(key, limit, now) for key, limit in buckets]
        if max(waits) > 0:
            raise RateLimited(max(1, math.ceil(max(waits))))
        for key, limit in buckets:
            self._full_at[key] = max(self._full_at.get(key, now), now) + self._pace(limit)
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}

    def _pace(self, limit: Limit) -> float:
        """Real seconds that one call costs."""
        return MINUTE / limit.a_minute / self.faults.speed

    def _wait(self, key: tuple[str, str], limit: Limit, now: float) -> float:
        """Seconds until the bucket has room for one more call."""
        owed = max(self._full_at.get(key, now) - now, 0.0)
        return owed + self._pace(limit) - limit.burst * self._pace(limit)
