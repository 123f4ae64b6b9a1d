"""The side panel's server: what the page beside the local Slack shows of the demo world, as plain JSON over HTTP."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from bot.lab.errors import LabError
from bot.lab.samples import Sample
from bot.lab.serving import LOOPBACK, LoopbackServer, QuietHandler

# A switch is an id and a value.
MAX_BODY = 4096


class PanelServer(LoopbackServer):
    """GET / (the panel), GET /files/NAME (a sample), POST /switch {"id", "value"}."""

    def __init__(
        self,
        preferred_port: int,
        describe: Callable[[str], Mapping[str, object]],
        files: Mapping[str, Sample],
        turn: Callable[[str, str], None],
    ) -> None:
        self.describe, self.files, self.turn = describe, files, turn
        super().__init__(preferred_port, PanelHandler)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"


class PanelHandler(QuietHandler):
    """Loopback only, and only for clients that know it as loopback: a foreign page's name for it is refused."""

    def do_GET(self) -> None:  # noqa: N802 - the base class's name for it
        """The panel or a file."""
        panel = self._panel()
        if panel is None:
            return
        path = urlsplit(self.path).path
        sample = panel.files.get(unquote(path.removeprefix("/files/"))) if path.startswith("/files/") else None
        if path == "/":
            self._json(HTTPStatus.OK, panel.describe(panel.url))
        elif sample:
            attachment = {"Content-Disposition": f'attachment; filename="{sample.name}"'}
            self.reply(HTTPStatus.OK, sample.data, "application/octet-stream", attachment)
        else:
            self._json(HTTPStatus.NOT_FOUND, {"ok": False, "error": "not_found"})

    def do_POST(self) -> None:  # noqa: N802 - the base class's name for it
        """Turn a switch."""
        panel = self._panel()
        if panel is None:
            return
        if urlsplit(self.path).path != "/switch":
            self._json(HTTPStatus.NOT_FOUND, {"ok": False, "error": "not_found"})
            return
        wish = self._wish()
        if wish is None:
            self._json(HTTPStatus.BAD_REQUEST, {"ok": False, "error": "bad_request"})
            return
        try:
            panel.turn(*wish)
        except LabError as error:
            self._json(HTTPStatus.BAD_REQUEST, {"ok": False, "error": error.code})
            return
        self._json(HTTPStatus.OK, {"ok": True})

    def _panel(self) -> PanelServer | None:
        panel = self.server
        if not isinstance(panel, PanelServer):
            return None
        own = {f"{LOOPBACK}:{panel.port}", f"localhost:{panel.port}"}
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in own or (origin is not None and origin.removeprefix("http://") not in own):
            self._json(HTTPStatus.FORBIDDEN, {"ok": False, "error": "not_loopback"})
            return None
        return panel

    def _wish(self) -> tuple[str, str] | None:
        length = self.headers.get("Content-Length", "")
        # JSON only: a foreign page's form could post text/plain without being asked first.
        is_json = self.headers.get_content_type() == "application/json"
        if not is_json or not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY:
            return None
        try:
            wish = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            return None
        if not isinstance(wish, dict) or not isinstance(wish.get("id"), str) or not isinstance(wish.get("value"), str):
            return None
        return wish["id"], wish["value"]

    def _json(self, status: HTTPStatus, answer: Mapping[str, object]) -> None:
        self.reply(status, json.dumps(answer).encode("ascii"), "application/json")
