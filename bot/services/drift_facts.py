"""What a drift is: the certificates in use by the store, held against what the gateway holds. Values and pure rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from bot.gateways import condition
from bot.gateways.base import Current
from bot.gateways.condition import Difference
from storage.switch_records import Role

OTHER_CERTIFICATE: Final = "other_certificate"
"""The gateway's files hold another certificate than the store, or one more or less."""

NOTHING_THERE: Final = "nothing_there"
"""A certificate is in use by the store, and the gateway's files hold none for the connection."""


class Effect(StrEnum):
    """What a drift means for the connection's traffic, as far as it can be seen from here."""

    GOES_ON = "goes_on"  # what the endpoint presents is on record, and the gateway accepts it
    FAILS = "fails"  # it is on record, and the gateway refuses it
    ONLY_THUS = "only_thus"  # it is not on record, and the gateway accepts it: putting back would refuse it
    UNKNOWN_TO_BOTH = "unknown_to_both"  # it is neither on record nor accepted
    SHOWS_OTHER = "shows_other"  # our gateway presents another certificate than the one on record
    SHOWS_RECORDED = "shows_recorded"  # it presents the right one, until it loads its files the next time
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Found:
    """What differs. Certificates are SHA-256 of DER, 64 lower-case hex digits, the newest first.

    `codes` are the two of this module and the values of `Difference`, which tell the program's memory from the
    gateway's files. `files` is None where they cannot be read, `memory` where the program did not say. `presented` is
    what the endpoint presented for itself when this was found (`sightings.sighting`).
    """

    codes: tuple[str, ...]
    recorded: tuple[str, ...]
    files: tuple[str, ...] | None
    memory: tuple[str, ...] | None
    presented: Mapping[str, object] | None = None

    @property
    def runs(self) -> tuple[str, ...] | None:
        """What the gateway's program works with: as it said, else by the files; None where those cannot tell."""
        if self.memory is not None:
            return self.memory
        told_apart = set(self.codes) & {NOTHING_THERE, *(one.value for one in Difference)}
        return None if told_apart else self.files

    @property
    def held(self) -> tuple[str, ...]:
        """Every certificate that the gateway holds, in its program or its files."""
        return tuple(dict.fromkeys((*(self.memory or ()), *(self.files or ()))))

    @property
    def only_files(self) -> bool:
        """Whether the program works with what is on record, and its files alone hold something else."""
        return self.runs is not None and set(self.runs) == set(self.recorded) and self.files != self.runs

    @property
    def can_be_put_back(self) -> bool:
        """Whether the bot could mend it: not where the program's own configuration does not name our files."""
        return Difference.NOT_LOADED.value not in self.codes

    def same_as(self, other: "Found") -> bool:
        """Whether nothing has become another since, whatever the endpoint presents."""
        return _held_against(self) == _held_against(other)

    def to_json(self) -> dict[str, object]:
        """As the store keeps it."""
        return {
            "codes": list(self.codes),
            "recorded": list(self.recorded),
            "files": None if self.files is None else list(self.files),
            "memory": None if self.memory is None else list(self.memory),
            "presented": None if self.presented is None else dict(self.presented),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Self:
        """What `to_json` gave; what is missing is taken for not known."""
        presented = kept.get("presented")
        return cls(
            codes=_texts(kept.get("codes")) or (),
            recorded=_texts(kept.get("recorded")) or (),
            files=_texts(kept.get("files")),
            memory=_texts(kept.get("memory")),
            presented=dict(presented) if isinstance(presented, Mapping) else None,
        )


def compare(recorded: Sequence[str], role: Role, live: Current | None, differs: condition.Drift | None) -> Found | None:
    """What differs between the store and the gateway's files, and between those and the program; None where nothing.

    `live` is what `Gateway.current` says, `differs` what `Gateway.drift` does.
    """
    if live is None:
        return Found((NOTHING_THERE,), tuple(recorded), (), None)
    other = live.role.value != role.value or set(live.pins) != set(recorded)
    codes = [OTHER_CERTIFICATE] if other else []
    codes += [one.value for one in differs.differences] if differs else []
    memory = differs.memory_pins if differs else None
    return Found(tuple(codes), tuple(recorded), live.pins, memory) if codes else None


def unreadable(recorded: Sequence[str]) -> Found:
    """The gateway's files were changed by another hand, so that they cannot be read or contradict each other."""
    return Found((Difference.FILES.value,), tuple(recorded), None, None)


def effect_of(found: Found, role: Role) -> Effect:
    """What it means for the traffic, by what the endpoint presented when it was found."""
    shown = found.presented.get("sha256") if found.presented else None
    if not isinstance(shown, str):
        return Effect.UNSEEN
    on_record = shown in found.recorded
    if role is Role.PRESENTS:
        return Effect.SHOWS_RECORDED if on_record else Effect.SHOWS_OTHER
    if found.runs is None:
        return Effect.UNSEEN
    if shown in found.runs:
        if Difference.TRUST.value in found.codes:  # pinned, but nobody knows what is still trusted to vouch for it
            return Effect.UNSEEN
        return Effect.GOES_ON if on_record else Effect.ONLY_THUS
    return Effect.FAILS if on_record else Effect.UNKNOWN_TO_BOTH


def _held_against(found: Found) -> tuple[object, ...]:
    memory = None if found.memory is None else frozenset(found.memory)
    return (found.codes, frozenset(found.recorded), found.files, memory)


def _texts(value: object) -> tuple[str, ...] | None:
    return tuple(str(one) for one in value) if isinstance(value, list) else None
