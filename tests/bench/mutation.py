"""Good files, spoiled by chance: through reading, path building, diagnosis and both forms of output.

The same seed spoils the same way, but for the keys, which are fresh in each run.
"""

from __future__ import annotations

import io
import time
import warnings
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from random import Random

from cryptography.utils import CryptographyDeprecationWarning

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex
from bot.pki.checks import certificate_findings
from bot.pki.parsing import Refused, read_upload
from bot.public_roots import public_roots
from bot.terminal import judged, write
from tests.lab.builders import NOW, Ca
from tests.lab.containers import pkcs7_der, pkcs7_pem, pkcs12_of, request_pem
from tests.pki.parsing.test_kinds import KEYS, READ, REFUSED, as_bytes

SLOWEST = 0.25
"""Seconds that no input may take (issue 3, must show 5)."""

_LONGEST_SEED = 50_000
"""Bombs and megabytes of noise are tested by themselves; here they would only slow the run down."""

_TOUCHED = 0.5
"""The part of the inputs that are nearly whole certificates, so that the chain engine gets its share."""


@dataclass
class Tally:
    """What became of the inputs."""

    inputs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_input: bytes = field(default=b"", repr=False)
    crashes: list[str] = field(default_factory=list)


@lru_cache
def world() -> tuple[CaIndex, tuple[bytes, ...], tuple[bytes, ...]]:
    """A CA list, a chain in DER, and good files: every kind that people send, and the library's odd certificates."""
    root = Ca.root("Root", path_length=3)
    a = root.intermediate("A", aia="http://aia.example/root.cer")
    b = a.intermediate("B", aia="http://aia.example/a.cer", eku=["clientAuth", "serverAuth"])
    leaf = b.leaf("leaf", san=["as2.acme.example", "192.0.2.7"], eku=["clientAuth"], aia="http://aia.example/b.cer")
    bundle = [leaf, b, a]
    files = [leaf.der, b.der, leaf.chain_pem.encode(), pkcs7_der(bundle), pkcs7_pem(bundle), request_pem()]
    files += [pkcs12_of(leaf, b"secret"), leaf.der + b.der, *(one.der for one in bundle)]
    files += [as_bytes(make()) for make in (*READ.values(), *KEYS.values(), *(make for _, make in REFUSED.values()))]
    files += _vectors()
    values = [Certificate.from_der(one.der) for one in (root, a, b)]
    chain = tuple(one.der for one in (leaf, b, a, root))
    return CaIndex(values, {root.sha256}), chain, tuple(one for one in files if 0 < len(one) <= _LONGEST_SEED)


def _vectors() -> list[bytes]:
    """The library's own odd certificates."""
    import cryptography_vectors  # noqa: PLC0415 - 117 MB that only this needs

    folder = Path(cryptography_vectors.__file__).parent / "x509"
    return [one.read_bytes() for one in sorted(folder.rglob("*.[pdc][ere][mrt]")) if "PKITS" not in str(one)]


def spoiled(data: bytes, deal: Random) -> bytes:
    """Some octets changed, cut out, put in or repeated; lengths and tags as often as anything else."""
    octets = bytearray(data)
    for _ in range(deal.choice((1, 1, 1, 2, 3, 6))):
        at = deal.randrange(len(octets) or 1)
        kind = deal.randrange(6)
        if kind <= 1 and octets:
            octets[at] = deal.randrange(256)
        elif kind == 2 and octets:
            octets[at] ^= 1 << deal.randrange(8)
        elif kind == 3:
            del octets[at : at + deal.randrange(1, 40)]
        elif kind == 4:
            octets[at:at] = deal.randbytes(deal.randrange(1, 20))
        else:
            octets[at:at] = octets[at : at + deal.randrange(1, 200)]
    return bytes(octets)


def touched(chain: tuple[bytes, ...], deal: Random) -> bytes:
    """A row of certificates in DER with a few octets changed in place: most of them can still be read as such."""
    row = bytearray(b"".join(deal.sample(chain, deal.randrange(1, 4))))
    for _ in range(deal.choice((1, 1, 2, 4))):
        row[deal.randrange(len(row))] = deal.choice((0, 1, 0x30, 0x7F, 0x80, 0xFF, deal.randrange(256)))
    return bytes(row)


def run(count: int, seed: int) -> Tally:
    """Spoil `count` files and use whatever comes out of them."""
    source, chain, files = world()
    public_roots()  # read once, before the clock runs
    deal, tally = Random(seed), Tally()  # noqa: S311 - deals test data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        for _ in range(count):
            data = touched(chain, deal) if deal.random() < _TOUCHED else spoiled(deal.choice(files), deal)
            begun = time.perf_counter()
            try:
                tally.outcomes[use(data, source)] += 1
            except Exception as crash:
                tally.crashes.append(f"{type(crash).__name__} at {_place(crash)}")
            spent = time.perf_counter() - begun
            tally.inputs += 1
            if spent > tally.slowest and (sure := min(spent, _again(data, source))) > tally.slowest:
                tally.slowest, tally.slowest_input = sure, data
    return tally


def use(data: bytes, source: CaIndex) -> str:
    """All that the product does with an upload; the word for what became of it."""
    try:
        reading = read_upload(data)
    except Refused as refused:
        return refused.reason.value
    checked = judged(reading, source, NOW)
    certificate_findings(checked.report.certificate, NOW, reading.certificates[-1], "as2.acme.example", "accepts")
    for as_json in (False, True):
        write("file", checked, as_json, io.StringIO())
    return checked.report.verdict.value


def _again(data: bytes, source: CaIndex) -> float:
    """The time of a second run: a busy machine delays one of them, a slow input both."""
    begun = time.perf_counter()
    with suppress(Exception):
        use(data, source)
    return time.perf_counter() - begun


def _place(crash: BaseException) -> str:
    trace = crash.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
