"""The CA list as the index that the chain builder asks: loaded once, then changed in place as the store changes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from threading import RLock
from weakref import WeakSet

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, ChainReport, IssuerSource, Verdict, build_chain
from bot.pki.errors import UnreadableCertificate
from bot.pki.layout import layout_of
from bot.pki.names import Name
from storage.ca_certificates import Stamp
from storage.store import Transaction

PARSED_KEPT = 4_096
"""Parsed certificates kept at hand: the lists of some hundred partners, about 20 MB at most."""

LOAD_AT_ONCE = 50
"""From so many unknown CA certificates on, the whole list is read in one go instead of one by one."""


@lru_cache(maxsize=PARSED_KEPT)
def certificate_of(der: bytes) -> Certificate:
    """The stored certificate as a value; it could be read when it was stored."""
    return Certificate.from_der(der)


class CaSource:
    """The index, and what keeps it true: this or another replica changes the list, and any change may roll back.

    Args:
        known_roots: the well-known public roots, which reports name and no path uses; asked for at the first report.
    """

    def __init__(self, known_roots: Callable[[], IssuerSource]) -> None:
        self._known_roots = known_roots
        self._index = CaIndex()
        self._stamp: Stamp | None = None
        self._changed_in: WeakSet[Transaction] = WeakSet()
        self._true_for: Transaction | None = None
        self._lock = RLock()

    def report(
        self, tx: Transaction, certificate: Certificate, at: datetime, extra: Sequence[Certificate] = ()
    ) -> ChainReport:
        """The certificate's chain by the CA list that this transaction sees.

        A self-signed certificate that calls itself a CA and is in no CA list is a partner's own: nothing is to be
        approved, it is pinned.
        """
        with self._lock:
            self._follow(tx)
            report = build_chain(certificate, self._index, at, extra, known_roots=self._known_roots())
            is_pin = report.path == (certificate,) and certificate.sha256 not in self._index
        if report.verdict is Verdict.UNAPPROVED_ROOT and is_pin:
            return replace(report, verdict=Verdict.SELF_SIGNED)
        return report

    def below(self, tx: Transaction, certificates: Sequence[Certificate]) -> Callable[[bytes], bool]:
        """A test of stored certificates: whether their path may run over one of these, which are not meant themselves.

        It decodes the issuer's name and nothing else, so that a change of the list costs what hangs on it, not what is
        in the store.
        """
        with self._lock:
            self._follow(tx)
            names = self._index.issuers_below(certificates)
        return lambda der: Name(layout_of(der).issuer).canonical in names

    def changed(self, tx: Transaction) -> None:
        """This transaction has changed the CA list.

        Until it has ended, the index may hold what is never committed; so any other transaction compares it anew,
        whatever the stamp says (a rollback gives numbers back).
        """
        with self._lock:
            self._changed_in.add(tx)
            self._true_for = self._stamp = None

    def _follow(self, tx: Transaction) -> None:
        if self._true_for is tx:
            return
        stamp = tx.ca_certificates.stamp()
        if stamp != self._stamp:
            self._compare(tx)
        self._stamp = None if tx in self._changed_in else stamp
        self._true_for = tx

    def _compare(self, tx: Transaction) -> None:
        wanted = tx.ca_certificates.marks()
        for known in tuple(self._index):
            if known.sha256 not in wanted:
                self._index.remove(known.sha256)
            elif self._index.is_anchor(known) != wanted[known.sha256]:
                self._index.add(known, anchor=wanted[known.sha256])
        unknown = [sha256 for sha256 in wanted if sha256 not in self._index]
        for der in _ders(tx, unknown):
            try:
                certificate = Certificate.from_der(der)
            except UnreadableCertificate:
                # A later, stricter reader must not take the whole list down with one old certificate.
                continue
            self._index.add(certificate, anchor=wanted[certificate.sha256])


def _ders(tx: Transaction, sha256s: Sequence[str]) -> list[bytes]:
    if len(sha256s) >= LOAD_AT_ONCE:
        wanted = set(sha256s)
        return [one.der for one in tx.ca_certificates.list() if one.sha256 in wanted]
    found = [tx.certificates.by_sha256(sha256) for sha256 in sha256s]
    return [one.der for one in found if one is not None]
