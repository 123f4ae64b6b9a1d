"""The evidence of a switch as one page to print or to file: HTML without a script or anything from elsewhere.

A usual switch fits on one sheet of A4: what would repeat is said once, and nothing is left out for it.
"""

from collections.abc import Mapping, Sequence
from html import escape

from bot.services.evidence import Doubt, Evidence
from bot.services.switches import SwitchReport
from handlers.views import address, evidence_proofs, markup, sentences, timing
from handlers.views.limits import DN_SHOWN, REASON_SHOWN
from handlers.views.text import NOTHING, groups, plain, unmarked
from handlers.views.values import Approval, AuditEntry, Certificate, Connection, Side, Switch

_DOUBTS = {
    Doubt.ENTRY_CHANGED: "An audit entry of this switch does not say what its digest was made of.",
    Doubt.STATE_DIFFERS: "The state of the switch is not the one that the audit recorded last.",
    Doubt.APPROVAL_UNAUDITED: "The audit knows nothing of a decision that is shown here.",
    Doubt.PROOFS_DIFFER: "The proofs shown here are not those that the audit named when the switch ended.",
}
_SIDES = {Side.OURS: "ours", Side.PARTNER: "the partner's"}

_STYLE = """
:root{color-scheme:light}
body{font:10.5pt/1.45 system-ui,sans-serif;color:#1d1c1d;background:#fff}
body{max-width:64rem;margin:2rem auto;padding:0 1.5rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.4rem 0 .4rem;border-bottom:1px solid #ccc}
p{margin:.3rem 0}.doubt{border:2px solid #a40000;padding:.5rem .8rem;margin:1rem 0}
table{border-collapse:collapse;width:100%}.wide{overflow-x:auto}
th,td{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0;overflow-wrap:break-word}
thead th{border-bottom:1px solid #ccc;font-weight:600}tbody th{font-weight:600;white-space:nowrap;width:7rem}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:.1rem 1.5rem;margin:0}
dl div{display:grid;grid-template-columns:8.6rem 1fr}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
time{white-space:nowrap}td div{padding-left:.8rem;text-indent:-.8rem}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}.whole td code{overflow-wrap:break-word}
.proofs td:first-child{width:25%}.proofs td:last-child{width:42%}
footer{margin-top:1.4rem;color:#555;font-size:9pt}
@page{size:A4;margin:12mm}
@media print{body{font-size:7.5pt;line-height:1.32;margin:0;max-width:none;padding:0}
h1{font-size:12pt}h2{font-size:9pt;margin:.55rem 0 .2rem}h2{break-after:avoid}tr,dl div{break-inside:avoid}
dl{grid-template-columns:1fr 1fr}.wide{overflow:visible}dl div{grid-template-columns:6.4rem 1fr}tbody th{width:5.4rem}
th,td{padding:.06rem .6rem .06rem 0}p{margin:.15rem 0}footer{margin-top:.5rem;font-size:7pt}}
"""


def page(evidence: Evidence) -> str:
    """The whole page, for a browser or for paper."""
    report = evidence.report
    title = escape(plain(f"Switch of {report.connection.name}: {unmarked(sentences.state(report.switch.state))}"))
    body = [
        f"<h1>{title}</h1>",
        f"<p>Evidence of switch {markup.code(report.switch.public_id)}, as of {markup.when(evidence.made_at)}.</p>",
        *(f'<p class="doubt"><strong>Doubt:</strong> {markup.text(_DOUBTS[one])}</p>' for one in evidence.doubts),
        _request(evidence),
        markup.section("Certificates", _certificates(evidence)),
        markup.section("Decisions", _decisions(evidence)),
        markup.section("Proofs", f'<div class="proofs">{evidence_proofs.table(report)}</div>'),
        markup.section("Audit", _audit(evidence.entries)),
        _footer(evidence),
    ]
    lines = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f'<meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head>'
        f"<body><main>\n{lines}\n</main></body></html>\n"
    )


def _request(evidence: Evidence) -> str:
    report = evidence.report
    switch, connection = report.switch, report.connection
    return markup.section(
        "Request",
        markup.facts(
            ("Partner", f"{markup.text(report.partner.name)} ({markup.text(report.partner.key)})"),
            (
                "Connection",
                f"{markup.text(connection.name)}, role {markup.text(connection.role.value)}, {_address(connection)}",
            ),
            ("Gateway", markup.text(connection.gateway)),
            ("Choreographies", markup.text(", ".join(one.name for one in connection.choreographies), REASON_SHOWN)),
            (
                "Asked by",
                f"{markup.person(switch.requested_by, switch.requested_team)}, {markup.when(switch.requested_at)}",
            ),
            ("When", _planned(switch)),
            *([("Decided with", _together(report))] if report.together else []),
            ("Reason", markup.text(switch.reason, REASON_SHOWN)),
            ("State", f"{markup.text(unmarked(sentences.state(switch.state)))}, {markup.when(switch.changed_at)}"),
        ),
    )


