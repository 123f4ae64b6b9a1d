"""`python -m tests.bench.gateways`: a switch at a running HAProxy and Envoy under load, in figures. Loopback only."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from bot.gateways.base import Role, overlap
from tests.gateways.site import FOREIGN, GW_NEW, GW_OLD, OLD, Client, Site, material, site
from tests.lab.builders import Issued

ROUNDS: Final = 5
IDLE: Final = 20
CLIENTS: Final = 2
BETWEEN: Final = 50
"""Handshakes between two commits."""


@dataclass
class Load:
    """New connections all the time, one request each."""

    answered: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, good: bool) -> None:
        """One more."""
        with self.lock:
            self.answered += good
            self.failed += not good


@contextmanager
def under_load(made: Site, holder: Issued) -> Iterator[Load]:
    """A bounded number of clients, while the block runs."""
    load, done = Load(), threading.Event()

    def run() -> None:
        while not done.is_set():
            load.count(made.admits(holder))

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        done.set()
        for thread in threads:
            thread.join()


def timed(run: Callable[[], None]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1e3


def surviving(idle: list[Client]) -> int:
    """How many connections that were open before still get an answer."""
    alive = 0
    for client in idle:
        try:
            alive += client.ask() == 200
        except OSError:
            pass
        finally:
            client.close()
    return alive


def measure(made: Site, role: Role) -> tuple[str, int]:
    """One line: the commit's time, and what happened to new and to open connections meanwhile; and the failures."""
    name = "gw" if role is Role.PRESENTS else "acme-in"
    if role is Role.PRESENTS:
        wanted = [material(GW_NEW, role), material(GW_OLD, role)]
    else:
        wanted = [overlap(material(FOREIGN), material(OLD)), overlap(material(OLD), material(FOREIGN))]
    made.reset()
    idle = [Client(made.ports.inbound, OLD) for _ in range(IDLE)]
    surviving_before = sum(client.ask() == 200 for client in idle)
    times = []
    with under_load(made, OLD) as load:
        for turn in range(ROUNDS):
            staged = made.gateway.stage(name, wanted[turn % 2])
            wanted_answers = load.answered + BETWEEN
            while load.answered < wanted_answers and not load.failed:
                time.sleep(0.001)
            times.append(timed(lambda staged=staged: made.gateway.commit(staged)))  # type: ignore[misc]
    alive = surviving(idle)
    line = (
        f"{made.kind:10}{role.value:10}{median(times):12.1f}{max(times):12.1f}"
        f"{load.answered:12,}{load.failed:12,}{alive:6} of {surviving_before}"
    )
    return line, load.failed


def main() -> int:
    """Both programs, both roles; 1 where a new connection failed."""
    names = ("commit ms", "worst ms", "handshakes", "failed", "idle alive")
    sys.stdout.write(f"{'gateway':10}{'role':10}" + "".join(f"{name:>12}" for name in names) + "\n")
    failed = False
    for kind in ("haproxy", "envoy"):
        with tempfile.TemporaryDirectory() as folder, site(kind, Path(folder)) as made:
            for role in Role:
                line, failures = measure(made, role)
                failed |= failures > 0
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
