"""What HAProxy runs with right now, and how it is given something else without a reload.

Everything here is in memory only and lost at the next reload: the caller makes the disk follow.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.gateways.content import fingerprints_sha1
from bot.gateways.errors import GatewayRefused
from bot.gateways.haproxy.runtime import CommandSocket, expect
from bot.gateways.versions import pem

_SHA1 = re.compile(r"^SHA1 FingerPrint: ([0-9A-F]{40})$", re.MULTILINE)
_CHAIN = re.compile(r"^Chain Subject: (.+)$", re.MULTILINE)
_ACL_ENTRY = re.compile(r"^0x[0-9a-f]+ (\S+)$", re.MULTILINE)
_NEW_VERSION = re.compile(r"^New version created: (\d+)$", re.MULTILINE)
_ONGOING = re.compile(r"ongoing transaction is about '([^']+)'")


@dataclass(frozen=True)
class Served:
    """A certificate as HAProxy has loaded it; it tells the leaf by SHA-1 and of the chain only the names."""

    leaf_sha1: str
    links: int


class Memory:
    """The trust, pins and certificates of one HAProxy process, by the file names in its configuration."""

    def __init__(self, stats: CommandSocket, root: str) -> None:
        self._stats = stats
        self._root = root

    def trusted(self, ca_file: str) -> frozenset[str] | None:
        """SHA-1 of each CA certificate; None where the configuration does not name the file."""
        reply = self._stats.ask(f"show ssl ca-file {ca_file}")
        return None if "Not found" in reply else _fingerprints(reply)

    def pinned(self, pins: str) -> frozenset[str] | None:
        """SHA-256 of each pin, lower-case hex; None where the configuration does not name the file."""
        reply = self._stats.ask(f"show acl {pins}")
        return None if "Unknown ACL" in reply else frozenset(pin.lower() for pin in _ACL_ENTRY.findall(reply))

    def served(self, certificate: str) -> Served | None:
        """The certificate that is presented; None where the configuration does not name the file."""
        reply = self._stats.ask(f"show ssl cert {certificate}")
        leaf = _SHA1.search(reply)
        return Served(leaf[1].lower(), len(_CHAIN.findall(reply))) if leaf else None

    def trust(self, ca_file: str, ders: Sequence[bytes]) -> None:
        """Verify paths against these from the next full handshake on. Others' transactions are never ended.

        Raises:
            GatewayRefused: `busy`, `program_refused`; what was trusted before still is.
        """
        self._begin(ca_file, pem(ders))
        try:
            # What HAProxy has understood, before it counts: "success" is also said of a payload that was cut.
            if _fingerprints(self._stats.ask(f"show ssl ca-file *{ca_file}")) != fingerprints_sha1(ders):
                raise GatewayRefused("program_refused", {"command": "set ssl ca-file", "reason": "cut"})
            expect(self._stats.ask(f"commit ssl ca-file {ca_file}"), "Success!", "commit ssl ca-file")
        except GatewayRefused:
            self._stats.ask(f"abort ssl ca-file {ca_file}")
            raise

    def pin(self, pins: str, sha256: Sequence[str]) -> None:
        """Admit exactly these from the next request on, all at once: a version of the list is made and committed.

        Raises:
            GatewayRefused: `program_refused`; or `bad_material`: an empty list, which would shut everybody out.
        """
        if not sha256:
            raise GatewayRefused("bad_material", {"reason": "no_pins"})
        reply = self._stats.ask(f"prepare acl {pins}")
        made = _NEW_VERSION.search(reply)
        if made is None:
            expect(reply, "New version created", "prepare acl")
            return
        for pin in sha256:
            self._stats.ask(f"add acl @{made[1]} {pins} {pin.upper()}")
        self._stats.ask(f"commit acl @{made[1]} {pins}")
        # These three answer with nothing when all is well, so it is looked at instead.
        if self.pinned(pins) != frozenset(sha256):
            raise GatewayRefused("program_refused", {"command": "commit acl", "reason": "not_as_written"})

    def _begin(self, ca_file: str, payload: bytes) -> None:
        command = f"set ssl ca-file {ca_file}"
        reply = self._stats.ask(command, payload)
        ongoing = _ONGOING.search(reply)
        if ongoing and ongoing[1].startswith(f"{self._root}/"):
            # HAProxy knows one transaction at a time. This one is about a file of ours, and we hold the lock: a bot
            # that died has left it.
            self._stats.ask(f"abort ssl ca-file {ongoing[1]}")
            reply = self._stats.ask(command, payload)
        # An open transaction about this very file is taken over: "updated" instead of "created".
        expect(reply, "transaction updated" if "transaction updated" in reply else "transaction created", command)


def _fingerprints(reply: str) -> frozenset[str]:
    return frozenset(sha1.lower() for sha1 in _SHA1.findall(reply))
