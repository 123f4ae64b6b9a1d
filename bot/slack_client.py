"""The bot's Web API clients: which calls are repeated after a 429 or a 5xx, and how often."""

import ssl

from slack_sdk import WebClient
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler, ServerErrorRetryHandler

RATE_LIMIT_TRIES = 3
SERVER_ERROR_TRIES = 3  # with the SDK's backoff: some four seconds in all
# After a 5xx nobody knows whether the call was done. These do the same when done twice; a post would be posted twice.
REPEATABLE = frozenset(
    {
        "apps.connections.open", "auth.test", "chat.delete", "chat.getPermalink", "chat.update",
        "conversations.history", "conversations.info", "conversations.list", "conversations.members",
        "conversations.open", "conversations.replies", "files.info", "team.info", "usergroups.list",
        "usergroups.users.list", "users.info", "users.list", "views.publish", "views.update",
    }
)  # fmt: skip


class RepeatWhatIsSafe(ServerErrorRetryHandler):
    """Repeats a call that ended in a 5xx, where doing it twice does no harm."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if not super()._can_retry(state=state, request=request, response=response, error=error):
            return False
        return request.url.partition("?")[0].rpartition("/")[2] in REPEATABLE


def open_client(token: str, base_url: str) -> WebClient:
    """A client that waits as a 429 tells it to, and repeats after a 5xx what is safe to repeat."""
    # One trust store for all calls: else urllib reads the system's anew for each, 50 ms of a processor (measured).
    client = WebClient(token=token, base_url=base_url, ssl=ssl.create_default_context())
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_TRIES))
    client.retry_handlers.append(RepeatWhatIsSafe(max_retry_count=SERVER_ERROR_TRIES))
    return client
