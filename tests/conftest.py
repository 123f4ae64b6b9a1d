"""What tests of several rooms share."""

from tests.databases import bare_database, database, stop_server

__all__ = ["bare_database", "database"]


def pytest_sessionfinish() -> None:
    """Leave no server behind."""
    stop_server()
