"""The guard around every listener: whatever happens inside, Slack is answered and the person is told.

A listener must never raise: Bolt takes back the acknowledgement of one that raises right after `ack()`, and Slack then
delivers the payload again (measured with slack-bolt 1.30).
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from slack_bolt import Args
from slack_sdk.errors import SlackApiError

from bot.services.errors import ServiceError
from handlers.slack_calls import code_of
from handlers.views import done, sentences
from handlers.views.blocks import Block, Message, say
from handlers.views.form import told
from handlers.views.text import unmarked

log = structlog.get_logger(__name__)

Listener = Callable[[Args], None]
Submission = Callable[[Args], Block | None]

# Published errors of views.open: the three seconds that Slack waits for a form are over, or it was opened before.
TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"})

# The field that a service names, and the block of our forms that asks for it, where the two differ.
_BLOCKS = {
    "certificate": ("certificate", "name"),
    "choreography": ("choreographies",),
    "display_name": ("new",),
    "name": ("new", "name"),
    "partner": ("key", "partner"),
    "slack_team_id": ("team",),
    "quiet": ("zone",),
    "switch": ("connection",),
}


def guarded(listener: Listener) -> Listener:
    """For commands, clicks, shortcuts and events: acknowledged first, then handled, then told what went wrong."""

    def run(args: Args) -> None:
        args.ack()
        try:
            listener(args)
        except ServiceError as refused:
            tell(args, say(done.refused(sentences.error(refused))))
        except SlackApiError as error:
            tell(args, say(done.TOO_LATE if code_of(error) in TOO_LATE else apology(args)))
        except Exception:
            tell(args, say(apology(args)))

    return run


def guarded_submission(submission: Submission) -> Listener:
    """For forms: what is wrong is shown at its field, or on the form's last page; nothing wrong closes the form.

    The submission may return a page to show instead of closing.
    """

    def run(args: Args) -> None:
        try:
            page = submission(args)
        except ServiceError as refused:
            _refuse(args, refused)
        except Exception:
            args.ack(response_action="update", view=told(done.BROKEN, apology(args)))
        else:
            if page is None:
                args.ack()
            else:
                args.ack(response_action="update", view=page)

    return run


def apology(args: Args) -> str:
    """Log the failure and give the sentence for it; the id in both leads from one to the other."""
    incident = secrets.token_hex(4)
    log.error("listener failed", incident=incident, payload=str(args.body.get("type", "command")), exc_info=True)
    return done.broken(incident)


def tell(args: Args, answer: Message, title: str = done.NOT_DONE) -> None:
    """Say something to the one person who acted; where Slack does not take it, the log has to do.

    `title` is that of the page, where the person acted on one.
    """
    try:
        _tell(args, answer, title)
    except Exception:
        log.warning("answer not delivered", payload=str(args.body.get("type", "command")), exc_info=True)


def _tell(args: Args, answer: Message, title: str) -> None:
    body: Mapping[str, Any] = args.body
    view = body.get("view") or {}
    if view.get("type") == "modal":
        page = {**told(title, answer.text), "blocks": answer.blocks}
        args.client.views_update(view_id=view["id"], view=page)
        return
    if args.respond.response_url:
        args.respond(
            text=answer.text,
            blocks=answer.blocks,
            response_type="ephemeral",
            replace_original=False,
            # Without it the answer to a click in a thread would stand in the channel.
            thread_ts=(body.get("container") or {}).get("thread_ts"),
        )
        return
    event = body.get("event") or {}
    user = event.get("user") or (body.get("user") or {}).get("id") or body.get("user_id")
    channel = event.get("channel")
    if isinstance(channel, str) and user:
        args.client.chat_postEphemeral(
            channel=channel, user=user, text=answer.text, blocks=answer.blocks, thread_ts=event.get("thread_ts")
        )
    elif user:  # a button in App Home has neither channel nor response_url
        args.client.chat_postMessage(channel=user, text=answer.text, blocks=answer.blocks)


def _refuse(args: Args, refused: ServiceError) -> None:
    sentence = sentences.error(refused)
    view: Mapping[str, Any] = args.body.get("view") or {}
    inputs = [str(block.get("block_id")) for block in view.get("blocks", ()) if block.get("type") == "input"]
    named = str(refused.data.get("field") or refused.data.get("what") or "")
    wanted = _BLOCKS.get(named, (named,))
    block = next((one for one in inputs if one.split(".", maxsplit=1)[0] in wanted), None)
    if block:
        args.ack(response_action="errors", errors={block: unmarked(sentence)})
    else:
        args.ack(response_action="update", view=told(done.NOT_DONE, done.refused(sentence)))
