"""A request for an issuer that somebody answers by a click: whether they may, and where the answer goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.services.errors import NotFound, WrongState
from bot.services.journal import record
from bot.services.people import Person, Spot
from bot.services.prompts import PromptReport, Reporter, read_prompt, subject_of
from bot.services.uploads import partner_for, require_upload
from storage.records import PromptState, WaitingPrompt
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Errand:
    """The request, and where and for whom its answer is taken in."""

    prompt: WaitingPrompt
    spot: Spot
    partner_id: int | None


def errand_of(tx: Transaction, prompt_id: int) -> Errand:
    """The errand of a request in any state.

    Raises:
        NotFound: no such request, or it has no thread.
    """
    prompt = tx.prompts.get(prompt_id)
    place = tx.places.get(subject_of(prompt_id))
    if prompt is None or place is None:
        raise NotFound("prompt", str(prompt_id))
    upload = tx.uploads.get(prompt.upload_id) if prompt.upload_id is not None else None
    return Errand(prompt, Spot(place.channel, place.thread_ts), upload.partner_id if upload else None)


def open_errand(tx: Transaction, person: Person, prompt_id: int, reporter: Reporter) -> tuple[Errand, PromptReport]:
    """The errand of a request that waits, for a person who may answer it, with what it asks for now.

    Raises:
        NotFound: no such request, or it has no thread.
        NotAllowed: unless the person may upload for the partner.
        WrongState: it is answered, or no longer needed.
    """
    errand = errand_of(tx, prompt_id)
    require_upload(person, partner_for(tx, errand.spot.channel, errand.partner_id))
    prompt = errand.prompt
    if prompt.state is not PromptState.OPEN:
        raise WrongState(prompt.state.value, by=prompt.answered_by, at=prompt.answered_at)
    return errand, read_prompt(tx, prompt_id, reporter)


def leave_outcome(
    tx: Transaction, at: datetime, person: Person, errand: Errand, action: str, outcome: Mapping[str, object]
) -> None:
    """Write what came of it, and let the request's message follow."""
    subject = subject_of(errand.prompt.id)
    data = {"missing_key": errand.prompt.missing_key, "partner_id": errand.partner_id, **outcome}
    record(tx, at, person, action, subject, errand.spot.source, data)
    tx.notices.add(subject, at)
