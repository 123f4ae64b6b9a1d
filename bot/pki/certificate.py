"""One X.509 certificate as a value: what it says, what could not be read, and nothing beyond its own bytes."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from bot.pki import der, extensions
from bot.pki.algorithms import SIGNATURES
from bot.pki.errors import MalformedDer, UnreadableCertificate
from bot.pki.extensions import AuthorityKeyId, NameConstraints, RawExtension, Subtree
from bot.pki.layout import layout_of
from bot.pki.limits import CERTIFICATE_BYTES
from bot.pki.names import Name
from bot.pki.signatures import SignatureCheck, SignedPart, check, check_cost_of, signed_part_of, verifying_key_of

__all__ = ["AuthorityKeyId", "Certificate", "PublicKey"]

_T = TypeVar("_T")
_CURVES: Final = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224"}


@dataclass(frozen=True)
class PublicKey:
    """A public key. `kind` is RSA, EC, DSA, Ed25519, Ed448 or unknown; `spki_sha256` is lower hex and always there."""

    kind: str
    bits: int | None
    curve: str | None
    spki_sha256: str

    @property
    def text(self) -> str:
        """As people write it: "RSA 2048", "EC P-256", "Ed25519"."""
        if self.curve is not None:
            return f"{self.kind} {self.curve}"
        return f"{self.kind} {self.bits}" if self.kind in {"RSA", "DSA"} else self.kind


@dataclass(frozen=True)
class Certificate:
    """A certificate; two are equal when their DER is. Dates are aware, UTC.

    `is_ca` is None when basicConstraints is there and cannot be read: that is not "not a CA". Names of extensions that
    could not be read stand in `unreadable`; their fields then have the value of an absent extension.
    """

    der: bytes = field(repr=False)
    sha256: str = field(compare=False)
    version: int = field(compare=False)
    subject: Name = field(compare=False, repr=False)
    issuer: Name = field(compare=False, repr=False)
    serial: int = field(compare=False, repr=False)
    not_before: datetime = field(compare=False, repr=False)
    not_after: datetime = field(compare=False, repr=False)
    key: PublicKey = field(compare=False, repr=False)
    signature_algorithm: str = field(compare=False, repr=False)
    signature_hash: str | None = field(compare=False, repr=False)
    san: tuple[str, ...] = field(compare=False, repr=False)
    names: tuple[Subtree, ...] = field(compare=False, repr=False)
    key_usage: frozenset[str] | None = field(compare=False, repr=False)
    extended_key_usage: tuple[str, ...] | None = field(compare=False, repr=False)
    is_ca: bool | None = field(compare=False, repr=False)
    path_length: int | None = field(compare=False, repr=False)
    ski: bytes | None = field(compare=False, repr=False)
    aki: AuthorityKeyId | None = field(compare=False, repr=False)
    ca_issuers: tuple[str, ...] = field(compare=False, repr=False)
    name_constraints: NameConstraints | None = field(compare=False, repr=False)
    critical: frozenset[str] = field(compare=False, repr=False)
    unreadable: tuple[str, ...] = field(compare=False, repr=False)

    @classmethod
    def from_der(cls, data: bytes) -> Certificate:
        """Read one DER certificate that fills `data`; raises `UnreadableCertificate`, nothing else."""
        if len(data) > CERTIFICATE_BYTES:
            raise UnreadableCertificate("too_large")
        try:
            return _read(data)
        except MalformedDer as malformed:
            raise UnreadableCertificate(malformed.reason) from None

    @cached_property
    def pem(self) -> str:
        """The certificate in PEM (RFC 7468), 64 columns."""
        body = "\n".join(textwrap.wrap(base64.b64encode(self.der).decode("ascii"), 64))
        return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"

    @property
    def critical_marks(self) -> dict[str, bool]:
        """Every extension by object identifier, with its critical mark; read anew, for the few who ask."""
        field = layout_of(self.der).extensions
        listed = extensions.listed(field)[0] if field is not None else {}
        return {oid: one.critical for oid, one in listed.items()}

    @cached_property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same name (RFC 5280 section 3.2)."""
        return self.subject.canonical == self.issuer.canonical

    @cached_property
    def self_signature(self) -> SignatureCheck | None:
        """Whether its own key made its signature; None where it is not self-issued. One signature check, once."""
        return check(self, self) if self.self_issued else None

    @property
    def self_signed(self) -> bool:
        """Whether it is self-issued and its own key made its signature."""
        return self.self_signature is SignatureCheck.GOOD

    @property
    def rootlike(self) -> bool:
        """Self-signed, or self-issued with a signature that nobody here can check (MD2, GOST) and no other key id.

        Nothing is above such a certificate. Its own signature proves nothing to a path (RFC 5280 section 6.1).
        """
        if self.self_signature is not SignatureCheck.UNSUPPORTED:
            return self.self_signed
        named = self.aki.key_id if self.aki else None
        return named is None or self.ski is None or named == self.ski

    @cached_property
    def signed_part(self) -> SignedPart | None:
        """What its signature covers; kept, because one certificate is checked against many keys."""
        return signed_part_of(_loaded(self.der))

    @cached_property
    def check_cost(self) -> int:
        """What a signature check with its key costs, in checks with a usual one; kept like the key."""
        return check_cost_of(self.verifying_key)

    @cached_property
    def verifying_key(self) -> object | None:
        """Its public key as the library's object; kept, because one CA signs many certificates."""
        return verifying_key_of(_loaded(self.der))

    @property
    def fingerprint(self) -> str:
        """The SHA-256 in the colon form that other tools show."""
        return ":".join(textwrap.wrap(self.sha256.upper(), 2))


