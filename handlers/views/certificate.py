"""How a certificate and its chain are put into words: the pieces that every message about certificates shares."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from handlers.views import phrases, sentences
from handlers.views.blocks import Block, fields
from handlers.views.limits import DN_SHOWN, NAME_SHOWN, SECTION_TEXT
from handlers.views.text import NOTHING, bullets, code, day, groups, remaining, short_fingerprint
from handlers.views.values import Certificate, ChainReport, Finding, Severity, Verdict

_MARKS = {Severity.ERROR: ":no_entry:", Severity.WARNING: ":warning:", Severity.INFO: ":information_source:"}
_PATH_SHOWN = 8  # real paths have 2 to 5 certificates


def common_name(certificate: Certificate) -> str:
    """The shortest name that says whose it is: the common name, else organisation, else the whole DN."""
    subject = certificate.subject
    return subject.common_name or subject.organisation or subject.rfc4514


def validity(certificate: Certificate, now: datetime) -> str:
    """From, until, and what is left of it."""
    return f"{day(certificate.not_before)} to {day(certificate.not_after)}\n_{left(certificate, now)}_"


def left(certificate: Certificate, now: datetime) -> str:
    """What is left of the validity."""
    if certificate.not_before > now:
        return f"not valid before {day(certificate.not_before)}"
    return remaining(certificate.not_after, now)


def facts(certificate: Certificate, now: datetime) -> Block:
    """Owner, issuer, validity, key: what people compare with the partner's letter."""
    return fields(
        {
            "Owner": code(certificate.subject.rfc4514, DN_SHOWN),
            "Issuer": "itself (self-signed)" if certificate.self_signed else code(certificate.issuer.rfc4514, DN_SHOWN),
            "Valid": validity(certificate, now),
            "Key": code(certificate.key.text, NAME_SHOWN),
        }
    )


def more_facts(certificate: Certificate) -> Block:
    """What stands behind "Show details"."""
    usages = sorted(certificate.key_usage or ())
    purposes = certificate.extended_key_usage
    return fields(
        {
            "Serial number": code(f"{certificate.serial:X}", NAME_SHOWN),
            "Signature": code(certificate.signature_algorithm, NAME_SHOWN),
            "Alternative names": sentences.one_of(certificate.san),
            "Key usage": sentences.one_of(usages, 9),
            "Extended key usage": sentences.one_of(purposes) if purposes else NOTHING,
            "CA": "unreadable" if certificate.is_ca is None else "yes" if certificate.is_ca else "no",
            "Subject key id": key_id(certificate.ski),
            "Authority key id": key_id(certificate.aki.key_id if certificate.aki else None),
        }
    )


def key_id(value: bytes | None) -> str:
    """A key identifier in groups, cut where it is no hash."""
    return f"`{groups(value[:32].hex())}`" if value else NOTHING


def fingerprint(certificate: Certificate) -> str:
    """SHA-256, shortened."""
    return f"SHA-256 `{short_fingerprint(certificate.sha256)}`"


def full_fingerprint(sha256: str) -> str:
    """SHA-256 in full, in two lines of eight groups, to be compared with another source."""
    return f"```\n{groups(sha256[:32])}\n{groups(sha256[32:64])}\n```"


def chain(report: ChainReport) -> str:
    """The chain as a short list, partner certificate first, root last, and what it comes to."""
    mark = ":white_check_mark:" if report.verdict in {Verdict.COMPLETE, Verdict.SELF_SIGNED} else ":warning:"
    lines = [f"{mark} *{phrases.VERDICTS.get(report.verdict, code(report.verdict))}*"]
    lines += [_link(place, one, report) for place, one in enumerate(report.path[:_PATH_SHOWN])]
    if len(report.path) > _PATH_SHOWN:
        lines.append(f"… and {len(report.path) - _PATH_SHOWN} more")
    if report.verdict is Verdict.INCOMPLETE:
        wanted = [
            f"{_step(len(report.path))} :grey_question: missing: {code(one.name.rfc4514)}" for one in report.missing
        ]
        lines += wanted[:3]
    return "\n".join(lines)


def _link(place: int, certificate: Certificate, report: ChainReport) -> str:
    anchored = report.anchor is not None and certificate.sha256 == report.anchor.sha256
    if place == 0:
        kind = "self-signed" if certificate.self_signed else "this certificate"
    elif certificate.self_signed:
        kind = "root, trust anchor" if anchored else "root, not approved"
    else:
        kind = "intermediate, trust anchor" if anchored else "intermediate"
    return f"{_step(place)} {code(common_name(certificate), NAME_SHOWN)}  {kind}, until {day(certificate.not_after)}"


def _step(place: int) -> str:
    # No-break spaces: Slack swallows ordinary ones at the start of a line.
    return "\N{NO-BREAK SPACE}" * 4 * place + ("└" if place else "•")


def findings(
    found: Iterable[Finding],
    about: Mapping[str, str],
    unsaid: Collection[str] = (),
    limit: int = SECTION_TEXT // 2,
) -> str | None:
    """The findings, gravest first; None without any.

    `about` names the certificates of the chain by fingerprint; `unsaid` are codes that the message tells elsewhere.
    """
    ordered = sorted((one for one in found if one.code not in unsaid), key=lambda one: -one.severity)
    lines = []
    for one in ordered:
        name = about.get(one.sha256)
        whose = f"{code(name, NAME_SHOWN)}: " if name else ""
        lines.append(f"{_MARKS.get(one.severity, '')} {whose}{sentences.finding(one.code, one.data)}")
    return bullets(lines, 12, limit) if lines else None


def names_above(certificate: Certificate, report: ChainReport | None) -> dict[str, str]:
    """Names for findings about the certificates above; the certificate itself needs none."""
    path: Sequence[Certificate] = report.path if report else ()
    return {one.sha256: common_name(one) for one in path if one.sha256 != certificate.sha256}
