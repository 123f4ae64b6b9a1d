"""Reports as a hostile world would make them: every text is drawn by hypothesis, every list can be long."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import cycle, islice
from random import Random

from hypothesis import strategies as st

from bot.gateways.condition import Difference
from bot.gateways.passage import PassageVerdict
from bot.gateways.report import ReportVerdict
from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, NearMiss, NearMissReason, SignedPath, Verdict
from bot.pki.findings import Finding, FindingCode, Severity
from bot.pki.names import Name
from bot.pki.parsing import BlockProblem
from bot.pki.public_web import Opinion
from bot.services.ca_list import CaEntry, RootReport
from bot.services.certificates import Listed, Shown
from bot.services.connections import ConnectionReport
from bot.services.consent import Consent
from bot.services.drift_facts import NOTHING_THERE, OTHER_CERTIFICATE, Found
from bot.services.drift_ledger import DriftReport
from bot.services.prompts import PromptReport
from bot.services.switch_report import Member, SwitchLine, SwitchReport
from bot.services.upload_report import ItemDetails, ItemReport, UploadReport
from storage.records import (
    AnchorState,
    AuditEntry,
    CaCertificate,
    Partner,
    PartnerCertificate,
    Policy,
    PromptState,
    QuietHours,
    Upload,
    UploadState,
    WaitingPrompt,
)
from storage.switch_records import (
    Approval,
    Choreography,
    Connection,
    Drift,
    DriftState,
    Proof,
    Role,
    Side,
    Switch,
    SwitchMode,
    SwitchState,
    Way,
)
from tests.lab.builders import NOW, Ca

_VERDICTS: Mapping[Way, tuple[str, ...]] = {
    Way.ENDPOINT: ("matched", "other_certificate", "untrusted", "timed_out"),
    Way.THROUGH: tuple(PassageVerdict),
    Way.REPORT: (*ReportVerdict, "used"),
}
PURPOSES = ("before", "seen", "overlap", "switch", "restore", "used")
HOSTILE = (
    "<!channel>",
    "<@UOLIVIA>",
    "<https://evil.example|sign in>",
    "`code` *bold* _it_ ~no~ ```",
    "| a | b |",
    "\u202egnirts desrever\u2066",
    "\u1fef<!here>\u1fef",  # NFC makes a backtick of it
    "&lt;!everyone&gt;",
    "line\nbreak\r\n> quote\n• bullet",
    "Z\u0351\u0352\u0353\u0354\u0355" * 200,
    "x" * 5_000,
    "&" * 5_000,
    "\u0000\u0007\u200b\ufeff",
    "",
    " ",
    "ACME Components GmbH",
)
Dealt = tuple[list[str], int]
dealt: st.SearchStrategy[Dealt] = st.tuples(
    st.lists(st.text(max_size=200), max_size=5).map(lambda drawn: [*HOSTILE, *drawn]), st.integers(0, 10_000)
)
DATES = (
    NOW,
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(1950, 1, 1, tzinfo=UTC),
    datetime(2027, 5, 1, tzinfo=UTC),
)


@cache
def _real() -> tuple[Certificate, Certificate]:
    root = Ca.root("Root")
    return Certificate.from_der(root.der), Certificate.from_der(root.leaf("leaf", san=("b2b.example",)).der)


def _der(tag: int, body: bytes) -> bytes:
    length = len(body)
    size = length.to_bytes((length.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (bytes([length]) if length < 128 else bytes([0x80 | len(size)]) + size) + body


def name(common_name: str, organisation: str) -> Name:
    """A distinguished name with any text in it (the library's own builder refuses the interesting ones)."""
    rdns = b""
    for oid, text in ((b"\x55\x04\x0a", organisation), (b"\x55\x04\x03", common_name)):
        value = _der(0x0C, text.encode("utf-8", "replace"))
        rdns += _der(0x31, _der(0x30, _der(0x06, oid) + value))
    return Name(_der(0x30, rdns))


class World:
    """Makes reports. `many` is how long the lists get; hypothesis gives the texts and how they are dealt."""

    def __init__(self, dealt: Dealt, many: int) -> None:
        self._texts, seed = dealt
        self._random = Random(seed)  # noqa: S311 - deals test data
        self.many = many
        self._names = tuple(self.text() for _ in range(many))
        self._number = 0

    def text(self) -> str:
        """A text from outside."""
        return self._random.choice(self._texts)

    def pick(self, *choices: object) -> object:
        """One of the choices."""
        return self._random.choice(choices)

    def number(self) -> int:
        """A fresh id."""
        self._number += 1
        return self._number

    def moment(self) -> datetime:
        """A date, also one that Slack cannot show."""
        chosen = self.pick(*DATES)
        assert isinstance(chosen, datetime)
        return chosen

    def certificate(self) -> Certificate:
        """A certificate with hostile names; sometimes self-signed."""
        root, leaf = _real()
        base = root if self.pick(True, False) else leaf
        subject = name(self.text(), self.text())
        return replace(
            base,
            sha256=f"{self.number():064x}",
            subject=subject,
            issuer=subject if base is root else name(self.text(), self.text()),
            not_before=self.moment(),
            not_after=self.moment(),
            san=self._names,
            extended_key_usage=self._names,
            signature_algorithm=self.text(),
            serial=2**159,
            ski=b"\xff" * 5_000,
        )

    def chain(self, verdict: Verdict | None = None) -> ChainReport:
        """A chain report of any verdict."""
        path = tuple(self.certificate() for _ in range(max(1, min(self.many, 60) // 4)))
        chosen = verdict or Verdict(str(self.pick(*Verdict)))
        missing = tuple(self.missing(path[-1]) for _ in range(2))
        anchor = path[-1] if chosen is Verdict.COMPLETE else None
        others = tuple(SignedPath(path, self.moment()) for _ in range(self.many)) if anchor else ()
        known = path[-1] if self.pick(True, False) and chosen is Verdict.UNAPPROVED_ROOT else None
        found = self.findings(path[0].sha256)
        return ChainReport(path[0], chosen, path, anchor, missing, found, path[0].not_after, 3, others, known)

    def missing(self, asked_by: Certificate) -> MissingIssuer:
        """A missing issuer with near misses."""
        keys: dict[str, str | int] = {"wanted": "01" * 20, "found": "02" * 20, "generation": 2, "generations": 3}
        near = tuple(NearMiss(self.certificate(), reason, keys) for reason in NearMissReason)
        urls = tuple(self.text() for _ in range(self.many))
        return MissingIssuer(
            name(self.text(), self.text()), self.text(), self.text(), b"\x01" * 20, 7, urls, asked_by, 1, near
        )

    def findings(self, sha256: str) -> tuple[Finding, ...]:
        """Every finding, with hostile facts."""
        data: dict[str, str | int] = {
            "date": "2026-11-24T12:00:00+00:00",
            "days": 12,
            "now": self.text(),
            "before": self.text(),
            "found": self.text(),
            "extension": self.text(),
        }
        return tuple(Finding(code, Severity.WARNING, sha256, data) for code in FindingCode)

    def partner(self) -> Partner:
        """A partner, in Slack or not."""
        team = self.pick("T0ACME", None)
        channels = tuple(f"C{place:08d}" for place in range(self.many))
        return Partner(self.number(), "acme", self.text() or "x", str(team) if team else None, channels)

    def entry(self) -> PartnerCertificate:
        """A list entry."""
        return PartnerCertificate(self.number(), 1, 1, f"{self.number():064x}", b"", self.text(), "UOLIVIA", NOW, 1)

    def ca(self) -> CaCertificate:
        """A CA list entry in any state."""
        anchor = AnchorState(str(self.pick(*AnchorState)))
        return CaCertificate(self.number(), 1, "ab" * 32, b"", anchor, "UOLIVIA", NOW, "UTESS", NOW)

    def connection(self) -> Connection:
        """A connection with choreographies."""
        over = tuple(Choreography(self.number(), self.text(), self.text()) for _ in range(self.many))
        role = Role(str(self.pick(*Role)))
        uri = self.text() if role is Role.PRESENTS or self.pick(True, True, False) else ""
        return Connection(self.number(), 1, self.text(), role, uri, "files", None, 1, over)

    def upload(self, state: UploadState) -> Upload:
        """An upload row."""
        return Upload(
            self.number(), "key", "C0ACME", "1.2", self.text(), "UOLIVIA", "T0HOME", NOW, 1, state, {"code": "html"}
        )

    def item(self) -> ItemReport:
        """One certificate of an upload."""
        kind = self.pick("partner", "ca", "unassigned", "deleted")
        connections = tuple(self.connection() for _ in range(3))
        return ItemReport(
            certificate=self.certificate(),
            kind=str(kind),  # type: ignore[arg-type]
            already=bool(self.pick(True, False)),
            entry=self.entry() if kind == "partner" else None,
            ca=self.ca() if kind == "ca" else None,
            report=self.chain(),
            findings=self.findings("ab" * 32),
            connections=connections,
            in_use_by=connections[:1],
            unblocked=tuple(self.text() for _ in range(self.many)),
            other_partners=tuple(self.text() for _ in range(self.many)),
            unnamed=self.many,
        )

    def details(self) -> ItemDetails:
        """What "Show details" shows."""
        opinion = Opinion(accepted=bool(self.pick(True, False)), reason=self.text())
        return ItemDetails(self.item(), opinion if self.pick(True, False) else None)

    def upload_report(self, state: UploadState, refusal: str | None = None) -> UploadReport:
        """The answer to a file."""
        return UploadReport(
            upload=self.upload(state),
            partner=self.partner(),
            refusal=refusal,
            refusal_data={"name": self.text(), "reason": self.text()},
            problems=tuple(BlockProblem(place, "broken_base64", {}) for place in range(self.many)),
            items=self._items() if refusal is None else (),
            partners=tuple(self.partner() for _ in range(self.many)),
        )

    def _items(self) -> tuple[ItemReport, ...]:
        """As many as wanted; a dozen are enough to be different."""
        made = [self.item() for _ in range(min(self.many, 12))]
        return tuple(islice(cycle(made), self.many)) if made else ()

    def prompt_row(self, state: PromptState) -> WaitingPrompt:
        """A prompt row."""
        urls = tuple(self.text() for _ in range(self.many))
        return WaitingPrompt(
            self.number(), 1, "ab" * 32, 1, "key", self.text(), self.text(), self.text(), "0f" * 20, urls, state,
            "UOLIVIA", "cd" * 32, NOW,
        )  # fmt: skip

    def prompt(self, state: PromptState) -> PromptReport:
        """A prompt report."""
        certificate = self.certificate()
        return PromptReport(
            prompt=self.prompt_row(state),
            certificate=certificate,
            display_name=self.text(),
            partner=self.partner(),
            report=self.chain(),
            missing=self.missing(certificate),
            public_root=self.certificate() if self.pick(True, False) else None,
            answered=self.certificate(),
            awaits_root=self.ca() if self.pick(True, False) else None,
            next_prompt=self.prompt_row(PromptState.OPEN),
        )

    def root(self, anchor: AnchorState) -> RootReport:
        """A root report."""
        waits = tuple(self.text() for _ in range(self.many))
        certificate = self.certificate()
        public = self.certificate() if self.pick(True, False) else certificate
        known = public if self.pick(True, False) else None
        return RootReport(replace(self.ca(), anchor=anchor), certificate, waits, self.text(), known)

    def switch(self, state: SwitchState) -> Switch:
        """A switch row."""
        return Switch(
            self.number(), "0123456789abcdef", 1, 1, 1, 2, "ab" * 32, "cd" * 32, *self.timing(),
            None, self.text(), state, "UOLIVIA", "T0HOME", NOW, self.sighting(), self.outcome(), 0, None, NOW,
        )  # fmt: skip

    def timing(self) -> tuple[SwitchMode, datetime | None, datetime | None, str | None]:
        """When a switch happens: its mode, moment and window, and the switch that it takes back."""
        undoes = "fedcba9876543210" if self.pick(True, False) else None
        match SwitchMode(str(self.pick(*SwitchMode))):
            case SwitchMode.NOW:
                return SwitchMode.NOW, None, None, undoes
            case SwitchMode.AT:
                return SwitchMode.AT, self.moment(), None, undoes
            case mode:
                return mode, None, self.moment(), undoes

    def outcome(self) -> dict[str, object]:
        """What a switch came to so far, as the store keeps it."""
        codes = ("not_proven", "no_way_through", "other_accepted", "abandoned", "never_seen", "disk_full", self.text())
        code = self.pick("connection_changed", *codes)
        made: dict[str, object] = {"code": code, "by": "UADAM", "reason": self.text()}
        more: dict[str, object] = {
            "since": NOW.isoformat(),
            "new_since": self.pick(NOW.isoformat(), self.text()),
            "trouble": {
                "code": self.pick("not_proven", "no_way_through", "disk_full", self.text()),
                "seen": self.sighting(),
            },
            "voided": ["UADAM", "UTESS", *(["UOLIVIA"] * self.many)],
            "restored": True,
            "retiring": True,
            "undo": True,
            "survivors": self.pick(["open_connections", "unknown_program"], ["open_until_request", self.text()], []),
        }
        return made | {name: value for name, value in more.items() if self.pick(True, False)}

    def sighting(self) -> dict[str, object]:
        """What an endpoint presented, as the store keeps it."""
        sha256 = self.pick("ab" * 32, "cd" * 32, "ef" * 32, None)
        return {
            "verdict": "seen",
            "at": NOW.isoformat(),
            "sha256": sha256,
            "subject": self.text(),
            "display_name": None,
        }

    def proof(self, purpose: str) -> Proof:
        """A proof row of any verdict."""
        way = Way(str(self.pick(*Way)))
        verdict = str(self.pick(*_VERDICTS[way], "no such word"))
        detail: dict[str, object] = {"answer": self.text(), "leaf": self.sighting(), "source": self.text()}
        detail["accepted"] = self.pick(["ab" * 32, "cd" * 32], [], self.text())
        over = self.pick(None, self.text()) if way is not Way.REPORT else None
        name = None if over is None else str(over)
        return Proof(
            self.number(), 1, purpose, name, self.text(), NOW, 12, verdict, (), self.text(), self.text(), detail, way
        )

    def switch_report(self, state: SwitchState) -> SwitchReport:
        """A switch with approvals and proofs."""
        given = {side: self.approval(side) for side in Side if self.pick(True, False)}
        others = self.pick((), (state, state), (state, *SwitchState))
        assert isinstance(others, tuple)
        return SwitchReport(
            switch=self.switch(state),
            partner=self.partner(),
            connection=self.connection(),
            old=self.entry(),
            old_certificate=self.certificate() if self.pick(True, False) else None,
            new=self.entry(),
            new_certificate=self.certificate(),
            chain=self.chain(),
            findings=self.findings("ab" * 32),
            approvals=given,
            consent=Consent.of(self.policy(), given.values()),
            proofs=tuple(self.proof(purpose) for purpose in PURPOSES for _ in range(self.many)),
            needs=tuple(side for side in Side if side not in given),
            together=tuple(Member(self.switch(one), self.connection()) for one in others),
        )

    def drift(self, state: DriftState) -> Drift:
        """A drift row."""
        code = self.pick("mended", "reload_failed", "disk_full", "still_differs", self.text())
        trouble = self.pick("unreachable", self.text(), None)
        made: dict[str, object] = {"code": code, "proven": self.pick(True, False), "trouble": trouble}
        outcome = made if self.pick(True, False) else {}
        return Drift(
            self.number(), "0123456789abcdef", 1, state, NOW, self.found().to_json(), 3, "UADAM", "T0HOME", NOW,
            outcome, NOW, self.moment(),
        )  # fmt: skip

    def found(self) -> Found:
        """What differs at a gateway, with certificates that are in the partner's list and others."""
        codes = (OTHER_CERTIFICATE, NOTHING_THERE, *(one.value for one in Difference), self.text())
        certificates = tuple(str(self.pick("ab", "cd", "ef")) * 32 for _ in range(self.many))
        held = self.pick(None, (), certificates, ("ab" * 32,))
        memory = self.pick(None, (), certificates, ("cd" * 32,))
        assert held is None or isinstance(held, tuple)
        assert memory is None or isinstance(memory, tuple)
        shown = self.sighting() if self.pick(True, False) else None
        return Found(tuple(str(self.pick(*codes)) for _ in range(2)), ("ab" * 32,), held, memory, shown)

    def drift_report(self, state: DriftState) -> DriftReport:
        """A drift as its message shows it."""
        drift = self.drift(state)
        names = {"ab" * 32: self.text(), "cd" * 32: self.text()}
        proofs = tuple(self.proof(PURPOSES[0]) for _ in range(self.many))
        return DriftReport(drift, Found.from_json(drift.found), self.connection(), self.partner(), names, proofs)

    def policy(self) -> Policy:
        """A partner's approval policy."""
        quiet = QuietHours(1_320, 361, self.text()) if self.pick(True, False) else None
        ours, days = self.pick(1, 2, 5), self.pick(None, 1, 60)
        assert isinstance(ours, int)
        assert days is None or isinstance(days, int)
        return Policy(ours, bool(self.pick(True, False)), days, quiet)

    def approval(self, side: Side) -> Approval:
        """An approval, or the partner's recorded word."""
        word = self.text() if self.pick(True, False) else None
        return Approval(
            self.number(), 1, side, True, "UADAM", "T0HOME", NOW, None, "cd" * 32, 1, self.text(), word, word, NOW
        )

    def listed(self) -> Listed:
        """A line of a partner's list."""
        return Listed(self.entry(), self.certificate(), self.chain(), tuple(self.connection() for _ in range(3)))

    def shown(self) -> Shown:
        """What `/cert show` finds."""
        if self.pick(True, False):
            return Shown(None, self.ca(), None, self.certificate(), self.chain(), self.findings("ab" * 32), (), ())
        using = (self.connection(),)
        return Shown(
            self.entry(), None, self.partner(), self.certificate(), self.chain(), self.findings("ab" * 32), using, ()
        )

    def ca_entry(self) -> CaEntry:
        """A line of the CA list."""
        return CaEntry(self.ca(), self.certificate(), 3)

    def connection_report(self) -> ConnectionReport:
        """A connection as listed."""
        return ConnectionReport(
            self.connection(), self.partner(), self.entry(), self.certificate(), (), self.switch(SwitchState.PROPOSED),
            self.drift(DriftState.OPEN) if self.pick(True, False) else None,
        )  # fmt: skip

    def switch_line(self) -> SwitchLine:
        """A line of the switches."""
        state = SwitchState(str(self.pick(*SwitchState)))
        return SwitchLine(self.switch(state), self.partner(), self.connection(), self.text(), self.text(), tuple(Side))

    def audit_entry(self) -> AuditEntry:
        """A line of the audit."""
        data, chain = {"name": self.text()}, ("0" * 64, "1" * 64)
        return AuditEntry(self.number(), NOW, "UADAM", "T0HOME", self.text(), self.text(), "", data, *chain)
