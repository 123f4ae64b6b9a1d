"""What tests of several rooms share."""

from tests.databases import bare_database, database, quick_database, stop_server

__all__ = ["bare_database", "database", "quick_database"]


def pytest_sessionfinish() -> None:
    """Leave no server behind."""
    stop_server()
