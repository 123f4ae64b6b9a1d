"""A message with files: hand it to the durable intake before the ack, so that a crash after it loses nothing."""

from collections.abc import Sequence
from re import Pattern
from typing import Any

from slack_bolt import App

from handlers.desk import Desk

# `message` with files: the only event that tells the thread; `file_shared` does not.
FILE_SHARE: dict[str, str | Sequence[str | Pattern[Any] | None] | None] = {"type": "message", "subtype": "file_share"}


def register(app: App, desk: Desk) -> None:
    """Listen for files in channels and threads."""

    @app.event(FILE_SHARE)
    def files_dropped(body: dict[str, Any], event: dict[str, Any]) -> None:
        file_ids = [str(file["id"]) for file in event.get("files", []) if file.get("id")]
        if not file_ids or event.get("bot_id"):
            return
        # A redelivery has the same event id; two events about one message share channel and ts.
        desk.jobs.take_in(
            key=f"{event['channel']}:{event['ts']}",
            channel=str(event["channel"]),
            thread_ts=str(event.get("thread_ts") or event["ts"]),
            user_id=str(event.get("user", "")),
            team_id=str(event.get("user_team") or event.get("team") or body.get("team_id") or ""),
            file_ids=file_ids,
        )
