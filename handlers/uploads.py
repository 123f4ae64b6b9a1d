"""A message with files: hand it to the durable intake before the ack, so that a crash after it loses nothing."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App, Args

from handlers.desk import Desk
from handlers.intake_jobs import message_key

# Kinds of `message` that bring something new: plain, with files, and a reply that is sent to the channel too. Only
# `message` tells the thread (`file_shared` does not); an edit brings nothing.
NEW_MESSAGES = frozenset({None, "file_share", "thread_broadcast"})


def register(app: App, desk: Desk) -> None:
    """Listen for files in channels, threads and direct messages.

    The one listener without a guard: one that raises is not acknowledged (`process_before_response`), and what could
    not be put on disk has to be delivered again.
    """

    def files_dropped(args: Args) -> None:
        event = args.event or {}
        # A redelivery has the same event id, and two events about one message share channel and ts.
        desk.jobs.take_in(
            key=message_key(str(event["channel"]), str(event["ts"])),
            channel=str(event["channel"]),
            thread_ts=str(event.get("thread_ts") or event["ts"]),
            user_id=str(event.get("user", "")),
            team_id=str(event.get("user_team") or event.get("team") or args.body.get("team_id") or ""),
            file_ids=_file_ids(event),
        )

    app.event("message", matchers=[_brings_files])(files_dropped)


def _brings_files(event: dict[str, Any]) -> bool:
    is_new = event.get("subtype") in NEW_MESSAGES and not event.get("hidden")
    return is_new and not event.get("bot_id") and bool(event.get("user")) and bool(_file_ids(event))


def _file_ids(event: Mapping[str, Any]) -> list[str]:
    return [str(file["id"]) for file in event.get("files") or () if file.get("id")]
