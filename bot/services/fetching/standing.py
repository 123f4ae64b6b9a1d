"""What there is to show about fetching: whether it is offered for a request, and why it failed the last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.services.fetching.refusal import FetchRefused
from bot.services.prompts import subject_of
from storage.records import AuditEntry, PromptState, WaitingPrompt
from storage.store import Transaction

URLS_TRIED: Final = 3
"""Addresses tried at one click; certificates name one or two."""

REFUSED_ACTION: Final = "prompt.fetch_refused"

_SCHEMES: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """One attempt that brought nothing: who asked, when, and for each address the reason with its data."""

    by: str
    at: datetime
    refusals: tuple[FetchRefused, ...]


@dataclass(frozen=True, slots=True)
class FetchStanding:
    """For one request. `failure` is that of the last attempt, while the request is open; `is_under_way` says that
    the CA is being asked at this moment.
    """

    offered: bool
    failure: FetchFailure | None
    is_under_way: bool = False


def urls_of(prompt: WaitingPrompt) -> tuple[str, ...]:
    """The addresses that can be asked: a CA that also names its directory (ldap) is asked over the web."""
    return tuple(url for url in prompt.ca_issuers if url.lower().startswith(_SCHEMES))[:URLS_TRIED]


def read_standing(tx: Transaction, prompt: WaitingPrompt, *, switched_on: bool) -> FetchStanding:
    """The standing of a request by what the audit says: it is the one place that keeps what was tried."""
    if prompt.state is not PromptState.OPEN:
        return FetchStanding(offered=False, failure=None)
    last = tx.audit.recent(1, subject=subject_of(prompt.id))
    failure = _failure(last[0]) if last and last[0].action == REFUSED_ACTION else None
    return FetchStanding(offered=switched_on and bool(urls_of(prompt)), failure=failure)


def _failure(entry: AuditEntry) -> FetchFailure:
    kept = entry.data.get("refusals")
    refusals = tuple(_refusal(one) for one in kept if isinstance(one, Mapping)) if isinstance(kept, list) else ()
    return FetchFailure(entry.actor, entry.at, refusals)


def _refusal(kept: Mapping[str, object]) -> FetchRefused:
    data = {str(name): value for name, value in kept.items() if name != "reason"}
    return FetchRefused(str(kept.get("reason", "")), **data)
