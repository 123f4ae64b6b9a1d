"""Reports of switches and drifts as a hostile world would make them."""

from collections.abc import Mapping
from datetime import datetime

from bot.gateways.condition import Difference
from bot.gateways.passage import PassageVerdict
from bot.gateways.report import ReportVerdict
from bot.services.consent import Consent
from bot.services.drift_facts import NOTHING_THERE, OTHER_CERTIFICATE, Found
from bot.services.drift_ledger import DriftReport
from bot.services.switch_report import Member, SwitchLine, SwitchReport
from storage.records import Policy, QuietHours
from storage.switch_records import Approval, Drift, DriftState, Proof, Side, Switch, SwitchMode, SwitchState, Way
from tests.handlers.hostile import Dealer
from tests.lab.builders import NOW

_VERDICTS: Mapping[Way, tuple[str, ...]] = {
    Way.ENDPOINT: ("matched", "other_certificate", "untrusted", "timed_out"),
    Way.THROUGH: tuple(PassageVerdict),
    Way.REPORT: (*ReportVerdict, "used"),
}

PURPOSES = ("before", "seen", "overlap", "switch", "restore", "used")


class SwitchWorld(Dealer):
    """Makes what is told of switches, their proofs and what differs at a gateway."""

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

    def switch_line(self) -> SwitchLine:
        """A line of the switches."""
        state = SwitchState(str(self.pick(*SwitchState)))
        return SwitchLine(self.switch(state), self.partner(), self.connection(), self.text(), self.text(), tuple(Side))
