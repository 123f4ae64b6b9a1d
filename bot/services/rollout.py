"""The roll-out: durable steps from the last approval to a proof, or back to the old state and a proof of that.

A process can die between any two lines. So every step looks first - at the store, at the gateway - and then acts, and
running all steps again from the start with a new `Rollout` leads to a sound end. What makes that so:

- the gateway's snapshot is kept in the transaction that moves the switch to `switching`, and never written again;
- the decision to undo is kept before anything is restored, and from then on nothing is applied or kept any more;
- the gateway's `stage`, `commit` and `restore` are safe to repeat.

Another replica may carry on while a process that was taken for dead is not. So whoever changes something at a gateway
has the connection's lease (`storage.turns`: it ends with its process), and looks at the store again once it has it.

A switch may pass through `switching` more than once: into an overlap, and out of it. Each time is a leg of its own, and
what is left of an earlier one, in whatever process, finds that it has nothing to do any more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.gateways import probe
from bot.gateways.base import Gateway, Role, Snapshot, overlap
from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import GatewayError
from bot.pki.chain import ChainReport
from bot.services.chains import Chains
from bot.services.errors import NotFound
from bot.services.material import material_for
from bot.services.preflight import Obstacle
from bot.services.proofs import NOT_PROVEN
from bot.services.proving import PROOF_TIMEOUT_S, Listeners, Prover
from bot.services.rollout_journal import RolloutJournal
from bot.services.rollout_leg import Leg, leg_of
from bot.services.switch_facts import in_use
from bot.services.switches import Switches
from storage.store import Store
from storage.switch_records import Connection, SwitchState
from storage.turns import Kind, turns_of


@dataclass(frozen=True, slots=True)
class StepResult:
    """Whether a step did its part; if not, the stable code and its data."""

    done: bool
    code: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)


class Rollout:
    """The steps. `handlers.jobs` calls them one by one in a durable workflow; `run` is the same in one go.

    `gateways` opens the gateway of a name, `listeners` tells where it takes requests for a partner (none, unless it
    says so); `timeout_s` are the seconds for one handshake or request.
    """

    def __init__(
        self,
        store: Store,
        chains: Chains,
        gateways: Callable[[str], Gateway],
        clock: Callable[[], datetime],
        timeout_s: float = PROOF_TIMEOUT_S,
        listeners: Listeners = lambda _gateway, _connection: None,
    ) -> None:
        self._store = store
        self._journal = RolloutJournal(store, chains, clock)
        self._prover = Prover(self._journal, gateways, listeners, clock, timeout_s)
        self._proposals = Switches(store, chains, clock)
        self._chains = chains
        self._gateways = gateways
        self._lease = turns_of(store.engine, Kind.LEASES)
        self._clock = clock
        self._timeout_s = timeout_s

    def run(self, public_id: str) -> SwitchState:
        """All steps, in order, from wherever the switch stands. The state that it ends in."""
        leg = self.begin(public_id)
        if leg is not None:
            applied = self.apply(leg)
            if not applied.done:
                self.undo(leg, applied.code or "not_applied", applied.data)
            elif not self.prove(leg):
                self.undo(leg, NOT_PROVEN)
            elif not self.keep(leg):
                self.undo(leg, Obstacle.CONNECTION_CHANGED.value)
        return self._journal.read(public_id).switch.state

    def look(self, public_id: str) -> None:
        """See what the endpoint presents now, for the people who decide."""
        connection = self._journal.read(public_id).connection
        if connection.comes_to_us:
            self._proposals.observe(public_id, None)
            return
        seen = probe.look(Endpoint.parse(connection.uri), self._clock(), self._timeout_s)
        self._proposals.observe(public_id, seen)

    def begin(self, public_id: str) -> Leg | None:
        """Check everything once more, keep the way back, and move to `switching`.

        The leg that is to be carried out, also after a crash; None when there is none, or not any more, or not yet:
        while the gateway is being put right the switch stays approved. A proposal that has become untrue since its
        approval ends `expired`, a gateway that cannot be relied on `failed`; the outcome has the obstacle as `code` and
        `phase` "begin": nothing has been changed.
        """
        name = self._journal.read(public_id).connection.name
        # Until the way back is on record, so that nobody mends the gateway in between: a later undo would bring back
        # what was mended. Whoever mends afterwards finds the switch under way.
        with self._lease(name):
            page = self._journal.read(public_id)
            if page.switch.state is not SwitchState.APPROVED or page.is_mending:
                return leg_of(page.switch)
            try:
                gateway = self._gateways(page.connection.gateway)
                snapshot, live = gateway.snapshot(name), gateway.current(name)
            except GatewayError as error:
                return self._journal.give_up(public_id, error.code, error.data)
            return self._journal.start(public_id, snapshot, live.pins if live else ())

    def apply(self, leg: Leg) -> StepResult:
        """Stage and commit at the gateway; a refusal is a result, not an exception."""
        with self._lease(self._journal.read(leg.public_id).connection.name):
            page = self._journal.read(leg.public_id)
            if not page.goes_on(leg):
                return StepResult(False, str(page.switch.outcome.get("code", "not_switching")))
            if page.chain is None:
                return StepResult(False, Obstacle.CERTIFICATE_GONE.value)
            return self._write(page.connection, page.chain, page.old_chain if page.both else None, page.way_back)

    def prove(self, leg: Leg) -> bool:
        """Rounds of fresh looks by every way there is, judged by what is read back from the gateway; see `Prover`.

        The endpoint must present the new certificate; where both are accepted, either. Every try is kept.
        """
        page = self._journal.read(leg.public_id)
        return page.goes_on(leg) and self._prover.proves(page)

    def keep(self, leg: Leg) -> bool:
        """The new certificate is in use from now on: connection and switch move together.

        The outcome says what the gateway cannot cut off that goes on with the old one (`survivors`).

        False when it must not be: not proven by every way for every choreography, undoing has begun, or somebody else
        has changed the connection. True also when it was kept before.
        """
        page = self._journal.read(leg.public_id)
        connection = page.connection
        try:
            survivors = self._gateways(connection.gateway).survivors(Role(connection.role.value))
        except GatewayError:  # taken out of the configuration since; what is proven is proven
            survivors = ()
        return self._journal.succeed(leg, self._prover.yardstick(page), survivors)

    def undo(self, leg: Leg, code: str, data: Mapping[str, str] | None = None) -> None:
        """Back to the snapshot, and a proof of that; ends `rolled_back`, or `failed` when the gateway refuses.

        The outcome holds: `code` (why), `data`, `seen` (what the endpoint presented instead, as `sightings.sighting`),
        `restored` (the gateway holds the old state), `restore_proven` (it was seen again), and where the gateway
        refused, `restore_code` and `restore_data`. A reason given earlier stays.
        """
        if self._journal.decide_to_accept_both_again(leg, code, data or {}):
            self._accept_both_again(leg)
            return
        snapshot = self._journal.decide_to_undo(leg, code, data or {})
        if snapshot is None:
            return
        restored = self._restored(leg, snapshot)
        if not restored.done:
            self._journal.stuck(leg, restored.code or Obstacle.GATEWAY_DIFFERS.value, restored.data)
            return
        # Where nothing was pinned before, there is nothing that a handshake could be held against.
        proven = snapshot.version is None or self._restore_proven(leg)
        self._journal.undone(leg, restore_proven=proven)

    def _restored(self, leg: Leg, snapshot: Snapshot) -> StepResult:
        name = self._journal.read(leg.public_id).connection.name
        with self._lease(name):
            page = self._journal.read(leg.public_id)
            if not page.stands(leg):  # undone by another, and the connection may be further
                return StepResult(True)
            try:
                gateway = self._gateways(page.connection.gateway)
                gateway.restore(name, snapshot)
                held = gateway.snapshot(name)
            except GatewayError as error:
                return StepResult(False, error.code, error.data)
        return StepResult(held.certificate == snapshot.certificate)

    def _restore_proven(self, leg: Leg) -> bool:
        page = self._journal.read(leg.public_id)
        if not page.stands(leg):
            return False
        return self._prover.proves_restored(page)

    def _accept_both_again(self, leg: Leg) -> None:
        """A retirement that was not proven leads back to the overlap, in which both sides worked."""
        with self._lease(self._journal.read(leg.public_id).connection.name):
            page = self._journal.read(leg.public_id)
            if not page.stands(leg):
                return
            if page.chain is None:
                written = StepResult(False, Obstacle.CERTIFICATE_GONE.value)
            else:
                written = self._write(page.connection, page.chain, page.old_chain, page.way_back)
        if written.done:
            self._journal.overlap_again(leg)
        else:
            self._journal.stuck(leg, written.code or "not_applied", written.data)

    def install(self, connection_id: int) -> StepResult:
        """Give the gateway the connection's certificate where it holds none yet (a first certificate, a new gateway).

        What the gateway holds already is never overwritten here: that takes a switch. Codes: `no_certificate`,
        `gateway_differs`, `chain_not_complete`, or the gateway's own.

        Raises:
            NotFound: no such connection.
        """
        with self._store.reading() as tx:
            connection = tx.connections.get(connection_id)
            if connection is None:
                raise NotFound("connection", str(connection_id))
            entry = in_use(tx, connection)
            if entry is None:
                return StepResult(False, "no_certificate")
            chain = self._chains.report_of(tx, entry.der)
        with self._lease(connection.name):
            try:
                live = self._gateways(connection.gateway).current(connection.name)
            except GatewayError as error:
                return StepResult(False, error.code, error.data)
            if live is not None and live.pins != (entry.sha256,):
                return StepResult(False, Obstacle.GATEWAY_DIFFERS.value)
            return StepResult(True) if live is not None else self._write(connection, chain)

    def _write(
        self,
        connection: Connection,
        chain: ChainReport,
        beside: ChainReport | None = None,
        keep: str | None = None,
    ) -> StepResult:
        """Stage and commit; `beside` is the chain of a certificate that is to be accepted as well.

        `keep` is the gateway's version that an undo leads to.
        """
        material = material_for(connection.role.value, chain)
        old = material_for(connection.role.value, beside) if beside else None
        if material is None or (beside is not None and old is None):
            return StepResult(False, Obstacle.CHAIN_NOT_COMPLETE.value)
        try:
            material = overlap(material, old) if old else material
            gateway = self._gateways(connection.gateway)
            gateway.commit(gateway.stage(connection.name, material, keep))
        except GatewayError as error:
            return StepResult(False, error.code, error.data)
        return StepResult(True)
