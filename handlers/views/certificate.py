"""How a certificate and its chain are put into words: the pieces that every message about certificates shares."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bot.pki.lookalikes import lookalike
from handlers.views import phrases, sentences
from handlers.views.blocks import Block, context, fields, section
from handlers.views.limits import DN_SHOWN, NAME_SHOWN, SECTION_TEXT
from handlers.views.text import NOTHING, bar, bullets, code, day, groups, remaining, short_fingerprint, words
from handlers.views.values import Certificate, ChainReport, Finding, Name, Severity, SignedPath, Verdict

TRUSTED = frozenset({Verdict.COMPLETE, Verdict.SELF_SIGNED})
PUBLIC_ROOT = "public root of Mozilla's list"
_PATH_SHOWN = 8  # real paths have 2 to 5 certificates
_MISSING_SHOWN = 3
_NAMES_LOOKED_AT = 200  # of one message: three for each end of each certificate in it


def common_name(certificate: Certificate) -> str:
    """The shortest name that says whose it is: the common name, else organisation, else the whole DN."""
    return short_name(certificate.subject)


def short_name(name: Name) -> str:
    """The same for any name."""
    return name.common_name or name.organisation or name.rfc4514


def people_name(name: Name) -> str:
    """A name as people read it: the common name, and below it the organisation with its unit."""
    title = short_name(name)
    below = [words(one) for one in (name.organisation, name.organisational_unit) if one and one != title]
    return "\n".join([words(title), *([", ".join(below)] if below else [])])


def validity(certificate: Certificate, now: datetime) -> str:
    """From, until, how much has passed and what is left of it."""
    passed = bar(certificate.not_before, certificate.not_after, now)
    rest = ", ".join(filter(None, [passed, left(certificate, now)]))
    return f"{day(certificate.not_before)} to {day(certificate.not_after)}\n{rest}"


def left(certificate: Certificate, now: datetime) -> str:
    """What is left of the validity."""
    if certificate.not_before > now:
        return f"not valid before {day(certificate.not_before)}"
    return remaining(certificate.not_after, now)


def facts(certificate: Certificate, now: datetime) -> str:
    """Owner and validity: what people compare with the partner's letter. The chain tells the issuer."""
    owner = people_name(certificate.subject).replace("\n", ", ")
    return f"*Owner* {owner}\n*Valid* {validity(certificate, now)}"


def all_facts(certificate: Certificate, now: datetime) -> Block:
    """The same with issuer and key, where the chain does not stand beside it."""
    return fields(
        {
            "Owner": people_name(certificate.subject),
            "Issuer": "itself (self-signed)" if certificate.self_signed else people_name(certificate.issuer),
            "Valid": validity(certificate, now),
            "Key": words(certificate.key.text),
        }
    )


