"""Which channels somebody is in, and the address of a message: asked of Slack, remembered for a while, bounded."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from handlers.slack_calls import SlackUnavailable, code_of, unavailable
from storage.records import Place

log = structlog.get_logger(__name__)

# users.conversations is Tier 3 (50 a minute): an opening asks once, joining and leaving forget it at once.
REMEMBER_SECONDS: Final = 300.0
REMEMBERED: Final = 1_000
# docs.slack.dev, users.conversations: at most 200 a page are advised; who is in more channels has the rest as "others".
PAGE, PAGES = 200, 5
# A message never moves, but for its channel's id, which is part of the key.
ADDRESSES_REMEMBERED: Final = 5_000
# Errors of either method that no later try mends: then there is nothing to know.
UNKNOWN = frozenset(
    {"user_not_found", "missing_scope", "channel_not_found", "message_not_found", "method_not_supported"}
)


@dataclass(frozen=True)
class _Known:
    until: float
    channels: frozenset[str]


class Whereabouts:
    """Looks both up with the bot's own token, which knows the channels that the bot shares with the person.

    Needs `channels:read` and `groups:read`.
    """

    def __init__(self, client: WebClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._addresses: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def channels(self, user_id: str) -> frozenset[str]:
        """The ids of the public and private channels that the person is in.

        Raises:
            SlackUnavailable: not now.
        """
        with self._lock:
            known = self._known.get(user_id)
            if known is not None and known.until > self._clock():
                return known.channels
        channels = self._ask(user_id)
        with self._lock:
            self._known.pop(user_id, None)
            self._known[user_id] = _Known(self._clock() + REMEMBER_SECONDS, channels)
            while len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        return channels

    def forget(self, user_id: str) -> None:
        """The person joined or left a channel."""
        with self._lock:
            self._known.pop(user_id, None)

    def address(self, place: Place | None) -> str:
        """Where the message of a place can be read; empty where there is none.

        Raises:
            SlackUnavailable: not now.
        """
        if place is None or place.ts is None:
            return ""
        key = (place.channel, place.ts)
        with self._lock:
            known = self._addresses.get(key)
        if known is not None:
            return known
        address = self._permalink(*key)
        with self._lock:
            self._addresses[key] = address
            while len(self._addresses) > ADDRESSES_REMEMBERED:
                del self._addresses[next(iter(self._addresses))]
        return address

    def known_address(self, place: Place | None) -> str:
        """The same; empty also where Slack does not tell now: an answer is worth more than a link in it."""
        try:
            return self.address(place)
        except SlackUnavailable as error:
            log.warning("no_address", error=str(error))
            return ""

    def _ask(self, user_id: str) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        for _ in range(PAGES):
            answer = self._call(
                self._client.users_conversations,
                user=user_id,
                types="public_channel,private_channel",
                limit=PAGE,
                cursor=cursor or None,
            )
            found.update(str(one["id"]) for one in answer.get("channels", ()))
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return frozenset(found)

    def _permalink(self, channel: str, ts: str) -> str:
        answer = self._call(self._client.chat_getPermalink, channel=channel, message_ts=ts)
        return str(answer.get("permalink", ""))

    def _call(self, method: Callable[..., Any], **arguments: Any) -> Any:
        try:
            return method(**arguments)
        except (SlackApiError, OSError) as error:
            if isinstance(error, SlackApiError) and code_of(error) in UNKNOWN:
                return {}
            raise unavailable(error) from None
