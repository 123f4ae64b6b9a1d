"""The CA list: what is in it, and the approval that makes a root a trust anchor. Four eyes: never the uploader's."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.pki.certificate import Certificate
from bot.services.admission import root_subject_of
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.errors import BadInput, InUse, NotAllowed, NotFound, Outdated, Reference, WrongState
from bot.services.journal import record
from bot.services.people import Person, PersonRole, Spot, require
from bot.services.search import Search
from bot.services.wording import MAX_REASON, free_text
from storage.records import AnchorState, CaCertificate
from storage.store import Store, Transaction

_DECLINED = "ca.declined"


@dataclass(frozen=True, slots=True)
class CaEntry:
    """A CA certificate of the list; `used_by` counts the partner certificates whose chain runs over it."""

    ca: CaCertificate
    certificate: Certificate
    used_by: int


@dataclass(frozen=True, slots=True)
class CaListing:
    """How many CA certificates there are of each state, and the first of each."""

    totals: Mapping[AnchorState, int]
    first: tuple[CaEntry, ...]


@dataclass(frozen=True, slots=True)
class RootReport:
    """A root and the certificates (display names) that wait for its approval; `reason` is why it was declined.

    `public_root` is the well-known public root that has its name and key, which may be another certificate of both.
    """

    ca: CaCertificate
    certificate: Certificate
    waits: tuple[str, ...]
    reason: str | None
    public_root: Certificate | None


class CaList:
    """The use cases around the CA list."""

    def __init__(self, store: Store, chains: Chains, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._chains = chains
        self._clock = clock

    def approve_root(self, person: Person, ca_id: int, sha256: str) -> None:
        """Make the root a trust anchor, by the fingerprint that was shown.

        Raises:
            NotAllowed: not_trust_admin; own_upload for the one who brought it.
            NotFound, Outdated: no such root, or it is not the one that was shown.
            WrongState: when it was decided already.
        """
        with self._store.begin() as tx:
            ca = self._decidable(tx, person, ca_id, sha256)
            if ca.added_by == person.user_id:
                raise NotAllowed("own_upload")
            waiting = [one.sha256 for one in self._chains.waiting_for_root(tx, ca)]
            self._decide(tx, person, ca, AnchorState.APPROVED, {}, waiting)

    def decline_root(self, person: Person, ca_id: int, sha256: str, reason: str) -> None:
        """Say that the root is not to be trusted. It stays in the list, so that diagnoses can name it.

        Raises:
            NotAllowed, NotFound, Outdated, WrongState: as `approve_root`.
            BadInput: reason.
        """
        reason = free_text("reason", reason, MAX_REASON)
        with self._store.begin() as tx:
            ca = self._decidable(tx, person, ca_id, sha256)
            self._decide(tx, person, ca, AnchorState.DECLINED, {"reason": reason})

    def list(self, most: int) -> CaListing:
        """The list in the order of arrival, at most so many of each state: parsing all of a long one takes seconds."""
        with self._store.reading() as tx:
            every = tx.ca_certificates.list()
            totals = Counter(ca.anchor for ca in every)
            first = (ca for state in totals for ca in islice((ca for ca in every if ca.anchor is state), most))
            return CaListing(totals, self._entries(tx, tuple(sorted(first, key=lambda ca: ca.id))))

    def find(self, text: str) -> tuple[CaEntry, ...]:
        """The CA certificates that the text means: a number, the start of a fingerprint, or part of the subject."""
        with self._store.reading() as tx:
            return self._entries(tx, Search(tx).ca_certificates(text))

    def root_report(self, ca_id: int) -> RootReport:
        """The root with what waits for it.

        Raises:
            NotFound: it has left the list.
        """
        with self._store.reading() as tx:
            ca = _one(tx, ca_id)
            waits = tuple(one.display_name for one in self._chains.waiting_for_root(tx, ca))
            report = self._chains.report_of(tx, ca.der)
            return RootReport(ca, report.certificate, waits, _reason(tx, ca), report.known_root)

    def delete(self, person: Person, ca: int | str) -> None:
        """Take a CA certificate out of the list, by its number or what `find` understands.

        Raises:
            NotAllowed: not_operator; not_trust_admin for a trust anchor.
            NotFound, BadInput: nothing, or more than one, is meant by it.
            InUse: names the partner certificates whose chain uses it.
        """
        at = self._clock()
        with self._store.begin() as tx:
            tx.alone("ca list")
            found = _one(tx, ca) if isinstance(ca, int) else _only(Search(tx).ca_certificates(ca), ca)
            require(person, PersonRole.TRUST_ADMIN if found.is_anchor else PersonRole.OPERATOR)
            users = self._chains.users_of(tx, found.sha256)
            if users:
                raise InUse([Reference("certificate", one.display_name) for one in users])
            for item in tx.uploads.items_of(found.certificate_id):
                tx.notices.add(f"upload:{item.upload_id}", at)
            tx.ca_certificates.delete(found.id)
            tx.notices.add(root_subject_of(found.id), at)
            record(tx, at, person, "ca.deleted", root_subject_of(found.id), "", {"sha256": found.sha256})
            self._chains.ca_changed(tx)
            self._chains.recheck(tx, person, [certificate_of(found.der)], None, at)

    def _decidable(self, tx: Transaction, person: Person, ca_id: int, sha256: str) -> CaCertificate:
        tx.alone("ca list")
        require(person, PersonRole.TRUST_ADMIN)
        ca = _one(tx, ca_id)
        if ca.sha256 != sha256:
            raise Outdated(what="root", shown=sha256, now=ca.sha256)
        if ca.anchor is not AnchorState.REQUESTED:
            raise WrongState(ca.anchor.value, by=ca.decided_by, at=ca.decided_at)
        return ca

    def _decide(
        self,
        tx: Transaction,
        person: Person,
        ca: CaCertificate,
        anchor: AnchorState,
        data: dict[str, object],
        released: Collection[str] = (),
    ) -> None:
        at = self._clock()
        if not tx.ca_certificates.decide(ca.id, AnchorState.REQUESTED, anchor, person.user_id, at):
            now = _one(tx, ca.id)
            raise WrongState(now.anchor.value, by=now.decided_by, at=now.decided_at)
        place = tx.places.get(root_subject_of(ca.id))
        spot = Spot(place.channel, place.thread_ts) if place else None
        source = spot.source if spot else ""
        record(tx, at, person, f"ca.{anchor.value}", root_subject_of(ca.id), source, {"sha256": ca.sha256, **data})
        tx.notices.add(root_subject_of(ca.id), at)
        self._chains.ca_changed(tx)
        self._chains.recheck(tx, person, [certificate_of(ca.der)], spot, at, released)

    def _entries(self, tx: Transaction, found: tuple[CaCertificate, ...]) -> tuple[CaEntry, ...]:
        uses = self._chains.uses(tx)
        return tuple(CaEntry(ca, certificate_of(ca.der), uses[ca.sha256]) for ca in found)


def _one(tx: Transaction, ca_id: int) -> CaCertificate:
    ca = tx.ca_certificates.by_id(ca_id)
    if ca is None:
        raise NotFound("ca_certificate", str(ca_id))
    return ca


def _only(found: tuple[CaCertificate, ...], text: str) -> CaCertificate:
    if not found:
        raise NotFound("ca_certificate", text)
    if len(found) > 1:
        raise BadInput("name", "ambiguous", options=tuple(one.sha256 for one in found))
    return found[0]


def _reason(tx: Transaction, ca: CaCertificate) -> str | None:
    if ca.anchor is not AnchorState.DECLINED:
        return None
    told = tx.audit.recent(10, subject=root_subject_of(ca.id))
    return next((str(one.data.get("reason", "")) for one in told if one.action == _DECLINED), None)
