"""Fixtures of the service tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.services.desk import Desk


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, migrated once; each test works on a copy of the file."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    Store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def bare_desk(migrated: Path, tmp_path: Path) -> Iterator[Desk]:
    """The services over a store with nothing in it."""
    path = tmp_path / "store.db"
    shutil.copy(migrated, path)
    desk = Desk(path)
    yield desk
    desk.store.close()


@pytest.fixture
def desk(bare_desk: Desk) -> Desk:
    """The services with two partners."""
    return bare_desk.found_partners()
