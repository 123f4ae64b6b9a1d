"""Whether the bot can do its work now: asked by `/readyz`, answered in words without anything secret."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from storage.engine import reading
from storage.store import Store

Look = Callable[[], str | None]
"""What is wrong, in a few words, or None."""


class Readiness:
    """Named looks at what the bot needs."""

    def __init__(self, looks: Mapping[str, Look]) -> None:
        self._looks = looks

    def report(self) -> dict[str, str]:
        """By name `ok` or what is wrong. A look that fails is wrong by the name of its error alone."""
        return {name: _seen(look) for name, look in self._looks.items()}


def store_trouble(store: Store) -> str | None:
    """Whether the store answers; it only reads, so that a writer does not make the bot look ill."""
    with reading(store.engine).connect() as connection:
        connection.execute(sa.select(1))
    return None


def _seen(look: Look) -> str:
    try:
        return look() or "ok"
    except Exception as error:
        # The database's own words may hold its address and user.
        return type(error).__name__
