"""Claims about the page's own files: kept by the browser for good, seen at once when they change."""

import re

import httpx

from bot.workspace.server import WorkspaceServer
from tests.loopback import NO_TLS


def test_the_pages_files_are_kept_for_good_under_an_address_that_names_their_version(
    workspace: WorkspaceServer,
) -> None:
    """The page itself is asked for anew; a plain address still works and is checked by its ETag."""
    with httpx.Client(base_url=workspace.url, trust_env=False, verify=NO_TLS) as client:
        index = client.get("/")
        assert index.headers["cache-control"] == "no-store"
        addresses = re.findall(r'"(/static/[^"]+)"', index.text)
        assert len({address.split("/")[2] for address in addresses}) == 1
        assert any(address.endswith("/core/dom.js") for address in addresses)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        plain = client.get("/static/main.js")
        assert plain.headers["cache-control"] == "no-cache"
        again = client.get("/static/main.js", headers={"If-None-Match": plain.headers["etag"]})
        assert again.status_code == 304


def test_no_address_leads_out_of_the_pages_folder(workspace: WorkspaceServer) -> None:
    """Nor does a version that never was keep anything."""
    with httpx.Client(base_url=workspace.url, trust_env=False, verify=NO_TLS) as client:
        for path in ("/static/../server.py", "/static/%2e%2e/server.py", f"/static/{'0' * 16}/..%2f..%2fserver.py"):
            assert client.get(path).status_code == 404, path
        assert client.get(f"/static/{'0' * 16}/main.js").headers["cache-control"] == "no-cache"
