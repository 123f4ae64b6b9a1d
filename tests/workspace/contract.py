"""A workspace with a corner for each thing that Slack may refuse, its people, and an app that hears all."""

import copy
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cached_property
from typing import Any

import httpx
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace.methods import METHODS
from bot.workspace.server import WorkspaceServer
from tests.loopback import NO_TLS
from tests.patience import eventually
from tests.workspace.place import (
    ADA,
    BOT,
    GENERAL,
    HOME,
    OLIVIA,
    SAM,
    SEED,
    Clock,
    Json,
    Person,
    actions,
    button,
    connected,
    modal,
)

GUEST, GONE = "UGUEST", "UGONE"
ARCHIVED, BULLETIN, THREADS, FLAT, LOCKED, STAFF, DRY = (
    "CARCHIVED", "CBULLETIN", "CTHREADS", "CFLAT", "CLOCKED", "CSTAFF", "CDRY",
)  # fmt: skip
_RULES = {
    BULLETIN: "read_only",
    THREADS: "thread_only",
    FLAT: "non_threadable",
    LOCKED: "threads_locked",
    STAFF: "admins_only",
    DRY: "no_files",
}
PREFERENCES: dict[str, Json] = {
    "plain": {},
    "tight": {"edit_window_seconds": 60, "storage_bytes": 3, "plan": "free", "file_deletion": False},
    "images": {"file_uploads": "images"},
    "closed": {"file_uploads": "none"},
}
APPS: dict[str, Json] = {
    "tight": {"messages_tab": False, "home_tab": False},
    "powerless": {"scopes": ["commands"]},
    "public": {"scopes": ["channels:read", "channels:history", "groups:history", "chat:write"]},
}


def seed_of(kind: str) -> Json:
    """The seed of tests with rooms under every rule, two more people, and the preferences of that kind."""
    seed: Json = copy.deepcopy(SEED)
    everybody = [OLIVIA, SAM, BOT]
    for channel_id, rule in _RULES.items():
        channel = {"id": channel_id, "name": channel_id.lower(), "members": everybody, "rules": [rule]}
        seed["channels"].append(channel)
    seed["channels"].append({"id": ARCHIVED, "name": "old", "members": everybody, "is_archived": True})
    seed["users"].append({"id": GUEST, "name": "guest", "team_id": HOME, "is_restricted": True})
    seed["users"].append({"id": GONE, "name": "gone", "team_id": HOME, "deleted": True})
    next(user for user in seed["users"] if user["id"] == OLIVIA)["is_admin"] = True
    seed["preferences"] = {"blocked_file_types": ["exe"], **PREFERENCES.get(kind, {})}
    seed["app"] |= APPS.get(kind, {})
    return seed


class Office:
    """A running workspace, its people, and an app that acknowledges everything and keeps what it was sent."""

    def __init__(self, kind: str = "plain", **app: Any) -> None:
        self.clock = Clock()
        seed = seed_of(kind)
        seed["app"] |= app
        self.workspace = WorkspaceServer(seed, clock=self.clock)
        self.workspace.start()
        self.people = {user_id: Person(self.workspace, user_id) for user_id in (OLIVIA, SAM, ADA, GUEST)}
        self.olivia, self.sam, self.ada, self.guest = self.people.values()
        self.olivia.do("faults", rate_limits=False)
        self.bot = WebClient(self.workspace.bot_token, base_url=self.workspace.api_url)
        self.http = httpx.Client(trust_env=False, verify=NO_TLS)
        self.heard: list[Json] = []
        self._open = ExitStack()

    def call(self, who: str, method: str, arguments: Json, verb: str = "POST") -> Json:
        """What the method answers, called by slack-sdk in the form that it takes; by GET without it, as it has none.

        `who` is a person, `bot`, `app`, `nobody` or `stranger`.
        """
        tokens = {"bot": self.bot.token, "app": self.workspace.app_token, "nobody": None, "stranger": "xoxb-made-up"}
        token = tokens[who] if who in tokens else self.people[who].web.token
        if verb == "GET":
            headers = {"Authorization": f"Bearer {token}"}
            got: Json = self.http.get(self.workspace.api_url + method, params=arguments, headers=headers).json()
            return got
        as_json = method in METHODS and METHODS[method].json
        sent: Json = {"json": arguments} if as_json else {"params": arguments}
        try:
            answer = WebClient(token, base_url=self.workspace.api_url).api_call(method, **sent)
        except SlackApiError as refused:
            answer = refused.response
        return dict(answer.data)  # type: ignore[arg-type]

    @cached_property
    def listening(self) -> App:
        """An app on a Socket Mode connection that acknowledges everything."""
        app = App(client=self.bot, process_before_response=True, ignoring_self_events_enabled=False)
        everything = re.compile(".*")

        @app.middleware
        def keep(body: Json, next: Any) -> None:  # noqa: A002 - Bolt's name
            self.heard.append(body)
            next()

        for listen in (app.event, app.command, app.action, app.view, app.view_closed, app.shortcut, app.options):
            listen(everything)(_acknowledge)
        self._open.enter_context(connected(self.workspace, app))
        return app

    def wait_for(self, event_type: str, count: int = 1, **parts: Any) -> list[Json]:
        """The envelopes of such events, once there are `count`."""
        assert self.listening

        def found() -> list[Json]:
            events = [body for body in self.heard if body.get("event", {}).get("type") == event_type]
            return [body for body in events if all(body["event"].get(key) == part for key, part in parts.items())]

        eventually(lambda: len(found()) >= count)
        return found()

    def trigger(self) -> str:
        """A fresh trigger id, from a command of Olivia's."""
        assert self.listening
        assert self.olivia.do("command", channel=GENERAL, command="/cert", text="")["ok"]
        return str(next(body["trigger_id"] for body in reversed(self.heard) if body.get("command")))

    def modal(self) -> Json:
        """A modal open before Olivia, with a button in it."""
        view: Json = self.bot.views_open(trigger_id=self.trigger(), view=modal(actions(button("go"))))["view"]
        return view

    def inner_trigger(self, view: Json) -> str:
        """A trigger id from the button of that modal."""
        assert self.olivia.do("action", view_id=view["id"], block_id="decide", action_id="go")["ok"]
        return str(next(body["trigger_id"] for body in reversed(self.heard) if body.get("type") == "block_actions"))

    def thread_in(self, channel: str) -> str:
        """A message in a thread of a channel under a rule that binds all but admins, of whom Olivia is one."""
        parent = self.olivia.say(channel, "parent")
        return self.olivia.say(channel, "reply", thread_ts=parent)

    def stop(self, janitor: ThreadPoolExecutor) -> None:
        """Ends the app and has the server stopped."""
        self._open.close()
        self.http.close()
        janitor.submit(self.workspace.stop)


def _acknowledge(ack: Any) -> None:
    ack()
