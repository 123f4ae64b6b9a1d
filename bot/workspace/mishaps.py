"""What can befall a call of the app at the Web API's door: the fault switches and the rate limits.

People's own calls, the page's and the tests', are spared: a person's client is no app.
"""

import asyncio

from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.workspace.core import Slack
from bot.workspace.rate_limits import RateLimited
from bot.workspace.shapes import Caller, Json, Refusal

RETRY_AFTER_SECONDS = 1  # of a 429 by the fault switch


class Unavailable(Exception):
    """The call ends in a 503 that does not even have Slack's form, as from a proxy before it."""


async def before(slack: Slack, caller: Caller, method: str, arguments: Json) -> None:
    """What happens before the method runs; returns when it may.

    Raises:
        RateLimited, Unavailable, Refusal: it may not.
    """
    if caller.kind == "user":
        return
    await before_download(slack, caller)
    if slack.faults.strikes("ratelimited_share"):
        raise RateLimited(RETRY_AFTER_SECONDS)
    slack.limits.take(method, arguments)


async def before_download(slack: Slack, caller: Caller) -> None:
    """The same for a file; those are not counted.

    Raises:
        Unavailable, Refusal: it may not.
    """
    if caller.kind == "user":
        return
    await asyncio.sleep(slack.faults.answer_delay)
    if caller.kind == "bot" and slack.faults.token_revoked:
        raise Refusal("token_revoked")
    if slack.faults.strikes("unavailable_share"):
        raise Unavailable


def after(slack: Slack, caller: Caller) -> None:
    """What happens after the method ran: its answer may be lost.

    Raises:
        Unavailable: it was done, and the app does not hear so.
    """
    if caller.kind != "user" and slack.faults.strikes("lost_answer_share"):
        raise Unavailable


def response(mishap: RateLimited | Unavailable) -> Response:
    """How it looks on the wire (docs.slack.dev/apis/web-api/rate-limits)."""
    if isinstance(mishap, RateLimited):
        return JSONResponse(
            {"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": str(mishap.retry_after)}
        )
    return PlainTextResponse("upstream connect error or disconnect/reset before headers", 503)
