"""From a dropped file to the answer in its thread, stage by stage; and how soon events are acknowledged.

Issue 4, must show 6. All of it on loopback, in three processes: the people (this one), the local Slack, the bot.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import fmean, median
from typing import Any, Final

from tests.bench.scene import CHANNELS, Scene, scene, until

ANSWER_MS: Final = (300.0, 1000.0)
"""Bars for the median and 95 % of the answers, at one upload a second."""

ACK_MS: Final = 100.0
EVENTS_A_SECOND: Final = 50
BURST: Final = 50
PATIENCE_SECONDS: Final = 60.0

STAGES: Final = (
    ("delivered", "dropped at Slack, event sent, dispatched"),
    ("persisted", "job on disk, acknowledged"),
    ("begun", "job started"),
    ("downloaded", "downloaded"),
    ("parsed", "parsed"),
    ("stored", "stored"),
    ("chain", "  of it: the chain"),
    ("woken", "message job queued and started"),
    ("rendered", "rendered"),
    ("posting", "place marked, pace kept"),
    ("posted", "post accepted"),
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Length:
    """How long each part goes on, in seconds."""

    uploads: float
    events: float


FULL, QUICK = Length(60.0, 20.0), Length(10.0, 5.0)


def run(say: Say, length: Length = FULL) -> bool:
    """All parts; true when the bars were met."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, scene(Path(folder)) as stage:
        warm_up(stage)
        dropped = uploads(stage, length.uploads)
        good = report_answers(say, dropped, answered(stage, dropped))
        say("")
        report_stages(say, stages_of(stage.tape(), dropped))
        say("")
        good &= acknowledgements(say, stage, length.events)
        burst(say, stage)
    return good


def warm_up(stage: Scene) -> None:
    """The first answers pay for imports, connections and statement caches."""
    answered(stage, {stage_file: time.time() for stage_file in [_drop(stage, channel) for channel in CHANNELS]})


def _drop(stage: Scene, channel: str) -> str:
    file_id = stage.prepare()
    stage.drop(file_id, channel)
    return file_id


def uploads(stage: Scene, seconds: float) -> dict[str, float]:
    """One a second, by turns in all channels; when each was dropped, by file id."""
    dropped: dict[str, float] = {}
    for at, channel in _beats(seconds, 1.0, cycle(CHANNELS)):
        file_id = stage.prepare()
        _wait_until(at)
        dropped[file_id] = time.time()
        stage.drop(file_id, channel)
    return dropped


def _beats(seconds: float, a_second: float, things: Any) -> Any:
    """Moments (monotonic), evenly spaced, with one thing each; the first a second ahead."""
    begun = time.monotonic() + 1.0
    for number, thing in zip(range(int(seconds * a_second)), things, strict=False):
        yield begun + number / a_second, thing


def _wait_until(at: float) -> None:
    time.sleep(max(0.0, at - time.monotonic()))


def answered(stage: Scene, dropped: dict[str, float]) -> dict[str, float]:
    """When each of these files was answered."""

    def look() -> dict[str, float] | None:
        found = {file_id: at for channel in CHANNELS for file_id, at in stage.answers(channel).items() if at}
        return {file_id: at[0] for file_id, at in found.items()} if dropped.keys() <= found.keys() else None

    found: dict[str, float] = until(f"{len(dropped)} answers", look, PATIENCE_SECONDS)
    return {file_id: found[file_id] for file_id in dropped}


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report_answers(say: Say, dropped: dict[str, float], answers: dict[str, float]) -> bool:
    """One line; true when within the bars."""
    took = [1e3 * (answers[file_id] - at) for file_id, at in dropped.items()]
    middle, high = median(took), quantile(took, 0.95)
    say(
        f"{len(took)} uploads, one a second: answered after {middle:.0f} ms (median, bar {ANSWER_MS[0]:.0f}), "
        f"{high:.0f} ms (95 %, bar {ANSWER_MS[1]:.0f}), {max(took):.0f} ms (slowest)"
    )
    return middle < ANSWER_MS[0] and high < ANSWER_MS[1]


