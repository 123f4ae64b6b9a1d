"""`make bench`: the chain engine beside its peers and beside the floor, as ratios; then the conversation, in seconds.

`BENCH=chain`, `BENCH=conversation`, `BENCH=storm` and `BENCH=switch` run one of them, `BENCH=--quick` gives a first
look.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
import warnings
from datetime import datetime
from statistics import median
from typing import Final

from cryptography.hazmat.backends.openssl import backend
from cryptography.utils import CryptographyDeprecationWarning

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, build_chain
from storage.store import Store
from tests.bench import conversation, mutation, storm, switching
from tests.bench.clock import beside, milliseconds
from tests.bench.peers import PEERS, floor
from tests.bench.stores import Kind, store
from tests.bench.suites import slowest
from tests.lab.builders import NOW

SIZES: Final = (10, 1_000, 10_000, 100_000)
PEER_SIZES: Final = (10, 1_000, 10_000)
MUTATIONS: Final = 1_000_000
BARS: Final = {Kind.PLAIN: 2.2, Kind.CROSS: 4.0, Kind.NO_KEY_IDS: 15.0}
"""Times the floor at 10,000 (issue 3, must show 2)."""

MISSING_MS: Final = 0.2
IMPORTS: Final = 10_000
ROWS: Final = 2_000
SEED: Final = 20_261_124
TALKS: Final = {"conversation": conversation.run, "storm": storm.run, "switch": switching.run}
PARTS: Final = ("chain", *TALKS)


def say(text: str = "") -> None:
    """One line, at once: some take a minute."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def ours(kind: Kind, size: int) -> None:
    """One line of the first table."""
    made = store(kind, size)
    index = CaIndex(made.values(), {made.chain.root.sha256})
    leaf = Certificate.from_der(made.chain.leaf.der)
    first = milliseconds(lambda: build_chain(leaf, index, NOW), 0)
    signatures = build_chain(leaf, index, NOW).signatures
    bare = floor(made)
    took, floor_took = beside(lambda: build_chain(leaf, index, NOW), bare)
    fresh, _ = beside(lambda: build_chain(Certificate.from_der(made.chain.leaf.der), index, NOW), bare)
    index.remove(made.chain.int2.sha256)
    report = build_chain(leaf, index, NOW)
    missing, _ = beside(lambda: build_chain(leaf, index, NOW), bare)
    named = report.missing[0].name.common_name if report.missing else report.verdict.value
    bar = f"<= {BARS[kind]}" if size == 10_000 else ""
    say(
        f"{kind:6}{size:9,}{floor_took:9.4f}{took:9.4f}{took / floor_took:8.2f} {bar:8}{fresh / floor_took:8.2f}"
        f"{signatures:6}{first:9.2f}{missing:10.4f}  {named}"
    )


def peers(kind: Kind, size: int) -> None:
    """One line of the second table."""
    made = store(kind, size)
    base = milliseconds(floor(made))
    cells = []
    for measure in PEERS.values():
        took = measure(made)
        cells.append(took if isinstance(took, str) else f"{took / base:,.1f}")
    say(f"{kind:6}{size:9,}" + "".join(f"{cell:>25}" for cell in cells))


def imports() -> None:
    """How many certificates a second become full records in memory: read, hashed, named, indexed."""
    ders = store(Kind.CROSS, 10_000).ders
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        index = CaIndex([Certificate.from_der(der) for der in ders])
        times.append(time.perf_counter() - begun)
        del index
    say(f"import to full records in memory: {len(ders) / median(times):,.0f} a second (bar {IMPORTS:,})")
    values = [Certificate.from_der(der) for der in ders]
    with tempfile.TemporaryDirectory() as folder:
        rows = Store(f"sqlite:///{folder}/bench.db")
        begun = time.perf_counter()
        for _ in range(2):  # the second time everything is there already
            with rows.begin() as tx:
                tx.certificates.put_all([Certificate.from_der(one.der) for one in values], NOW)
        took = time.perf_counter() - begun
        rows.close()
    say(f"import into SQLite with dedupe: {2 * len(ders) / took:,.0f} a second (bar {ROWS:,})")


def mutations(count: int) -> bool:
    """The long run; true when nothing was raised and nothing took too long."""
    tally = mutation.run(count, SEED)
    good = not tally.crashes and tally.slowest < mutation.SLOWEST
    say(f"{tally.inputs:,} spoiled files: {len(tally.crashes)} exceptions, slowest {tally.slowest * 1e3:.1f} ms")
    say("  " + ", ".join(f"{word} {number:,}" for word, number in tally.outcomes.most_common()))
    for crash in sorted(set(tally.crashes))[:20]:
        say(f"  {crash}")
    return good


def chain(*, quick: bool, count: int) -> bool:
    """The chain engine; true when no spoiled file broke it."""
    sizes = (10, 1_000, 10_000) if quick else SIZES
    say("Ours: leaf <- int1 <- int2 <- root, RSA-2048; times in ms, ratios to the floor (the three bare signatures)")
    say("      list    floor     ours   ratio bar       +parse  sigs    first   missing")
    for kind in Kind:
        for size in sizes:
            ours(kind, size)
    say(f"missing: int2 taken out and named; bar {MISSING_MS} ms at 10,000")
    say()
    imports()
    say()
    for line in slowest():
        say(line)
    say()
    if not quick:
        say("Peers: ratios to the floor. FAIL: a valid path exists and was not found")
        say(f"{'list':6}{'CAs':>9}" + "".join(f"{name:>25}" for name in PEERS))
        for kind in Kind:
            for size in PEER_SIZES:
                peers(kind, size)
        say()
    return mutations(count)


def main() -> int:
    """Everything, or a first look."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], help="default: all")
    parser.add_argument("--quick", action="store_true", help="small lists, no peers, 20,000 mutations, short runs")
    parser.add_argument("--mutations", type=int, default=None, help=f"default {MUTATIONS:,}")
    options = parser.parse_args()
    warnings.simplefilter("ignore", CryptographyDeprecationWarning)
    say(f"{datetime.now().astimezone():%Y-%m-%d %H:%M}  {backend.openssl_version_text()}, {platform.platform()}")
    load = os.getloadavg()[0]
    say(f"{os.cpu_count()} processors, load {load:.1f}" + ("  (busy: figures are upper bounds)" if load > 1 else ""))
    say()
    good = True
    for part in options.parts or PARTS:
        if part == "chain":
            count = options.mutations or (20_000 if options.quick else MUTATIONS)
            good &= chain(quick=options.quick, count=count)
        else:
            good &= TALKS[part](say, conversation.QUICK if options.quick else conversation.FULL)
        say()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
