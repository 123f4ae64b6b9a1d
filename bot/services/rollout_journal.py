"""What a roll-out writes down, each entry one transaction; after a crash the roll-out reads here how far it came."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.gateways.base import Snapshot
from bot.gateways.condition import Survivor
from bot.pki.chain import ChainReport
from bot.services.chains import Chains
from bot.services.people import SYSTEM
from bot.services.preflight import TO_BEGIN, Obstacle, Stop, first_stop
from bot.services.proof_digest import proofs_named
from bot.services.proofs import NOT_PROVEN, Yardstick, is_proven, seen_instead, why_not_proven
from bot.services.rollout_leg import Leg, leg_of
from bot.services.sightings import Seen, proof_of
from bot.services.switch_facts import facts_of, in_use, way_back
from bot.services.switch_ledger import Docket, docket, move, record
from storage.store import Store, Transaction
from storage.switch_records import Connection, DriftState, Switch, SwitchMode, SwitchState


@dataclass(frozen=True, slots=True)
class Page:
    """A switch as the roll-out finds it; `chain` is None when the new certificate has left the partner's list."""

    switch: Switch
    connection: Connection
    chain: ChainReport | None  # of the new certificate, by the CA list of this moment
    old_chain: ChainReport | None  # of the one in use, where both are to be accepted
    is_mending: bool  # the gateway is being put right (`bot.services.mending`)
    way_back: str | None  # the gateway's version that an undo leads to, once the roll-out has begun

    def stands(self, leg: Leg) -> bool:
        """Whether the switch is on this leg of its roll-out."""
        return leg_of(self.switch) == leg

    def goes_on(self, leg: Leg) -> bool:
        """Whether it is, and nobody has decided to undo it."""
        return _goes_on(self.switch, leg)

    @property
    def both(self) -> bool:
        """Whether this phase of the roll-out is the one that lets the gateway accept old and new at once."""
        return _both(self.switch)

    @property
    def purpose(self) -> str:
        """What the proofs of this phase are made for."""
        return _purpose(self.switch)

    @property
    def pins(self) -> frozenset[str]:
        """The fingerprints that the gateway accepts in this phase, or that it presents."""
        old = self.switch.from_sha256 if self.both else None
        return frozenset([self.switch.to_sha256, *([old] if old else [])])

    @property
    def choreographies(self) -> tuple[str | None, ...]:
        """What has to be proven one by one; a connection without a choreography is proven for itself."""
        return _choreographies(self.connection)


