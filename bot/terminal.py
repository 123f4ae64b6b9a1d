"""`countersign check`: the chain report of a file for people and for programs. No Slack, no database."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from cryptography.utils import CryptographyDeprecationWarning

from bot.pki.bundle import end_entity
from bot.pki.certificate import Certificate
from bot.pki.chain import (
    DEFAULT_POLICY,
    CaIndex,
    ChainReport,
    IssuerSource,
    MissingIssuer,
    NearMiss,
    PathPolicy,
    Verdict,
    build_chain,
)
from bot.pki.checks import certificate_findings
from bot.pki.findings import Finding, Severity, merged
from bot.pki.limits import CERTIFICATES_PER_UPLOAD, DN_SHOWN, UPLOAD_BYTES
from bot.pki.parsing import BlockProblem, Reading, Refusal, Refused, read_upload
from bot.pki.public_web import opinion_of
from bot.public_roots import public_roots
from bot.terminal_json import FORMAT, Checked, as_data

COMPLETE, INCOMPLETE, UNREADABLE = 0, 1, 2

_VERDICTS: Final = {
    Verdict.COMPLETE: "complete, trusted up to the root",
    Verdict.UNAPPROVED_ROOT: "complete, but its root is not in the CA list",
    Verdict.SELF_SIGNED: "self-signed: nothing is missing, pin it by its fingerprint",
    Verdict.INCOMPLETE: "incomplete",
    Verdict.UNUSABLE: "broken: all signatures hold, but a rule does not",
    Verdict.BUDGET_EXHAUSTED: "not decided: too many possible paths",
}

_REFUSALS: Final = {
    Refusal.PRIVATE_KEY: "it holds a private key. Never pass a key on; treat this one as compromised.",
    Refusal.CERTIFICATE_REQUEST: "it is a certificate request; the certificate that the CA returned for it is wanted.",
    Refusal.PKCS12: "it is a PKCS#12, made to carry a private key; export the certificate alone.",
    Refusal.JAVA_KEY_STORE: "it is a Java key store; export the certificate alone.",
    Refusal.ENCRYPTED: "it is encrypted.",
    Refusal.HTML: "it is a web page; the download did not give the certificate.",
    Refusal.EMPTY: "it is empty.",
    Refusal.TRUNCATED: "it is cut off.",
    Refusal.TOO_LARGE: f"it is too large; the limit is {UPLOAD_BYTES} bytes.",
    Refusal.PUBLIC_KEY: "it is a bare public key, not a certificate.",
    Refusal.TOO_MANY: f"it holds too many objects; the limit is {CERTIFICATES_PER_UPLOAD} certificates.",
    Refusal.NO_CERTIFICATE: "no certificate is in it.",
}

_MARKS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def run_check(
    file: Path, ca_files: Sequence[Path], at: datetime, as_json: bool, out: TextIO, strict: bool = False
) -> int:
    """Check the certificate in `file` against the CA certificates in `ca_files` at the moment `at` (aware).

    Self-signed certificates of the CA files are trust anchors, the others intermediates; what `file` holds beyond the
    end entity is used as links. The end entity of a bundle is the certificate that issued none of the others.
    `strict` makes the letter of RFC 5280's certificate profile a condition; each rule broken is an
    `off_profile` finding.

    Returns 0 when the path is complete, 1 when it is not (also for a self-signed certificate, which needs none but is
    in no CA list), 2 when a file cannot be read. Writes to `out` a tree for people or, with `as_json`, one object:

        format        1
        file, at      the file's name; the moment, ISO 8601 with offset
        verdict       complete | unapproved_root | self_signed | incomplete | unusable | budget_exhausted
        certificate   the end entity: sha256, subject, issuer (RFC 4514), serial (hex), not_before, not_after, key,
                      signature_algorithm, san, is_ca (null: unreadable), ski, aki (hex or null), ca_issuers
        path          the certificates from the end entity towards the root, each as above
        anchor        SHA-256 of the trust anchor, or null
        ends          the earliest end of validity in the path
        paths         every complete path, best first: sha256 (list, end entity first), anchor, ends
        known_root    SHA-256 of the well-known public root (Mozilla's list) that the path ends at without approval
        missing       missing issuers, the most helpful first, any one of which may complete the chain: name,
                      organisation, organisational_unit, aki, authority_serial, ca_issuers, asked_by (sha256), depth,
                      known_root (SHA-256 of the well-known public root that it is, or null),
                      near_misses (sha256, subject, reason, data)
        public_web    would the path pass as one of the public web: accepted, reason; null for a path without root
        findings      code, severity (info | warning | error), sha256, data
        problems      blocks of the file that gave no certificate: place, code, data
        strangers     SHA-256 of certificates in the file that have no part in the path

    An unreadable file gives `{"format", "file", "refused": reason, "data"}` and 2.
    """
    with warnings.catch_warnings():
        # The library warns of each odd serial number on standard error; here such things are findings or nothing.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return _run(file, ca_files, at, as_json, out, PathPolicy(strict=strict))


def _run(file: Path, ca_files: Sequence[Path], at: datetime, as_json: bool, out: TextIO, policy: PathPolicy) -> int:
    cas: list[Certificate] = []
    for ca_file in ca_files:
        read = _read(ca_file, as_json, out)
        if read is None:
            return UNREADABLE
        cas.extend(read.certificates)
    reading = _read(file, as_json, out)
    if reading is None:
        return UNREADABLE
    source = CaIndex(cas, {one.sha256 for one in cas if one.self_signed})
    checked = judged(reading, source, at, policy)
    write(file.name, checked, as_json, out)
    return COMPLETE if checked.report.verdict is Verdict.COMPLETE else INCOMPLETE


def write(name: str, checked: Checked, as_json: bool, out: TextIO) -> None:
    """Write what was found out about the file of that name, in either form."""
    if as_json:
        _write_json(out, as_data(name, checked))
    else:
        out.writelines(f"{line}\n" for line in _as_text(name, checked))


def _read(file: Path, as_json: bool, out: TextIO) -> Reading | None:
    """The certificates of a file; None, after saying why, where there are none."""
    try:
        with file.open("rb") as stream:
            return read_upload(stream.read(UPLOAD_BYTES + 1))
    except OSError as error:
        reason, sentence, data = "unreadable", f"{error.strerror or type(error).__name__}.", {}
    except Refused as refused:
        reason, sentence, data = refused.reason.value, _REFUSALS[refused.reason], dict(refused.data)
    if as_json:
        _write_json(out, {"format": FORMAT, "file": file.name, "refused": reason, "data": data})
    else:
        details = ", ".join(f"{key} {value}" for key, value in data.items())
        out.write(f"{_plain(file.name)}: {sentence}{f' ({details})' if details else ''}\n")
    return None


def judged(reading: Reading, source: IssuerSource, at: datetime, policy: PathPolicy = DEFAULT_POLICY) -> Checked:
    """Everything to say about a file that was read, by a CA list, at a moment."""
    certificate = end_entity(reading.certificates)
    others = [one for one in reading.certificates if one != certificate]
    report = build_chain(certificate, source, at, extra=others, policy=policy, known_roots=public_roots())
    strangers = tuple(one for one in others if one not in report.path)
    findings = merged(report.findings, certificate_findings(certificate, at))
    return Checked(at, reading, report, findings, strangers, opinion_of(report, at))


def _write_json(out: TextIO, data: Mapping[str, Any]) -> None:
    json.dump(data, out, indent=2, ensure_ascii=True)
    out.write("\n")


def _as_text(name: str, checked: Checked) -> Iterator[str]:
    report = checked.report
    yield f"{_plain(name)} at {_moment(checked.at)}"
    yield f"Chain: {_headline(report)}"
    yield ""
    yield from _tree(checked)
    yield from _other_paths(report)
    if checked.public_web is not None:
        word = "yes" if checked.public_web.accepted else f"no: {_plain(checked.public_web.reason)}"
        yield ""
        yield f"As a certificate of the public web: {word}"
    if checked.strangers:
        yield ""
        yield "Also in the file, without a part in this chain:"
        yield from (f"  {_title(one)}" for one in checked.strangers)
    if checked.reading.problems:
        yield ""
        yield "Blocks of the file that gave no certificate:"
        yield from (f"  {_problem(one)}" for one in checked.reading.problems)


def _other_paths(report: ChainReport) -> Iterator[str]:
    if len(report.paths) > 1:
        yield ""
        yield "Other complete paths:"
        for one in report.paths[1:]:
            yield f"  until {_moment(one.ends)}  {' > '.join(_title(link) for link in one.certificates[1:])}"


def _headline(report: ChainReport) -> str:
    if report.verdict is not Verdict.INCOMPLETE:
        return _VERDICTS[report.verdict]
    found, missing = len(report.path), report.missing[0] if report.missing else None
    wanted = f"; missing: {_dn(missing.name.rfc4514)}" if missing else ""
    return f"incomplete, {found} certificate{'s' if found > 1 else ''} found{wanted}"


def _tree(checked: Checked) -> Iterator[str]:
    report = checked.report
    for depth, one in enumerate(report.path):
        indent = "   " * depth
        yield f"{indent}{'└─ ' if depth else ''}{_title(one)}{_standing(one, report)}"
        deeper = indent + ("   " if depth else "")
        yield f"{deeper}   {one.key.text}, {one.signature_algorithm}, until {_moment(one.not_after)}"
        yield f"{deeper}   SHA-256 {one.sha256}"
        for finding in checked.findings:
            if finding.sha256 == one.sha256:
                yield f"{deeper}   {_MARKS[finding.severity]}: {_said(finding)}"
    for number, missing in enumerate(report.missing):
        yield from _wanted(missing, first=number == 0, indent="   " * len(report.path))


def _wanted(missing: MissingIssuer, first: bool, indent: str) -> Iterator[str]:
    yield f"{indent}{'└─ ' if first else 'or '}MISSING  {_dn(missing.name.rfc4514)}"
    deeper = indent + "      "
    yield f"{deeper}wanted by  {_title(missing.asked_by)}"
    if missing.aki is not None:
        yield f"{deeper}key id     {missing.aki.hex()}"
    if missing.authority_serial is not None:
        yield f"{deeper}serial     {missing.authority_serial:x}"
    for url in missing.ca_issuers:
        yield f"{deeper}get it at  {_plain(url)}"
    if missing.known_root is not None:
        yield f"{deeper}known      a well-known public root; it only needs approval"
        yield f"{deeper}           SHA-256 {missing.known_root.sha256}"
    for miss in missing.near_misses:
        yield f"{deeper}not it     {_title(miss.certificate)}: {_why_not(miss)}"


def _why_not(miss: NearMiss) -> str:
    """With what tells the generations of a CA apart."""
    span = f"valid {miss.certificate.not_before:%Y-%m-%d} to {miss.certificate.not_after:%Y-%m-%d}"
    key_id = f"key id {miss.data['found']}, " if "found" in miss.data else ""
    return f"{_words(miss.reason.value)} ({key_id}{span})"


def _standing(one: Certificate, report: ChainReport) -> str:
    if report.anchor == one:
        return "  [trust anchor]"
    if report.known_root is not None and one == report.path[-1]:
        return "  [well-known public root, not in the CA list: it only needs approval]"
    return "  [self-signed]" if one.self_signed else ""


def _said(finding: Finding) -> str:
    details = ", ".join(f"{_plain(key)} {_plain(str(value))}" for key, value in finding.data.items())
    return _words(finding.code.value) + (f" ({details})" if details else "")


def _problem(problem: BlockProblem) -> str:
    details = ", ".join(f"{key} {value}" for key, value in problem.data.items())
    return f"block {problem.place}: {_words(problem.code)}{f' ({details})' if details else ''}"


def _title(one: Certificate) -> str:
    return _dn(one.subject.rfc4514) or "(no name)"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M %Z")


def _dn(text: str) -> str:
    return _plain(text if len(text) <= DN_SHOWN else text[:DN_SHOWN] + "...")


def _plain(text: str) -> str:
    """Without what steers a terminal or turns the reading direction: a DN can hold anything."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
