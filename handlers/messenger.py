"""Messages as projections: one message a subject, posted once, then kept equal to what the store says."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.services.outbox import Outbox
from handlers.pace import Pace
from handlers.slack_calls import code_of, unavailable
from handlers.views.blocks import Message, without_image
from storage.records import Place

log = structlog.get_logger(__name__)

METADATA_TYPE = "countersign_subject"
# A lost post is the newest of its thread, and a thread is read from its beginning: so many pages of so many messages.
PAGE, PAGES = 200, 10
# Published errors of chat.postMessage and chat.update that no later try mends: the store is right, the message lost.
LOST = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "cannot_reply_to_message",
        "thread_not_found",
        "block_mismatch",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "ekm_access_denied",
        "messages_tab_disabled",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "no_text",
    }
)
# Published errors of chat.update after which the message of then can never be kept up to date: a new one is posted,
# because what is open must stay decidable, and what was decided must be told.
UNCHANGEABLE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
# What Slack answers to an image block whose file it does not show here; the words are said without it.
PICTURE_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})
# Published errors of the history methods that say: there is nothing to be found, or we may not look.
UNSEARCHABLE = frozenset({"thread_not_found", "missing_scope", "method_not_supported_for_channel_type"})


class Messenger:
    """Posts and updates the messages of subjects."""

    def __init__(self, client: WebClient, outbox: Outbox) -> None:
        self._client = client
        self._outbox = outbox
        self._pace = Pace()

    def show(self, subject: str, message: Message) -> str | None:
        """Make Slack show the message; safe to repeat at any point.

        A message that was deleted in Slack is posted anew.

        Returns:
            the message's ts, or None when it cannot be shown (channel gone, bot removed); that is in the log.

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
        ts = self._bring(place, message)
        if ts is not None:
            self._outbox.shown(subject, ts, digest)
        return ts

    def _bring(self, place: Place, message: Message) -> str | None:
        try:
            return (self._update(place, place.ts, message) if place.ts else None) or self._post(place, message)
        except SlackApiError as error:
            code, bare = code_of(error), without_image(message)
            messages = (error.response.get("response_metadata") or {}).get("messages")
            if code in PICTURE_REFUSED and bare.blocks != message.blocks:
                log.warning("picture_refused", subject=place.subject, error=code, messages=messages)
                return self._bring(place, bare)
            if code not in LOST:
                raise unavailable(error) from None
            log.error("message_lost", subject=place.subject, channel=place.channel, error=code, messages=messages)
            return None
        except OSError as error:
            raise unavailable(error) from None

    def _update(self, place: Place, ts: str, message: Message) -> str | None:
        """The ts, or None where the message there can no longer be changed."""
        try:
            self._client.chat_update(channel=place.channel, ts=ts, text=message.text, blocks=message.blocks)
        except SlackApiError as error:
            if code_of(error) not in UNCHANGEABLE:
                raise
            log.warning("message_replaced", subject=place.subject, channel=place.channel, error=code_of(error))
            self._outbox.forget(place.subject)
            return None
        return ts

    def _post(self, place: Place, message: Message) -> str:
        if place.attempted and not place.ts:
            found = self._find(place)
            if found and self._update(place, found, message):
                return found
        note = self._note(message.replaces) if message.replaces else None
        if note and self._update(place, note, message):
            return note
        self._pace.wait(place.channel)
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

    def _note(self, subject: str) -> str | None:
        """The ts of the note that the answer takes the place of, posted by us or by a process that died over it."""
        place = self._outbox.place(subject)
        if place is None:
            return None
        return place.ts or (self._find(place) if place.attempted else None)

    def _find(self, place: Place) -> str | None:
        """The ts of a post that was made but not recorded, because the process died in between."""
        try:
            found = (str(message["ts"]) for message in self._posted(place) if _subject(message) == place.subject)
            return next(found, None)
        except SlackApiError as error:
            if code_of(error) not in UNSEARCHABLE:
                raise
            log.warning("lost_post_not_searched", subject=place.subject, error=code_of(error))
            return None

    def _posted(self, place: Place) -> Iterator[dict[str, Any]]:
        """What is in the place: of a thread all, oldest first; of a channel the newest."""
        if not place.thread_ts:
            answer = self._client.conversations_history(channel=place.channel, limit=PAGE, include_all_metadata=True)
            yield from answer.get("messages", [])
            return
        cursor = ""
        for _ in range(PAGES):
            answer = self._client.conversations_replies(
                channel=place.channel, ts=place.thread_ts, limit=PAGE, cursor=cursor, include_all_metadata=True
            )
            yield from answer.get("messages", [])
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return


def _subject(message: dict[str, Any]) -> str | None:
    metadata: dict[str, Any] = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("subject")


def _digest(message: Message) -> str:
    shown = json.dumps([message.text, message.blocks], sort_keys=True)
    return hashlib.sha256(shown.encode()).hexdigest()
