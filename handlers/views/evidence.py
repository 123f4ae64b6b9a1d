"""The evidence of a switch as one page to print or to file: HTML without a script or anything from elsewhere."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from bot.services.evidence import Doubt, Evidence
from bot.services.switches import SwitchReport
from handlers.views import address, sentences, timing, ways
from handlers.views.limits import DN_SHOWN, REASON_SHOWN
from handlers.views.text import NOTHING, groups, plain, unmarked
from handlers.views.values import Approval, AuditEntry, Certificate, Connection, Proof, Side, Switch, Way

_DOUBTS = {
    Doubt.ENTRY_CHANGED: "An audit entry of this switch does not say what its digest was made of.",
    Doubt.STATE_DIFFERS: "The state of the switch is not the one that the audit recorded last.",
    Doubt.APPROVAL_UNAUDITED: "The audit knows nothing of a decision that is shown here.",
    Doubt.PROOFS_DIFFER: "The proofs shown here are not those that the audit named when the switch ended.",
}
_SIDES = {Side.OURS: "ours", Side.PARTNER: "the partner's"}
_PURPOSES = {
    "before": "before the switch",
    "seen": "first seen with the new one",
    "overlap": "to prove that both are accepted",
    "switch": "to prove the switch",
    "restore": "to prove the restored state",
    "used": "first use of the new one",
}
_WAYS = {Way.THROUGH: "through the gateway", Way.REPORT: "the gateway's own report"}  # the others are handshakes

_TIMES_SHOWN = 4  # of tries that showed the same

_STYLE = """
:root{color-scheme:light}
body{font:10.5pt/1.45 system-ui,sans-serif;color:#1d1c1d;background:#fff}
body{max-width:60rem;margin:2rem auto;padding:0 1.5rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem;border-bottom:1px solid #ccc}
p{margin:.3rem 0}.doubt{border:2px solid #a40000;padding:.5rem .8rem;margin:1rem 0}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.15rem .8rem .15rem 0;overflow-wrap:break-word}
thead th{border-bottom:1px solid #ccc;font-weight:600}td:last-child{min-width:17rem}
tbody th{font-weight:600;white-space:nowrap;width:9rem}time{white-space:nowrap}
.proofs td:nth-child(2),.proofs td:nth-child(3){min-width:8.5em}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}footer{margin-top:1.6rem;color:#555;font-size:9pt}
@page{size:A4;margin:12mm}
@media print{body{font-size:7.5pt;margin:0;max-width:none;padding:0}tr{break-inside:avoid}
.proofs td:nth-child(2),.proofs td:nth-child(3){min-width:5.4em}}
"""


def page(evidence: Evidence) -> str:
    """The whole page, for a browser or for paper."""
    report = evidence.report
    title = escape(plain(f"Switch of {report.connection.name}: {unmarked(sentences.state(report.switch.state))}"))
    body = [
        f"<h1>{title}</h1>",
        f"<p>Evidence of switch {_code(report.switch.public_id)}, put together {_when(evidence.made_at)}.</p>",
        *(f'<p class="doubt"><strong>Doubt:</strong> {_text(_DOUBTS[one])}</p>' for one in evidence.doubts),
        _request(evidence),
        _section("Certificates", _certificates(evidence)),
        _section("Decisions", _decisions(evidence.approvals)),
        _section("Proofs", f'<div class="proofs">{_proofs(report.proofs)}</div>'),
        _section("Audit", _audit(evidence.entries)),
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
    return _section(
        "Request",
        _facts(
            ("Partner", f"{_text(report.partner.name)} ({_text(report.partner.key)})"),
            ("Connection", f"{_text(connection.name)}, role {_text(connection.role.value)}, {_address(connection)}"),
            ("Gateway", _text(connection.gateway)),
            ("Choreographies", _text(", ".join(one.name for one in connection.choreographies), REASON_SHOWN)),
            ("Asked by", f"{_person(switch.requested_by, switch.requested_team)}, {_when(switch.requested_at)}"),
            ("When", _planned(switch)),
            *([("Decided with", _together(report))] if report.together else []),
            ("Reason", _text(switch.reason, REASON_SHOWN)),
            ("State", f"{_text(unmarked(sentences.state(switch.state)))}, {_when(switch.changed_at)}"),
        ),
    )


def _planned(switch: Switch) -> str:
    times = [f"planned for {_when(switch.due_at)}"] if switch.due_at else []
    times += [f"until {_when(switch.until)}"] if switch.until else []
    undoes = [f"takes back switch {_code(switch.undoes)}"] if switch.undoes else []
    return ", ".join([_text(timing.SHORTLY[switch.mode]), *times, *undoes])


def _address(connection: Connection) -> str:
    return address.COMES_TO_US if connection.comes_to_us else _code(connection.uri)


def _together(report: SwitchReport) -> str:
    others = (one for one in report.together if one.switch.public_id != report.switch.public_id)
    return ", ".join(f"{_code(one.switch.public_id)} of {_text(one.connection.name)}" for one in others) or NOTHING


def _certificates(evidence: Evidence) -> str:
    report = evidence.report
    path = " ← ".join(_text(one.subject.rfc4514, DN_SHOWN) for one in report.chain.path)
    old = _certificate(report.old_certificate, report.old.display_name if report.old else None)
    new = _certificate(report.new_certificate, report.new.display_name if report.new else None)
    rows = (
        f'<tr><th scope="row">{name}</th><td>{was}</td><td>{is_now}</td></tr>'
        for name, was, is_now in zip(_CERTIFICATE_FACTS, old, new, strict=True)
    )
    return (
        '<table><thead><tr><td></td><th scope="col">Old</th><th scope="col">New</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table><p>Chain of the new one on the day of this page: {path}</p>"
    )


_CERTIFICATE_FACTS = ("Name", "SHA-256", "Subject", "Issuer", "Serial", "Valid from", "Valid to")


def _certificate(certificate: Certificate | None, name: str | None) -> tuple[str, ...]:
    if certificate is None:
        return ("none was in use", *(NOTHING for _ in _CERTIFICATE_FACTS[1:]))
    return (
        _text(name or NOTHING),
        _code(groups(certificate.sha256)),
        _text(certificate.subject.rfc4514, DN_SHOWN),
        _text(certificate.issuer.rfc4514, DN_SHOWN),
        _code(f"{certificate.serial:x}"),
        _when(certificate.not_before),
        _when(certificate.not_after),
    )


def _decisions(approvals: Sequence[Approval]) -> str:
    if not approvals:
        return "<p>Nobody has decided.</p>"
    return _table(("Side", "Decision", "Who", "When", "Bound to"), (_decision(one) for one in approvals))


def _decision(approval: Approval) -> tuple[str, ...]:
    word = f", word of {_text(approval.word_name)}" if approval.word_name else ""
    reason = f": {_text(approval.reason, REASON_SHOWN)}" if approval.reason else ""
    return (
        _text(_SIDES[approval.side]),
        f"{'approved' if approval.approved else 'rejected'}{reason}",
        f"{_person(approval.user_id, approval.team_id)}{word}",
        _when(approval.at),
        f"{_code(approval.to_sha256)}, version {approval.connection_version}",
    )


def _proofs(proofs: Sequence[Proof]) -> str:
    if not proofs:
        return "<p>There was none.</p>"
    alike: dict[tuple[object, ...], list[Proof]] = {}
    for one in proofs:
        showed = (one.verdict, one.detail.get("answer"), one.protocol, one.cipher, *_certificates_of(one))
        alike.setdefault((one.purpose, one.way, one.choreography, one.endpoint, *showed), []).append(one)
    columns = ("When", "Why, and how", "Asked", "Result", "Certificates (SHA-256)")
    return _table(columns, (_proof(one) for one in alike.values()))


def _proof(tries: Sequence[Proof]) -> tuple[str, ...]:
    """Those that showed the same, round after round, in one row; the JSON has each by itself."""
    proof = tries[0]
    over = f", {_text(proof.choreography)}" if proof.choreography else ""
    how = f", {_WAYS[proof.way]}" if proof.way in _WAYS else ""
    took = f"{' and '.join(f'{one.duration_ms:,}' for one in tries[:_TIMES_SHOWN])} ms"
    more = f", {len(tries):,} times in all" if tries[_TIMES_SHOWN:] else ""
    by = ", ".join(part for part in (proof.protocol, proof.cipher, took) if part)
    return (
        "<br>".join(dict.fromkeys(_when(one.at) for one in tries[:_TIMES_SHOWN])),
        f"{_text(_PURPOSES.get(proof.purpose, proof.purpose))}{over}{how}",
        _code(proof.endpoint),
        f"{_text(unmarked(ways.shown(proof)))}, {_text(by)}{more}",
        "<br>".join(_code(one) for one in _certificates_of(proof)) or NOTHING,
    )


def _certificates_of(proof: Proof) -> tuple[str, ...]:
    """What was presented; of a report what is accepted."""
    accepted = proof.detail.get("accepted") if proof.way is Way.REPORT else None
    return tuple(str(one) for one in accepted) if isinstance(accepted, list) else proof.presented


def _audit(entries: Sequence[AuditEntry]) -> str:
    rows = (
        (
            str(one.id),
            _when(one.at),
            _person(one.actor, one.team),
            f"{_text(unmarked(sentences.deed(one.action)))} {_code(one.action)}",
            _code(one.source or NOTHING),
            _code(one.digest),
        )
        for one in entries
    )
    return _table(("Entry", "When", "Who", "What", "From where", "Digest"), rows)


def _footer(evidence: Evidence) -> str:
    return (
        f"<footer><p>Head of the audit: {_code(evidence.head.digest)}, {evidence.head.entries:,} entries. "
        "<code>countersign audit verify --expect DIGEST</code> tells whether a digest of this page is still in the "
        "audit, and whether the audit is whole.</p><p>Times are UTC. Persons are Slack user and team ids.</p></footer>"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{title}</h2>{content}</section>"


def _facts(*facts: tuple[str, str]) -> str:
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in facts)
    return f"<table><tbody>{rows}</tbody></table>"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in columns)
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _person(user_id: str, team_id: str) -> str:
    return f"{_code(user_id)} of {_code(team_id)}" if team_id else _code(user_id)


def _when(at: datetime) -> str:
    return f"<time>{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}</time>"


def _text(text: str, limit: int = 200) -> str:
    """Text from outside: nothing unseen, no markup, and its direction ends with it."""
    return f"<bdi>{escape(plain(text, limit))}</bdi>"


def _code(text: str) -> str:
    return f"<code>{escape(plain(text, DN_SHOWN))}</code>"
