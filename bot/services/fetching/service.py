"""The use case "Fetch from the CA": from a request for a missing issuer to an upload, or to the reason why not."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from bot.pki.certificate import Certificate
from bot.pki.chain import MissingIssuer
from bot.pki.limits import DN_SHOWN
from bot.pki.parsing import Refused, read_upload
from bot.pki.signatures import verifies
from bot.services.chains import Chains
from bot.services.errand import Errand, errand_of, leave_outcome, open_errand
from bot.services.errors import Outdated
from bot.services.fetching.fetcher import IssuerFetcher
from bot.services.fetching.refusal import FetchRefused
from bot.services.fetching.standing import REFUSED_ACTION, FetchStanding, read_standing, urls_of
from bot.services.fetching.target import Target
from bot.services.intake import IncomingFile, Intake
from bot.services.people import Person
from storage.records import PromptState, WaitingPrompt
from storage.store import Store

KEPT: Final = 10
"""Certificates kept of one answer: the issuer, and more levels above it than any real chain has."""

FILE_NAME: Final = 80
"""Characters of the address's last part that become the file's name."""

_NO_NAME: Final = re.compile(r"[^\w.() +-]+")


class Fetching:
    """Fetches a missing issuer when a person asks for it; never by itself.

    Args:
        fetcher: None where fetching is switched off.
    """

    def __init__(
        self,
        store: Store,
        chains: Chains,
        intake: Intake,
        fetcher: IssuerFetcher | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._chains = chains
        self._intake = intake
        self._fetcher = fetcher
        self._clock = clock

    def standing(self, prompt: WaitingPrompt) -> FetchStanding:
        """Whether fetching is offered (an open request whose certificate names an http or https address), and why it
        failed the last time.
        """
        with self._store.reading() as tx:
            return read_standing(tx, prompt, switched_on=self._fetcher is not None)

    def check(self, person: Person, prompt_id: int) -> None:
        """Whether the person may ask for this now; nothing is fetched.

        Raises:
            as `fetch_issuer`, but for what only the fetch can tell.
        """
        self._ready(person, prompt_id)

    def fetch_issuer(self, person: Person, prompt_id: int) -> int:
        """Fetch what the request asks for, and take it in as a file of this person in the request's thread.

        The addresses in the certificate are tried one after the other. What comes is thrown away unless it holds the
        missing issuer itself, by name and by its signature over the waiting certificate; of what came with it only the
        issuers above it are kept. It becomes an intermediate or a root that awaits approval, never an anchor.

        Returns:
            The upload's number. The same answer to the same request is one upload, however often it is fetched.

        Raises:
            NotFound: no such request, or it has no thread.
            NotAllowed: unless the person may upload for the partner.
            WrongState: it is answered, or no longer needed.
            Outdated: something else is missing by now.
            FetchRefused: no address led to the issuer; the reason is the first address's.
        """
        fetcher, errand, missing = self._ready(person, prompt_id)
        refusals: list[FetchRefused] = []
        for url in urls_of(errand.prompt):
            try:
                issuers = _issuers_in(fetcher.fetch(url), missing, url)
            except FetchRefused as refused:
                refusals.append(refused)
            else:
                return self._take_in(person, errand, url, issuers)
        self._fail(person, errand, refusals)
        raise refusals[0]

    def give_up(self, person: Person, prompt_id: int) -> None:
        """Something broke on our side while it was fetched for this person: the request says so, if it still waits.

        Raises:
            NotFound: no such request.
        """
        with self._store.reading() as tx:
            errand = errand_of(tx, prompt_id)
        if errand.prompt.state is PromptState.OPEN:
            self._fail(person, errand, [FetchRefused("internal_error")])

    def _ready(self, person: Person, prompt_id: int) -> tuple[IssuerFetcher, Errand, MissingIssuer]:
        with self._store.reading() as tx:
            errand, report = open_errand(tx, person, prompt_id, self._chains.report_of)
        if self._fetcher is None:
            raise FetchRefused("switched_off")
        if report.missing is None:
            raise Outdated
        if not urls_of(errand.prompt):
            raise FetchRefused("no_url")
        return self._fetcher, errand, report.missing

    def _take_in(self, person: Person, errand: Errand, url: str, issuers: Sequence[Certificate]) -> int:
        # Where a CA certificate came from is part of why it is trusted, so that is kept first.
        self._record(person, errand, "prompt.fetched", {"url": url, "fetched_sha256": [one.sha256 for one in issuers]})
        content = "".join(one.pem for one in issuers).encode("ascii")
        key = f"aia:{errand.prompt.id}:{hashlib.sha256(content).hexdigest()}"
        file = IncomingFile(key, errand.spot.channel, errand.spot.thread_ts, _file_name(url), content)
        return self._intake.take_in(person, file, errand.partner_id)

    def _fail(self, person: Person, errand: Errand, refusals: Sequence[FetchRefused]) -> None:
        self._record(person, errand, REFUSED_ACTION, {"refusals": [dict(one.data) for one in refusals]})

    def _record(self, person: Person, errand: Errand, action: str, outcome: Mapping[str, object]) -> None:
        with self._store.begin() as tx:
            leave_outcome(tx, self._clock(), person, errand, action, outcome)


def _issuers_in(content: bytes, missing: MissingIssuer, url: str) -> tuple[Certificate, ...]:
    """The missing issuer, with the issuers above it that came along.

    Raises:
        FetchRefused: not_a_certificate, wrong_issuer.
    """
    try:
        came = read_upload(content).certificates
    except Refused as refused:
        raise FetchRefused("not_a_certificate", url=url, why=refused.reason.value) from None
    answers = [one for one in came if missing.answered_by(one)]
    if not answers:
        raise FetchRefused("wrong_issuer", url=url, found=came[0].subject.rfc4514[:DN_SHOWN])
    return _with_issuers(answers, came)


def _with_issuers(answers: Sequence[Certificate], came: Sequence[Certificate]) -> tuple[Certificate, ...]:
    """The answers and what stands above them in the file. The rest is a stranger's: nobody asked for it."""
    kept = {one.sha256: one for one in answers[:KEPT]}
    newest = tuple(kept.values())
    while newest:
        above = [one for one in came if one.sha256 not in kept and any(_issued(one, below) for below in newest)]
        newest = tuple(above[: KEPT - len(kept)])
        kept |= {one.sha256: one for one in newest}
    return tuple(kept.values())


def _issued(issuer: Certificate, below: Certificate) -> bool:
    return issuer.subject.canonical == below.issuer.canonical and verifies(below, issuer)


def _file_name(url: str) -> str:
    """The last part of the address, as a server would name the file; a name says nothing and is never believed."""
    last = unquote(Target.parse(url).path.partition("?")[0].rpartition("/")[2])
    return _NO_NAME.sub("_", last)[:FILE_NAME] or "issuer.cer"