def lookalikes(certificates: Iterable[Certificate], *texts: str) -> list[Block]:
    """A warning for each name that passes for another: of certificates, and what people or files are called."""
    names = [*texts]
    for one in certificates:
        for name in (one.subject, one.issuer):
            names += filter(None, (name.common_name, name.organisation, name.organisational_unit))
    found = filter(None, (lookalike(name) for name in dict.fromkeys(names[:_NAMES_LOOKED_AT])))
    lines = [sentences.looks_like(one) for one in found]
    return [section(bullets(lines, 4, SECTION_TEXT // 2, mark=":warning: "))] if lines else []


def full_names(certificate: Certificate) -> Block:
    """Both distinguished names in full (RFC 4514), to be copied."""
    names = {"Owner in full": certificate.subject, "Issuer in full": certificate.issuer}
    return section("\n".join(f"*{label}*\n{code(name.rfc4514, DN_SHOWN)}" for label, name in names.items()))


def more_facts(certificate: Certificate, now: datetime | None = None) -> Block:
    """What stands behind "Details"; with `now`, what the message has not told yet of validity and key as well."""
    usages = sorted(certificate.key_usage or ())
    purposes = certificate.extended_key_usage
    untold = {"Valid": validity(certificate, now), "Key": words(certificate.key.text)} if now else {}
    return fields(
        {
            **untold,
            "Serial number": code(f"{certificate.serial:X}", NAME_SHOWN),
            "Signature": words(certificate.signature_algorithm),
            "Alternative names": sentences.listed(certificate.san),
            "Key usage": sentences.listed(usages, 9),
            "Extended key usage": sentences.listed(purposes) if purposes else NOTHING,
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


def verdict(report: ChainReport) -> str:
    """What the chain comes to, in one line."""
    mark = ":white_check_mark:" if report.verdict in TRUSTED else ":warning:"
    return f"{mark} *{phrases.VERDICTS.get(report.verdict, code(report.verdict))}*"


def chain(report: ChainReport) -> str:
    """The verdict, and the chain as a numbered list: partner certificate first, root last, or what is missing."""
    lines = [verdict(report)]
    # A self-signed certificate is its whole chain, and the verdict has said so.
    if report.verdict is not Verdict.SELF_SIGNED:
        lines += [f"{place}. {_link(one, report)}" for place, one in enumerate(report.path[:_PATH_SHOWN], start=1)]
    if len(report.path) > _PATH_SHOWN:
        lines.append(f"… and {len(report.path) - _PATH_SHOWN} more")
    if report.verdict is Verdict.INCOMPLETE and report.missing:
        wanted = [words(short_name(one.name)) for one in report.missing[:_MISSING_SHOWN]]
        lines.append(f"{len(report.path) + 1}. :grey_question: {' or '.join(wanted)} – *missing*")
    return "\n".join(lines)


def _link(certificate: Certificate, report: ChainReport) -> str:
    until = f"until {day(certificate.not_after)}"
    name = words(common_name(certificate))
    if certificate.sha256 == report.path[0].sha256:
        return f"{name} – {until}"
    if report.anchor is not None and certificate.sha256 == report.anchor.sha256:
        kind = "*trust anchor*"
    elif certificate.self_signed:
        kind = f"{PUBLIC_ROOT if report.known_root else 'root'}, *not approved*"
    else:
        kind = "intermediate"
    return f"{name} – {kind}, {until}"


def other_paths(report: ChainReport) -> list[Block]:
    """Every complete path, where there are several: the best first, each in a line with the end that limits it."""
    if len(report.paths) < 2:
        return []
    lines = [_whole_path(place, one) for place, one in enumerate(report.paths, start=1)]
    return [section(f"*Complete paths, the best first*\n{bullets(lines, limit=SECTION_TEXT // 2, mark='')}")]


def _whole_path(place: int, path: SignedPath) -> str:
    names = [words(common_name(one)) for one in path.certificates[1:_PATH_SHOWN]]
    more = ["…"] if len(path.certificates) > _PATH_SHOWN else []
    return f"{place}. until {day(path.ends)}: {' → '.join([*names, *more])}"


def findings(
    found: Iterable[Finding],
    about: Mapping[str, str],
    unsaid: Collection[str] = (),
    least: Severity = Severity.INFO,
) -> list[Block]:
    """The findings, gravest first: what is wrong as lines with their marks, what is merely to know as small print.

    `about` names the certificates of the chain by fingerprint; `unsaid` are codes that the message tells elsewhere;
    `least` is the severity below which nothing is told.
    """
    told = [one for one in found if one.code not in unsaid and one.severity >= least]
    ordered = sorted(told, key=lambda one: -one.severity)
    marks = {Severity.ERROR: ":no_entry: ", Severity.WARNING: ":warning: "}
    grave = [f"{marks[one.severity]}{_sentence(one, about)}" for one in ordered if one.severity in marks]
    light = [_sentence(one, about) for one in ordered if one.severity not in marks]
    blocks = [section(bullets(grave, 12, SECTION_TEXT // 2, mark=""))] if grave else []
    return [*blocks, context(bullets(light, 6, SECTION_TEXT // 2, mark="").replace("\n", " "))] if light else blocks


def _sentence(finding: Finding, about: Mapping[str, str]) -> str:
    name = about.get(finding.sha256)
    whose = f"{words(name, NAME_SHOWN)}: " if name else ""
    return f"{whose}{sentences.finding(finding.code, finding.data)}"


def names_above(certificate: Certificate, report: ChainReport | None) -> dict[str, str]:
    """Names for findings about the certificates above; the certificate itself needs none."""
    path: Sequence[Certificate] = report.path if report else ()
    return {one.sha256: common_name(one) for one in path if one.sha256 != certificate.sha256}