def _read(data: bytes) -> Certificate:
    layout = layout_of(data)
    loaded = _loaded(data)
    raw, twice = extensions.listed(layout.extensions) if layout.extensions is not None else ({}, ())
    unreadable: list[str] = list(twice)
    if layout.algorithm != layout.outer_algorithm:  # RFC 5280 section 4.1.1.2: both MUST be the same
        unreadable.append("signatureAlgorithm")

    def read(oid: str, reader: Callable[[bytes], _T]) -> _T | None:
        return _guarded(raw, oid, reader, unreadable)

    constraints = read(extensions.BASIC_CONSTRAINTS, extensions.basic_constraints)
    names = read(extensions.SUBJECT_ALT_NAME, extensions.general_names) or ()
    not_before, not_after = _dates(loaded)
    subject = Name(layout.subject)
    return Certificate(
        der=data,
        sha256=hashlib.sha256(data).hexdigest(),
        version=layout.version,
        subject=subject,
        issuer=subject if layout.issuer == layout.subject else Name(layout.issuer),
        serial=layout.serial,
        not_before=not_before,
        not_after=not_after,
        key=_key(loaded, layout.spki),
        signature_algorithm=_algorithm_name(layout.outer_algorithm),
        signature_hash=_hash_name(loaded),
        san=tuple(extensions.shown_name(one) for one in names),
        names=names,
        key_usage=read(extensions.KEY_USAGE, extensions.key_usage),
        extended_key_usage=read(extensions.EXTENDED_KEY_USAGE, extensions.extended_key_usage),
        is_ca=None if "basicConstraints" in unreadable else bool(constraints and constraints[0]),
        path_length=constraints[1] if constraints else None,
        ski=read(extensions.SUBJECT_KEY_ID, extensions.subject_key_id),
        aki=read(extensions.AUTHORITY_KEY_ID, extensions.authority_key_id),
        ca_issuers=read(extensions.AUTHORITY_INFO_ACCESS, extensions.ca_issuers) or (),
        name_constraints=read(extensions.NAME_CONSTRAINTS, extensions.name_constraints),
        critical=extensions.critical(raw),
        unreadable=tuple(dict.fromkeys(unreadable)),
    )


def _guarded(
    raw: Mapping[str, RawExtension], oid: str, reader: Callable[[bytes], _T], unreadable: list[str]
) -> _T | None:
    if oid not in raw:
        return None
    try:
        return reader(raw[oid].value)
    except MalformedDer:
        unreadable.append(extensions.known(oid))
        return None


def _loaded(data: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(data)
    # ValueError, InvalidVersion and others (measured on the library's own 538 vectors).
    except Exception:
        raise UnreadableCertificate("not_a_certificate") from None


def _dates(loaded: x509.Certificate) -> tuple[datetime, datetime]:
    try:
        return loaded.not_valid_before_utc, loaded.not_valid_after_utc
    except Exception:  # as in _loaded: the library reads the dates late
        raise UnreadableCertificate("dates") from None


def _key(loaded: x509.Certificate, spki: bytes) -> PublicKey:
    digest = hashlib.sha256(spki).hexdigest()
    try:
        key = loaded.public_key()
    except Exception:  # GOST and other keys that the library does not know
        return PublicKey("unknown", None, None, digest)
    if isinstance(key, rsa.RSAPublicKey):
        return PublicKey("RSA", key.key_size, None, digest)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return PublicKey("EC", key.key_size, _CURVES.get(key.curve.name, key.curve.name), digest)
    if isinstance(key, dsa.DSAPublicKey):
        return PublicKey("DSA", key.key_size, None, digest)
    kinds = ((ed25519.Ed25519PublicKey, "Ed25519"), (ed448.Ed448PublicKey, "Ed448"))
    kind = next((name for cls, name in kinds if isinstance(key, cls)), "unknown")
    return PublicKey(kind, None, None, digest)


def _algorithm_name(algorithm: bytes) -> str:
    oid = der.dotted(der.read(der.only(algorithm, der.SEQUENCE).content).content)
    return SIGNATURES.get(oid, oid)


def _hash_name(loaded: x509.Certificate) -> str | None:
    try:
        algorithm = loaded.signature_hash_algorithm
    except Exception:  # MD2 and unknown algorithms
        return None
    return algorithm.name if algorithm else None
