"""Choreographies: the business processes that run over connections, and what each is for."""

import difflib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services.errors import BadInput, NotFound
from bot.services.journal import record
from bot.services.people import Person, PersonRole, require
from bot.services.wording import MAX_NAME, MAX_REASON, free_text
from storage.store import Store, Transaction
from storage.switch_records import Choreography

# Each choreography is proven by a handshake of its own, one after the other, while the switch waits.
MAX_CHOREOGRAPHIES = 50


@dataclass(frozen=True, slots=True)
class ChoreographyReport:
    """A choreography, and the names of the connections that it runs over."""

    choreography: Choreography
    connections: tuple[str, ...]


class Choreographies:
    """The use cases of choreographies."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def describe(self, person: Person, name: str, description: str, source: str = "") -> ChoreographyReport:
        """Say what a choreography is for. New ones come with a connection, so that a slip of the pen makes none.

        Raises:
            NotAllowed: not one of our operators. NotFound: `choreography`, with the nearest names.
            BadInput: `choreography`, `description`.
        """
        require(person, PersonRole.OPERATOR)
        name = checked_choreographies([name])[0]
        description = free_text("description", description, MAX_REASON)
        with self._store.begin() as tx:
            known = {one.choreography.name: one for one in _over(tx)}
            if name not in known:
                raise NotFound("choreography", name, difflib.get_close_matches(name, known))
            changed = tx.connections.describe(name, description)
            data = {"name": name}
            record(tx, self._clock(), person, "choreography.described", f"choreography:{changed.id}", source, data)
            return ChoreographyReport(changed, known[name].connections)

    def list(self) -> tuple[ChoreographyReport, ...]:
        """Every choreography that runs over a connection, by name."""
        with self._store.reading() as tx:
            return _over(tx)


def checked_choreographies(names: Sequence[str]) -> tuple[str, ...]:
    """Without repetitions, in one Unicode form, so that one process has one name."""
    if len(names) > MAX_CHOREOGRAPHIES:
        raise BadInput("choreography", "too_many", limit=MAX_CHOREOGRAPHIES)
    normal = (unicodedata.normalize("NFC", name) for name in names)
    return tuple(dict.fromkeys(free_text("choreography", name, MAX_NAME) for name in normal))


def _over(tx: Transaction) -> tuple[ChoreographyReport, ...]:
    over: dict[Choreography, list[str]] = {}
    for connection in tx.connections.all():
        for one in connection.choreographies:
            over.setdefault(one, []).append(connection.name)
    ordered = sorted(over.items(), key=lambda pair: pair[0].name)
    return tuple(ChoreographyReport(one, tuple(names)) for one, names in ordered)
