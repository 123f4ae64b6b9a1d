"""What Slack's own client would hear: the stream behind the page's live updates."""

import asyncio
from collections import deque

from bot.workspace.journal import Place
from bot.workspace.shapes import Json
from bot.workspace.state import World

KEPT_EVENTS = 2000
"""Older ones are gone; a reader that far behind is told to read everything anew (`reload`)."""


class Feed:
    """Numbered client events, each for the members of a channel or for one user."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._events: deque[tuple[Json, str | None]] = deque(maxlen=KEPT_EVENTS)
        self._first = world.feed_position + 1
        self._news = asyncio.Event()
        self.closed = False

    @property
    def position(self) -> int:
        """Number of the last event."""
        return self._world.feed_position

    def tell(self, event: Json, only: str | None = None) -> None:
        """Publishes the event to the members of `event["channel"]` or to the user `only`, and has it kept."""
        self._world.feed_position += 1
        if len(self._events) == self._events.maxlen:
            self._first = int(self._events[1][0]["n"])
        self._events.append(({"n": self._world.feed_position, **event}, only))
        self._world.touch(*_about(event))
        self._news.set()
        self._news = asyncio.Event()

    def since(self, after: int, user_id: str) -> list[Json]:
        """Events later than `after` that this user may see; one `reload` where some of them are no longer kept."""
        if after > self.position or after < self._first - 1:
            return [{"n": self.position, "type": "reload"}]
        return [event for event, only in self._events if event["n"] > after and self._for(event, only, user_id)]

    async def wait(self, after: int, user_id: str, seconds: float) -> list[Json]:
        """As `since`, but waits up to `seconds` for the first one."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            news = self._news
            events = self.since(after, user_id)
            left = deadline - asyncio.get_running_loop().time()
            if events or left <= 0 or self.closed:
                return events
            try:
                await asyncio.wait_for(news.wait(), left)
            except TimeoutError:
                return self.since(after, user_id)

    def close(self) -> None:
        """Lets everybody who waits go home, so that the server can stop."""
        self.closed = True
        self._news.set()

    def _for(self, event: Json, only: str | None, user_id: str) -> bool:
        if only is not None:
            return only == user_id
        channel = self._world.channels.get(event.get("channel", ""))
        return channel is not None and self._world.may_see(channel, user_id)


def _about(event: Json) -> tuple[Place, ...]:
    """What has changed, where the event tells it; where it does not, anything may have."""
    message: Json = event.get("message") or {}
    if event["type"] == "read":
        return (("reads",),)
    if message.get("is_ephemeral"):
        return (("ephemerals",),)
    if "ts" in message:
        return (("messages", event["channel"], message["ts"]),)
    return (("views",), ("homes",), ("inputs",)) if "view" in event else ()
