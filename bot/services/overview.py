"""What one person has to know at a glance: what waits for them, what ends next, what is open. Reads only.

Whoever asks, the answer is about the partners that they may see: all of them for our own people, their own company
alone for a partner's. Every list is bounded, so that ten thousand certificates cost no more than ten.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from itertools import islice

from bot.services.approval_rules import Act
from bot.services.ca_list import RootReport
from bot.services.chains import Chains
from bot.services.decisions import acts_asked
from bot.services.drift_ledger import DriftReport, read_drift
from bot.services.errors import NotAllowed, NotFound
from bot.services.overlaps import overdue
from bot.services.people import Person, PersonRole
from bot.services.prompts import PromptReport, read_prompt
from bot.services.search import sought
from bot.services.sight_lines import (
    SHOWN,
    ca_line,
    certificate_line,
    connection_line,
    drift_lines,
    partner_lines,
    place_for,
    switch_line,
    upload_line,
)
from bot.services.sights import (
    CaLine,
    CertificateSight,
    Decision,
    Found,
    Front,
    PartnerLine,
    PartnerSight,
    Placed,
    Reader,
    Some,
    Waiting,
)
from bot.services.switch_ledger import shown_in
from bot.services.switch_report import SwitchReport, read_lines, read_report
from storage.overview_records import Wanted
from storage.records import Partner, Place
from storage.store import Store, Transaction

ROOTS_SHOWN = 2
"""A root is shown with its whole fingerprint, which takes room."""

ENDING_SHOWN = 8
"""Certificates that end next."""

CONNECTIONS_SHOWN = 20
"""Connections of one partner on its page."""

UNDECIDED_READ = 200
"""Proposals that are looked through for those that wait for one person, the oldest first."""

FOUND = 20
"""Certificates that a search shows; who finds more gives a longer text."""


class Overview:
    """The use cases of a front page."""

    def __init__(self, store: Store, chains: Chains, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._chains = chains
        self._clock = clock

    def front(self, reader: Reader, *, everyone: bool = False) -> Front:
        """The front page. Our own people read about the partners of their channels, or with `everyone` about all.

        Raises:
            NotAllowed: for people who are neither ours nor a partner's.
        """
        with self._store.reading() as tx:
            partners, mine = _visible(tx, reader)
            about = None if reader.is_ours and (everyone or not mine) else mine
            open_switches, total = tx.overview.open_switches(about, SHOWN)
            lines = read_lines(tx, open_switches)
            waiting = self._waiting(tx, reader, {one.id: one for one in partners})
            return Front(
                mine=mine,
                is_narrow=reader.is_ours and about is not None,
                waiting=waiting,
                ending=self._ending(tx, reader, partners, about),
                drifts=_drifts(tx, reader, about, but=waiting.drifts),
                switches=Some(tuple(switch_line(tx, reader, one) for one in lines), total),
                partners=partner_lines(tx, partners, mine, 0, SHOWN),
            )

    def partners(self, reader: Reader, offset: int, limit: int) -> Some[PartnerLine]:
        """One page of the partners that the reader may see, those of the reader's channels first.

        Raises:
            NotAllowed: as `front`.
        """
        with self._store.reading() as tx:
            return partner_lines(tx, *_visible(tx, reader), offset, limit)

    def partner(self, reader: Reader, partner_id: int, offset: int, limit: int) -> PartnerSight:
        """One partner with its connections and one page of its certificates.

        Raises:
            NotAllowed: as `front`. NotFound: no such partner, or not for this reader.
        """
        with self._store.reading() as tx:
            partners, _ = _visible(tx, reader)
            partner = next((one for one in partners if one.id == partner_id), None)
            if partner is None:
                raise NotFound("partner", str(partner_id))
            connections = tx.connections.of_partner(partner.id)
            lines = tx.overview.listed(partner.id, offset, limit)
            total = tx.overview.totals([partner.id])[partner.id].certificates
            return PartnerSight(
                partner=partner,
                connections=Some(
                    tuple(connection_line(tx, one) for one in connections[:CONNECTIONS_SHOWN]), len(connections)
                ),
                certificates=Some(tuple(certificate_line(tx, reader, one, partner) for one in lines), total),
            )

    def may_see(self, reader: Reader, partner_id: int | None) -> bool:
        """Whether the reader may see what belongs to this partner (None: to nobody, as CA certificates do)."""
        if reader.is_ours:
            return True
        with self._store.reading() as tx:
            partner = tx.partners.by_id(partner_id) if partner_id is not None else None
            return partner is not None and reader.person.belongs_to(partner)

    def ca_page(self, offset: int, limit: int) -> Some[CaLine]:
        """One page of the CA list: roots that wait first, then anchors, intermediates, declined roots."""
        with self._store.reading() as tx:
            ids, total = tx.overview.ca_page(offset, limit)
            return Some(tuple(ca_line(tx, one) for one in ids), total)

    def search(self, reader: Reader, text: str) -> Found:
        """Certificates by name, subject, fingerprint or serial number; CA certificates too, for our own people.

        Raises:
            NotAllowed: as `front`. BadInput: "query", "too_short_to_search".
        """
        wanted = sought(text)
        with self._store.reading() as tx:
            partners, mine = _visible(tx, reader)
            # One more than is shown tells that there are more.
            lines = tx.overview.search(wanted, None if reader.is_ours else mine, FOUND + 1)
            cas = tx.overview.search_ca(wanted, FOUND + 1) if reader.is_ours else ()
            by_id = {one.id: one for one in partners}
            return Found(
                certificates=tuple(CertificateSight(one, by_id[one.partner_id], None) for one in lines[:FOUND]),
                cas=tuple(ca_line(tx, one) for one in cas[:FOUND]),
                is_cut=len(lines) > FOUND or len(cas) > FOUND,
            )

    def _waiting(self, tx: Transaction, reader: Reader, partners: dict[int, Partner]) -> Waiting:
        about = None if reader.is_ours else frozenset(partners)
        mine: dict[str, tuple[str, frozenset[Act]]] = {}  # those that go together are decided together
        policy_of = cache(tx.partners.policy)
        for one in tx.overview.undecided(about, UNDECIDED_READ):
            partner = partners[one.partner_id]
            policy = policy_of(partner.id)
            acts = acts_asked(reader.person, one.switch.requested_by, partner, one.decided_by, policy)
            if acts:
                mine.setdefault(shown_in(one.switch), (one.switch.public_id, acts))
        wanted = (
            Wanted(uploaded_by=reader.person.user_id, channels=reader.channels)
            if reader.is_ours
            else Wanted(partner_ids=frozenset(partners))
        )
        prompts, prompts_total = tx.overview.open_prompts(wanted, SHOWN)
        uploads, uploads_total = (
            tx.overview.without_partner(wanted, SHOWN) if reader.person.has(PersonRole.OPERATOR) else ((), 0)
        )
        return Waiting(
            decisions=Some(tuple(self._decision(tx, reader, *one) for one in islice(mine.values(), SHOWN)), len(mine)),
            overlaps=self._overlaps(tx, reader),
            drifts=_drifts_to_mend(tx, reader),
            roots=self._roots(tx, reader.person),
            prompts=Some(tuple(self._prompt(tx, reader, one) for one in prompts), prompts_total),
            uploads=Some(tuple(upload_line(tx, one) for one in uploads), uploads_total),
        )

    def _decision(self, tx: Transaction, reader: Reader, public_id: str, acts: frozenset[Act]) -> Decision:
        report = read_report(tx, self._chains, public_id, self._clock())
        return Decision(report, acts, _place(tx, reader, report))

    def _overlaps(self, tx: Transaction, reader: Reader) -> Some[Placed[SwitchReport]]:
        if not (reader.person.has(PersonRole.APPROVER) or reader.person.has(PersonRole.OPERATOR)):
            return Some()
        late = overdue(tx, self._clock())
        reports = [read_report(tx, self._chains, one, self._clock()) for one in late[:SHOWN]]
        return Some(tuple(Placed(one, _place(tx, reader, one)) for one in reports), len(late))

    def _roots(self, tx: Transaction, person: Person) -> Some[Placed[RootReport]]:
        if not person.has(PersonRole.TRUST_ADMIN):
            return Some()
        ids, total = tx.overview.requested_roots(person.user_id, ROOTS_SHOWN)
        return Some(tuple(self._root(tx, one) for one in ids), total)

    def _root(self, tx: Transaction, ca_id: int) -> Placed[RootReport]:
        ca = ca_line(tx, ca_id).ca
        report = self._chains.report_of(tx, ca.der)
        # Not which certificates wait for it: to know that, every certificate's chain would have to be built.
        return Placed(RootReport(ca, report.certificate, (), None, report.known_root), tx.places.get(f"root:{ca_id}"))

    def _prompt(self, tx: Transaction, reader: Reader, prompt_id: int) -> Placed[PromptReport]:
        report = read_prompt(tx, prompt_id, self._chains.report_of)
        return Placed(report, place_for(tx, reader, report.partner, f"prompt:{prompt_id}"))

    def _ending(
        self, tx: Transaction, reader: Reader, partners: tuple[Partner, ...], about: frozenset[int] | None
    ) -> tuple[CertificateSight, ...]:
        lines = tx.overview.in_use(about, ENDING_SHOWN) + tx.overview.unused(about, self._clock(), ENDING_SHOWN)
        by_id = {one.id: one for one in partners}
        first = sorted(lines, key=lambda one: one.not_after)[:ENDING_SHOWN]
        return tuple(certificate_line(tx, reader, one, by_id[one.partner_id]) for one in first)


def _place(tx: Transaction, reader: Reader, report: SwitchReport) -> Place | None:
    return place_for(tx, reader, report.partner, shown_in(report.switch))


def _visible(tx: Transaction, reader: Reader) -> tuple[tuple[Partner, ...], frozenset[int]]:
    """The partners that the reader may see, and which of them are the reader's own concern."""
    everyone = tx.partners.list()
    if reader.is_ours:
        return everyone, frozenset(one.id for one in everyone if reader.channels.intersection(one.channels))
    own = tuple(one for one in everyone if reader.person.belongs_to(one))
    if not own:
        raise NotAllowed("guest" if reader.person.is_guest else "bot" if reader.person.is_bot else "stranger")
    return own, frozenset(one.id for one in own)


def _drifts_to_mend(tx: Transaction, reader: Reader) -> Some[Placed[DriftReport]]:
    """Those that an approver can have put back."""
    if not reader.person.has(PersonRole.APPROVER):
        return Some()
    found = [read_drift(tx, one) for one in tx.drifts.open()]
    return drift_lines(tx, reader, [one for one in found if one.is_open_to_approval])


def _drifts(
    tx: Transaction, reader: Reader, about: frozenset[int] | None, but: Some[Placed[DriftReport]]
) -> Some[Placed[DriftReport]]:
    """The open ones, but for those that the reader is asked about."""
    found = [read_drift(tx, one) for one in tx.drifts.open(about)]
    asked = but.total > 0
    kept = [one for one in found if not (asked and one.is_open_to_approval)]
    return drift_lines(tx, reader, kept)
