"""What tests of several rooms share."""

from tests.databases import bare_database, database

__all__ = ["bare_database", "database"]