def stages_of(tape: list[dict[str, Any]], dropped: dict[str, float]) -> dict[str, list[float]]:
    """Milliseconds spent in each stage, one value an upload."""
    by_file: dict[str, dict[str, dict[str, Any]]] = {file_id: {} for file_id in dropped}
    by_subject: dict[str, dict[str, dict[str, Any]]] = {}
    last_parsed: dict[int, dict[str, Any]] = {}
    for mark in tape:
        if mark["mark"] == "parsed":
            last_parsed[mark["thread"]] = mark
        marks = by_file.get(mark["file"]) if "file" in mark else by_subject.get(mark.get("subject", ""))
        if marks is None:
            continue
        if mark["mark"] == "stored":
            marks["parsed"] = last_parsed[mark["thread"]]
            by_subject[f"upload:{mark['upload']}"] = marks
        marks.setdefault(mark["mark"], mark)
    spent: dict[str, list[float]] = {name: [] for name, _ in STAGES}
    for file_id, marks in by_file.items():
        before = dropped[file_id]
        for name, _ in STAGES:
            if name == "chain":
                spent[name].append(1e3 * (marks["stored"]["spent"] - marks["parsed"]["spent"]))
            else:
                spent[name].append(1e3 * max(0.0, marks[name]["at"] - before))
                before = max(before, marks[name]["at"])
    return spent


def report_stages(say: Say, spent: dict[str, list[float]]) -> None:
    """The table of stages."""
    total = sum(fmean(values) for name, values in spent.items() if name != "chain")
    say(f"{'stage':42}{'median ms':>10}{'95 % ms':>9}{'share':>7}")
    for name, words in STAGES:
        values = spent[name]
        say(f"{words:42}{median(values):10.1f}{quantile(values, 0.95):9.1f}{fmean(values) / total:7.0%}")


def acknowledgements(say: Say, stage: Scene, seconds: float) -> bool:
    """50 events a second, one of them a second with a file."""
    before = len(stage.acknowledgements())
    files = threading.Thread(target=uploads, args=(stage, seconds))
    people = [threading.Thread(target=_chat, args=(stage, channel, seconds)) for channel in CHANNELS]
    for thread in (files, *people):
        thread.start()
    for thread in (files, *people):
        thread.join()
    wanted = int(seconds * EVENTS_A_SECOND) // len(CHANNELS) * len(CHANNELS)
    until("the acknowledgements", lambda: len(stage.acknowledgements()) - before >= wanted, PATIENCE_SECONDS)
    return report_acknowledgements(say, f"{EVENTS_A_SECOND} events a second", stage.acknowledgements()[before:])


def _chat(stage: Scene, channel: str, seconds: float) -> None:
    client = stage.person
    for at, _ in _beats(seconds, EVENTS_A_SECOND / len(CHANNELS), cycle((None,))):
        _wait_until(at)
        client.chat_postMessage(channel=channel, text="Any news?")


def report_acknowledgements(say: Say, title: str, seen: list[dict[str, Any]]) -> bool:
    """One line; true when 99 % are within the bar."""
    took = [1e3 * one["seconds"] for one in seen]
    lost = sum(not one["ok"] for one in seen)
    high = quantile(took, 0.99)
    say(
        f"{title}: {len(took)} acknowledged after {median(took):.0f} ms (median), "
        f"{quantile(took, 0.95):.0f} ms (95 %), {high:.0f} ms (99 %, bar {ACK_MS:.0f}), {max(took):.0f} ms (slowest); "
        f"{lost} not in time"
    )
    return high < ACK_MS and not lost


def burst(say: Say, stage: Scene) -> None:
    """Many files at once: every acknowledgement comes in time, and every file is answered. No bar: the pace decides."""
    files = [stage.prepare() for _ in range(BURST)]
    before, dropped = len(stage.acknowledgements()), {}
    begun = time.time()
    for at, (file_id, channel) in _beats(1.0, BURST, zip(files, cycle(CHANNELS), strict=False)):
        _wait_until(at)
        dropped[file_id] = time.time()
        stage.drop(file_id, channel)
    dropping = time.time() - begun - 1.0
    answers = answered(stage, dropped)
    title = f"{BURST} files within {dropping:.1f} s"
    seen = [one for one in stage.acknowledgements()[before:] if one["files"]]
    report_acknowledgements(say, title, seen)
    took = [answers[file_id] - at for file_id, at in dropped.items()]
    say(f"{title}: answered after {median(took):.1f} s (median), {max(took):.1f} s (slowest)")
