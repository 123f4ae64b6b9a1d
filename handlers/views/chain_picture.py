"""What the picture of a chain shows: data for `handlers.pictures`, and the same in words for who cannot see it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.views import phrases
from handlers.views.limits import CARDS_SHOWN, FILE_ALT_TEXT, NAME_SHOWN
from handlers.views.text import plain, utc_day
from handlers.views.values import Certificate, ChainReport, MissingIssuer, Name, Verdict

DRAWING = 1
"""Which drawing of the same data it is: raise it when the picture looks different, so that new ones are drawn."""

SOON = timedelta(days=30)
"""As `bot.pki.checks.EXPIRES_SOON` for certificates that live longer than three months."""


class Mark(StrEnum):
    """How a certificate stands: a colour, a symbol and a word, so that no one of them has to be seen."""

    GOOD = "good"
    LOOK = "needs a look"
    BAD = "not valid"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Card:
    """One certificate of the chain. Texts are cleaned and cut; `begin` and `end` are None of what is missing."""

    kind: str
    name: str
    organisation: str
    mark: Mark
    state: str
    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChainPicture:
    """A chain, the partner's certificate first. `left_out` certificates stand between the last two cards."""

    title: str
    verdict: str
    is_trusted: bool
    cards: tuple[Card, ...]
    left_out: int
    at: datetime

    @property
    def digest(self) -> str:
        """The same for two pictures that look the same: today's mark moves once a day."""
        facts = {**asdict(self), "at": utc_day(self.at), "drawing": DRAWING}
        return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()

    @property
    def in_words(self) -> str:
        """The alternative text: what the picture shows, within Slack's limit, without markup."""
        lines = [f"Picture of the chain of {self.title}: {self.verdict}"]
        for place, card in enumerate(self.cards, start=1):
            lines.append(f"{place}. {_in_words(card)}")
            if self.left_out and place == len(self.cards) - 1:
                lines.append(f"{self.left_out} more certificates in between")
        return plain(". ".join(lines) + ".", FILE_ALT_TEXT)


def chain_picture(report: ChainReport, title: str, now: datetime) -> ChainPicture | None:
    """The picture of a chain; None where there is no chain to see (self-signed, or the search was given up)."""
    if report.verdict in {Verdict.SELF_SIGNED, Verdict.BUDGET_EXHAUSTED}:
        return None
    cards = [_card(one, report, now) for one in report.path]
    if report.verdict is Verdict.INCOMPLETE and report.missing:
        cards.append(_missing(report.missing[0]))
    left_out = max(0, len(cards) - CARDS_SHOWN)
    return ChainPicture(
        title=plain(title, NAME_SHOWN),
        verdict=phrases.VERDICTS.get(report.verdict, str(report.verdict)),
        is_trusted=report.verdict is Verdict.COMPLETE,
        cards=tuple([*cards[: CARDS_SHOWN - 1], cards[-1]] if left_out else cards),
        left_out=left_out,
        at=now,
    )


def _card(certificate: Certificate, report: ChainReport, now: datetime) -> Card:
    kind, mark = _kind(certificate, report)
    state = ""
    if certificate.not_after < now:
        mark, state = Mark.BAD, "expired"
    elif certificate.not_before > now:
        mark, state = Mark.BAD, "not valid yet"
    elif certificate.not_after - now < min(SOON, (certificate.not_after - certificate.not_before) / 3):
        mark, state = max(mark, Mark.LOOK, key=list(Mark).index), "ends soon"
    return Card(
        kind, *_names(certificate.subject), mark, state, begin=certificate.not_before, end=certificate.not_after
    )


def _kind(certificate: Certificate, report: ChainReport) -> tuple[str, Mark]:
    if certificate.sha256 == report.path[0].sha256:
        return "Partner certificate" if not certificate.is_ca else "CA certificate", Mark.GOOD
    if report.anchor is not None and certificate.sha256 == report.anchor.sha256:
        return "Trust anchor", Mark.GOOD
    if certificate.self_signed:
        return "Root, not approved", Mark.LOOK
    return "Intermediate", Mark.GOOD


def _missing(wanted: MissingIssuer) -> Card:
    name, organisation = _names(wanted.name)
    return Card("Missing issuer", name, organisation, Mark.MISSING, "")


def _names(name: Name) -> tuple[str, str]:
    title = name.common_name or name.organisation or name.rfc4514
    organisation = name.organisation if name.organisation and name.organisation != title else ""
    return plain(title, NAME_SHOWN), plain(organisation, NAME_SHOWN) if organisation else ""


def _in_words(card: Card) -> str:
    return ", ".join(_parts(card))


def _parts(card: Card) -> Iterator[str]:
    yield f"{card.kind} {card.name}"
    if card.organisation:
        yield card.organisation
    if card.begin and card.end:
        yield f"valid {utc_day(card.begin)} to {utc_day(card.end)}"
    yield card.state or card.mark.value
