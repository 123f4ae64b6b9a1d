"""The files to drop into a thread: each partner's real ones, and the bad ones that people really send."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs7, pkcs12

from bot.lab.certificates import Cabinet
from bot.lab.issuing import Identity, dn

# Past any sane upload limit for certificates, small enough for a demo's disk.
_NOISE = 5 * 1024 * 1024

_WEB_PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>Sign in - ACME Partner Portal</title></head>
<body><h1>Your session has expired</h1><p>Please sign in to download <b>b2b-certificate.cer</b>.</p></body></html>
"""


@dataclass(frozen=True)
class Sample:
    """One file that the page offers."""

    name: str
    label: str
    note: str  # what it is and what to expect, for a person
    data: bytes


def partner_samples(cabinet: Cabinet) -> dict[str, tuple[Sample, ...]]:
    """The good files, by partner key."""
    return {"acme": _acme(cabinet), "globex": _globex(cabinet), "initech": _initech(cabinet)}


def bad_samples(cabinet: Cabinet) -> tuple[Sample, ...]:
    """The bad files. Keys in them are made for the occasion and used nowhere."""
    stray = cabinet["stray"]
    leaf = cabinet["acme-new"]
    issuing, policy = (cabinet[name] for name in ("nordlicht-issuing-4", "nordlicht-policy"))
    locked = pkcs12.serialize_key_and_certificates(
        b"b2b", stray.key, stray.certificate, None, BestAvailableEncryption(b"changeit")
    )
    return (
        Sample(
            "b2b-private-key.pem",
            "Private key",
            "Refused, nothing of it is kept, and the thread is warned.",
            stray.key_pem,
        ),
        Sample(
            "b2b-with-key.pem",
            "Certificate with its private key",
            "One file, a key among the blocks: refused whole.",
            stray.pem.encode("ascii") + stray.key_pem,
        ),
        Sample(
            "b2b-export.p12", "PKCS#12 export", "A key store, password or not: ask for the certificate alone.", locked
        ),
        Sample(
            "b2b-certificate.cer",
            "Web page saved as .cer",
            "What a portal hands out after its session has expired.",
            _WEB_PAGE.encode("ascii"),
        ),
        Sample(
            "b2b-truncated.cer",
            "Truncated certificate",
            "A download that stopped half-way.",
            leaf.der[: len(leaf.der) // 2],
        ),
        # Slack itself takes no file of 0 bytes, so the emptiest one that reaches us is a blank line.
        Sample("b2b-empty.cer", "Empty file", "A line break and nothing else.", b"\r\n"),
        Sample("b2b-request.csr", "Certificate request", "The question to a CA, not its answer.", _request(stray)),
        Sample(
            "b2b-bundle-broken.pem",
            "Bundle with one broken block",
            "Two good certificates and one that was cut: the good ones count.",
            (leaf.pem + _broken(issuing.pem) + policy.pem).encode("ascii"),
        ),
        Sample(
            "b2b-noise.der",
            "5 MB of noise",
            "Too large, and no certificate anyway.",
            random.Random(5).randbytes(_NOISE),  # noqa: S311 - noise, the same at every start
        ),
    )


def _acme(cabinet: Cabinet) -> tuple[Sample, ...]:
    leaf, issuing = cabinet["acme-new"], cabinet["nordlicht-issuing-4"]
    bundle = [leaf, issuing, cabinet["nordlicht-policy"], cabinet["nordlicht-root"]]
    return (
        Sample(
            "acme-b2b-new.pem",
            "New certificate (PEM)",
            "Drop this first: its issuer, Nordlicht Issuing CA 4, is not in the CA list yet.",
            leaf.pem.encode("ascii"),
        ),
        Sample("acme-b2b-new.cer", "New certificate (DER)", "The same certificate in binary.", leaf.der),
        Sample(
            "nordlicht-issuing-ca-4.cer",
            "Nordlicht Issuing CA 4",
            "The missing issuer: drop it anywhere and the chain becomes complete.",
            issuing.der,
        ),
        Sample(
            "acme-b2b-full.p7b",
            "Full bundle (PKCS#7)",
            "Certificate, both intermediates and the root in one file.",
            _bundle(bundle),
        ),
    )


def _globex(cabinet: Cabinet) -> tuple[Sample, ...]:
    leaf = cabinet["globex-new"]
    return (
        Sample(
            "globex-as2-new.pem",
            "New certificate (PEM)",
            "Self-signed, as usual with AS2: no issuer to ask for, the certificate itself is pinned.",
            leaf.pem.encode("ascii"),
        ),
        Sample("globex-as2-new.cer", "New certificate (DER)", "The same certificate in binary.", leaf.der),
        Sample(
            "globex-as2-new.p7b",
            "New certificate (PKCS#7)",
            "The same once more, as Windows exports it.",
            _bundle([leaf]),
        ),
    )


def _initech(cabinet: Cabinet) -> tuple[Sample, ...]:
    leaf, business = cabinet["initech-new"], cabinet["baltic-business-2"]
    return (
        Sample(
            "initech-edi-new.pem",
            "New certificate (PEM)",
            "Its issuer is known, so the chain is complete at once. The one in use has expired.",
            leaf.pem.encode("ascii"),
        ),
        Sample("initech-edi-new.cer", "New certificate (DER)", "The same certificate in binary.", leaf.der),
        Sample(
            "baltic-business-ca-2.cer",
            "Baltic Business CA 2",
            "The issuer; it is in the CA list already.",
            business.der,
        ),
        Sample(
            "initech-edi-full.p7b",
            "Full bundle (PKCS#7)",
            "Certificate, intermediate and root in one file.",
            _bundle([leaf, business, cabinet["baltic-root"]]),
        ),
    )


def _bundle(identities: Sequence[Identity]) -> bytes:
    return pkcs7.serialize_certificates([one.certificate for one in identities], Encoding.DER)


def _request(holder: Identity) -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        dn("b2b.acme-components.example", "ACME Components Inc.")
    )
    return builder.sign(holder.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _broken(pem: str) -> str:
    first, *body, last = pem.splitlines(keepends=True)
    return first + "".join(body[: len(body) // 2]) + last
