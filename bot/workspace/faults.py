"""Switches that make the local Slack behave as badly as the real one sometimes does; all off when it starts."""

import asyncio
import random
from dataclasses import Field, dataclass, field, fields
from typing import Any, Literal

from bot.workspace.shapes import Json, Refusal

ACK_SECONDS = 3.0  # docs.slack.dev/interactivity/handling-user-interaction, "Acknowledgment response"
TRIGGER_SECONDS = 3.0  # the same page, "trigger_id"
RETRY_DELAYS = (1.0, 60.0, 300.0)  # docs.slack.dev/apis/events-api, "Retries": nearly at once, one minute, five minutes
CONNECTION_SECONDS = 18060.0  # what the `hello` of Slack's own Socket Mode says (approximate_connection_time)
MAX_COPIES = 20
MAX_DELAYS = len(RETRY_DELAYS)

Kind = Literal["flag", "share", "seconds", "count", "factor", "delays"]


def _switch(default: object, label: str, kind: Kind, least: float = 0, most: float = 1) -> Any:
    return field(default=default, metadata={"label": label, "kind": kind, "range": [least, most]})


@dataclass
class Faults:
    """The switches and their present values.

    A `share` is a probability from 0 to 1; `seconds` are real ones. Chances are drawn from `seed`, one sequence for
    each switch, so that the same calls in the same order meet the same luck.
    """

    answer_delay: float = _switch(0.0, "Web API answers late by (seconds)", "seconds", 0, 60)
    ratelimited_share: float = _switch(0.0, "Web API calls answered 429", "share")
    unavailable_share: float = _switch(0.0, "Web API calls answered 503, not done", "share")
    lost_answer_share: float = _switch(0.0, "Web API calls done, but answered 503", "share")
    token_revoked: bool = _switch(False, "Bot token revoked", "flag")
    rate_limits: bool = _switch(True, "Published rate limits", "flag")
    drop_socket_every: float = _switch(0.0, "Cut a socket every (seconds; 0: never)", "seconds", 0, 3600)
    connection_seconds: float = _switch(CONNECTION_SECONDS, "Refresh sockets after (seconds)", "seconds", 0.1, 86400)
    duplicate_share: float = _switch(0.0, "Events delivered twice", "share")
    deliver_times: int = _switch(1, "Copies of each event", "count", 1, MAX_COPIES)
    late_share: float = _switch(0.0, "Events delivered late", "share")
    late_seconds: float = _switch(5.0, "Late by (seconds)", "seconds", 0, 7200)
    ack_timeout: float = _switch(ACK_SECONDS, "Time to acknowledge (seconds)", "seconds", 0.01, 60)
    trigger_seconds: float = _switch(TRIGGER_SECONDS, "Time to open a form (seconds)", "seconds", 0.01, 60)
    retry_delays: tuple[float, ...] = _switch(RETRY_DELAYS, "Delays before retries (seconds)", "delays", 0, 3600)
    speed: float = _switch(1.0, "Slack's clock for retries and rate limits runs faster by", "factor", 1, 10_000)
    check_file_info: bool = _switch(False, "Files in shared channels are mere references", "flag")
    hold_files: bool = _switch(False, "Downloads hang", "flag")
    seed: int = _switch(1, "Seed of all chances", "count", 0, 2**31 - 1)

    def __post_init__(self) -> None:
        self._luck: dict[str, random.Random] = {}
        self._changed = asyncio.Event()

    def change(self, wanted: Json) -> None:
        """Applies the switches named in `wanted`, all or none; refuses an unknown name or a value out of range."""
        known = {one.name: one for one in fields(self)}
        wrong = [name for name, value in wanted.items() if name not in known or not _fits(known[name], value)]
        if wrong:
            raise Refusal("invalid_arguments", [f"[ERROR] unusable fault: {name}" for name in wrong])
        for name, value in wanted.items():
            setattr(self, name, _stored(known[name], value))
        if "seed" in wanted:
            self._luck.clear()
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, seconds: float | None) -> bool:
        """Waits so long for a change (None: for ever) and says whether there was one."""
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def strikes(self, share: str) -> bool:
        """Whether the chance of this name hits now."""
        chance: float = getattr(self, share)
        if chance <= 0:
            return False
        luck = self._luck.setdefault(share, random.Random(f"{self.seed}:{share}"))  # noqa: S311 - repeatable on purpose
        return luck.random() < chance

    def delays(self) -> tuple[float, ...]:
        """Real seconds before each retry."""
        return tuple(delay / self.speed for delay in self.retry_delays)

    def describe(self) -> list[Json]:
        """Every switch for whoever draws it: name, label, kind, range (None for a flag) and value."""
        return [
            {
                "name": one.name,
                "label": one.metadata["label"],
                "kind": one.metadata["kind"],
                "range": None if one.metadata["kind"] == "flag" else one.metadata["range"],
                "value": _shown(getattr(self, one.name)),
                "default": _shown(one.default),
            }
            for one in fields(self)
        ]


def _fits(switch: "Field[Any]", value: object) -> bool:
    kind: Kind = switch.metadata["kind"]
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "delays":
        return isinstance(value, list) and len(value) <= MAX_DELAYS and all(_within(switch, one) for one in value)
    return _within(switch, value) and (kind != "count" or isinstance(value, int))


def _within(switch: "Field[Any]", value: object) -> bool:
    least, most = switch.metadata["range"]
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _stored(switch: "Field[Any]", value: Any) -> Any:
    match switch.metadata["kind"]:
        case "delays":
            return tuple(float(delay) for delay in value)
        case "share" | "seconds" | "factor":
            return float(value)
        case _:
            return value


def _shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
