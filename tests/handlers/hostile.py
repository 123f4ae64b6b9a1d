"""Values as a hostile world would make them: every text is drawn by hypothesis, every list can be long."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from random import Random

from hypothesis import strategies as st

from bot.pki.certificate import Certificate
from bot.pki.chain import ChainReport, MissingIssuer, NearMiss, NearMissReason, SignedPath, Verdict
from bot.pki.findings import Finding, FindingCode, Severity
from bot.pki.names import Name
from storage.records import AnchorState, CaCertificate, Partner, PartnerCertificate
from storage.switch_records import Choreography, Connection, Role
from tests.lab.builders import NOW, Ca

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


class Dealer:
    """Makes values. `many` is how long the lists get; hypothesis gives the texts and how they are dealt."""

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
