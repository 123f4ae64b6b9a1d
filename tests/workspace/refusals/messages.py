"""chat.*: how each documented error is met."""

from typing import Any

from tests.workspace.contract import ARCHIVED, BULLETIN, DRY, FLAT, LOCKED, STAFF, THREADS, Office
from tests.workspace.place import GENERAL, OLIVIA, QUIET, SAM, SECRET, SHARED, Json, section
from tests.workspace.refusals.case import (
    BAD,
    BIG_METADATA,
    LONG,
    METADATA,
    RICH,
    Case,
    Prepare,
    archive_again,
    case,
    deleted,
    many,
    posted,
    soon,
    then,
    uploaded,
)


def content(method: str, prepare: Prepare | None, base: Json) -> list[Case]:
    """What may be wrong with text, blocks, attachments and metadata of any method that takes them."""
    make = {key: value for key, value in base.items() if key != "text"}

    def one(error: str, **more: Any) -> Case:
        return case(method, error, prepare, **{**make, **more})

    return [
        one("no_text"),
        one("invalid_blocks", blocks=BAD, text="x"),
        one("invalid_blocks_format", blocks="nope", text="x"),
        one("markdown_text_conflict", markdown_text="*x*", text="x"),
        one("too_many_attachments", attachments=[{"text": "x"}] * 101),
    ]


def meta(method: str, prepare: Prepare | None, base: Json, by_person: Prepare | None) -> list[Case]:
    """What may be wrong with metadata."""
    return [
        case(method, "invalid_metadata_format", prepare, **base, metadata={"event_type": "e"}),
        case(method, "metadata_too_large", prepare, **base, metadata=BIG_METADATA),
        case(method, "metadata_must_be_sent_from_app", by_person, **base, metadata=METADATA, who=OLIVIA),
    ]


def posting(method: str, **base: Any) -> list[Case]:
    """Where a post may be refused."""
    later = soon(3600) if method == "chat.scheduleMessage" else None

    def one(error: str, channel: str, **more: Any) -> Case:
        return case(method, error, later, **{**base, "channel": channel, **more})

    cases = [
        one("channel_not_found", SECRET),
        one("not_in_channel", QUIET),
        one("is_archived", ARCHIVED),
        one("restricted_action", STAFF),
        *content(method, later, {**base, "channel": GENERAL}),
    ]
    if method != "chat.postEphemeral":
        cases += [
            one("restricted_action_read_only_channel", BULLETIN),
            one("restricted_action_thread_only_channel", THREADS),
            one("restricted_action_non_threadable_channel", FLAT, thread_ts="1700000000.000001"),
            *meta(method, later, {**base, "channel": GENERAL}, later),
        ]
    return cases


CHAT = [
    *posting("chat.postMessage", text="x"),
    *posting("chat.postEphemeral", text="x", user=OLIVIA),
    *posting("chat.scheduleMessage", text="x"),
    case("chat.postMessage", "as_user_not_supported", channel=GENERAL, text="x", as_user=True),
    case("chat.postMessage", "messages_tab_disabled", channel=OLIVIA, text="x", place="tight"),
    case("chat.postMessage", "msg_blocks_too_long", channel=GENERAL, blocks=LONG),
    case("chat.postMessage", "cannot_reply_to_message", channel=GENERAL, text="x", thread_ts="1.1"),
    case("chat.postMessage", "restricted_action_thread_locked", channel=LOCKED, text="x", thread_ts="1.1"),
    case(
        "chat.postMessage",
        "attachment_payload_limit_exceeded",
        channel=GENERAL,
        attachments=[{"text": "x" * 30_000}, {"text": "x" * 30_000}],
    ),
    case("chat.postEphemeral", "messages_tab_disabled", channel=OLIVIA, text="x", user=OLIVIA, place="tight"),
    case("chat.postEphemeral", "msg_too_long", channel=GENERAL, user=OLIVIA, text="x" * 40_001),
    case("chat.postEphemeral", "user_not_in_channel", channel=SHARED, user=SAM, text="x"),
    case("chat.postEphemeral", "cannot_reply_to_message", channel=GENERAL, user=OLIVIA, text="x", thread_ts="1.1"),
    case("chat.postEphemeral", "invalid_attachments", channel=GENERAL, user=OLIVIA, attachments=[{"blocks": BAD}]),
    case("chat.scheduleMessage", "invalid_time", channel=GENERAL, text="x", post_at="soon"),
    case("chat.scheduleMessage", "time_in_past", soon(-5), channel=GENERAL, text="x"),
    case("chat.scheduleMessage", "time_too_far", soon(121 * 86_400), channel=GENERAL, text="x"),
    case("chat.scheduleMessage", "msg_too_long", soon(3600), channel=GENERAL, text="x" * 40_001),
    case(
        "chat.scheduleMessage",
        "restricted_too_many",
        many(30, lambda o, made, _n: o.bot.chat_scheduleMessage(channel=LOCKED, text="x", **made), soon(7200)),
        channel=LOCKED,
        text="x",
    ),
    case("chat.deleteScheduledMessage", "channel_not_found", channel=SECRET, scheduled_message_id="Q1"),
    case("chat.deleteScheduledMessage", "invalid_scheduled_message_id", channel=GENERAL, scheduled_message_id="Q1"),
    case("chat.delete", "channel_not_found", channel=SECRET, ts="1.1"),
    case("chat.delete", "message_not_found", channel=GENERAL, ts="1.1"),
    case("chat.delete", "cant_delete_message", posted(who=OLIVIA)),
    case("chat.getPermalink", "channel_not_found", channel=SECRET, message_ts="1.1"),
    case("chat.getPermalink", "message_not_found", channel=GENERAL, message_ts="1.1"),
]


def much_later(office: Office, _made: Json) -> None:
    """The edit window is a minute."""
    office.clock.ahead += 90


UPDATE = [
    *content("chat.update", posted(), {}),
    *meta("chat.update", posted(), {"text": "x"}, posted(who=OLIVIA)),
    case("chat.update", "channel_not_found", channel=SECRET, ts="1.1", text="x"),
    case("chat.update", "message_not_found", channel=GENERAL, ts="1.1", text="x"),
    case("chat.update", "cant_update_message", posted(who=OLIVIA), text="x"),
    case("chat.update", "as_user_not_supported", posted(), text="x", as_user=True),
    case("chat.update", "edit_window_closed", then(posted(), much_later), text="x", place="tight"),
    case("chat.update", "is_inactive", then(posted(SHARED), archive_again), text="x", place="tight"),
    case("chat.update", "msg_too_long", posted(), text="x" * 4001),
    case("chat.update", "invalid_attachments", posted(), attachments=[{"blocks": BAD}]),
    case("chat.update", "block_mismatch", posted(who=OLIVIA, blocks=RICH), who=OLIVIA, blocks=[section()]),
    case("chat.update", "cant_broadcast_message", posted(), reply_broadcast=True),
    case(
        "chat.update",
        "no_dual_broadcast_content_update",
        then(posted(), lambda o, made: posted(thread_ts=made["ts"])(o)),
        reply_broadcast=True,
        text="y",
    ),
    case("chat.update", "file_not_found", posted(), file_ids=["F0"]),
    case(
        "chat.update",
        "file_deleted",
        then(posted(), lambda o, _made: {"file_ids": [_deleted_file(o)]}),
    ),
    case("chat.update", "posting_to_channel_denied", posted(DRY), file_ids=["F0"]),
]


def _deleted_file(office: Office) -> str:
    made = uploaded(channel_id=GENERAL)(office)
    deleted(office, made)
    return str(made["file"])
