"""Asking for missing issuers, and following up when the CA list has changed. All inside the caller's transaction."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, Verdict
from bot.services.journal import record
from bot.services.people import Person, Spot
from bot.services.prompts import Reporter, completed_subject_of, is_wanted, spot_of, subject_of
from storage.records import PromptState, Upload, UploadItem, WaitingPrompt
from storage.store import Transaction


def first_missing(report: ChainReport) -> MissingIssuer | None:
    """What to ask for: the builder names the most helpful one first, and any one of them may complete the chain."""
    return report.missing[0] if report.missing else None


def ask(
    tx: Transaction, upload: Upload, certificate_id: int, report: ChainReport, person: Person, at: datetime
) -> None:
    """Open a prompt in the upload's thread, where something is missing and this thread does not ask for it yet.

    One prompt speaks for every certificate of the thread that waits for the same issuer; each upload's own message
    shows its own chain.
    """
    wanted = first_missing(report)
    if wanted is None or any(_asks(tx, one, wanted.key, spot_of(upload)) for one in tx.prompts.open()):
        return
    prompt = tx.prompts.add(
        certificate_id,
        upload.id,
        wanted.key,
        wanted.name.rfc4514,
        wanted.organisation,
        wanted.organisational_unit,
        wanted.aki.hex() if wanted.aki else None,
        wanted.ca_issuers,
    )
    tx.places.open(subject_of(prompt.id), upload.channel, upload.thread_ts)
    tx.notices.add(subject_of(prompt.id), at)
    data = {"sha256": prompt.sha256, "missing_key": wanted.key, "partner_id": upload.partner_id}
    record(tx, at, person, "prompt.opened", subject_of(prompt.id), spot_of(upload).source, data)


def _asks(tx: Transaction, prompt: WaitingPrompt, missing_key: str, spot: Spot) -> bool:
    if prompt.missing_key != missing_key:
        return False
    place = tx.places.get(subject_of(prompt.id))
    return place is not None and Spot(place.channel, place.thread_ts) == spot


class Recheck:
    """One pass over whatever waits, after one change of the CA list."""

    def __init__(self, tx: Transaction, reporter: Reporter, person: Person, spot: Spot | None, at: datetime) -> None:
        self._tx = tx
        self._reporter = reporter
        self._person = person
        self._spot = spot
        self._at = at

    def run(self, changed: Sequence[Certificate], below: Callable[[bytes], bool], released: Collection[str]) -> None:
        """See `Chains.recheck`; `below` tells which stored certificates may hang on what has changed."""
        for prompt in self._tx.prompts.open():
            self._follow(prompt, changed)
        self._show_affected(changed, below, released)

    def _follow(self, prompt: WaitingPrompt, changed: Sequence[Certificate]) -> None:
        stored = self._tx.certificates.by_id(prompt.certificate_id)
        if stored is None or not is_wanted(self._tx, prompt.certificate_id):
            self._close(prompt, PromptState.WITHDRAWN, None)
            self._ask_for_others(prompt)
            return
        report = self._reporter(self._tx, stored.der)
        still = next((one for one in report.missing if one.key == prompt.missing_key), None)
        if still is None:
            self._answer(prompt, report, {one.sha256 for one in changed})
        elif any(one.subject.canonical == still.name.canonical for one in changed):
            # A namesake came or went: the prompt names it among those that were looked at.
            self._tx.notices.add(subject_of(prompt.id), self._at)

    def _answer(self, prompt: WaitingPrompt, report: ChainReport, changed: Collection[str]) -> None:
        answer = next((link.sha256 for link in report.path[1:] if link.sha256 in changed), None)
        self._close(prompt, PromptState.ANSWERED, answer)
        upload = self._tx.uploads.get(prompt.upload_id) if prompt.upload_id is not None else None
        if upload is None:
            return
        self._tx.notices.add(f"upload:{upload.id}", self._at)
        if report.verdict is Verdict.COMPLETE:
            self._tell(prompt, upload)
        else:
            ask(self._tx, upload, prompt.certificate_id, report, self._person, self._at)

    def _ask_for_others(self, withdrawn: WaitingPrompt) -> None:
        """The prompt spoke for its whole thread; somebody else there may still wait for the same issuer."""
        place = self._tx.places.get(subject_of(withdrawn.id))
        for item in self._tx.uploads.all_items():
            upload = self._tx.uploads.get(item.upload_id)
            if place is None or upload is None or spot_of(upload) != Spot(place.channel, place.thread_ts):
                continue
            report = self._reporter(self._tx, item.der)
            wanted = first_missing(report)
            if wanted and wanted.key == withdrawn.missing_key and is_wanted(self._tx, item.certificate_id):
                ask(self._tx, upload, item.certificate_id, report, self._person, self._at)

    def _close(self, prompt: WaitingPrompt, state: PromptState, sha256: str | None) -> None:
        by = self._person.user_id if state is PromptState.ANSWERED else None
        if not self._tx.prompts.close(prompt.id, state, self._at, by, sha256):
            return
        self._tx.notices.add(subject_of(prompt.id), self._at)
        source = self._spot.source if self._spot else ""
        upload = self._tx.uploads.get(prompt.upload_id) if prompt.upload_id is not None else None
        data = {
            "sha256": prompt.sha256,
            "missing_key": prompt.missing_key,
            "answered_sha256": sha256,
            "partner_id": upload.partner_id if upload else None,
        }
        record(self._tx, self._at, self._person, f"prompt.{state.value}", subject_of(prompt.id), source, data)

    def _tell(self, prompt: WaitingPrompt, upload: Upload) -> None:
        """One reply in the thread that waited, when the answer was given where nobody there saw it."""
        if self._spot == spot_of(upload):
            return
        subject = completed_subject_of(prompt.id)
        self._tx.places.open(subject, upload.channel, upload.thread_ts)
        self._tx.notices.add(subject, self._at)

    def _show_affected(
        self, changed: Sequence[Certificate], below: Callable[[bytes], bool], released: Collection[str]
    ) -> None:
        """Every upload whose chain now runs over a changed certificate, also where nothing was ever missing."""
        news = {one.sha256 for one in changed}
        reports: dict[str, ChainReport] = {}
        for item in self._tx.uploads.all_items():
            if item.sha256 not in news and not below(item.der):
                continue
            if item.sha256 not in reports:
                reports[item.sha256] = self._reporter(self._tx, item.der)
            report = reports[item.sha256]
            affected = news & {link.sha256 for link in report.path}
            upload = self._tx.uploads.get(item.upload_id) if affected else None
            if upload is not None:
                self._show(upload, item, report, is_released=item.sha256 in released, is_new=item.sha256 in news)

    def _show(self, upload: Upload, item: UploadItem, report: ChainReport, *, is_released: bool, is_new: bool) -> None:
        self._tx.notices.add(f"upload:{upload.id}", self._at)
        prompts = [one for one in self._tx.prompts.of_upload(upload.id) if one.sha256 == item.sha256]
        for prompt in prompts:
            self._tx.notices.add(subject_of(prompt.id), self._at)
        if prompts and is_released and report.verdict is Verdict.COMPLETE:
            self._tell(prompts[-1], upload)
        # What came just now is asked for by its own upload, the partner's certificate first.
        if report.missing and not is_new and is_wanted(self._tx, item.certificate_id):
            ask(self._tx, upload, item.certificate_id, report, self._person, self._at)
