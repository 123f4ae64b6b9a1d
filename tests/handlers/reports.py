"""Reports of everything that the bot shows, as a hostile world would make them."""

from dataclasses import replace
from itertools import cycle, islice

from bot.pki.parsing import BlockProblem
from bot.pki.public_web import Opinion
from bot.services.ca_list import CaEntry, RootReport
from bot.services.certificates import Listed, Shown
from bot.services.connections import ConnectionReport
from bot.services.prompts import PromptReport
from bot.services.upload_report import ItemDetails, ItemReport, UploadReport
from storage.records import AnchorState, AuditEntry, PromptState, Upload, UploadState, WaitingPrompt
from storage.switch_records import DriftState, SwitchState
from tests.handlers.switch_reports import SwitchWorld
from tests.lab.builders import NOW


class World(SwitchWorld):
    """Makes reports; `many` is how long their lists get."""

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

    def audit_entry(self) -> AuditEntry:
        """A line of the audit."""
        data, chain = {"name": self.text()}, ("0" * 64, "1" * 64)
        return AuditEntry(self.number(), NOW, "UADAM", "T0HOME", self.text(), self.text(), "", data, *chain)
