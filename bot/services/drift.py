"""Drifts between store and gateway: found at start and by the clock, shown, and mended only when somebody says so.

A look costs roll-outs nothing: it reads the store, asks the gateway, and is done where both agree. Where they do not,
it asks once more, a moment later and with the connection's lease (`storage.turns`), under which no roll-out writes to
the gateway, and looks at the store again in the transaction that writes the drift down. So what is between the steps of
a switch is never taken for a drift, and of two replicas that find the same one writes it.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.gateways import probe
from bot.gateways.base import Gateway
from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused, GatewayError
from bot.services.approval_rules import Act, Case, Ruling, rule
from bot.services.drift_facts import Found
from bot.services.drift_ledger import (
    DriftReport,
    Standing,
    drift_subject_of,
    gone,
    held_against,
    read_drift,
    record,
    standing,
    standing_of,
)
from bot.services.errors import NotAllowed, NotFound, Outdated, WrongState
from bot.services.people import Person
from bot.services.sightings import sighting
from bot.services.switch_ledger import thread_of
from storage.drifts import MendApproval
from storage.store import Store, Transaction
from storage.switch_records import Drift, DriftState
from storage.turns import Kind, turns_of

log = structlog.get_logger(__name__)

CONFIRM_AFTER_S: Final = 2.0
"""A program that starts or reloads right now says what it will not say in a moment: Envoy, for one, answers before it
has taken its secrets."""

COMES_BACK_WITHIN: Final = timedelta(hours=1)
"""Somebody's tool that writes the gateway again and again is told of in one thread, not in many messages."""

CHANGED = "drift_changed"
"""Why a click counts no more: what differs is not what was shown."""


