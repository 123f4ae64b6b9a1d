"""Short-lived rights that a payload hands to the app: trigger ids and response URLs."""

import secrets
from dataclasses import dataclass

from bot.workspace.faults import Faults
from bot.workspace.shapes import Json, Refusal
from bot.workspace.state import World

TRIGGERS_REMEMBERED_SECONDS = 3600.0  # so that a late one is called expired, not unknown
RESPONSE_POSTS = 5  # docs.slack.dev/interactivity/handling-user-interaction, "Message responses"
RESPONSE_SECONDS = 1800.0


@dataclass
class _Trigger:
    user_id: str
    made: float
    view_id: str | None
    used: bool = False


class Triggers:
    """Trigger ids: good once and for three seconds (`Faults.trigger_seconds`)."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._known: dict[str, _Trigger] = {}

    def give(self, user_id: str, view_id: str | None = None) -> str:
        """A trigger id for what this user just did (in that view, if it was in one)."""
        now = self._world.clock()
        self._known = {k: t for k, t in self._known.items() if now - t.made < TRIGGERS_REMEMBERED_SECONDS}
        trigger_id = f"{int(now * 1000)}.{secrets.randbelow(10**12):012d}.{secrets.token_hex(16)}"
        self._known[trigger_id] = _Trigger(user_id, now, view_id)
        return trigger_id

    def spend(self, trigger_id: object) -> tuple[str, str | None]:
        """Exchanges the id for (user, view). Refuses an unknown, late or used one in Slack's words."""
        trigger = self._known.get(trigger_id) if isinstance(trigger_id, str) else None
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self._world.clock() - trigger.made > self._faults.trigger_seconds:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger.user_id, trigger.view_id


def response_token(world: World, grant: Json) -> str:
    """A response URL's token. `grant` says where it may answer: channel, user, message_ts, ephemeral, thread_ts."""
    now = world.clock()
    world.responses = {token: known for token, known in world.responses.items() if known["until"] > now}
    token = secrets.token_urlsafe(24)
    world.responses[token] = {**grant, "left": RESPONSE_POSTS, "until": now + RESPONSE_SECONDS}
    world.touch(("responses",))
    return token


def spend_response(world: World, token: str) -> Json:
    """The grant behind a response URL, one use of it spent; refuses with `used_url` or `expired_url`."""
    grant = world.responses.get(token)
    if grant is None or grant["until"] <= world.clock():
        raise Refusal("expired_url")
    if grant["left"] <= 0:
        raise Refusal("used_url")
    grant["left"] -= 1
    world.touch(("responses", token))
    return dict(grant)
