"""`response_url`: up to five posts within thirty minutes, to answer an interaction or a command without a token."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.workspace import messages
from bot.workspace.blocks import message_blocks
from bot.workspace.core import Slack
from bot.workspace.messages import Draft
from bot.workspace.methods.drafting import attachments
from bot.workspace.shapes import Json, Refusal, parsed
from bot.workspace.triggers import spend_response

MAX_BODY = 1_000_000


async def answer(request: Request, slack: Slack) -> Response:
    """Takes one post to a response URL; answers `ok` as plain text, or 404 and Slack's word."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return PlainTextResponse("invalid_payload", 413)
    try:
        wanted = parsed(bytes(body))
        if not isinstance(wanted, dict):
            raise ValueError
    except ValueError:
        return PlainTextResponse("invalid_payload", 400)
    try:
        respond(slack, spend_response(slack.world, request.path_params["token"]), wanted)
    except Refusal as refusal:
        gone = refusal.code in {"expired_url", "used_url"}
        return JSONResponse(refusal.as_json(), 404 if gone else 400)
    await slack.saver.settled()
    return PlainTextResponse("ok")


def respond(slack: Slack, grant: Json, wanted: Json) -> None:
    """Does what the post asks: replace or delete the message it came from, or post a new one (ephemeral by default)."""
    channel = slack.world.channels[grant["channel"]]
    original = _original(slack, grant)
    if wanted.get("delete_original"):
        if original is not None:
            _remove(slack, grant, channel, original)
        return
    blocks = message_blocks(wanted.get("blocks"))
    text = str(wanted.get("text") or "")
    attached = attachments(wanted.get("attachments"))
    if not text and not blocks and not attached:
        raise Refusal("no_text")
    if wanted.get("replace_original") and original is not None:
        changes = {"text": text, "blocks": blocks or [], "attachments": attached or []}
        messages.change(slack, channel, original, changes, slack.world.bot_user)
        if original.get("is_ephemeral"):
            messages.show_changed_ephemeral(slack, grant["user"], original)
        return
    draft = Draft(
        author=slack.world.bot_user,
        text=text,
        blocks=blocks,
        attachments=attached,
        thread_ts=wanted.get("thread_ts")
        or (grant.get("thread_ts") if wanted.get("response_type") != "in_channel" else None),
    )
    if wanted.get("response_type") == "in_channel":
        messages.post(slack, channel, draft)
    else:
        messages.post_ephemeral(slack, channel, grant["user"], draft)


def _original(slack: Slack, grant: Json) -> Json | None:
    if grant.get("message_ts") is None:
        return None
    if grant.get("ephemeral"):
        return slack.world.find_ephemeral(grant["user"], grant["channel"], grant["message_ts"])
    return slack.world.find_message(grant["channel"], grant["message_ts"])


def _remove(slack: Slack, grant: Json, channel: Json, original: Json) -> None:
    if grant.get("ephemeral"):
        messages.drop_ephemeral(slack, grant["user"], original)
    else:
        messages.delete(slack, channel, original)
