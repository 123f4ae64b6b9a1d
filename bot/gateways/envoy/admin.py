"""Envoy's admin interface, read only: which secrets it runs with, and how many it has refused.

Source: Envoy operations guide, "Administration interface". Whoever reaches it can also stop Envoy, so it listens on
loopback and nothing here is ever asked by POST.
"""

import http.client
import json
import re
from dataclasses import dataclass

from bot.gateways.errors import GatewayRefused, GatewayUnreachable
from bot.gateways.wire import printable

# A dump of one secret is a few kB, of the statistics that we ask for less.
MAX_ANSWER = 4 * 1024 * 1024
ADDRESS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})")

_VERSION_TEXT = re.compile(r'^sds\.\S+\.version_text: "([^"]*)"$', re.MULTILINE)
_REFUSED = re.compile(r"^sds\.\S+\.update_rejected: (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Running:
    """A secret as Envoy tells of it, its private key left out by Envoy itself.

    Envoy dumps the secret that it read last, also one that it has refused (measured with a key of a curve that it
    does not know); which one it runs with, only the statistics say.
    """

    version: str  # `version_info` of the file that it runs with
    refused: int  # updates that it has refused since its start
    chain: str | None  # role presents: PEM, as read last
    trusted: str | None  # role accepts: PEM
    pins: tuple[str, ...]


class Admin:
    """The admin interface at `host:port`. `timeout_s` is for one question, in seconds."""

    def __init__(self, address: str, timeout_s: float) -> None:
        self.address = address
        self._timeout_s = timeout_s

    def running(self, name: str) -> Running | None:
        """The secret that is in use; None where no listener or cluster of Envoy's asks for one of that name."""
        answer = self._json(f"/config_dump?resource=dynamic_active_secrets&name_regex=^{name}$")
        for entry in _list(answer, "configs"):
            if isinstance(entry, dict) and entry.get("name") == name:
                stats = self._get(f"/stats?filter=^sds\\.{name}\\.")
                return _running(entry, stats)
        return None

    def version(self) -> str:
        """Envoy's own version, "1.40.0"."""
        said = self._json("/server_info").get("version")
        parts = said.split("/") if isinstance(said, str) else []
        return printable(parts[1], 40) if len(parts) > 1 else "unknown"

    def _json(self, path: str) -> dict[str, object]:
        try:
            answer = json.loads(self._get(path))
        except (ValueError, RecursionError) as error:
            raise GatewayRefused("program_refused", {"asked": path.partition("?")[0], "reason": "no_json"}) from error
        return answer if isinstance(answer, dict) else {}

    def _get(self, path: str) -> str:
        asked = path.partition("?")[0]
        connection = http.client.HTTPConnection(self.address, timeout=self._timeout_s)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read(MAX_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            said = printable(str(getattr(error, "strerror", None) or error) or type(error).__name__)
            raise GatewayUnreachable("unreachable", {"asked": asked, "error": said}) from error
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK or len(body) > MAX_ANSWER:
            raise GatewayRefused("program_refused", {"asked": asked, "status": str(response.status)})
        return body.decode("utf-8", "replace")


def _running(entry: dict[str, object], stats: str) -> Running:
    version = _VERSION_TEXT.search(stats)
    secret = _dict(entry, "secret")
    chain = _dict(_dict(secret, "tls_certificate"), "certificate_chain").get("inline_string")
    context = _dict(secret, "validation_context")
    trusted = _dict(context, "trusted_ca").get("inline_string")
    return Running(
        version=version[1] if version else "",
        refused=sum(int(count) for count in _REFUSED.findall(stats)),
        chain=chain if isinstance(chain, str) else None,
        trusted=trusted if isinstance(trusted, str) else None,
        pins=tuple(printable(str(pin)).lower() for pin in _list(context, "verify_certificate_hash")),
    )


def _dict(holder: dict[str, object], key: str) -> dict[str, object]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def _list(holder: dict[str, object], key: str) -> list[object]:
    value = holder.get(key)
    return value if isinstance(value, list) else []