class Drifts:
    """The use cases of drifts.

    `gateways` opens the gateway of a name; `timeout_s` are the seconds for a look at the partner's endpoint,
    `confirm_after_s` those after which a difference has to be there still.
    """

    def __init__(
        self,
        store: Store,
        gateways: Callable[[str], Gateway],
        clock: Callable[[], datetime],
        timeout_s: float,
        confirm_after_s: float = CONFIRM_AFTER_S,
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._clock = clock
        self._timeout_s = timeout_s
        self._confirm_after_s = confirm_after_s
        self._lease = turns_of(store.engine, Kind.LEASES)
        self._silent: set[str] = set()
        self._lock = threading.Lock()

    def due(self) -> tuple[str, ...]:
        """The names of the connections that are to be looked at now, by name."""
        with self._store.reading() as tx:
            every = tx.connections.all()
            open_for = {one.connection_id for one in tx.drifts.open()}
        return tuple(one.name for one in every if one.partner_certificate_id is not None or one.id in open_for)

    def look(self, name: str) -> None:
        """Hold the store against the gateway, and write down what differs, or that nothing does any more.

        Nothing is looked at while a switch or a mending is under way. A gateway that cannot be asked is no drift: what
        is on record stays as it is, and the log says so once.
        """
        stand = self._settled(name)
        if stand is None:
            return
        asked, found = self._ask(stand)
        if not asked or _is_known(stand, found):
            return
        if found is not None:
            time.sleep(self._confirm_after_s)
            found = self._with_endpoint(stand, found)
        with self._lease(name):
            stand = self._settled(name)
            if stand is None:
                return
            asked, again = self._ask(stand)
            if asked and not _is_known(stand, again) and _agree(found, again):
                self._write(stand, found)

    def report(self, public_id: str) -> DriftReport:
        """One drift, open or over.

        Raises:
            NotFound: `drift`.
        """
        with self._store.reading() as tx:
            return read_drift(tx, _drift(tx, public_id))

    def approve(self, person: Person, public_id: str, revision: int) -> None:
        """Let the gateway get back what is on record; the mending follows by itself.

        One approver of ours is enough: what is put back are certificates that both sides had agreed on already, so
        that no decision is taken alone here. The click is bound to the drift as it was shown.

        Raises:
            NotFound: `drift`.
            NotAllowed: not an approver of our team; with the reason.
            WrongState: somebody was faster, or it is over.
            Outdated: `drift_changed`: what differs, or what is on record, is not what was shown.
        """
        at = self._clock()
        with self._store.begin() as tx:
            drift = _drift(tx, public_id)
            stand = standing_of(tx, drift)
            # Nobody has requested it, so nobody is refused as the requester.
            ruling = rule(Case(Act.APPROVE, person, "", stand.partner))
            if ruling is not Ruling.ALLOWED:
                raise NotAllowed(ruling.value, partner=stand.partner.name)
            if drift.state is not DriftState.OPEN:
                raise _wrong_state(drift)
            if drift.revision != revision or Found.from_json(drift.found).recorded != stand.recorded:
                raise Outdated(reason=CHANGED, public_id=public_id)
            if not tx.drifts.approve(drift, MendApproval(person.user_id, person.team_id, at)):
                raise _wrong_state(_drift(tx, public_id))
            data = {"recorded": list(stand.recorded), "revision": revision}
            record(tx, stand, drift, at, "drift.approved", data, person)

    def _settled(self, name: str) -> Standing | None:
        with self._store.reading() as tx:
            connection = tx.connections.by_name(name)
            stand = standing(tx, connection) if connection is not None else None
        return stand if stand is not None and stand.is_settled else None

    def _ask(self, stand: Standing) -> tuple[bool, Found | None]:
        """Whether the gateway could be asked, and what differs; the log says once that it cannot, and when it can."""
        name = stand.connection.name
        try:
            found = held_against(stand, self._gateways(stand.connection.gateway))
        except GatewayError as error:
            with self._lock:
                is_news = name not in self._silent
                self._silent.add(name)
            if is_news:
                log.warning("gateway_cannot_be_asked", connection=name, code=error.code)
            return False, None
        with self._lock:
            was_silent = name in self._silent
            self._silent.discard(name)
        if was_silent:
            log.info("gateway_can_be_asked_again", connection=name)
        return True, found

    def _with_endpoint(self, stand: Standing, found: Found) -> Found:
        """With what the endpoint presents right now: it decides what the drift means for the traffic."""
        try:
            endpoint = Endpoint.parse(stand.connection.uri)
        except EndpointRefused:
            return found
        seen = probe.look(endpoint, self._clock(), self._timeout_s)
        with self._store.reading() as tx:
            known = tx.certificates.entries(stand.partner.id)
        return replace(found, presented=sighting(seen, known))

    def _write(self, stand: Standing, found: Found | None) -> None:
        with self._store.begin() as tx:
            connection = tx.connections.get(stand.connection.id)
            if connection is None or standing(tx, connection) != stand:
                return  # the next round sees what has become of it
            at = self._clock()
            if found is None:
                if stand.drift is not None and gone(tx, stand, stand.drift, at):
                    log.info("drift_gone", connection=connection.name)
                return
            if stand.drift is None:
                self._add(tx, stand, found, at)
            elif tx.drifts.find_anew(stand.drift, found.to_json(), at):
                record(tx, stand, stand.drift, at, "drift.changed", _audited(found))
        log.warning("drift_found", connection=stand.connection.name, codes=list(found.codes))

    def _add(self, tx: Transaction, stand: Standing, found: Found, at: datetime) -> None:
        before = tx.drifts.newest_for(stand.connection.id)
        drift = tx.drifts.add(secrets.token_hex(8), stand.connection.id, found.to_json(), at)
        if drift is None:  # another replica has just found it
            return
        channel, thread = _where(tx, stand, before, at)
        if channel is not None:
            tx.places.open(drift_subject_of(drift.public_id), channel, thread)
        record(tx, stand, drift, at, "drift.found", _audited(found))


def _where(tx: Transaction, stand: Standing, before: Drift | None, at: datetime) -> tuple[str | None, str | None]:
    """The channel and thread of a drift that was just found: the partner's channel, or the thread of the one before."""
    place = tx.places.get(drift_subject_of(before.public_id)) if before is not None else None
    is_back = before is not None and before.ended_at is not None and at - before.ended_at <= COMES_BACK_WITHIN
    if place is not None and is_back and place.channel in stand.partner.channels:
        return place.channel, thread_of(place)
    return (stand.partner.channels[0] if stand.partner.channels else None), None


def _is_known(stand: Standing, found: Found | None) -> bool:
    """Whether the store says so already."""
    if stand.drift is None or found is None:
        return stand.drift is None and found is None
    return Found.from_json(stand.drift.found).same_as(found)


def _agree(one: Found | None, other: Found | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.same_as(other)


def _audited(found: Found) -> dict[str, object]:
    kept = found.to_json()
    shown = found.presented.get("sha256") if found.presented else None
    return {**{key: kept[key] for key in ("codes", "recorded", "files", "memory")}, "presented": shown}


def _drift(tx: Transaction, public_id: str) -> Drift:
    drift = tx.drifts.by_public_id(public_id)
    if drift is None:
        raise NotFound("drift", public_id)
    return drift


def _wrong_state(drift: Drift) -> WrongState:
    return WrongState(
        drift.state.value, public_id=drift.public_id, by=drift.approved_by, at=drift.ended_at or drift.changed_at
    )
