"""Who waits for whom at the store: a reader for nobody, and a writer that had to wait looks again."""

from functools import partial

from bot.services.ca_list import CaList
from bot.services.certificates import Certificates
from bot.services.choreographies import MAX_CHOREOGRAPHIES, Choreographies
from bot.services.intake import Intake
from bot.services.partners import Partners
from bot.services.policies import Policies
from bot.services.switches import Switches, SwitchState
from storage.records import AnchorState
from tests.at_once import at_once
from tests.databases import Database
from tests.lab.builders import Ca, self_signed
from tests.patience import PATIENCE_SECONDS
from tests.services.desk import HOME, OSCAR, Desk
from tests.services.halting import LONG_SECONDS, HaltingStore, meanwhile
from tests.services.switch_world import ADAM, OLIVIA, World


def test_who_only_reads_waits_for_nobody_who_writes(database: Database) -> None:
    """A list with many chains takes a while to read; nobody's click is kept waiting by it, nor it by a click."""
    world = World(database)
    connection, root = world.connection, world.add_ca(Ca.root("Another Root"), AnchorState.REQUESTED)
    switch = world.propose()
    partners, policies = Partners(world.store, world.clock), Policies(world.store, world.clock)
    certificates = Certificates(world.store, world.chains, world.clock)
    with world.store.begin():
        assert world.connections.by_id(connection.id) == world.connections.by_name(connection.name)
        assert world.connections.list("acme")[0].open_switch == switch
        assert world.connections.candidates(connection) == (world.new,)
        assert world.connections.alike(connection) == ()
        assert len(Choreographies(world.store, world.clock).list()) == 3
        assert partners.by_key("acme") == partners.by_id(world.partner_id) == partners.list()[0]
        assert partners.by_channel("C0NOBODY") is None
        assert policies.of("acme").ours == 1
        assert [one.entry for one in certificates.list("acme")] == [world.old, world.new]
        assert certificates.by_id(world.old.id) == certificates.show(world.old.display_name)
        assert CaList(world.store, world.chains, world.clock).root_report(root).waits == ()
        assert [one.switch for one in world.switches.list()] == [switch]
        assert world.rollout().install(connection.id).done


def test_an_edit_that_waited_for_a_rejection_leaves_the_switch_rejected(database: Database) -> None:
    """The edit found the proposal open, and it was not any more when the edit could take it up."""
    world = World(database)
    public_id = world.propose().public_id
    slow = HaltingStore(world.store)
    slow.before_commit = lambda: True
    rejecting = Switches(slow, world.chains, world.clock)
    edit = partial(world.connections.change, OLIVIA, "acme-https", "https://127.0.0.1:1/other", ["OrderToCash"])
    with meanwhile(lambda: rejecting.reject(ADAM, public_id, "not now")):
        assert slow.reached.wait(PATIENCE_SECONDS)
        with meanwhile(edit) as editing:
            editing.join(LONG_SECONDS)
            slow.goes_on.set()
    assert world.switch(public_id).state is SwitchState.REJECTED
    assert world.actions(public_id)[-1] == "switch.rejected"
    assert world.connection.uri == "https://127.0.0.1:1/other"


def test_two_new_connections_over_the_same_new_choreographies_do_not_wait_for_each_other_for_ever(
    database: Database,
) -> None:
    """Each makes them in the order of its form, and one of the two would have to give up (PostgreSQL)."""
    world = World(database)
    names = [f"Process {number:02}" for number in range(MAX_CHOREOGRAPHIES)]
    at_once(
        [
            partial(world.add_connection, "acme-up", over=names),
            partial(world.add_connection, "acme-down", over=names[::-1]),
        ]
    )
    for name in ("acme-up", "acme-down"):
        assert [one.name for one in world.connections.by_name(name).connection.choreographies] == names


def test_two_uploads_of_one_certificate_that_get_their_partner_at_once_are_one_entry(desk: Desk) -> None:
    """The second choice waits for the first, and finds the certificate in the list."""
    own = self_signed("as2")
    first, second = (desk.drop(own, channel=HOME, thread=thread).upload.id for thread in ("1.0", "2.0"))
    acme = desk.partners.by_key("acme").id
    slow = HaltingStore(desk.store)
    slow.before_commit = lambda: True
    refused: list[Exception] = []

    def choose() -> None:
        try:
            desk.intake.assign_partner(OSCAR, second, acme)
        except Exception as error:
            refused.append(error)

    with meanwhile(lambda: Intake(slow, desk.chains, desk.clock).assign_partner(OSCAR, first, acme)):
        assert slow.reached.wait(PATIENCE_SECONDS)
        with meanwhile(choose) as choosing:
            choosing.join(LONG_SECONDS)
            slow.goes_on.set()
    assert refused == []
    assert [one.sha256 for one in desk.entries()] == [own.sha256]
    assert [desk.intake.report(one).items[0].already for one in (first, second)] == [False, True]
