"""The workspace in memory: who is there, what was said, and what still waits for the app.

Everything here lives on the server's one event loop, so no lock guards it. Nothing of Slack's wire is known here.
"""

import secrets
import string
import time
from collections.abc import Callable, Iterator
from typing import Any

from bot.workspace.journal import Place
from bot.workspace.shapes import Json, Refusal

SNAPSHOT_VERSION = 1
_ID_ALPHABET = string.ascii_uppercase + string.digits
_PERSISTED = (
    "channels", "messages", "ephemerals", "files", "uploads", "views", "homes", "inputs", "tokens", "signing_secret",
    "verification_token", "pending", "responses", "last_us", "feed_position", "reads", "scheduled",
    "request_url",
)  # fmt: skip


class World:
    """One workspace. `seed` gives teams, app, users and channels; a snapshot gives what happened since.

    On a restart the seed's descriptions win and everything said, joined or issued is kept.
    """

    def __init__(self, seed: Json, snapshot: Json | None, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.team: Json = seed["team"]
        self.partner_teams: list[Json] = list(seed.get("partner_teams", ()))
        self.app: Json = {"commands": [], "shortcuts": [], **seed["app"]}
        self.users: dict[str, Json] = {user["id"]: dict(user) for user in seed["users"]}
        self.usergroups: dict[str, Json] = {group["id"]: dict(group) for group in seed.get("usergroups", ())}
        self.preferences: Json = dict(seed.get("preferences", {}))
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, list[Json]] = {}
        self.ephemerals: dict[str, list[Json]] = {}
        self.files: dict[str, Json] = {}
        self.uploads: dict[str, Json] = {}
        self.views: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.inputs: dict[str, Json] = {}
        self.tokens: dict[str, Json] = {}
        self.signing_secret = secrets.token_hex(16)
        self.request_url = ""
        self.verification_token = secrets.token_urlsafe(18)
        self.pending: list[Json] = []
        self.scheduled: dict[str, Json] = {}
        self.responses: dict[str, Json] = {}
        self.reads: dict[str, dict[str, str]] = {}
        self.last_us = 0
        self.feed_position = 0
        self.generation = 0
        self._changed: set[Place] | None = None
        self._on_change: Callable[[], None] | None = None
        if snapshot is not None:
            if snapshot.get("version") != SNAPSHOT_VERSION:
                raise ValueError(f"state file of version {snapshot.get('version')!r}, expected {SNAPSHOT_VERSION}")
            for name in _PERSISTED:
                setattr(self, name, snapshot.get(name, getattr(self, name)))
            self.generation = snapshot.get("generation", 0)
        self._add_bot_user()
        self._merge_channels(seed.get("channels", ()))

    # --- identity -------------------------------------------------------------------------------------------------

    @property
    def bot_user(self) -> str:
        """User id of the app's bot."""
        return str(self.app["bot_user"])

    @property
    def bot_id(self) -> str:
        """The `B...` id that messages of the bot carry."""
        return str(self.app.get("bot_id") or "B" + self.bot_user[1:])

    def user_team(self, user_id: str) -> str:
        """Team of the user; the installing team for a user that names none."""
        return str(self.users[user_id].get("team_id") or self.team["id"])

    def is_foreign(self, user_id: str) -> bool:
        """Whether the user belongs to a partner's team (a Slack Connect user)."""
        return bool(self.user_team(user_id) != self.team["id"])

    def team_record(self, team_id: str) -> Json | None:
        """The own or a partner's team."""
        return next((team for team in (self.team, *self.partner_teams) if team["id"] == team_id), None)

    def _add_bot_user(self) -> None:
        self.users[self.bot_user] = {
            "id": self.bot_user,
            "name": self.app.get("handle", self.app["name"].lower()),
            "real_name": self.app["name"],
            "team_id": self.team["id"],
            "is_bot": True,
        }

    def _merge_channels(self, seeded: Any) -> None:
        for channel in seeded:
            known = self.channels.get(channel["id"], {})
            members = list(dict.fromkeys([*known.get("members", ()), *channel.get("members", ())]))
            self.channels[channel["id"]] = {"created": int(self.clock()), **known, **channel, "members": members}

    # --- channels and messages ------------------------------------------------------------------------------------

    def is_member(self, channel: Json, user_id: str) -> bool:
        """Whether the user is in the conversation."""
        return bool(user_id in channel["members"])

    def may_see(self, channel: Json, user_id: str) -> bool:
        """Members see a conversation; a public channel is open to everyone of the installing team."""
        if self.is_member(channel, user_id):
            return True
        return not (channel.get("is_private") or channel.get("is_im") or self.is_foreign(user_id))

    def channel_for(self, channel_id: Any, user_id: str) -> Json:
        """The conversation, or Slack's `channel_not_found` where the user may not know of it."""
        channel = self.channels.get(channel_id) if isinstance(channel_id, str) else None
        if channel is None or not self.may_see(channel, user_id):
            raise Refusal("channel_not_found")
        return channel

    def direct_message(self, one: str, other: str) -> Json:
        """The conversation between two users; made when there is none yet."""
        pair = {one, other}
        for channel in self.channels.values():
            if channel.get("is_im") and set(channel["members"]) == pair:
                return channel
        channel = {"id": self.new_id("D"), "is_im": True, "members": [one, other], "created": int(self.clock())}
        self.channels[channel["id"]] = channel
        self.touch()
        return channel

    def find_message(self, channel_id: str, ts: Any) -> Json | None:
        """The message of the history with this ts."""
        return next((m for m in reversed(self.messages.get(channel_id, [])) if m["ts"] == ts), None)

    def find_ephemeral(self, user_id: str, channel_id: str, ts: Any) -> Json | None:
        """The ephemeral message with this ts, if this user has it."""
        shown = self.ephemerals.get(user_id, [])
        return next((m for m in shown if m["ts"] == ts and m["channel"] == channel_id), None)

    def replies(self, channel_id: str, ts: str) -> Iterator[Json]:
        """Replies in the thread, oldest first, without its parent."""
        return (m for m in self.messages.get(channel_id, []) if m.get("thread_ts") == ts and m["ts"] != ts)

    # --- ids, time, change ----------------------------------------------------------------------------------------

    def next_ts(self) -> str:
        """A message ts: epoch seconds with six digits, unique and rising in the whole workspace."""
        self.last_us = max(int(self.clock() * 1_000_000), self.last_us + 1)
        return f"{self.last_us // 1_000_000}.{self.last_us % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """A fresh id of Slack's form, for example `F0B7QK2M9ZX`."""
        return prefix + "0" + "".join(secrets.choice(_ID_ALPHABET) for _ in range(9))

    def watch(self, on_change: Callable[[], None]) -> None:
        """Has `on_change` called after every change."""
        self._on_change = on_change

    def touch(self, *places: Place) -> None:
        """Says that something worth keeping has changed.

        `places` name all of it (see `bot.workspace.journal`), for what happens at every message: then no more than that
        is written. Without any, the whole state is.
        """
        if not places:
            self._changed = None
        elif self._changed is not None:
            self._changed.update(places)
        if self._on_change is not None:
            self._on_change()

    def take_changes(self) -> set[Place] | None:
        """The places that changed since this was last asked; None: possibly all."""
        changed, self._changed = self._changed, set()
        return changed

    def snapshot(self) -> Json:
        """Everything that must survive a restart, as plain JSON data."""
        fixed: Json = {"version": SNAPSHOT_VERSION, "generation": self.generation}
        return fixed | {name: getattr(self, name) for name in _PERSISTED}
