"""The files that partners send: PKCS#7, PKCS#12, requests, key stores, web pages, noise."""

from __future__ import annotations

import random
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from tests.lab.builders import Issued, dn, new_key

JAVA_KEY_STORE = bytes.fromhex("feedfeed0000000200000001") + b"\0" * 64
"""The head of a JKS file: magic number, version 2, one entry (the format of sun.security.provider.JavaKeyStore)."""

JCEKS_KEY_STORE = bytes.fromhex("cececece0000000200000001") + b"\0" * 64

HTML_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Session expired</body></html>\n"
"""What a portal gives instead of the certificate when the session has ended."""


def pkcs7_der(certificates: Sequence[Issued]) -> bytes:
    """A certs-only PKCS#7 (`.p7b`) in DER."""
    return pkcs7.serialize_certificates([one.certificate for one in certificates], serialization.Encoding.DER)


def pkcs7_pem(certificates: Sequence[Issued]) -> bytes:
    """A certs-only PKCS#7 in PEM armour."""
    return pkcs7.serialize_certificates([one.certificate for one in certificates], serialization.Encoding.PEM)


def pkcs12_of(holder: Issued, password: bytes | None = None) -> bytes:
    """A PKCS#12 (`.p12`, `.pfx`) with certificate, key and chain, encrypted when a password is given."""
    if password is None:
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    else:
        encryption = serialization.BestAvailableEncryption(password)
    above = [one.certificate for one in holder.above]
    return pkcs12.serialize_key_and_certificates(b"partner", holder.key, holder.certificate, above, encryption)


def request_pem(cn: str = "as2.partner.example") -> bytes:
    """A certificate request (PKCS#10) in PEM."""
    return _request(cn).public_bytes(serialization.Encoding.PEM)


def request_der(cn: str = "as2.partner.example") -> bytes:
    """A certificate request (PKCS#10) in DER."""
    return _request(cn).public_bytes(serialization.Encoding.DER)


def _request(cn: str) -> x509.CertificateSigningRequest:
    builder = x509.CertificateSigningRequestBuilder().subject_name(dn(cn, "Partner AG"))
    return builder.sign(new_key(), hashes.SHA256())


def traditional_key(holder: Issued, encoding: serialization.Encoding = serialization.Encoding.PEM) -> bytes:
    """The private key as PKCS#1 (RSA) or SEC1 (EC), as `openssl genrsa -traditional` writes it."""
    if isinstance(holder.key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
        raise TypeError("EdDSA keys have no traditional form")
    plain = serialization.NoEncryption()
    return holder.key.private_bytes(encoding, serialization.PrivateFormat.TraditionalOpenSSL, plain)


def encrypted_key(holder: Issued, encoding: serialization.Encoding = serialization.Encoding.PEM) -> bytes:
    """The private key as encrypted PKCS#8."""
    encryption = serialization.BestAvailableEncryption(b"secret")
    return holder.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, encryption)


def openssh_key(holder: Issued) -> bytes:
    """The private key in OpenSSH's own armour."""
    plain = serialization.NoEncryption()
    return holder.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, plain)


def public_key_pem(holder: Issued) -> bytes:
    """The bare public key in PEM (SubjectPublicKeyInfo)."""
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return holder.key.public_key().public_bytes(serialization.Encoding.PEM, info)


def noise(size: int, seed: int = 1) -> bytes:
    """Random bytes, the same for the same seed."""
    return random.Random(seed).randbytes(size)  # noqa: S311 - test data, not a secret


def broken_block() -> str:
    """A PEM block whose body is not base64."""
    return "-----BEGIN CERTIFICATE-----\nMIIB*** this is not base64 ***\n-----END CERTIFICATE-----\n"
