"""The whole roll-out at a real HAProxy and at a real Envoy: proven, or back at the old state and proven.

One on each database: what the program does is the same on both, and what is kept of it is not the program's.
"""

from pathlib import Path

import pytest

from bot.gateways.listener import Listener
from storage.switch_records import SwitchState, Way
from tests.databases import KINDS, POSTGRESQL, SQLITE, new_database
from tests.gateways import programs
from tests.gateways.site import material, site
from tests.services.switch_world import CHOREOGRAPHIES, NEW, OLD, OLIVIA, World

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize(("kind", "kept_in"), [("haproxy", SQLITE), ("envoy", POSTGRESQL)])
def test_a_flipped_partner_is_proven_by_every_way_and_one_that_has_not_flipped_is_rolled_back(
    kind: str, kept_in: str, tmp_path: Path
) -> None:
    """First forward, then a second switch for which the partner does nothing, then one that finds no way through."""
    if kept_in not in KINDS:
        pytest.skip(f"COUNTERSIGN_TEST_DATABASES leaves {kept_in} out")
    (tmp_path / "site").mkdir()
    with site(kind, tmp_path / "site") as made, new_database(kept_in, tmp_path) as database:
        out = Listener.parse(f"http://127.0.0.1:{made.ports.outbound}/b2b")
        world = World(database)
        made.take("acme-out", material(OLD))
        made.partner.presents(OLD)
        connection = world.add_connection("acme-out", made.partner.endpoint.uri)
        world.connections.set_certificate(OLIVIA, "acme-out", world.old.id)
        assert world.rollout(made.gateway).install(connection.id).done

        forward = world.approved(on=connection.id)
        made.partner.presents(NEW)
        assert world.rollout(made.gateway, listener=out).run(forward) is SwitchState.PROVEN
        assert made.gateway.trust("acme-out").pins == (NEW.sha256,)
        report = world.switches.report(forward)
        assert [one.choreography for one in report.proofs_for("switch", Way.THROUGH)] == list(CHOREOGRAPHIES) * 2
        told = report.proofs_for("switch", Way.REPORT)
        assert [(one.verdict, one.detail["source"]) for one in told] == [("agrees", "memory")] * 2

        back = world.approved(world.old, on=connection.id)
        assert world.rollout(made.gateway, listener=out).run(back) is SwitchState.ROLLED_BACK
        assert made.gateway.snapshot("acme-out").certificate == NEW.sha256
        assert world.switch(back).outcome["restore_proven"] is True

        made.take("acme-in", material(OLD))
        inbound = world.add_connection("acme-in", "inbound")
        world.connections.set_certificate(OLIVIA, "acme-in", world.old.id)
        comes = world.approved(on=inbound.id)
        assert world.rollout(made.gateway).run(comes) is SwitchState.PROVEN, "by the program's own report alone"
        assert {one.way for one in world.switches.report(comes).tries_for("switch")} == {Way.REPORT}
        assert made.gateway.accepted("acme-in").pins == {NEW.sha256}

        made.partner.presents(OLD)
        nobody = Listener.parse(f"http://127.0.0.1:{programs.free_port()}/b2b")
        blocked = world.approved(world.old, on=connection.id)
        assert world.rollout(made.gateway, listener=nobody).run(blocked) is SwitchState.ROLLED_BACK
        outcome = world.switch(blocked).outcome
        assert (outcome["code"], outcome["restore_proven"]) == ("no_way_through", False), "the partner has moved on"
        assert made.gateway.accepted("acme-out").pins == {NEW.sha256}
