"""The whole roll-out at a real HAProxy and at a real Envoy: proven, or back at the old state and proven."""

from pathlib import Path

import pytest

from storage.records import SwitchState
from tests.databases import SQLITE, new_database
from tests.gateways.site import material, site
from tests.services.switch_world import NEW, OLD, OLIVIA, World

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize("kind", ["haproxy", "envoy"])
def test_a_flipped_partner_is_proven_and_one_that_has_not_flipped_is_rolled_back(kind: str, tmp_path: Path) -> None:
    """First forward, then a second switch for which the partner does nothing."""
    (tmp_path / "site").mkdir()
    with site(kind, tmp_path / "site") as made, new_database(SQLITE, tmp_path) as database:
        world = World(database)
        made.take("acme-out", material(OLD))
        made.partner.presents(OLD)
        connection = world.add_connection("acme-out", made.partner.endpoint.uri)
        world.connections.set_certificate(OLIVIA, "acme-out", world.old.id)
        assert world.rollout(made.gateway).install(connection.id).done

        forward = world.approved(on=connection.id)
        made.partner.presents(NEW)
        assert world.rollout(made.gateway).run(forward) is SwitchState.PROVEN
        assert made.gateway.trust("acme-out").pins == (NEW.sha256,)

        back = world.approved(world.old, on=connection.id)
        assert world.rollout(made.gateway).run(back) is SwitchState.ROLLED_BACK
        assert made.gateway.snapshot("acme-out").certificate == NEW.sha256
        assert world.switch(back).outcome["restore_proven"] is True
