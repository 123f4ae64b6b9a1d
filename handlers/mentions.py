"""`@countersign` in a channel or thread does what a command would: Slack has no commands in threads.

The answer is posted where it was asked, so everybody there reads it; see `handlers.audience`.
"""

import re
import threading
from collections import OrderedDict

from slack_bolt import App, Args

from bot.services.people import Spot
from handlers import dispatch, parse
from handlers.audience import Asked
from handlers.desk import Desk
from handlers.dispatch import Wanted
from handlers.errors import guarded
from handlers.views import lists
from handlers.views.blocks import Message

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
# Slack delivers an event up to four times, the last after 5 minutes; what a mention changes is refused the second time
# by the services, so this only spares a repeated answer.
REMEMBERED = 1000


class Seen:
    """The events that were answered already, the latest of them."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def again(self, event_id: str) -> bool:
        """Whether this event was here before; it is from now on."""
        with self._lock:
            known = event_id in self._ids
            self._ids[event_id] = None
            if len(self._ids) > REMEMBERED:
                self._ids.popitem(last=False)
        return known and bool(event_id)


def register(app: App, desk: Desk) -> None:
    """Listen for mentions."""
    seen = Seen()

    def mentioned(args: Args) -> None:
        event = args.event or {}
        # A message with files is the intake's; the words beside the file are for people.
        if event.get("bot_id") or event.get("files") or seen.again(str(args.body.get("event_id", ""))):
            return
        channel = str(event.get("channel", ""))
        asked = Asked(
            person=desk.people.person(str(event.get("user", "")), event.get("user_team") or event.get("team")),
            spot=Spot(channel, str(event.get("thread_ts") or event.get("ts"))),
            partner=desk.services.partners.by_channel(channel),
            public=True,
            shared=bool(args.body.get("is_ext_shared_channel")),
        )
        words = _MENTION.sub(" ", str(event.get("text", "")), count=1)
        answer = dispatch.answer(desk, asked, parse.parse(words))
        _post(args, asked.spot, lists.form_offer(answer.form) if isinstance(answer, Wanted) else answer)

    app.event("app_mention")(guarded(mentioned))


def _post(args: Args, spot: Spot, answer: Message) -> None:
    args.client.chat_postMessage(
        channel=spot.channel,
        thread_ts=spot.thread_ts,
        text=answer.text,
        blocks=answer.blocks,
        unfurl_links=False,
        unfurl_media=False,
    )
