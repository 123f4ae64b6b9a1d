"""Whether one certificate's key made another certificate's signature; nothing else is looked at.

`Certificate.verify_directly_issued_by` of the library compares names byte by byte and refuses SHA-1, which turns real
issuers into "missing" ones. So the raw primitives are used: a weak signature is a finding, not a broken link.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
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

_USUAL_EXPONENT_BITS: Final = 32
_HUGE_EXPONENT: Final = 50
_FAST_CURVE_BITS: Final = 256
_SLOW_CURVE: Final = 5

_EDDSA: Final = {SignatureAlgorithmOID.ED25519: "Ed25519", SignatureAlgorithmOID.ED448: "Ed448"}


class SignatureCheck(StrEnum):
    """The outcome of one check."""

    GOOD = "good"
    BAD = "bad"
    UNSUPPORTED = "unsupported"
    """The algorithm or the key cannot be used by the library, MD2 for one: nothing is known."""


class SignedPart(NamedTuple):
    """What a check needs of the signed certificate. `kind` is the kind of key that can have signed, as in `PublicKey`.

    `parameters` is the library's padding or ECDSA object, `hashed` its hash; None for EdDSA.
    """

    kind: str
    signature: bytes
    content: bytes
    parameters: Any
    hashed: Any


def verifies(child: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key made the child's signature. SHA-1 and MD5 count; what cannot be checked does not."""
    return check(child, issuer) is SignatureCheck.GOOD


def check(child: Certificate, issuer: Certificate) -> SignatureCheck:
    """Check the signature of one certificate with the key of another. Never raises."""
    signed, key = child.signed_part, issuer.verifying_key
    if signed is None or key is None:
        return SignatureCheck.UNSUPPORTED
    if signed.kind != issuer.key.kind:
        return SignatureCheck.BAD
    try:
        _verify(signed, key)
        return SignatureCheck.GOOD
    except InvalidSignature:
        return SignatureCheck.BAD
    # The library raises ValueError, UnsupportedAlgorithm, KeyError and TypeError here (measured on its own vectors).
    except Exception:
        return SignatureCheck.UNSUPPORTED


def signed_part_of(loaded: x509.Certificate) -> SignedPart | None:
    """The signed part; None where the library does not know the algorithm (MD2, GOST)."""
    try:
        parameters, hashed = loaded.signature_algorithm_parameters, loaded.signature_hash_algorithm
        kind = _kind(loaded.signature_algorithm_oid, parameters)
        return SignedPart(kind, loaded.signature, loaded.tbs_certificate_bytes, parameters, hashed)
    except Exception:  # as above
        return None


def verifying_key_of(loaded: x509.Certificate) -> object | None:
    """The public key, ready for use; None where the library does not know its kind."""
    try:
        return loaded.public_key()
    except Exception:  # as above
        return None


def check_cost_of(key: object | None) -> int:
    """What a check costs, in checks of about 50 us.

    Measured: P-521 0.4 ms, RSA-16384 1.1 ms, RSA-3072 with an exponent of 3,000 bits 4.7 ms; a hundred of those in
    one upload would be half a second.
    """
    if isinstance(key, rsa.RSAPublicKey):
        exponent = key.public_numbers().e.bit_length()
        return _HUGE_EXPONENT if exponent > _USUAL_EXPONENT_BITS else max(1, key.key_size // 1_024 - 3)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size > _FAST_CURVE_BITS:
        return _SLOW_CURVE
    return 1


def _kind(algorithm: x509.ObjectIdentifier, parameters: object) -> str:
    if isinstance(parameters, padding.PKCS1v15 | padding.PSS):
        return "RSA"
    if isinstance(parameters, ec.ECDSA):
        return "EC"
    if algorithm in _DSA:
        return "DSA"
    return _EDDSA.get(algorithm, "unknown")


def _verify(signed: SignedPart, key: Any) -> None:
    """Raises unless the signature is good. Key and signature are of one kind."""
    if signed.kind == "RSA":
        key.verify(signed.signature, signed.content, signed.parameters, signed.hashed)
    elif signed.kind == "EC":
        key.verify(signed.signature, signed.content, signed.parameters)
    elif signed.kind == "DSA":
        key.verify(signed.signature, signed.content, signed.hashed)
    else:
        key.verify(signed.signature, signed.content)
