"""The page's own files. Their address carries a hash of them all: a browser keeps them for good, and sees a new
version with the next load of the page (RFC 9111, 5.2.2; RFC 8246, `immutable`).
"""

import hashlib
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PAGE = Path(__file__).parent / "page"
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"  # keep it, but ask by its ETag before use
_VERSION = re.compile(r"[0-9a-f]{16}")
_MODULES = "<!-- modules -->"


class PageFiles(StaticFiles):
    """Serves `/static/VERSION/...` for good and `/static/...` with revalidation."""

    def __init__(self, folder: Path = PAGE) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._folder = folder
        self._version = ""

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.rglob("*") if path.is_file())

    def _hash(self) -> str:
        sums = hashlib.sha256()
        for path in self._files():
            stat = path.stat()
            sums.update(f"{path.relative_to(self._folder).as_posix()} {stat.st_mtime_ns} {stat.st_size}\n".encode())
        return sums.hexdigest()[:16]

    async def index(self, _request: Request) -> Response:
        """The page. All modules are named in it, so that they load side by side, not one import after the other."""
        index = self._folder / "index.html"
        if not index.exists():
            return PlainTextResponse("The page is not part of this checkout.", 404)
        self._version = self._hash()
        modules = (path.relative_to(self._folder).as_posix() for path in self._files() if path.suffix == ".js")
        links = "\n    ".join(f'<link rel="modulepreload" href="/static/{name}" />' for name in modules)
        text = index.read_text(encoding="utf-8").replace(_MODULES, links)
        return HTMLResponse(text.replace('"/static/', f'"/static/{self._version}/'))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        version, _, rest = path.partition("/")
        versioned = _VERSION.fullmatch(version) is not None
        response = await super().get_response(rest if versioned else path, scope)
        current = versioned and version == self._version
        response.headers["cache-control"] = FOR_GOOD if current else ASK_AGAIN
        return response
