"""Pictures in Slack: uploaded as private files of the bot, which an image block then shows in a message.

A message with such a block is still one message: it is changed in place, and its picture with it, while a file that is
shared would be a message of its own that can only be deleted.
"""

import time
from collections.abc import Callable
from typing import Final

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from handlers.downloads import FILES_ORIGIN, origin_of
from handlers.slack_calls import SlackUnavailable, code_of, unavailable
from handlers.views.chain_picture import ChainPicture

UPLOAD_SECONDS: Final = 15.0
FILE_NAME: Final = "chain.png"
# Slack looks at an upload in its own time, and until then refuses a block that names it ("invalid slack file"): its
# maintainers advise to ask `files.info` until the type is known.
LOOKS: Final = 10
LOOK_PAUSE_SECONDS: Final = 0.5
# Published errors of the files methods that no later try mends.
REFUSED: Final = frozenset(
    {
        "missing_scope",
        "file_uploads_disabled",
        "file_uploads_except_images_disabled",
        "file_type_not_allowed",
        "file_upload_size_restricted",
        "storage_limit_reached",
        "access_denied",
        "file_not_found",
        "file_deleted",
    }
)


class PictureRefused(Exception):
    """Slack does not take the picture. Carries the code alone."""


class Gallery:
    """Uploads pictures.

    Args:
        client: with `files:write`, and `files:read` to see when Slack has looked at a picture.
        sleep: waits so many seconds.
    """

    def __init__(self, client: WebClient, sleep: Callable[[float], object] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep
        # One for all: reading the trust store takes 50 ms of a processor, each time (measured).
        self._http = httpx.Client(timeout=UPLOAD_SECONDS, follow_redirects=False)
        self._origins = {FILES_ORIGIN, origin_of(client.base_url)}

    def put(self, picture: ChainPicture, png: bytes) -> str:
        """Send the bytes; the file's id. Unless it is finished, Slack throws it away.

        Raises:
            PictureRefused: for good.
            SlackUnavailable: not now.
        """
        try:
            ticket = self._client.files_getUploadURLExternal(
                filename=FILE_NAME, length=len(png), alt_txt=picture.in_words
            )
        except (SlackApiError, OSError) as error:
            raise _failure(error) from None
        self._send(str(ticket["upload_url"]), png)
        return str(ticket["file_id"])

    def finish(self, file_id: str, title: str) -> None:
        """Make it a file and wait until Slack knows it as a picture; safe to repeat. Raises as `put`."""
        try:
            self._complete(file_id, title)
            for _ in range(LOOKS):
                if self._is_picture(file_id):
                    return
                self._sleep(LOOK_PAUSE_SECONDS)
        except (SlackApiError, OSError) as error:
            raise _failure(error) from None
        raise SlackUnavailable("not_looked_at")

    def _complete(self, file_id: str, title: str) -> None:
        try:
            self._client.files_completeUploadExternal(files=[{"id": file_id, "title": title}])
        except SlackApiError as error:
            # It works once; an upload that was finished before we died is not found any more, but the file is.
            if code_of(error) != "file_not_found" or not self._is_picture(file_id):
                raise

    def remove(self, file_id: str) -> None:
        """Delete a picture that no message shows any more. Raises SlackUnavailable: not now."""
        try:
            self._client.files_delete(file=file_id)
        except SlackApiError as error:
            if code_of(error) not in REFUSED | {"cant_delete_file"}:
                raise unavailable(error) from None
        except OSError as error:
            raise unavailable(error) from None

    def _is_picture(self, file_id: str) -> bool:
        answer = self._client.files_info(file=file_id)
        return str((answer.get("file") or {}).get("mimetype") or "").startswith("image/")

    def _send(self, url: str, png: bytes) -> None:
        if origin_of(url) not in self._origins:
            raise PictureRefused("foreign_upload_url")
        try:
            answer = self._http.post(url, content=png)
        except httpx.HTTPError as error:
            raise SlackUnavailable(type(error).__name__) from None
        if not answer.is_success:
            raise SlackUnavailable(f"http_{answer.status_code}")


def _failure(error: SlackApiError | OSError) -> Exception:
    if isinstance(error, SlackApiError) and code_of(error) in REFUSED:
        return PictureRefused(code_of(error))
    return unavailable(error)
