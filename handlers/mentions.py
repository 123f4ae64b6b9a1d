"""`@countersign` in a channel or thread does what a command would: Slack has no commands in threads.

The answer is posted where it was asked, so everybody there reads it; see `handlers.audience`.
"""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt import App, Args

from bot.services.errors import ServiceError
from bot.services.people import Spot
from handlers import dispatch, parse
from handlers.audience import Asked
from handlers.desk import Desk
from handlers.dispatch import Wanted
from handlers.errors import guarded
from handlers.views import lists, propose
from handlers.views.blocks import Message

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


def register(app: App, desk: Desk) -> None:
    """Listen for mentions."""

    def mentioned(args: Args) -> None:
        event = args.event or {}
        # A message with files is the intake's; the words beside the file are for people.
        if event.get("bot_id") or event.get("files"):
            return
        # By the message, not by the event: who edits a message does not ask again.
        subject = f"mention:{event.get('channel')}:{event.get('ts')}"
        with desk.jobs.replies.once(subject) as is_first:
            if is_first:
                _reply(desk, event, subject, shared=bool(args.body.get("is_ext_shared_channel")))

    app.event("app_mention")(guarded(mentioned))


def _reply(desk: Desk, event: Mapping[str, Any], subject: str, *, shared: bool) -> None:
    channel, ts = str(event.get("channel", "")), str(event.get("ts", ""))
    spot = Spot(channel, str(event.get("thread_ts") or ts))
    words = _MENTION.sub(" ", str(event.get("text", "")), count=1)
    try:
        asked = Asked(
            person=desk.people.person(str(event.get("user", "")), event.get("user_team") or event.get("team")),
            spot=spot,
            partner=desk.services.partners.by_channel(channel),
            public=True,
            shared=shared,
        )
        answer = dispatch.answer(desk, asked, parse.parse(words))
    except ServiceError:
        desk.jobs.replies.told(subject, spot, ts)  # the guard tells the reason
        raise
    desk.jobs.replies.give(subject, spot, _offered(answer) if isinstance(answer, Wanted) else answer)


def _offered(wanted: Wanted) -> Message:
    if wanted.connection is not None and wanted.draft is not None:
        return propose.offer(wanted.connection, wanted.draft)
    return lists.form_offer(wanted.form)
