"""Old against new, with only the differences in view: what approvers of a switch have to look at."""

from collections.abc import Callable
from datetime import datetime

from bot.services.switches import SwitchReport
from handlers.views import certificate as cards
from handlers.views.blocks import Block, context
from handlers.views.limits import DN_SHOWN
from handlers.views.table import Cell, table
from handlers.views.text import NOTHING, bar, plain, remaining, short_fingerprint
from handlers.views.values import Certificate, Name

_NAMES_SHOWN = 5


def old_name(report: SwitchReport) -> str | None:
    """The display name of the certificate to be replaced, or whose it is; None where the connection has none."""
    if report.old:
        return report.old.display_name
    return cards.common_name(report.old_certificate) if report.old_certificate else None


def new_name(report: SwitchReport) -> str:
    """The new certificate's display name, or whose it is where the list entry has gone."""
    return report.new.display_name if report.new else cards.common_name(report.new_certificate)


def render(report: SwitchReport, now: datetime) -> list[Block]:
    """The table of what differs, and a line with what does not."""
    old, new = report.old_certificate, report.new_certificate
    rows: list[tuple[Cell, ...]] = [
        ("Differs", "In use", "New"),
        ("Name", old_name(report) or "none", new_name(report)),
    ]
    same: list[str] = []
    for label, read, alike in _ROWS:
        if old is not None and alike(old, new):
            same.append(label.lower())
        else:
            was, is_now = read(old, now) if old else NOTHING, read(new, now)
            # Two keys of one kind read the same.
            rows.append((label, was, f"{is_now}, another {label.lower()}" if was == is_now else is_now))
    rows.append(("SHA-256", short_fingerprint(old.sha256) if old else NOTHING, short_fingerprint(new.sha256)))
    shown = table([[plain(cell, DN_SHOWN) if isinstance(cell, str) else cell for cell in row] for row in rows])
    return [shown, context(f"Unchanged: {', '.join(same)}")] if same else [shown]


def _read_name(name: Name) -> str:
    return ", ".join(filter(None, [cards.short_name(name), name.organisation, name.organisational_unit]))


def _issuer(certificate: Certificate, _now: datetime) -> str:
    return "itself (self-signed)" if certificate.self_signed else cards.short_name(certificate.issuer)


def _end(certificate: Certificate, now: datetime) -> Cell:
    begin: tuple[str | datetime, ...] = ()
    if certificate.not_before > now:
        begin = ("from ", certificate.not_before, " to ")
    state = "expired" if certificate.not_after < now else remaining(certificate.not_after, now)
    passed = bar(certificate.not_before, certificate.not_after, now)
    return (*begin, certificate.not_after, f", {state}{f' {passed}' if passed else ''}")


def _same_issuer(old: Certificate, new: Certificate) -> bool:
    return old.self_signed == new.self_signed and (old.self_signed or old.issuer.canonical == new.issuer.canonical)


Reader = Callable[[Certificate, datetime], Cell]
Alike = Callable[[Certificate, Certificate], bool]

_ROWS: tuple[tuple[str, Reader, Alike], ...] = (
    (
        "Owner",
        lambda one, _now: _read_name(one.subject),
        lambda old, new: old.subject.canonical == new.subject.canonical,
    ),
    ("Names", lambda one, _now: ", ".join(one.san[:_NAMES_SHOWN]), lambda old, new: set(old.san) == set(new.san)),
    ("Issuer", _issuer, _same_issuer),
    ("Ends", _end, lambda old, new: old.not_after == new.not_after),
    ("Key", lambda one, _now: one.key.text, lambda old, new: old.key.spki_sha256 == new.key.spki_sha256),
)
