"""Column types that behave the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware UTC datetime.

    SQLite gives naive datetimes back even from ``DateTime(timezone=True)``; a naive time that reaches the chain
    builder would be compared wrongly or not at all, so the zone is put back here and naive input is refused.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Store in UTC; raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a naive datetime cannot be stored"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Come back aware."""
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


def storable(text: str) -> str:
    """The text with what PostgreSQL or UTF-8 cannot hold replaced: NUL and lone surrogates.

    Both occur in names that a stranger wrote into a certificate or gave to a file.
    """
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


class by_code_point(FunctionElement[str]):  # noqa: N801 - reads as a function of SQL, which it is
    """Orders text alike on both databases; PostgreSQL would follow the language of its host."""

    name = "by_code_point"
    inherit_cache = True


@compiles(by_code_point)
def _plain(element: by_code_point, compiler: SQLCompiler, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(by_code_point, "postgresql")
def _collated(element: by_code_point, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'
