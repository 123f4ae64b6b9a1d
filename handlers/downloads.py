"""Fetching an uploaded file from Slack: size-capped, token to Slack's own host only, nothing written to disk."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.pki.limits import UPLOAD_BYTES

FILES_ORIGIN = ("https", "files.slack.com")
TIMEOUT_SECONDS = 15.0  # without a byte
# For the whole of it: a file of the most that is taken needs a second, and a job must not hang on a drip.
DOWNLOAD_SECONDS = 60.0
# files.info answers these for good: trying again cannot help.
GONE = frozenset({"file_not_found", "file_deleted", "access_denied", "not_visible", "not_found"})


class DownloadRefused(Exception):
    """The file cannot be had. `code` is one of file_gone, external_file, too_large, sign_in_page, missing_scope."""

    def __init__(self, code: str, **data: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class DownloadFailed(Exception):
    """Slack did not answer as it should; a later try may work. Carries a code only, never a response."""


@dataclass(frozen=True, slots=True, repr=False)
class FetchedFile:
    """A downloaded file. No repr: its bytes must not reach a log."""

    name: str
    data: bytes


class Downloads:
    """Files by their id.

    Args:
        client: the bot's client; its token is sent to `files.slack.com` and to the origin of its own base URL only.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client
        # One for all files: reading the trust store takes 50 ms of a processor, each time (measured).
        self._http = httpx.Client(follow_redirects=False, timeout=TIMEOUT_SECONDS)
        self._origins = {FILES_ORIGIN, origin_of(client.base_url)}

    def fetch(self, file_id: str) -> FetchedFile:
        """The file's name and bytes.

        `files.info` is asked every time: an event may hold a bare id (`check_file_info`, Slack Connect).

        Raises:
            DownloadRefused: for good.
            DownloadFailed: for now.
        """
        info = self._info(file_id)
        name = str(info.get("name") or info.get("title") or file_id)
        size = int(info.get("size") or 0)
        if info.get("mode") in {"external", "tombstone", "hidden_by_limit"}:
            raise DownloadRefused("file_gone" if info.get("mode") != "external" else "external_file", name=name)
        if size > UPLOAD_BYTES:
            raise DownloadRefused("too_large", name=name, bytes=size, limit=UPLOAD_BYTES)
        url = str(info.get("url_private_download") or info.get("url_private") or "")
        if not url:  # nothing is told but the id where the file may not be seen (Slack Connect)
            raise DownloadRefused("file_gone", name=name)
        if origin_of(url) not in self._origins:
            raise DownloadRefused("external_file", name=name)
        data, content_type = self._read(url, name)
        # Without files:read Slack answers its sign-in page with status 200; a web page that somebody uploaded has
        # the size that files.info told.
        if "text/html" in content_type and len(data) != size:
            raise DownloadRefused("sign_in_page", name=name)
        return FetchedFile(name, data)

    def _info(self, file_id: str) -> dict[str, Any]:
        try:
            answer = self._client.files_info(file=file_id)
        except SlackApiError as error:
            code = str(error.response.get("error", "unknown"))
            if code in GONE:
                raise DownloadRefused("file_gone", name=file_id) from None
            if code == "missing_scope":
                raise DownloadRefused("missing_scope", name=file_id) from None
            raise DownloadFailed(code) from None
        except OSError as error:
            raise DownloadFailed(type(error).__name__) from None
        file: dict[str, Any] = answer.get("file", {})
        return file

    def _read(self, url: str, name: str) -> tuple[bytes, str]:
        # Uncompressed: what is counted against the limit is then what came over the wire.
        headers = {"Authorization": f"Bearer {self._client.token}", "Accept-Encoding": "identity"}
        deadline = time.monotonic() + DOWNLOAD_SECONDS
        try:
            with self._http.stream("GET", url, headers=headers) as answer:
                if answer.is_redirect:
                    raise DownloadRefused("sign_in_page", name=name)
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise DownloadRefused("file_gone", name=name)
                if answer.is_error:
                    raise DownloadFailed(f"http_{answer.status_code}")
                data = bytearray()
                for chunk in answer.iter_raw():
                    data += chunk
                    if len(data) > UPLOAD_BYTES:
                        raise DownloadRefused("too_large", name=name, bytes=len(data), limit=UPLOAD_BYTES)
                    if time.monotonic() > deadline:
                        raise DownloadFailed("too_slow")
                return bytes(data), answer.headers.get("content-type", "")
        except httpx.HTTPError as error:
            raise DownloadFailed(type(error).__name__) from None


def origin_of(url: str) -> tuple[str, str]:
    """Scheme and host with port; a scheme of its own, so that no token goes unencrypted where TLS is expected."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
