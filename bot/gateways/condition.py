"""The condition of a gateway: memory against disk, what outlives a switch, how it is set up. All data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Difference(StrEnum):
    """How memory and disk of a gateway differ."""

    PINS = "pins"
    TRUST = "trust"  # the anchors and intermediates
    CERTIFICATE = "certificate"  # role presents: leaf or chain
    NOT_LOADED = "not_loaded"  # the program's configuration does not name our files
    RELOAD_DUE = "reload_due"  # on the disk, but the program was not told, did not listen or refused it
    FILES = "files"  # the version on the disk was changed by another hand


@dataclass(frozen=True)
class Drift:
    """The program runs with something else than the disk holds, and its next reload will change what is live."""

    connection: str
    version: str  # on the disk
    differences: tuple[Difference, ...]
    memory_pins: tuple[str, ...] | None  # SHA-256, lower-case hex; None: the program cannot say

    def data(self) -> dict[str, str]:
        """The fields of a refusal."""
        fields = {"version": self.version, "differences": ", ".join(self.differences)}
        return fields if self.memory_pins is None else {**fields, "memory": ", ".join(self.memory_pins)}


class Source(StrEnum):
    """Where a gateway's report of itself was taken from."""

    MEMORY = "memory"  # the running program was asked
    DISK = "disk"  # nobody can ask what reads the files


@dataclass(frozen=True)
class Accepted:
    """Which certificates a gateway itself tells that it accepts for a connection."""

    pins: frozenset[str]  # SHA-256 of the DER, lower-case hex
    source: Source


class Survivor(StrEnum):
    """What may outlive a retired certificate."""

    OPEN_CONNECTIONS = "open_connections"  # until one side closes them
    OPEN_UNTIL_REQUEST = "open_until_request"  # the next request on an open connection is refused
    POOLED_CONNECTIONS = "pooled_connections"  # ours to the partner, kept for reuse
    RESUMED_SESSIONS = "resumed_sessions"  # tickets and session caches
    UNKNOWN_PROGRAM = "unknown_program"  # depends on what reads the files


class CheckState(StrEnum):
    """How a check of the set-up came out."""

    GOOD = "good"
    DOUBTFUL = "doubtful"  # works, and has a known trap
    BAD = "bad"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: what, how it is, and the data behind it (no file contents)."""

    code: str
    state: CheckState
    data: Mapping[str, str] = field(default_factory=dict)