class RolloutJournal:
    """The store's side of a roll-out."""

    def __init__(self, store: Store, chains: Chains, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._chains = chains
        self._clock = clock

    def read(self, public_id: str) -> Page:
        """How the switch stands.

        Raises:
            NotFound: no such switch.
        """
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            new = tx.certificates.entry(case.switch.to_partner_certificate_id)
            same = new is not None and new.sha256 == case.switch.to_sha256
            old = in_use(tx, case.connection) if case.switch.mode is SwitchMode.OVERLAP else None
            drift = tx.drifts.open_for(case.connection.id)
            return Page(
                case.switch,
                case.connection,
                self._chains.report_of(tx, new.der) if new and same else None,
                self._chains.report_of(tx, old.der) if old else None,
                is_mending=drift is not None and drift.state is DriftState.MENDING,
                way_back=way_back(tx, case.switch),
            )

    def start(self, public_id: str, snapshot: Snapshot, held: Sequence[str]) -> Leg | None:
        """APPROVED -> SWITCHING with the way back, if all still holds; the leg that is to be carried out.

        `held` are the fingerprints of all certificates that the gateway holds for the connection.
        """
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            if case.switch.state is not SwitchState.APPROVED:
                return leg_of(case.switch)
            facts = replace(facts_of(case, self._chains), held=tuple(held))
            stop = first_stop(TO_BEGIN, facts)
            if stop is None:
                tx.switches.keep_snapshot(case.switch, json.loads(snapshot.to_json()))
                move(case, SYSTEM, SwitchState.SWITCHING, data={"snapshot": snapshot.version})
                return leg_of(case.refresh().switch)
            end = SwitchState.FAILED if stop.obstacle is Obstacle.GATEWAY_DIFFERS else SwitchState.EXPIRED
            move(case, SYSTEM, end, _never_begun(stop.obstacle, _plain(stop)), {"code": stop.obstacle})
        return None

    def give_up(self, public_id: str, code: str, data: Mapping[str, str]) -> Leg | None:
        """APPROVED -> FAILED before anything was changed; the leg that somebody else has begun all the same."""
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            if case.switch.state is SwitchState.APPROVED:
                move(case, SYSTEM, SwitchState.FAILED, _never_begun(code, data), {"code": code})
            return leg_of(case.switch)

    def keep_proof(self, public_id: str, purpose: str, choreography: str | None, seen: Seen) -> None:
        """Keep one try, whatever it showed. No message tells of it before the switch moves, so none is due."""
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            known = tx.certificates.entries(case.partner.id)
            tx.switches.add_proof(case.switch, proof_of(seen, purpose, choreography, known))

    def note_trouble(self, public_id: str, purpose: str, code: str) -> None:
        """Keep why nothing could be looked at, as `<purpose>_trouble` in the outcome."""
        with self._store.begin() as tx:
            case = docket(tx, public_id, self._clock())
            if case.switch.state is SwitchState.SWITCHING:
                tx.switches.note_outcome(case.switch, {**case.switch.outcome, f"{purpose}_trouble": code})

    def succeed(self, leg: Leg, wanted: Yardstick, survivors: Sequence[Survivor] = ()) -> bool:
        """SWITCHING -> PROVEN together with the connection, or -> OVERLAP; see `Rollout.keep`."""
        with self._store.begin() as tx:
            case = docket(tx, leg.public_id, self._clock())
            if case.switch.state in {SwitchState.PROVEN, SwitchState.OVERLAP}:
                return True
            if not _goes_on(case.switch, leg) or not is_proven(tx.switches.proofs(case.switch), wanted):
                return False
            if _both(case.switch):
                move(case, SYSTEM, SwitchState.OVERLAP, {"code": "both_accepted", "since": case.at.isoformat()})
                return True
            new, version = case.switch.to_partner_certificate_id, case.switch.connection_version
            if not tx.connections.set_certificate(case.connection.id, new, version):
                return False
            outcome: dict[str, object] = {"code": "proven"}
            if case.switch.from_sha256 is not None:
                outcome["survivors"] = [one.value for one in survivors]
            move(case, SYSTEM, SwitchState.PROVEN, outcome, _proofs_of(case))
            self._show_uploads(tx, case.switch)
        return True

    def _show_uploads(self, tx: Transaction, switch: Switch) -> None:
        """The answers to both files say where the certificate is in use, and offer what can be done next."""
        for entry_id in (switch.from_partner_certificate_id, switch.to_partner_certificate_id):
            entry = tx.certificates.entry(entry_id) if entry_id is not None else None
            if entry is not None and entry.upload_id is not None:
                tx.notices.add(f"upload:{entry.upload_id}", self._clock())

    def decide_to_accept_both_again(self, leg: Leg, code: str, data: Mapping[str, str]) -> bool:
        """Where the retirement of the old one was not proven: on record before the gateway accepts both again.

        False where this is not about a retirement.
        """
        with self._store.begin() as tx:
            case = docket(tx, leg.public_id, self._clock())
            outcome = case.switch.outcome
            if leg_of(case.switch) != leg or not outcome.get("retiring"):
                return False
            if _goes_on(case.switch, leg):
                trouble = {"data": dict(data), **_why(case, code)}
                tx.switches.note_outcome(case.switch, {**outcome, "undo": True, "trouble": trouble})
                record(case, SYSTEM, "switch.undo", {"code": trouble["code"]})
        return True

    def overlap_again(self, leg: Leg) -> None:
        """SWITCHING -> OVERLAP: the old one was not retired, and why stands in the outcome as `trouble`."""
        with self._store.begin() as tx:
            case = docket(tx, leg.public_id, self._clock())
            if leg_of(case.switch) == leg:
                kept = {key: case.switch.outcome[key] for key in ("since", "trouble") if key in case.switch.outcome}
                move(case, SYSTEM, SwitchState.OVERLAP, {"code": "both_accepted", **kept})

    def decide_to_undo(self, leg: Leg, code: str, data: Mapping[str, str]) -> Snapshot | None:
        """The way back, once the decision is on record; None when there is nothing (left) to undo."""
        with self._store.begin() as tx:
            case = docket(tx, leg.public_id, self._clock())
            if leg_of(case.switch) != leg:
                return None
            if _goes_on(case.switch, leg):
                outcome = {**case.switch.outcome, "undo": True, "data": dict(data), **_why(case, code)}
                tx.switches.note_outcome(case.switch, outcome)
                record(case, SYSTEM, "switch.undo", {"code": outcome["code"]})
            return Snapshot.from_json(json.dumps(tx.switches.snapshot(case.switch)))

    def undone(self, leg: Leg, *, restore_proven: bool) -> None:
        """SWITCHING -> ROLLED_BACK: the gateway holds the old state again."""
        self._end(leg, SwitchState.ROLLED_BACK, {"restored": True, "restore_proven": restore_proven})

    def stuck(self, leg: Leg, code: str, data: Mapping[str, str]) -> None:
        """SWITCHING -> FAILED: the gateway could not be brought back, and people have to look."""
        refused = {"restored": False, "restore_proven": False, "restore_code": code, "restore_data": dict(data)}
        self._end(leg, SwitchState.FAILED, refused)

    def _end(self, leg: Leg, state: SwitchState, outcome: Mapping[str, object]) -> None:
        with self._store.begin() as tx:
            case = docket(tx, leg.public_id, self._clock())
            if leg_of(case.switch) == leg:
                whole = {**case.switch.outcome, **outcome}
                told = {"code": whole.get("code"), "restore_proven": whole["restore_proven"], **_proofs_of(case)}
                move(case, SYSTEM, state, whole, told)


def _goes_on(switch: Switch, leg: Leg) -> bool:
    return leg_of(switch) == leg and "undo" not in switch.outcome


def _both(switch: Switch) -> bool:
    return switch.mode is SwitchMode.OVERLAP and not switch.outcome.get("retiring")


def _purpose(switch: Switch) -> str:
    return "overlap" if _both(switch) else "switch"


def _choreographies(connection: Connection) -> tuple[str | None, ...]:
    return tuple(one.name for one in connection.choreographies) or (None,)


def _never_begun(code: str, data: Mapping[str, object]) -> dict[str, object]:
    return {"code": code, "data": dict(data), "phase": "begin"}


def _proofs_of(case: Docket) -> Mapping[str, object]:
    """What the entry that ends the switch says of its proofs, so that they cannot be exchanged afterwards."""
    return proofs_named(case.tx.switches.proofs(case.switch))


def _why(case: Docket, code: str) -> dict[str, object]:
    """The code, of a missing proof the one for its way, and what the last handshake showed instead."""
    proofs, purpose = case.tx.switches.proofs(case.switch), _purpose(case.switch)
    told = why_not_proven(proofs, purpose) if code == NOT_PROVEN else code
    return {"code": told, "seen": seen_instead(proofs, purpose)}


def _plain(stop: Stop) -> dict[str, object]:
    """The data as the store can keep it."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in stop.data.items()}
