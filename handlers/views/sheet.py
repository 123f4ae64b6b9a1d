"""The comparison sheet: what the partner's people hold against their own certificate, in plain text to take along."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from bot.services.evidence import Evidence, as_document
from bot.services.switches import SwitchMode, SwitchReport
from handlers import ids
from handlers.views import address, form, timing
from handlers.views import evidence as pages
from handlers.views.blocks import Message, View, actions, button, context, message, say, section
from handlers.views.comparison import new_name, old_name
from handlers.views.limits import DN_SHOWN, SECTION_TEXT
from handlers.views.text import NOTHING, code, escape, plain, strong
from handlers.views.values import Certificate, Switch

TITLE: Final = "Sheet for the partner"
UNDER_WAY: Final = ":page_facing_up: The file comes into the thread of the switch."
ON_ITS_WAY: Final = ":page_facing_up: The evidence is on its way to you, in a direct message."
_SERIAL_SHOWN: Final = 2 * 20  # RFC 5280, 4.1.2.2: at most 20 octets
_ROW: Final = 2 * 16
_LABEL: Final = 12  # the column of our own words


def render(report: SwitchReport) -> View:
    """The sheet to be copied, and a button that puts it into the thread as a file."""
    return form.page(
        TITLE,
        [
            section("Compare the fingerprints with what you see at your own server, over another way than this one."),
            section(_block(report)),
            actions(button("Post as a file in the thread", ids.SWITCH_SHEET_FILE, report.switch.public_id)),
            context("Times are UTC."),
        ],
    )


def _block(report: SwitchReport) -> str:
    """As a code block; where hostile names are too long for one, its last lines are left out."""
    kept: list[str] = []
    room = SECTION_TEXT - len("```\n\n```")
    for line in map(_safe, _lines(report)):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(["```", *kept, "```"])


def as_text(report: SwitchReport) -> bytes:
    """The same as a text file."""
    return ("\n".join(_lines(report)) + "\n").encode()


def file_name(report: SwitchReport, ending: str) -> str:
    """What a file about this switch is called."""
    return f"{report.connection.name}-{report.switch.public_id}.{ending}"


def evidence_announced(report: SwitchReport) -> Message:
    """What the files are about, for the one person who asked for them."""
    about = f"{code(report.connection.name)} ({strong(report.partner.name)}) to {strong(new_name(report))}"
    return message(
        f"The evidence of the switch of {plain(report.connection.name)}",
        [
            section(f":page_facing_up: *Evidence* of the switch of {about}, as a page to read or print and as JSON."),
            context("It names who of us approved what. Pass it on with care."),
        ],
    )


def evidence_not_sent() -> Message:
    """In the direct message, when it came to nothing."""
    return say(
        ":warning: The evidence could not be sent whole. Please press *Export* again, and tell the people who run me "
        "if that does not help."
    )


def evidence_json(evidence: Evidence) -> bytes:
    """The evidence for a program."""
    return (json.dumps(as_document(evidence), indent=2, ensure_ascii=False) + "\n").encode()


def evidence_page(evidence: Evidence) -> bytes:
    """The evidence for people and paper."""
    return pages.page(evidence).encode()


def _lines(report: SwitchReport) -> Iterator[str]:
    yield f"Switch      {report.switch.public_id}"
    for one in report.each():
        yield f"Connection  {plain(one.connection.name)}, {address.spelled(one.connection)}"
    yield f"When        {_when(report.switch)}"
    yield ""
    yield f"IN USE      {plain(old_name(report) or NOTHING)}"
    if report.old_certificate is not None:
        yield from _certificate(report.old_certificate)
    yield ""
    yield f"NEW         {plain(new_name(report))}"
    yield from _certificate(report.new_certificate)


def _certificate(one: Certificate) -> Iterator[str]:
    yield f"  Subject   {plain(one.subject.rfc4514, DN_SHOWN)}"
    yield f"  Issuer    {plain(one.issuer.rfc4514, DN_SHOWN)}"
    yield f"  Valid     {_utc(one.not_before)}"
    yield f"  until     {_utc(one.not_after)}"
    yield "  Serial"
    yield from _rows(_whole_bytes(one.serial)[:_SERIAL_SHOWN])
    yield "  SHA-256"
    yield from _rows(one.sha256)


def _whole_bytes(number: int) -> str:
    digits = f"{abs(number):x}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _rows(digits: str) -> Iterator[str]:
    """With colons, as openssl and keytool print it, in rows that fit into a modal."""
    for row in range(0, len(digits), _ROW):
        pairs = [digits[place : place + 2].upper() for place in range(row, min(row + _ROW, len(digits)), 2)]
        yield f"    {':'.join(pairs)}{':' if row + _ROW < len(digits) else ''}"


def _when(switch: Switch) -> str:
    if switch.mode is SwitchMode.AT and switch.due_at:
        return _utc(switch.due_at)
    until = f", until {_utc(switch.until)} at the latest" if switch.until else ""
    return f"{timing.SHORTLY[switch.mode]}{until}"


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _safe(line: str) -> str:
    """A line inside a code block: nothing ends it early."""
    label, said = line[:_LABEL], line[_LABEL:]
    return label + escape(said, 2 * DN_SHOWN).replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}")
