"""The list of switches, which only ever grows: no more of it is read than is shown."""

from tests.databases import Database
from tests.services.switch_world import ADAM, World


def test_the_newest_are_read_and_all_are_counted(quick_database: Database) -> None:
    """Open or over, of everybody or of one partner."""
    world = World(quick_database)
    made = []
    for _ in range(3):
        made.append(world.propose().public_id)
        world.switches.reject(ADAM, made[-1], "not now")
    made.append(world.propose().public_id)
    found = world.switches.list(open_only=False, partner_id=world.partner_id, most=2)
    assert [one.switch.public_id for one in found] == [made[3], made[2]]
    assert [one.switch.public_id for one in world.switches.list(most=2)] == [made[3]], "the open ones"
    assert (world.switches.count(), world.switches.count(world.partner_id)) == (4, 4)
    assert world.switches.count(world.other_partner_id) == 0
