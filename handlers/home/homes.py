"""Publishing App Home: when it is opened, at a click on it, and while it is open also when the store changes.

Nothing here is durable, and nothing has to be: Home shows what the store says, and opening it shows it anew.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from handlers.home.pages import Pages
from handlers.slack_calls import code_of
from handlers.views import leaf as leaves
from handlers.views.blocks import View
from handlers.views.leaf import Leaf

log = structlog.get_logger(__name__)

# Slack does not tell when Home is left, so it is taken to be open for this long after the last sign of its reader.
OPEN_SECONDS: Final = 300.0
# Who pressed something wants to see what came of it; one commit often follows another.
OWN_SECONDS: Final = 0.2
ACTING_SECONDS: Final = 30.0
# What others do may wait: views.publish allows 100 calls a minute and workspace (Tier 4), which opening needs as well.
OTHERS_SECONDS: Final = 15.0
FOLLOWED: Final = 20
WORKERS: Final = 4


@dataclass
class _Reader:
    team_id: str
    leaf: Leaf
    hash: str | None
    seen: float
    acted: float = float("-inf")
    shown: str = ""  # a digest of what is published
    lock: threading.Lock = field(default_factory=threading.Lock)


class Homes:
    """The Homes that are open. `start` it; `stop` lets what is being published end."""

    def __init__(self, client: WebClient, pages: Pages, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._pages = pages
        self._clock = clock
        self._readers: dict[str, _Reader] = {}
        self._due: dict[str, float] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="home")
        self._thread = threading.Thread(target=self._run, name="homes", daemon=True)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def stop(self) -> None:
        """Publish nothing more."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def show(self, user_id: str, team_id: str, leaf: Leaf | None, hash_: str | None) -> None:
        """Publish a page for the person, soon; None keeps the page that is open, or begins with the front page.

        `hash_` is that of the view that Slack shows them now, None where it shows none.
        """
        with self._changed:
            old = self._readers.pop(user_id, None)
            is_open = old is not None and self._clock() - old.seen <= OPEN_SECONDS
            page = leaf or (old.leaf if old is not None and is_open else Leaf())
            reader = _Reader(team_id, page, hash_, self._clock(), lock=old.lock if old else threading.Lock())
            if old is not None and hash_ is not None and old.hash == hash_ and old.leaf == page:
                reader.shown = old.shown  # still there as we published it
            self._readers[user_id] = reader
            self._due[user_id] = self._clock()
            while len(self._readers) > FOLLOWED:
                del self._readers[next(iter(self._readers))]
            self._changed.notify()

    def acts(self, user_id: str, team_id: str, view: Mapping[str, Any]) -> None:
        """The person does something, in `view`: what comes of it is for their eyes at once."""
        with self._changed:
            if view.get("type") == "home" and user_id not in self._readers:  # opened at another replica, or long ago
                page = leaves.read(str(view.get("private_metadata") or ""))
                self._readers[user_id] = _Reader(team_id, page, view.get("hash"), self._clock())
            reader = self._readers.get(user_id)
            if reader is not None:
                reader.seen = reader.acted = self._clock()

    def moved(self, user_id: str) -> None:
        """The person joined or left a channel."""
        self._pages.forget(user_id)

    def follow(self) -> None:
        """Something was committed that Home may show."""
        with self._changed:
            now = self._clock()
            for user_id, reader in self._readers.items():
                if now - reader.seen <= OPEN_SECONDS:
                    soon = now + (OWN_SECONDS if now - reader.acted <= ACTING_SECONDS else OTHERS_SECONDS)
                    self._due[user_id] = min(soon, self._due.get(user_id, soon))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = self._clock()
                ready = [user_id for user_id, at in self._due.items() if at <= now]
                if not ready:
                    first = min(self._due.values(), default=None)
                    self._changed.wait(None if first is None else first - now)
                    continue
                readers = [(user_id, self._readers.get(user_id)) for user_id in ready]
                for user_id in ready:
                    del self._due[user_id]
            for user_id, reader in readers:
                if reader is not None:
                    self._pool.submit(self._publish, user_id, reader)

    def _publish(self, user_id: str, reader: _Reader) -> None:
        try:
            with reader.lock:  # one after the other: an older page never comes after a newer one
                self._put(user_id, reader)
        except SlackApiError as error:
            log.warning("home_not_published", user=user_id, error=code_of(error))
        except Exception as error:
            log.warning("home_not_published", user=user_id, error=type(error).__name__, exc_info=True)

    def _put(self, user_id: str, reader: _Reader) -> None:
        view, digest = self._made(user_id, reader)
        if digest == reader.shown:
            return
        try:
            answer = self._client.views_publish(user_id=user_id, view=view, hash=reader.hash)
        except SlackApiError as error:
            if code_of(error) != "hash_conflict":
                raise
            # Another replica was faster: what it read may be older or newer, so read again and put that there.
            view, digest = self._made(user_id, reader)
            answer = self._client.views_publish(user_id=user_id, view=view)
        published: dict[str, Any] = answer.get("view") or {}
        reader.hash, reader.shown = published.get("hash"), digest

    def _made(self, user_id: str, reader: _Reader) -> tuple[View, str]:
        view = self._pages.view(user_id, reader.team_id, reader.leaf)
        return view, hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
