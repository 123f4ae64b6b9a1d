"""The judgement over a presented chain: the pin first, the path second, the dates third. No network in here."""

import hashlib
import ipaddress
from collections.abc import Sequence
from datetime import datetime

from OpenSSL import crypto

from bot.gateways.base import TrustMaterial
from bot.gateways.handshake import ProofVerdict
from bot.gateways.wire import printable
from bot.pki.certificate import Certificate
from bot.pki.errors import PkiError

# OpenSSL x509_vfy.h: X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED.
_OUT_OF_DATE = frozenset({9, 10})

Judgement = tuple[ProofVerdict, dict[str, str]]


def judge(presented: Sequence[bytes], trust: TrustMaterial, at: datetime) -> Judgement:
    """`MATCHED` where the leaf is a pin, leads to the gateway's anchors and everything is in date at `at` (UTC).

    OpenSSL verifies the path and not our own chain engine: a proof is worth more from a second witness.
    """
    if not presented:
        return ProofVerdict.OTHER_CERTIFICATE, {"expected": ", ".join(trust.pins), "seen": "none"}
    seen = hashlib.sha256(presented[0]).hexdigest()
    if seen not in trust.pins:
        return ProofVerdict.OTHER_CERTIFICATE, {"expected": ", ".join(trust.pins), "seen": seen}
    leaf = _read(presented[0])
    if leaf is not None and leaf.self_signed:
        # Byte for byte the certificate that was agreed on, and nobody else to vouch for it.
        if leaf.not_before <= at <= leaf.not_after:
            return ProofVerdict.MATCHED, {"trusted_by": "pin"}
        return ProofVerdict.EXPIRED, {"certificate": seen}
    return _judge_path(presented, trust, at)


def names_host(leaf: bytes, host: str) -> bool | None:
    """Whether the certificate names the host in its SAN (RFC 9525: the common name does not count).

    None where it names no host at all, or cannot be read.
    """
    certificate = _read(leaf)
    if certificate is None:
        return None
    hosts = [entry for entry in certificate.san if entry.startswith(("DNS:", "IP:"))]
    return any(_names(entry, host.lower().rstrip(".")) for entry in hosts) if hosts else None


def _names(entry: str, host: str) -> bool:
    kind, _, name = entry.partition(":")
    if kind == "IP":
        try:
            return ipaddress.ip_address(name) == ipaddress.ip_address(host)
        except ValueError:
            return False
    name = name.lower().rstrip(".")
    if name.startswith("*."):  # RFC 9525 6.3: a wildcard is the whole left-most label, and stands for exactly one
        return "." in name[2:] and host.partition(".")[2] == name[2:]
    return name == host


def _judge_path(presented: Sequence[bytes], trust: TrustMaterial, at: datetime) -> Judgement:
    if not trust.anchors:
        return ProofVerdict.UNTRUSTED, {"reason": "no_anchors"}
    sent = presented[1:]
    # Gateways complete a path from what they hold; whether the peer's own is whole is recorded beside the verdict.
    verdict, detail = _verify(presented[0], [*sent, *trust.chain], trust.anchors, at)
    alone, _ = _verify(presented[0], sent, trust.anchors, at)
    complete = alone is not ProofVerdict.UNTRUSTED
    return verdict, {**detail, "sent_chain": "complete" if complete else "incomplete"}


def _verify(leaf: bytes, links: Sequence[bytes], anchors: Sequence[bytes], at: datetime) -> Judgement:
    store = crypto.X509Store()
    store.set_time(at)
    try:
        for anchor in anchors:
            store.add_cert(_load(anchor))
        crypto.X509StoreContext(store, _load(leaf), [_load(link) for link in links]).verify_certificate()
    except crypto.X509StoreContextError as error:
        code, depth = error.errors[0], error.errors[1]
        detail = {"reason": "path", "error": printable(str(error)), "depth": str(depth)}
        return ProofVerdict.EXPIRED if code in _OUT_OF_DATE else ProofVerdict.UNTRUSTED, detail
    except crypto.Error:
        return ProofVerdict.UNTRUSTED, {"reason": "unreadable"}
    return ProofVerdict.MATCHED, {"trusted_by": "path"}


def _load(der: bytes) -> crypto.X509:
    return crypto.load_certificate(crypto.FILETYPE_ASN1, der)


def _read(der: bytes) -> Certificate | None:
    try:
        return Certificate.from_der(der)
    except PkiError:
        return None
