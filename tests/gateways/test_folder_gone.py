"""A connection's folder that somebody has taken away from under a running Envoy: told of, not stumbled over."""

import shutil
from pathlib import Path

import pytest

from bot.gateways.errors import GatewayDamaged
from bot.services.drift_facts import NOTHING_THERE
from tests.databases import SQLITE, new_database
from tests.gateways.site import material, site
from tests.services.drift_world import DriftWorld
from tests.services.switch_world import OLD, OLIVIA

pytestmark = pytest.mark.gateway

NAME = "acme-out"


def test_a_folder_that_is_gone_is_a_drift_though_envoy_works_on(tmp_path: Path) -> None:
    """Envoy names a version that nobody can read any more, so what it accepts is not known."""
    (tmp_path / "site").mkdir()
    with site("envoy", tmp_path / "site") as made, new_database(SQLITE, tmp_path) as database:
        world = DriftWorld(database)
        made.take(NAME, material(OLD))
        world.add_connection(NAME, made.partner.endpoint.uri, over=())
        world.connections.set_certificate(OLIVIA, NAME, world.old.id)
        shutil.rmtree(made.root / NAME)
        with pytest.raises(GatewayDamaged):
            made.gateway.accepted(NAME)
        world.drifts(made.gateway).look(NAME)
        found = world.only().found
        assert (found.codes, found.files, found.memory) == ((NOTHING_THERE,), (), None)
