"""What tests of several rooms share."""

import pytest

from tests.databases import bare_database, database, quick_database, stop_server

__all__ = ["bare_database", "database", "quick_database"]

# A quarter of all waiting. Begun last they would keep one worker busy long after the others have ended.
LONGEST = ("test_crashes.py", "test_rollout_crashes.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; otherwise in the order that chance and shared fixtures gave."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_sessionfinish() -> None:
    """Leave no server behind."""
    stop_server()
