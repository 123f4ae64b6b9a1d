"""What one version of a connection looks like on the disk: its files, written from material and read back.

These files every kind of gateway has; what its program wants beside them, each kind adds as `Extras`.
"""

import base64
import binascii
import json
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.gateways.base import Material, Role
from bot.gateways.content import Content
from bot.gateways.errors import GatewayDamaged

CERTIFICATE = "certificate.pem"
CHAIN = "chain.pem"
ANCHORS = "anchors.pem"
PINS = "pins.json"
PINNED = "pinned.pem"  # role accepts: certificate, chain, anchors
FULLCHAIN = "fullchain.pem"  # role presents: certificate, chain; what a TLS server loads

# What a kind adds: from the content, the version's name and the folder that it will lie in, further files by name.
Extras = Callable[[Content, str, Path], Mapping[str, bytes]]

# Ours are a few kB; something that has grown past this is not ours.
MAX_FILE = 1024 * 1024

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")


@dataclass(frozen=True)
class Pins:
    """`pins.json`: what the version pins, for programs and for people."""

    role: Role
    sha256: tuple[str, ...]
    subject: str
    not_after: str  # ISO 8601, UTC
    version: str

    def to_json(self) -> bytes:
        """The file's content."""
        fields = {"role": self.role.value, "sha256": list(self.sha256), "subject": self.subject,
                  "not_after": self.not_after, "version": self.version}  # fmt: skip
        return (json.dumps(fields, indent=2, ensure_ascii=True) + "\n").encode("ascii")


def files_of(material: Material, version: str) -> Mapping[str, bytes]:
    """Every file of the version that all kinds have, by name."""
    content = Content.of(material)
    certificate, chain, anchors = (pem(content.leaves), pem(content.chain), pem(content.anchors))
    pins = Pins(
        role=material.role,
        sha256=content.pins,
        subject=material.certificate.subject.rfc4514,
        not_after=material.certificate.not_after.isoformat(),
        version=version,
    )
    bundle, parts = (
        (FULLCHAIN, (certificate, chain)) if material.role is Role.PRESENTS else (PINNED, (certificate, chain, anchors))
    )
    return {CERTIFICATE: certificate, CHAIN: chain, ANCHORS: anchors, PINS: pins.to_json(), bundle: b"".join(parts)}


def read_pins(folder: Path) -> Pins:
    """The version's pins, checked against the certificate beside them.

    Raises:
        GatewayDamaged: `unreadable`: files missing or no longer ours; `inconsistent`: pins and certificate differ.
    """
    try:
        fields = json.loads(_read(folder / PINS))
        pins = Pins(
            role=Role(fields["role"]),
            sha256=tuple(str(pin) for pin in fields["sha256"]),
            subject=str(fields["subject"]),
            not_after=str(fields["not_after"]),
            version=str(fields["version"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise GatewayDamaged("unreadable", {"file": PINS}) from error
    if not pins.sha256 or _content(folder, pins.role).pins != pins.sha256:
        raise GatewayDamaged("inconsistent", {"file": CERTIFICATE})
    return pins


def read_content(folder: Path) -> Content:
    """The version's certificates, from the very files that the gateway program reads.

    Raises:
        GatewayDamaged: as `read_pins`; also `inconsistent` where the bundle differs from its parts.
    """
    content = _content(folder, read_pins(folder).role)
    whole = content.leaves + content.chain
    bundle, wanted = (FULLCHAIN, whole) if content.role is Role.PRESENTS else (PINNED, whole + content.anchors)
    if _ders(folder / bundle) != wanted:
        raise GatewayDamaged("inconsistent", {"file": bundle})
    return content


def check_extras(folder: Path, wanted: Mapping[str, bytes]) -> None:
    """Compare the files that a kind added with what they should hold.

    Raises:
        GatewayDamaged: `inconsistent`, with the first that differs; `unreadable`.
    """
    for name, data in wanted.items():
        if _read(folder / name) != data:
            raise GatewayDamaged("inconsistent", {"file": name})


def pem(ders: Sequence[bytes]) -> bytes:
    """PEM blocks without a blank line: HAProxy's runtime API ends its payload at one and cuts the chain silently."""
    return b"".join(ssl.DER_cert_to_PEM_cert(der).strip().encode("ascii") + b"\n" for der in ders)


def _content(folder: Path, role: Role) -> Content:
    return Content(role, *(_ders(folder / name) for name in (CERTIFICATE, CHAIN, ANCHORS)))


def _ders(path: Path) -> tuple[bytes, ...]:
    try:
        blocks = _BLOCK.findall(_read(path))
        return tuple(base64.b64decode(b"".join(block.split()), validate=True) for block in blocks)
    except binascii.Error as error:
        raise GatewayDamaged("unreadable", {"file": path.name}) from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise GatewayDamaged("unreadable", {"file": path.name}) from error
    if len(data) > MAX_FILE:
        raise GatewayDamaged("unreadable", {"file": path.name, "reason": "too_large"})
    return data
