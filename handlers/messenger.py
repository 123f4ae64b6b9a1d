"""Messages as projections: one message a subject, posted once, then kept equal to what the store says."""

import hashlib
import json
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.services.outbox import Outbox
from handlers.views.blocks import Message
from storage.records import Place

log = structlog.get_logger(__name__)

METADATA_TYPE = "countersign_subject"
# How far back a lost post is looked for. It was made seconds before the crash, so one page of a thread is plenty.
LOOK_BACK = 200
# Published errors of chat.postMessage and chat.update that no later try mends: the store is right, the message lost.
LOST = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "restricted_action",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "no_text",
    }
)


class SlackUnavailable(Exception):
    """Slack did not take the call; try again later. Carries Slack's error code only: a response holds the token."""


class Messenger:
    """Posts and updates the messages of subjects."""

    def __init__(self, client: WebClient, outbox: Outbox) -> None:
        self._client = client
        self._outbox = outbox

    def show(self, subject: str, message: Message) -> str | None:
        """Make Slack show the message; safe to repeat at any point.

        Returns:
            the message's ts, or None when it can never be shown (channel gone, bot removed, message deleted).

        Raises:
            SlackUnavailable: not now.
        """
        place = self._outbox.place(subject)
        if place is None:
            log.warning("no_place", subject=subject)
            return None
        digest = _digest(message)
        if place.ts and place.shown == digest:
            return place.ts
        try:
            ts = self._update(place, message) if place.ts else self._post(place, message)
        except SlackApiError as error:
            code = str(error.response.get("error", "unknown"))
            if code not in LOST:
                raise SlackUnavailable(code) from None
            messages = (error.response.get("response_metadata") or {}).get("messages")
            log.error("message_lost", subject=subject, channel=place.channel, error=code, messages=messages)
            return None
        except OSError as error:
            raise SlackUnavailable(type(error).__name__) from None
        self._outbox.shown(subject, ts, digest)
        return ts

    def _update(self, place: Place, message: Message) -> str:
        ts = str(place.ts)
        self._client.chat_update(channel=place.channel, ts=ts, text=message.text, blocks=message.blocks)
        return ts

    def _post(self, place: Place, message: Message) -> str:
        if place.attempted:
            found = self._find(place)
            if found:
                self._client.chat_update(channel=place.channel, ts=found, text=message.text, blocks=message.blocks)
                return found
        else:
            self._outbox.attempting(place.subject)
        answer = self._client.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread_ts,
            text=message.text,
            blocks=message.blocks,
            metadata={"event_type": METADATA_TYPE, "event_payload": {"subject": place.subject}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["ts"])

    def _find(self, place: Place) -> str | None:
        """The ts of a post that was made but not recorded, because the process died in between."""
        if place.thread_ts:
            answer = self._client.conversations_replies(
                channel=place.channel, ts=place.thread_ts, limit=LOOK_BACK, include_all_metadata=True
            )
        else:
            answer = self._client.conversations_history(
                channel=place.channel, limit=LOOK_BACK, include_all_metadata=True
            )
        messages: list[dict[str, Any]] = answer.get("messages", [])
        return next((str(message["ts"]) for message in messages if _subject(message) == place.subject), None)


def _subject(message: dict[str, Any]) -> str | None:
    metadata: dict[str, Any] = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("subject")


def _digest(message: Message) -> str:
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()
