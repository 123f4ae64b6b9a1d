"""The trust store that Java programs read: PKCS#12 with trusted entries."""

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from bot.gateways.base import Role
from bot.gateways.content import Content
from bot.gateways.errors import GatewayRefused
from bot.gateways.versions import Extras

TRUST_STORE = "truststore.p12"  # role accepts: certificate, chain, anchors


def trust_store(password: str) -> Extras:
    """Adds the trust store to versions of role `accepts`."""

    def extras(content: Content, _version: str, _folder: Path) -> dict[str, bytes]:
        return {} if content.role is Role.PRESENTS else {TRUST_STORE: _store(content, password)}

    return extras


def _store(content: Content, password: str) -> bytes:
    # Entries as Java writes them: a plain PKCS#12 of CA certificates shows none there (measured with keytool 17).
    first, *beside = content.leaves
    named = [("pinned", first)]
    named += [(f"pinned-{place}", one) for place, one in enumerate(beside, 2)]
    named += [(f"chain-{place}", one) for place, one in enumerate(content.chain, 1)]
    named += [(f"anchor-{place}", one) for place, one in enumerate(content.anchors, 1)]
    try:
        entries = [pkcs12.PKCS12Certificate(x509.load_der_x509_certificate(der), name.encode()) for name, der in named]
        return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(password.encode()))
    except ValueError as error:
        raise GatewayRefused("bad_material", {"reason": "trust_store"}) from error
