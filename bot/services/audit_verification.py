"""Whether the audit is whole: every entry says what it said when it was written, and follows the one that it followed.

What this can find and what not: any change by hand is found and named, unless whoever made it computed every digest
from there to the end anew, and the head too. Against that the head has to be known elsewhere: `expect` is the digest
that was kept, and it is missing from a chain that was written anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from storage.audit_chain import GENESIS, digest_of
from storage.records import AuditEntry, AuditHead


class Fault(StrEnum):
    """What is wrong at an entry; stable words that the command line prints."""

    CHANGED = "changed"  # it does not say what its digest was made of
    REMOVED = "removed"  # the entry that it follows, by its digest, is not there: taken away, or replaced by another
    INSERTED = "inserted"  # the chain, followed back from its head, does not come past it
    MOVED = "moved"  # it belongs to the chain, but to another place
    END_REMOVED = "end_removed"  # the head names an entry that is not there: the newest are gone


@dataclass(frozen=True, slots=True)
class Broken:
    """A fault at the entry with this number; END_REMOVED: at the newest that is there, 0 where there is none."""

    fault: Fault
    entry_id: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out. `expected` is the number of the entry whose digest was asked for; None where it is not there."""

    entries: int
    head: AuditHead
    faults: tuple[Broken, ...]
    expected: int | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong within the chain itself."""
        return not self.faults


class Shelf(Protocol):
    """Where an entry is found by its digest."""

    def by_digest(self, digest: str) -> AuditEntry | None:
        """The entry, or None."""


def verify(newest_first: Iterable[AuditEntry], head: AuditHead, shelf: Shelf, expect: str | None = None) -> Verdict:
    """Follow the chain once, back from its head; memory does not grow with it.

    Args:
        newest_first: every entry, by the numbers of the rows.
        head: the end of the chain as the last writer recorded it.
        shelf: where an entry is found that does not stand where it is looked for.
        expect: a digest that was the head once, as kept elsewhere.
    """
    walk = _Walk(shelf, head.digest)
    for entry in newest_first:
        walk.step(entry)
    walk.end()
    faults = tuple(Broken(fault, entry_id) for entry_id, fault in sorted(walk.faults.items()))
    return Verdict(walk.count, head, faults, _number_of(expect, shelf))


def _number_of(expect: str | None, shelf: Shelf) -> int | None:
    if expect == GENESIS:  # kept before anything had happened; every chain begins there
        return 0
    found = shelf.by_digest(expect) if expect is not None else None
    return found.id if found is not None else None


_WHATEVER_COMES = ""


@dataclass
class _Walk:
    shelf: Shelf
    due: str  # the digest of the entry that the chain comes to next, on the way back
    faults: dict[int, Fault] = field(default_factory=dict)
    count: int = 0
    newer: int | None = None  # the number of the entry that named it; None: the head did

    def step(self, entry: AuditEntry) -> None:
        """One row further back."""
        self.count += 1
        if entry.digest != self.due:
            self._find_due(entry)
        if entry.digest == self.due:
            self._follow(entry)
        else:
            self.faults[entry.id] = Fault.INSERTED  # for now: it may be due further back

    def end(self) -> None:
        """No row is left: the chain has to have come to its beginning."""
        self._take_moved(None)
        if self.due != GENESIS:
            self._gone(at=0)

    def _find_due(self, entry: AuditEntry) -> None:
        """The entry is not the one that is due: was that one passed already, does it come yet, or is it gone?"""
        self._take_moved(entry)
        if self.due in {entry.digest, GENESIS}:
            return
        if self.shelf.by_digest(self.due) is None:
            self._gone(at=entry.id)
            self.due = entry.digest

    def _take_moved(self, entry: AuditEntry | None) -> None:
        while self.due != GENESIS and (entry is None or entry.digest != self.due):
            found = self.shelf.by_digest(self.due)
            # Taken once only: links that were forged into a ring have no end.
            if found is None or self.faults.get(found.id) is not Fault.INSERTED:
                return
            self.faults[found.id] = Fault.MOVED
            self._follow(found)

    def _follow(self, entry: AuditEntry) -> None:
        self.due, self.newer = entry.previous, entry.id
        if not says_what_it_said(entry):
            self.faults[entry.id] = Fault.CHANGED
            if entry.previous == GENESIS:  # said by an entry that is not to be believed, with others before it
                self.due = _WHATEVER_COMES

    def _gone(self, at: int) -> None:
        if self.newer is None:
            self.faults[at] = Fault.END_REMOVED
        else:
            self.faults.setdefault(self.newer, Fault.REMOVED)


def says_what_it_said(entry: AuditEntry) -> bool:
    """Whether the entry is the one that its digest was made of."""
    said = (entry.at, entry.actor, entry.team, entry.action, entry.subject, entry.source, entry.data)
    return digest_of(entry.previous, *said) == entry.digest
