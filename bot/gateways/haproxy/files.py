"""The files that HAProxy reads at its start, in the folder of a version, and the names that it knows them by."""

from dataclasses import dataclass
from pathlib import Path

from bot.gateways.base import Role
from bot.gateways.content import Content
from bot.gateways.shelf import CURRENT
from bot.gateways.versions import FULLCHAIN, pem

CA_FILE = "ca.pem"  # `ca-file`, also in a crt-list: intermediates and anchors
PINS = "pins.lst"  # `-f` of an ACL: one SHA-256 of DER a line, 64 upper-case hex digits, as `sha2(256),hex` writes it


@dataclass(frozen=True)
class Names:
    """What a connection's files are called in HAProxy's configuration, through the link to the live version."""

    ca_file: str
    pins: str
    certificate: str

    @classmethod
    def under(cls, folder: Path) -> "Names":
        """The names for a connection's folder."""
        return cls(*(str(folder / CURRENT / name) for name in (CA_FILE, PINS, FULLCHAIN)))


def haproxy_files(content: Content, _version: str, _folder: Path) -> dict[str, bytes]:
    """The `Extras` of this kind; the certificate to present needs no more than all kinds have."""
    if content.role is Role.PRESENTS:
        return {}
    return {CA_FILE: pem(content.trusted), PINS: "".join(f"{pin.upper()}\n" for pin in content.pins).encode("ascii")}
