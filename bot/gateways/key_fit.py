"""Whether a private key on the gateway fits a certificate, without ever reading the key ourselves."""

import ssl
from pathlib import Path

from bot.gateways.errors import GatewayRefused

# The last two: key and certificate are of different kinds, so OpenSSL files them in different places.
_NO_FIT = frozenset({"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED", "NO_PRIVATE_KEY_ASSIGNED"})
# OpenSSL's security level will not serve these, whatever the key.
_TOO_WEAK = frozenset({"EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"})


def check_key(key: Path, fullchain: Path) -> None:
    """Let OpenSSL load both: no byte of the key becomes a Python object.

    Raises:
        GatewayRefused: `no_key`, `key_unreadable` (encrypted, no PEM, no permission), `key_does_not_fit`,
            `bad_material` where OpenSSL finds the certificate too weak to serve.
    """
    if not key.is_file():
        raise GatewayRefused("no_key", {"file": key.name})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # An empty pass phrase keeps OpenSSL from asking for one on the terminal.
        context.load_cert_chain(fullchain, key, password="")
    except ssl.SSLError as error:
        reason = error.reason or "not_pem"
        if reason in _NO_FIT:
            raise GatewayRefused("key_does_not_fit", {"file": key.name}) from error
        if reason in _TOO_WEAK:
            raise GatewayRefused("bad_material", {"reason": "too_weak", "error": reason}) from error
        raise GatewayRefused("key_unreadable", {"file": key.name, "reason": reason}) from error
    except PermissionError as error:
        raise GatewayRefused("key_unreadable", {"file": key.name, "reason": "no_permission"}) from error
