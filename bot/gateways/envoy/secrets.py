"""A version as Envoy's secret discovery service (SDS) wants it: one JSON file, one secret, named like the connection.

Source: Envoy API v3, `extensions.transport_sockets.tls.v3.Secret`, `CertificateValidationContext`.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from bot.gateways.base import Role
from bot.gateways.content import Content
from bot.gateways.errors import GatewayRefused
from bot.gateways.keys import PRIVATE_KEY
from bot.gateways.versions import pem

SDS_FILE = "sds.json"
_TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"


def secret_file(content: Content, version: str, folder: Path) -> dict[str, bytes]:
    """The `Extras` of this kind. `version_info` is the version's name: Envoy shows it for what it runs with."""
    secret = {"@type": _TYPE, "name": folder.parent.parent.name, **secret_of(content, folder)}
    text = json.dumps({"version_info": version, "resources": [secret]}, indent=1)
    return {SDS_FILE: (text + "\n").encode("ascii")}


def secret_of(content: Content, folder: Path) -> Mapping[str, object]:
    """The secret's own half.

    Raises:
        GatewayRefused: `bad_material`: without pins or without trust. Envoy takes an empty validation context and then
            admits every certificate (measured); a pin alone admits an expired one.
    """
    if content.role is Role.PRESENTS:
        # Certificate and key change in one rename. The key is named, not read: Envoy opens it.
        chain = pem(content.leaves + content.chain).decode("ascii")
        key = {"filename": str(folder / PRIVATE_KEY)}
        return {"tls_certificate": {"certificate_chain": {"inline_string": chain}, "private_key": key}}
    if not content.pins or not content.trusted:
        raise GatewayRefused("bad_material", {"reason": "no_pins" if not content.pins else "no_anchors"})
    trusted = {"inline_string": pem(content.trusted).decode("ascii")}
    return {"validation_context": {"trusted_ca": trusted, "verify_certificate_hash": list(content.pins)}}
