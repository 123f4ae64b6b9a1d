"""What one version of a connection looks like on the disk: its files, written from material and read back."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from bot.gateways.base import Material, Role, TrustMaterial
from bot.gateways.errors import GatewayDamaged, GatewayRefused
from bot.pki.certificate import Certificate

CERTIFICATE = "certificate.pem"
CHAIN = "chain.pem"
ANCHORS = "anchors.pem"
PINS = "pins.json"
PINNED = "pinned.pem"  # role accepts: certificate, chain, anchors
FULLCHAIN = "fullchain.pem"  # role presents: certificate, chain; what a TLS server loads
TRUST_STORE = "truststore.p12"  # role accepts: the same three for Java

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


def check(material: Material) -> None:
    """Refuse material that no gateway could hold a proof against.

    Raises:
        GatewayRefused: `bad_material`: anchors missing for a certificate that is not self-signed, or others beside
            one that is.
    """
    if material.certificate.self_signed:
        if any(other.sha256 != material.certificate.sha256 for other in (*material.chain, *material.anchors)):
            raise GatewayRefused("bad_material", {"reason": "self_signed_with_chain"})
    elif not material.anchors:
        # A pin without anchors is a bare pin: Envoy, for one, then admits even an expired certificate.
        raise GatewayRefused("bad_material", {"reason": "no_anchors"})


def files_of(material: Material, version: str, store_password: str) -> Mapping[str, bytes]:
    """Every file of the version, by name."""
    certificate, chain, anchors = (_pem([material.certificate]), _pem(material.chain), _pem(material.anchors))
    pins = Pins(
        role=material.role,
        sha256=(material.certificate.sha256,),
        subject=material.certificate.subject.rfc4514,
        not_after=material.certificate.not_after.isoformat(),
        version=version,
    )
    files = {CERTIFICATE: certificate, CHAIN: chain, ANCHORS: anchors, PINS: pins.to_json()}
    if material.role is Role.PRESENTS:
        return {**files, FULLCHAIN: certificate + chain}
    return {**files, PINNED: certificate + chain + anchors, TRUST_STORE: _trust_store(material, store_password)}


def digest_of(material: Material) -> str:
    """16 hex digits that tell one content from another; the same material staged twice has the same."""
    digest = hashlib.sha256(material.role.value.encode("ascii"))
    for part in ((material.certificate,), material.chain, material.anchors):
        digest.update(b"\0" + b"".join(bytes.fromhex(one.sha256) for one in part))
    return digest.hexdigest()[:16]


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
    held = [hashlib.sha256(der).hexdigest() for der in _ders(folder / CERTIFICATE)]
    if not held or sorted(held) != sorted(pins.sha256):
        raise GatewayDamaged("inconsistent", {"file": CERTIFICATE})
    return pins


def read_trust(folder: Path) -> TrustMaterial:
    """The version's trust, from the very files that the gateway program reads.

    Raises:
        GatewayDamaged: as `read_pins`; also `inconsistent` where the bundle differs from its parts.
    """
    pins = read_pins(folder)
    chain, anchors = _ders(folder / CHAIN), _ders(folder / ANCHORS)
    whole = _ders(folder / CERTIFICATE) + chain
    bundle, wanted = (FULLCHAIN, whole) if pins.role is Role.PRESENTS else (PINNED, whole + anchors)
    if _ders(folder / bundle) != wanted:
        raise GatewayDamaged("inconsistent", {"file": bundle})
    return TrustMaterial(role=pins.role, pins=pins.sha256, chain=tuple(chain), anchors=tuple(anchors))


def _pem(certificates: Sequence[Certificate]) -> bytes:
    # No blank line between the blocks: HAProxy's runtime API ends its payload at one and cuts the chain silently.
    return b"".join(one.pem.strip().encode("ascii") + b"\n" for one in certificates)


def _trust_store(material: Material, password: str) -> bytes:
    """PKCS#12 that Java reads as trustedCertEntry: a plain one shows no entries there (measured with keytool 17)."""
    named = [("pinned", material.certificate)]
    named += [(f"chain-{place}", one) for place, one in enumerate(material.chain, 1)]
    named += [(f"anchor-{place}", one) for place, one in enumerate(material.anchors, 1)]
    try:
        entries = [pkcs12.PKCS12Certificate(x509.load_der_x509_certificate(one.der), b"%s" % name.encode())
                   for name, one in named]  # fmt: skip
        return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(password.encode()))
    except ValueError as error:
        raise GatewayRefused("bad_material", {"reason": "trust_store"}) from error


def _ders(path: Path) -> list[bytes]:
    try:
        return [base64.b64decode(b"".join(block.split()), validate=True) for block in _BLOCK.findall(_read(path))]
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
