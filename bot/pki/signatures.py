"""Whether one certificate's key made another certificate's signature; nothing else is looked at.

`Certificate.verify_directly_issued_by` of the library compares names byte by byte and refuses SHA-1, which turns real
issuers into "missing" ones. So the raw primitives are used: a weak signature is a finding, not a broken link.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.x509.oid import SignatureAlgorithmOID

if TYPE_CHECKING:
    from bot.pki.certificate import Certificate


_DSA: Final = frozenset(
    {
        SignatureAlgorithmOID.DSA_WITH_SHA1,
        SignatureAlgorithmOID.DSA_WITH_SHA224,
        SignatureAlgorithmOID.DSA_WITH_SHA256,
        SignatureAlgorithmOID.DSA_WITH_SHA384,
        SignatureAlgorithmOID.DSA_WITH_SHA512,
    }
)


class SignatureCheck(StrEnum):
    """The outcome of one check."""

    GOOD = "good"
    BAD = "bad"
    UNSUPPORTED = "unsupported"
    """The algorithm or the key cannot be used by the library, MD2 for one: nothing is known."""


def verifies(child: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key made the child's signature. SHA-1 and MD5 count; what cannot be checked does not."""
    return check(child.der, issuer.der) is SignatureCheck.GOOD


def check(child_der: bytes, issuer_der: bytes) -> SignatureCheck:
    """Check the signature of one DER certificate with the key of another. Never raises."""
    try:
        child = x509.load_der_x509_certificate(child_der)
        key = x509.load_der_x509_certificate(issuer_der).public_key()
        return SignatureCheck.GOOD if _verify(child, key) else SignatureCheck.BAD
    except InvalidSignature:
        return SignatureCheck.BAD
    # The library raises ValueError, UnsupportedAlgorithm, KeyError and TypeError here (measured on its own vectors).
    except Exception:
        return SignatureCheck.UNSUPPORTED


def _verify(child: x509.Certificate, key: object) -> bool:
    """True for a good signature, False for a key of another kind; raises for the rest."""
    signature, signed, hashed = child.signature, child.tbs_certificate_bytes, child.signature_hash_algorithm
    parameters = child.signature_algorithm_parameters
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey) and hashed is None:
        key.verify(signature, signed)
    elif isinstance(key, rsa.RSAPublicKey) and hashed and isinstance(parameters, padding.PKCS1v15 | padding.PSS):
        key.verify(signature, signed, parameters, hashed)
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(parameters, ec.ECDSA):
        key.verify(signature, signed, parameters)
    elif isinstance(key, dsa.DSAPublicKey) and hashed and child.signature_algorithm_oid in _DSA:
        key.verify(signature, signed, hashed)
    else:
        return False
    return True