def _planned(switch: Switch) -> str:
    times = [f"planned for {markup.when(switch.due_at)}"] if switch.due_at else []
    times += [f"until {markup.when(switch.until)}"] if switch.until else []
    undoes = [f"takes back switch {markup.code(switch.undoes)}"] if switch.undoes else []
    return ", ".join([markup.text(timing.SHORTLY[switch.mode]), *times, *undoes])


def _address(connection: Connection) -> str:
    return address.COMES_TO_US if connection.comes_to_us else markup.code(connection.uri)


def _together(report: SwitchReport) -> str:
    others = (one for one in report.together if one.switch.public_id != report.switch.public_id)
    return (
        ", ".join(f"{markup.code(one.switch.public_id)} of {markup.text(one.connection.name)}" for one in others)
        or NOTHING
    )


def _certificates(evidence: Evidence) -> str:
    report = evidence.report
    path = " ← ".join(markup.text(one.subject.rfc4514, DN_SHOWN) for one in report.chain.path)
    old = _certificate(report.old_certificate, report.old.display_name if report.old else None)
    new = _certificate(report.new_certificate, report.new.display_name if report.new else None)
    rows = (
        f'<tr><th scope="row">{name}</th><td>{was}</td><td>{is_now}</td></tr>'
        for name, was, is_now in zip(_CERTIFICATE_FACTS, old, new, strict=True)
    )
    return (
        '<div class="wide"><table><thead><tr><td></td><th scope="col">Old</th><th scope="col">New</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div><p>Chain of the new one on the day of this page: {path}</p>"
    )


_CERTIFICATE_FACTS = ("Name", "SHA-256", "Subject", "Issuer", "Serial", "Valid from", "Valid to")


def _certificate(certificate: Certificate | None, name: str | None) -> tuple[str, ...]:
    if certificate is None:
        return ("none was in use", *(NOTHING for _ in _CERTIFICATE_FACTS[1:]))
    return (
        markup.text(name or NOTHING),
        markup.code(groups(certificate.sha256)),
        markup.text(certificate.subject.rfc4514, DN_SHOWN),
        markup.text(certificate.issuer.rfc4514, DN_SHOWN),
        markup.code(f"{certificate.serial:x}"),
        markup.when(certificate.not_before),
        markup.when(certificate.not_after),
    )


def _decisions(evidence: Evidence) -> str:
    if not evidence.approvals:
        return "<p>Nobody has decided.</p>"
    known = evidence_proofs.known(evidence.report)
    rows = (_decision(one, known) for one in evidence.approvals)
    return markup.table(("Side", "Decision", "Who", "When", "Bound to"), rows)


def _decision(approval: Approval, known: Mapping[str | None, str]) -> tuple[str, ...]:
    word = f", word of {markup.text(approval.word_name)}" if approval.word_name else ""
    reason = f": {markup.text(approval.reason, REASON_SHOWN)}" if approval.reason else ""
    old, new = (known.get(one) or markup.code(one or NOTHING) for one in (approval.from_sha256, approval.to_sha256))
    return (
        markup.text(_SIDES[approval.side]),
        f"{'approved' if approval.approved else 'rejected'}{reason}",
        f"{markup.person(approval.user_id, approval.team_id)}{word}",
        markup.when(approval.at),
        f"{old} → {new} (SHA-256 above), connection version {approval.connection_version}",
    )


def _audit(entries: Sequence[AuditEntry]) -> str:
    places = {one.source or NOTHING for one in entries}
    alike = len(places) == 1
    rows = (
        (
            str(one.id),
            markup.when(one.at),
            markup.person(one.actor, one.team),
            f"{markup.text(unmarked(sentences.deed(one.action)))} {markup.code(one.action)}",
            *([] if alike else [markup.code(one.source or NOTHING)]),
            markup.code(one.digest),
        )
        for one in entries
    )
    where = f"<p>All of it from {markup.code(places.pop())}</p>" if alike else ""
    columns = ("Entry", "When", "Who", "What", *([] if alike else ["From where"]), "Digest")
    return f'<div class="whole">{markup.table(columns, rows)}</div>{where}'


def _footer(evidence: Evidence) -> str:
    return (
        f"<footer><p>Head of the audit: {markup.code(evidence.head.digest)}, {evidence.head.entries:,} entries. "
        "<code>countersign audit verify --expect DIGEST</code> tells whether a digest of this page is still in the "
        "audit, and whether the audit is whole.</p><p>Times are UTC. Persons are Slack user and team ids.</p></footer>"
    )
