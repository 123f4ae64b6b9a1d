"""Signed HTTP: what Slack posts to an app's request URL, and what it makes of the answer.

docs.slack.dev/apis/events-api/using-http-request-urls; docs.slack.dev/authentication/verifying-requests-from-slack.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import ssl
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import httpx

from bot.workspace.faults import Faults
from bot.workspace.shapes import Json, Refusal, parsed
from bot.workspace.state import World
from bot.workspace.transport import NotAcknowledged, Outbound

MAX_URL = 3000  # as a button's URL (docs.slack.dev/reference/block-kit)
FORM = "application/x-www-form-urlencoded"
MAX_REDIRECTS = 2  # docs.slack.dev/apis/events-api, "Responding to events": up to two redirects are followed
MAX_ANSWER = 1_000_000  # far above a view of 250 kB in an acknowledgement
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`X-Slack-Signature`: version 0, HMAC-SHA256 over version, timestamp and the raw body."""
    signed = b":".join((b"v0", timestamp.encode(), body))
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class HttpDelivery:
    """Posts to one request URL, which serves events, commands and interactions alike, as Bolt's does."""

    name = "HTTP"

    def __init__(self, url: str, world: World, faults: Faults) -> None:
        self.url = url
        self._world = world
        self._faults = faults
        # Each delivery on a connection of its own: a kept one to an app that restarted would look like a failure.
        # The deadline is `asyncio.timeout` around all of it.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(timeout=None, trust_env=False, limits=limits)  # noqa: S113

    async def ready(self) -> None:
        """At once: Slack tries, and counts what fails."""

    async def send(self, outbound: Outbound) -> Json | None:
        """One post and what its answer says; a command's plain text is the answer's text."""
        content, kind = _encoded(outbound)
        headers = {"Content-Type": kind}
        if outbound.attempt:
            headers |= {"X-Slack-Retry-Num": str(outbound.attempt), "X-Slack-Retry-Reason": outbound.reason}
        answer = await self._post(content, headers)
        return _acknowledgement(outbound, answer) if outbound.answerable else None

    async def verify(self) -> None:
        """The challenge that Slack sends when a request URL is saved.

        Raises:
            Refusal: `url_verification_failed` with the reason.
        """
        challenge = secrets.token_urlsafe(32)
        wanted = {"token": self._world.verification_token, "challenge": challenge, "type": "url_verification"}
        try:
            answer = await self._post(json.dumps(wanted).encode(), {"Content-Type": "application/json"})
        except NotAcknowledged as failure:
            raise Refusal("url_verification_failed", [f"[ERROR] {failure.reason}"]) from None
        if challenge not in answer.text:
            raise Refusal("url_verification_failed", ["[ERROR] the challenge did not come back"])

    async def _post(self, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """The 2xx answer; redirects are followed with the same signed body.

        Raises:
            NotAcknowledged: with Slack's reason.
        """
        timestamp = str(int(self._world.clock()))
        signed = {
            **headers,
            "User-Agent": USER_AGENT,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._world.signing_secret, timestamp, content),
        }
        try:
            async with asyncio.timeout(self._faults.ack_timeout):
                return await _follow(self._client, self.url, content, signed)
        except TimeoutError:
            raise NotAcknowledged("http_timeout") from None
        except (httpx.ConnectError, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
            reason = "ssl_error" if _of_tls(error) else "connection_failed"
            raise NotAcknowledged(reason, "dispatch_failed") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise NotAcknowledged("unknown_error", "dispatch_failed") from None


async def _follow(client: httpx.AsyncClient, url: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
    for _ in range(MAX_REDIRECTS + 1):
        async with client.stream("POST", url, content=content, headers=headers) as answer:
            if answer.has_redirect_location:
                url = str(answer.url.join(answer.headers["location"]))
                continue
            body = bytearray()
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER:
                    raise NotAcknowledged("unknown_error", "dispatch_failed")
            if answer.is_success:
                return httpx.Response(answer.status_code, headers=_kind(answer), content=bytes(body))
            final = answer.headers.get("x-slack-no-retry") == "1"
            shown = "http_service_error" if answer.is_server_error else "http_client_error"
            raise NotAcknowledged("http_error", shown, final=final)
    raise NotAcknowledged("too_many_redirects", "dispatch_failed")


def _kind(answer: httpx.Response) -> dict[str, str]:
    return {"Content-Type": answer.headers.get("content-type", "")}


def _of_tls(error: BaseException | None) -> bool:
    """Whether TLS is at the root of it: httpx hides the cause behind its own errors."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _encoded(outbound: Outbound) -> tuple[bytes, str]:
    """Body and content type: events as JSON, commands as form fields, interactions as one field `payload`."""
    if outbound.kind == "events_api":
        return json.dumps(outbound.payload).encode(), "application/json"
    fields = outbound.payload if outbound.kind == "slash_commands" else {"payload": json.dumps(outbound.payload)}
    return urlencode(fields).encode(), FORM


def _acknowledgement(outbound: Outbound, answer: httpx.Response) -> Json | None:
    if "json" in answer.headers["content-type"]:
        try:
            said = parsed(answer.content)
        except ValueError:
            return None
        return said if isinstance(said, dict) else None
    return {"text": answer.text} if outbound.kind == "slash_commands" and answer.text else None


def checked_url(url: object) -> str:
    """The URL, or a refusal where it cannot be one."""
    parts = None
    if isinstance(url, str) and len(url) <= MAX_URL:
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refusal("invalid_arguments", ["[ERROR] must be an http or https address [json-pointer:/url]"])
    return str(url)
