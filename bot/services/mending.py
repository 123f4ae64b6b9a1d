"""The mending of a drift: durable steps from the approval to a proof that the gateway holds what is on record again.

As a roll-out, every step looks first - at the store, at the gateway - and then acts, so that running all steps again
after a crash leads to a sound end. Before the gateway is touched the drift says so (`acting`): whoever finds nothing to
do afterwards knows by it whether the bot has mended it, or somebody else.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.gateways.base import Gateway, Material, Snapshot, overlap
from bot.gateways.condition import Difference
from bot.gateways.errors import GatewayError
from bot.services.chains import Chains
from bot.services.drift import CHANGED
from bot.services.drift_facts import OTHER_CERTIFICATE, Found
from bot.services.drift_ledger import Standing, gone, held_against, record, standing_of
from bot.services.errors import NotFound
from bot.services.material import material_for
from bot.services.mend_proof import MendProof
from bot.services.preflight import Obstacle
from bot.services.proving import Listeners
from bot.services.rollout import StepResult
from bot.services.switch_facts import way_back
from storage.audit_chain import canonical_digest
from storage.records import PartnerCertificate
from storage.store import Store, Transaction
from storage.switch_records import Drift, DriftState
from storage.turns import Kind, turns_of

ACTING = "acting"
STILL_DIFFERS = "still_differs"
"""The gateway took what it was given, and holds something else all the same."""


class Mending:
    """The steps. `handlers.mend_jobs` calls them one by one in a durable workflow; `run` is the same in one go.

    `gateways` opens the gateway of a name, `listeners` tells where its listener for a connection is; `timeout_s` are
    the seconds for one handshake with its request.
    """

    def __init__(
        self,
        store: Store,
        chains: Chains,
        gateways: Callable[[str], Gateway],
        clock: Callable[[], datetime],
        timeout_s: float,
        listeners: Listeners = lambda _gateway, _connection: None,
    ) -> None:
        self._store = store
        self._chains = chains
        self._gateways = gateways
        self._clock = clock
        self._proof = MendProof(gateways, listeners, clock, timeout_s)
        self._lease = turns_of(store.engine, Kind.LEASES)

    def due(self) -> tuple[str, ...]:
        """The public ids of the drifts that somebody has approved to mend, the oldest first."""
        with self._store.reading() as tx:
            return tuple(one.public_id for one in tx.drifts.in_state(DriftState.MENDING))

    def run(self, public_id: str) -> DriftState:
        """All steps, in order, from wherever the drift stands. The state that it ends in."""
        if self.put_back(public_id):
            self.prove(public_id)
        return self._read(public_id)[0].state

    def put_back(self, public_id: str) -> bool:
        """Give the gateway what is on record; True where that is to be proven now.

        False where there is nothing (left) to do, or the gateway refused: the drift is then open again, and its
        outcome has the `code` and its `data`.

        Raises:
            NotFound: no such drift.
        """
        with self._lease(self._read(public_id)[1].connection.name):
            drift, stand = self._read(public_id)
            if drift.state is not DriftState.MENDING:
                return False
            result = self._mended(drift, stand)
        if result is None:
            return False
        if not result.done:
            self.give_up(public_id, result.code or STILL_DIFFERS, result.data)
        return result.done

    def prove(self, public_id: str) -> None:
        """MENDING -> MENDED; the outcome says whether fresh looks prove it (`MendProof.outcome`).

        One that proves nothing undoes nothing: the gateway holds what was agreed on, and what the partner does has to
        be told to people.
        """
        drift, stand = self._read(public_id)
        if drift.state is not DriftState.MENDING:
            return
        outcome = {"code": "mended", **self._proof.outcome(stand.connection, stand.recorded, self._known(stand))}
        if not outcome["proven"] and self._read(public_id)[1].is_switching:
            outcome["trouble"] = Obstacle.OPEN_SWITCH.value  # what was seen may be the doing of that
        self._end(drift, DriftState.MENDED, outcome, _digested(outcome))

    def give_up(self, public_id: str, code: str, data: Mapping[str, str] | None = None) -> None:
        """MENDING -> OPEN: people have to look first. The outcome says why, and what the gateway said."""
        drift, _ = self._read(public_id)
        if drift.state is DriftState.MENDING:
            self._end(drift, DriftState.OPEN, {"code": code, "data": dict(data or {})}, {"code": code})

    def _mended(self, drift: Drift, stand: Standing) -> StepResult | None:
        """With the lease. None: it is over already, and not by us."""
        if stand.is_switching:
            return StepResult(False, Obstacle.OPEN_SWITCH.value)
        if Found.from_json(drift.found).recorded != stand.recorded:
            return StepResult(False, CHANGED)
        try:
            gateway = self._gateways(stand.connection.gateway)
            found = held_against(stand, gateway)
            if found is not None:
                return self._act(gateway, drift, stand, found)
        except GatewayError as error:
            return StepResult(False, error.code, error.data)
        if drift.outcome.get(ACTING):
            return StepResult(True)
        self._over(drift, stand)
        return None

    def _act(self, gateway: Gateway, drift: Drift, stand: Standing, found: Found) -> StepResult | None:
        if not found.can_be_put_back:
            return StepResult(False, Difference.NOT_LOADED.value)
        return self._write(gateway, stand, found) if self._about_to_act(drift) else None

    def _write(self, gateway: Gateway, stand: Standing, found: Found) -> StepResult:
        """The files go back into the program where they are right, else the gateway gets the certificates anew."""
        name, live = stand.connection.name, None
        if found.files is not None and not {OTHER_CERTIFICATE, Difference.FILES.value} & set(found.codes):
            live = gateway.current(name)
        if live is not None:
            gateway.restore(name, Snapshot(gateway.name, name, live.version, live.pins[0]))
        else:
            material = self._material(stand)
            if material is None:
                return StepResult(False, Obstacle.CHAIN_NOT_COMPLETE.value)
            gateway.commit(gateway.stage(name, material, self._way_back(stand)))
        return StepResult(held_against(stand, gateway) is None, STILL_DIFFERS)

    def _material(self, stand: Standing) -> Material | None:
        """What is on record, in an overlap both; None where a chain does not lead to an approved root any more."""
        with self._store.reading() as tx:
            stored = [tx.certificates.by_sha256(one) for one in stand.recorded]
            reports = [self._chains.report_of(tx, one.der) for one in stored if one is not None]
        found = [material_for(stand.connection.role.value, one) for one in reports]
        whole = [one for one in found if one is not None]
        if len(whole) != len(stand.recorded):
            return None
        return overlap(whole[0], whole[1]) if len(whole) > 1 else whole[0]

    def _way_back(self, stand: Standing) -> str | None:
        """Where undoing the connection's open switch leads: an overlap is mended as it is."""
        with self._store.reading() as tx:
            switch = tx.switches.open_for(stand.connection.id)
            return way_back(tx, switch) if switch is not None else None

    def _known(self, stand: Standing) -> tuple[PartnerCertificate, ...]:
        with self._store.reading() as tx:
            return tx.certificates.entries(stand.partner.id)

    def _about_to_act(self, drift: Drift) -> bool:
        with self._store.begin() as tx:
            return tx.drifts.move(drift, DriftState.MENDING, drift.changed_at, {ACTING: True})

    def _over(self, drift: Drift, stand: Standing) -> None:
        with self._store.begin() as tx:
            gone(tx, stand, drift, self._clock())

    def _end(self, drift: Drift, state: DriftState, outcome: Mapping[str, object], data: Mapping[str, object]) -> None:
        action = "drift.mended" if state is DriftState.MENDED else "drift.not_mended"
        with self._store.begin() as tx:
            if tx.drifts.move(drift, state, self._clock(), outcome):
                record(tx, standing_of(tx, drift), drift, self._clock(), action, {**data, "by": drift.approved_by})

    def _read(self, public_id: str) -> tuple[Drift, Standing]:
        with self._store.reading() as tx:
            return _read(tx, public_id)


def _read(tx: Transaction, public_id: str) -> tuple[Drift, Standing]:
    drift = tx.drifts.by_public_id(public_id)
    if drift is None:
        raise NotFound("drift", public_id)
    return drift, standing_of(tx, drift)


def _digested(outcome: Mapping[str, object]) -> dict[str, object]:
    """What the audit says of the tries, so that they cannot be exchanged afterwards."""
    proofs = outcome["proofs"]
    count = len(proofs) if isinstance(proofs, list) else 0
    return {"proven": outcome["proven"], "proofs": count, "proofs_digest": canonical_digest(proofs)}
