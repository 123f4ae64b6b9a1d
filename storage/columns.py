"""What the tables have in common: how constraints are named, and columns that are alike everywhere."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.types import UtcDateTime

# Before the first table: a constraint is named when it is made.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utc_column(*, nullable: bool = False) -> Any:
    """An aware UTC datetime."""
    return Field(default=None, sa_type=UtcDateTime, nullable=nullable)


def json_column() -> Any:
    """A JSON object, empty unless set."""
    return Field(default_factory=dict, sa_type=sa.JSON, nullable=False)
