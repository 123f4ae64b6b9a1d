"""The chain service: a certificate's chain by the CA list of this moment, and what a change of the list does."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, IssuerSource, Verdict
from bot.public_roots import public_roots
from bot.services.ca_source import CaSource, certificate_of
from bot.services.people import Person, Spot
from bot.services.prompts import PromptReport, read_prompt
from bot.services.waiting import Recheck, ask
from storage.records import CaCertificate, PartnerCertificate, Upload
from storage.store import Store, Transaction

__all__ = ["Chains", "PromptReport"]


class Chains:
    """Chain reports and prompts over the store's CA list.

    Where a method takes a transaction it must be the caller's own: SQLite has one writer, so a second transaction
    inside the first would wait for itself.

    Args:
        known_roots: the well-known public roots; those of Mozilla's list by default.
    """

    def __init__(
        self, store: Store, clock: Callable[[], datetime], known_roots: Callable[[], IssuerSource] = public_roots
    ) -> None:
        self._store = store
        self._clock = clock
        self._source = CaSource(known_roots)

    def report(
        self, certificate: Certificate, extra: Sequence[Certificate] = (), tx: Transaction | None = None
    ) -> ChainReport:
        """The certificate's chain now. `extra` came along with it: links, never anchors."""
        at = self._clock()
        if tx is not None:
            return self._source.report(tx, certificate, at, extra)
        with self._store.reading() as own:
            return self._source.report(own, certificate, at, extra)

    def report_of(self, tx: Transaction, der: bytes, at: datetime | None = None) -> ChainReport:
        """The chain of a stored certificate, now or as it will be by the CA list of today."""
        if at is not None:
            return self._source.report(tx, certificate_of(der), at, ())
        return self.report(certificate_of(der), tx=tx)

    def ca_changed(self, tx: Transaction) -> None:
        """This transaction has changed the CA list; from here on it sees the new one."""
        self._source.changed(tx)

    def recheck(
        self,
        tx: Transaction,
        person: Person,
        changed: Sequence[Certificate],
        spot: Spot | None,
        at: datetime,
        released: Collection[str] = (),
    ) -> None:
        """After a change of the CA list: check again whatever waits, and let every message that shows it follow.

        `changed` are the CA certificates that were added, decided on or taken out; `spot` is where that was done, so
        that a waiting thread is told when it was elsewhere; `released` are the fingerprints of the certificates that
        waited for the approval that was just given.
        """
        below = self._source.below(tx, changed)
        Recheck(tx, self.report_of, person, spot, at).run(changed, below, released)

    def open_prompts(
        self, tx: Transaction, upload: Upload, certificate_id: int, report: ChainReport, person: Person, at: datetime
    ) -> None:
        """Ask for the first missing issuer in the upload's thread, unless it is asked for there already."""
        ask(tx, upload, certificate_id, report, person, at)

    def prompt_report(self, prompt_id: int) -> PromptReport:
        """A prompt with the chain of this moment.

        Raises:
            NotFound: no such prompt.
        """
        with self._store.reading() as tx:
            return read_prompt(tx, prompt_id, self.report_of)

    def users_of(self, tx: Transaction, sha256: str) -> tuple[PartnerCertificate, ...]:
        """The partner certificates whose chain uses this CA certificate."""
        stored = tx.certificates.by_sha256(sha256)
        if stored is None:
            return ()
        below = self._source.below(tx, [certificate_of(stored.der)])
        return tuple(
            entry
            for entry in tx.certificates.all_entries()
            if below(entry.der) and any(link.sha256 == sha256 for link in self.report_of(tx, entry.der).path[1:])
        )

    def uses(self, tx: Transaction) -> Counter[str]:
        """How many partner certificates use each CA certificate, by fingerprint."""
        links: Counter[str] = Counter()
        for entry in tx.certificates.all_entries():
            links.update({link.sha256 for link in self.report_of(tx, entry.der).path[1:]})
        return links

    def waiting_for_root(self, tx: Transaction, root: CaCertificate) -> tuple[PartnerCertificate, ...]:
        """The partner certificates whose chain is whole but for the approval of this root."""
        below = self._source.below(tx, [certificate_of(root.der)])
        return tuple(
            entry
            for entry in tx.certificates.all_entries()
            if (below(entry.der) or entry.sha256 == root.sha256)
            and (report := self.report_of(tx, entry.der)).verdict is Verdict.UNAPPROVED_ROOT
            and report.path[-1].sha256 == root.sha256
        )
