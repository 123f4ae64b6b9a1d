"""The certificates of the story, and the folder that keeps them from one start to the next.

acme     old: Nordlicht root -> issuing CA 1                       (both in the CA list)
         new: Nordlicht root -> policy CA B2B -> issuing CA 4      (issuing CA 4 not yet in the list)
globex   old and new: self-signed, each with a key of its own
initech  old: Baltic root -> business CA 2, expired; new: the same two above it
    stray    used nowhere but in the bad sample files
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.lab.cast import ACME, INITECH
from bot.lab.issuing import Identity, authority, dn, end_entity

_PKI = "http://pki.nordlicht.example"
_BALTIC = "http://crt.baltic-trust.example"

# What public CAs may issue at most since March 2026 (CA/Browser Forum ballot SC-081v3).
_PUBLIC_LIFETIME = timedelta(days=200)
_AS2_LIFETIME = timedelta(days=730)

# Above the leaf, nearest first: what the partner's server sends, and what the file bundle holds.
ABOVE: Mapping[str, tuple[str, ...]] = {
    "acme-old": ("nordlicht-issuing-1",),
    "acme-new": ("nordlicht-issuing-4", "nordlicht-policy"),
    "globex-old": (),
    "globex-new": (),
    "initech-old": ("baltic-business-2",),
    "initech-new": ("baltic-business-2",),
}
ROOTS: Mapping[str, str] = {"acme": "nordlicht-root", "initech": "baltic-root"}

# The CA list at the start: name and whether it counts as trust anchor.
CA_LIST: tuple[tuple[str, bool], ...] = (
    ("nordlicht-root", True),
    ("nordlicht-policy", False),
    ("nordlicht-issuing-1", False),
    ("baltic-root", True),
    ("baltic-business-2", False),
)


@dataclass(frozen=True)
class Cabinet:
    """Every identity of the lab, by name; the keys are in files that only their owner can read."""

    identities: Mapping[str, Identity]

    def __getitem__(self, name: str) -> Identity:
        return self.identities[name]

    def sent_by(self, name: str) -> tuple[Identity, ...]:
        """Leaf and intermediates as a tidy server sends them: no root."""
        return (self[name], *(self[above] for above in ABOVE[name]))


def make(now: datetime) -> Cabinet:
    """A new set, with dates that make the story true at `now`."""
    stray = end_entity(dn("b2b.stray.example", "Stray Key Ltd."), _from(now, 1, _PUBLIC_LIFETIME))
    return Cabinet({**_nordlicht(now), **_globex(now), **_initech(now), "stray": stray})


def load(folder: Path) -> Cabinet | None:
    """The set that `save` wrote; None where it is not whole (a first start that was cut off)."""
    try:
        names = (folder / "complete").read_text("ascii").split()
    except FileNotFoundError:
        return None
    identities = {}
    for name in names:
        key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise TypeError("the lab makes EC and RSA keys only")
        identities[name] = Identity(x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()), key)
    return Cabinet(identities)


def save(cabinet: Cabinet, folder: Path) -> None:
    """Write the set; the file `complete` comes last, so that half a set is never taken for one."""
    for name, identity in cabinet.identities.items():
        write_private(folder / f"{name}.key", identity.key_pem)
        write_private(folder / f"{name}.pem", identity.pem.encode("ascii"))
    write_private(folder / "complete", "\n".join(sorted(cabinet.identities)).encode("ascii"))


def write_private(path: Path, data: bytes) -> None:
    """A file that only its owner can read, from its first byte on; replaced as a whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    beside.replace(path)


def _nordlicht(now: datetime) -> dict[str, Identity]:
    trust = "Nordlicht Trust Services GmbH"
    root = authority(dn("Nordlicht Root CA 2019", trust, "Root Programme"), _years(now, -7, 13))
    policy = authority(
        dn("Nordlicht Policy CA B2B", trust, "Policy Authority"), _years(now, -4, 8), root, f"{_PKI}/root-2019.crt"
    )
    issuing_1 = authority(
        dn("Nordlicht Issuing CA 1", trust, "Certification Services"), _years(now, -6, 2), root, f"{_PKI}/root-2019.crt"
    )
    issuing_4 = authority(
        dn("Nordlicht Issuing CA 4", trust, "Certification Services"), _years(now, -1, 5), policy,
        f"{_PKI}/policy-b2b.crt",
    )  # fmt: skip
    name, hosts = (
        dn(str(ACME.host), "ACME Components Inc.", "EDI Operations", "US"),
        [str(ACME.host)],
    )
    since = now - _PUBLIC_LIFETIME + timedelta(days=21)
    return {
        "nordlicht-root": root,
        "nordlicht-policy": policy,
        "nordlicht-issuing-1": issuing_1,
        "nordlicht-issuing-4": issuing_4,
        "acme-old": end_entity(name, (since, since + _PUBLIC_LIFETIME), issuing_1, hosts, f"{_PKI}/issuing-1.crt"),
        "acme-new": end_entity(name, _from(now, 2, _PUBLIC_LIFETIME), issuing_4, hosts, f"{_PKI}/issuing-4.crt"),
    }


def _globex(now: datetime) -> dict[str, Identity]:
    name = dn("AS2 Globex Production", "Globex Corporation", "Supply Chain IT", "US")
    since = now - _AS2_LIFETIME + timedelta(days=34)
    return {
        "globex-old": end_entity(name, (since, since + _AS2_LIFETIME), rsa_bits=2048),
        "globex-new": end_entity(name, _from(now, 5, _AS2_LIFETIME), rsa_bits=3072),
    }


def _initech(now: datetime) -> dict[str, Identity]:
    trust = "Baltic Trust Network AB"
    root = authority(dn("Baltic Trust Root R2", trust, country="SE"), _years(now, -9, 11))
    business = authority(
        dn("Baltic Business CA 2", trust, "Business Certificates", "SE"), _years(now, -3, 6), root,
        f"{_BALTIC}/root-r2.cer",
    )  # fmt: skip
    name, hosts = dn(str(INITECH.host), "Initech AB", "Integration", "SE"), [str(INITECH.host)]
    since = now - _PUBLIC_LIFETIME - timedelta(days=3)
    aia = f"{_BALTIC}/business-2.cer"
    return {
        "baltic-root": root,
        "baltic-business-2": business,
        "initech-old": end_entity(name, (since, since + _PUBLIC_LIFETIME), business, hosts, aia),
        "initech-new": end_entity(name, _from(now, 1, _PUBLIC_LIFETIME), business, hosts, aia),
    }


def _years(now: datetime, since: int, until: int) -> tuple[datetime, datetime]:
    return _midnight(now + timedelta(days=365.25 * since)), _midnight(now + timedelta(days=365.25 * until))


def _from(now: datetime, days_ago: int, lifetime: timedelta) -> tuple[datetime, datetime]:
    since = _midnight(now - timedelta(days=days_ago))
    return since, since + lifetime


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
