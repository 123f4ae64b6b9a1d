"""Honest times: the median of many runs, the floor measured in between, so that a busy machine hits both alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from statistics import median

ROUNDS = 15
"""Blocks of runs; of their medians the median counts."""


def milliseconds(call: Callable[[], object], budget: float = 0.3) -> float:
    """The median time of one call, from as many calls as fit into `budget` seconds, at least one."""
    times = []
    stop = time.perf_counter() + budget
    while True:
        begun = time.perf_counter()
        call()
        ended = time.perf_counter()
        times.append(ended - begun)
        if ended >= stop:
            return median(times) * 1e3


def beside(call: Callable[[], object], floor: Callable[[], object], budget: float = 0.6) -> tuple[float, float]:
    """The times of a call and of its floor in milliseconds, measured by turns."""
    call()
    floor()
    gc.collect()
    gc.disable()
    try:
        pairs = [(milliseconds(call, budget / ROUNDS), milliseconds(floor, budget / ROUNDS)) for _ in range(ROUNDS)]
    finally:
        gc.enable()
    return median(one for one, _ in pairs), median(one for _, one in pairs)
