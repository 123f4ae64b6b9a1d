"""Files that the bot gives to one person, in a direct message: nobody else reads them, whatever they are about."""

from typing import Final

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from handlers.downloads import FILES_ORIGIN, origin_of
from handlers.slack_calls import SlackUnavailable, unavailable
from handlers.views.blocks import Message

UPLOAD_SECONDS: Final = 60.0


class Parcels:
    """Sends files.

    Args:
        client: with `chat:write`, which opens a direct message by writing to a user's id, and `files:write`.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._http = httpx.Client(timeout=UPLOAD_SECONDS, follow_redirects=False)
        self._origins = {FILES_ORIGIN, origin_of(client.base_url)}

    def announce(self, user_id: str, message: Message) -> tuple[str, str]:
        """Write to the person; the direct message's channel and ts.

        Raises:
            SlackUnavailable: not taken.
        """
        try:
            answer = self._client.chat_postMessage(channel=user_id, text=message.text, blocks=message.blocks)
        except (SlackApiError, OSError) as error:
            raise unavailable(error) from None
        return str(answer["channel"]), str(answer["ts"])

    def change(self, channel: str, ts: str, message: Message) -> None:
        """Say something else there. Raises SlackUnavailable: not taken."""
        try:
            self._client.chat_update(channel=channel, ts=ts, text=message.text, blocks=message.blocks)
        except (SlackApiError, OSError) as error:
            raise unavailable(error) from None

    def send(self, channel: str, thread_ts: str, name: str, content: bytes) -> None:
        """Put the file into the thread. Raises SlackUnavailable: not taken."""
        try:
            ticket = self._client.files_getUploadURLExternal(filename=name, length=len(content))
            self._put(str(ticket["upload_url"]), content)
            self._client.files_completeUploadExternal(
                files=[{"id": str(ticket["file_id"]), "title": name}], channel_id=channel, thread_ts=thread_ts
            )
        except (SlackApiError, OSError) as error:
            raise unavailable(error) from None

    def _put(self, url: str, content: bytes) -> None:
        if origin_of(url) not in self._origins:
            raise SlackUnavailable("foreign_upload_url")
        try:
            answer = self._http.post(url, content=content)
        except httpx.HTTPError as error:
            raise SlackUnavailable(type(error).__name__) from None
        if not answer.is_success:
            raise SlackUnavailable(f"http_{answer.status_code}")
