"""A demo world for the room's tests."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.lab.world import LabWorld

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabWorld]:
    """One world for the whole run: its keys take a second to make."""
    made = LabWorld(tmp_path_factory.mktemp("lab") / "world", NOW)
    made.open()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def world(running: LabWorld) -> LabWorld:
    """The world, with every server on its old certificate."""
    for partner in ("acme", "globex", "initech"):
        running.set_presented(partner, "old")
    return running


@pytest.fixture
def folder(world: LabWorld, tmp_path: Path) -> Path:
    """A copy of the world's folder, never started: its ports are its own."""
    shutil.copytree(world.gateway_root.parent, tmp_path / "world")
    (tmp_path / "world" / "world.json").unlink()
    return tmp_path / "world"
