"""A world whose bot dies where it is told to and is there again at once."""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import Core, now
from bot.services.errors import Outdated, WrongState
from bot.services.people import Person, PersonRole, Spot
from bot.services.switches import Side, SwitchReport, SwitchState
from bot.services.timing import AT_ONCE, Timing
from bot.slack_client import open_client
from storage.records import PartnerCertificate
from storage.switch_records import SwitchMode
from tests.e2e.conftest import World
from tests.e2e.edge import NAMES
from tests.e2e.launcher import Launching
from tests.e2e.office import wait_for
from tests.e2e.test_story import ACME, complete_chain
from tests.patience import PATIENCE_SECONDS

HOME = "T0NORDWIND"
OLIVIA = Person("UOLIVIA", HOME, "Olivia", frozenset({PersonRole.OPERATOR}), is_home=True)
ADAM = Person("UADAM", HOME, "Adam", frozenset({PersonRole.APPROVER}), is_home=True)
PAULA = Person("UPAULA", "T0ACME", "Paula")
ENDS = frozenset({SwitchState.PROVEN, SwitchState.ROLLED_BACK, SwitchState.FAILED})


@dataclass(frozen=True)
class Story:
    """A switch of a connection to its other certificate.

    `flipped`: the partner presents that one by then. `overlaps`: it does so once both are accepted; the old one is then
    retired by a click, which is a roll-out of its own.
    """

    connection: str
    end: SwitchState
    flipped: bool = False
    overlaps: bool = False


FLIPPED = Story(NAMES.outbound, SwitchState.PROVEN, flipped=True)
NOT_FLIPPED = Story(NAMES.outbound, SwitchState.ROLLED_BACK)
OVERLAP = Story(NAMES.outbound, SwitchState.PROVEN, overlaps=True)
OURS = Story(NAMES.ours, SwitchState.PROVEN)  # what we present ourselves waits for nobody
LONGEST_OVERLAP = timedelta(hours=1)


class MortalWorld(World):
    """A world whose bots are forked by a launcher with a fuse (`dying_bot`)."""

    has_way_through = False
    launching: Launching

    def take_in(self, launching: Launching) -> None:
        """The partner's new certificate with its chain, as the story has it."""
        self.launching = launching
        self.misbehave(rate_limits=False)  # so many switches in so short a time would spend their lives waiting
        self.more_settings = {"WATCH_SECONDS": "0.3"}
        self.core = Core(self.settings)
        self.deaths: Counter[str] = Counter()
        self.switches: list[str] = []
        self.counted: dict[tuple[Story, str], list[str]] = {}
        self.start_bot()
        wait_for("the bot to connect", lambda: self.workspace.sockets > 0, PATIENCE_SECONDS)
        self.choices = {NAMES.outbound: self.choice(NAMES.outbound, self._drop_theirs)}
        self.settle()

    def _drop_theirs(self) -> None:
        self.thread, _ = complete_chain(self)

    def choice(self, connection: str, drop: Callable[[], None]) -> tuple[PartnerCertificate, ...]:
        """The certificate in use, and the one that comes with the drop."""
        partner = self.core.services.connections.by_name(connection).connection.partner_id
        before = self._entries(partner)
        drop()
        (new,) = {one.id: one for one in self._entries(partner)}.keys() - {one.id for one in before}
        old = self.core.services.connections.by_name(connection).current
        assert old is not None
        return old, next(one for one in self._entries(partner) if one.id == new)

    def _entries(self, partner_id: int) -> tuple[PartnerCertificate, ...]:
        with self.core.store.reading() as tx:
            return tx.certificates.entries(partner_id)

    def start_bot(self) -> None:
        """One more life; what it takes up is not waited for."""
        self.bot = self.launching.start(self.environment, self.log)

    @property
    def passed(self) -> list[str]:
        """The boundaries that were passed since the fuse was armed."""
        passed: list[str] = self.launching.ask("passed")["passed"]
        return passed

    def close(self) -> None:
        """End it all."""
        super().close()
        if hasattr(self, "core"):
            self.core.close()

    def crash(self, story: Story, lasts: int | None, within: str) -> tuple[SwitchState, bool]:
        """One switch, one death after so many boundaries (None: no death): how it ended, and whether nobody died."""
        public_id, which = self._proposed(story)
        self.launching.ask("arm", lasts=lasts, within=within)
        if story.flipped:
            self.lab.set_presented("acme", which)
        survived = self._live_through(public_id, which)
        if survived and lasts is not None:  # a fuse that was too long would burn on in the next switch
            self._disarm()
        return self._check_agreement(story, public_id), survived

    def _proposed(self, story: Story) -> tuple[str, str]:
        """A switch to the certificate that is not in use, `old` or `new`, with all approvals but the last."""
        services = self.core.services
        detail = services.connections.by_name(story.connection)
        assert detail.current is not None
        old, new = self.choices[story.connection]
        other, which = (old, "old") if detail.current.id == new.id else (new, "new")
        timing = Timing(SwitchMode.OVERLAP, until=now() + LONGEST_OVERLAP) if story.overlaps else AT_ONCE
        spot = Spot(ACME, self.thread)
        switch = services.switches.propose(
            OLIVIA, detail.connection.id, other.id, "The old one ends soon", spot, timing
        )
        services.switches.approve(ADAM, switch.public_id, Side.OURS)
        self._settle_message(switch.public_id)
        self.switches.append(switch.public_id)
        return switch.public_id, which

    def _settle_message(self, public_id: str) -> None:
        """Its proposal stands in the thread and is as new as the store."""
        waiting = "select 1 from notice where done_at is null and subject = ?"
        self._wait("the proposal", lambda: None if self.rows(waiting, f"switch:{public_id}") else "told")

    def _live_through(self, public_id: str, which: str) -> bool:
        """From the last approval to the end of the switch, in as many lives as it takes; whether one was enough."""
        self.core.services.switches.approve(PAULA, public_id, Side.PARTNER)
        died = self._wait("a death or the end", lambda: self._dead() or self._carried_on(public_id, which)) == "dead"
        if died:
            self.deaths[self.passed[-1]] += 1
            self._disarm()
            self._wait("the end of the switch", lambda: self._carried_on(public_id, which))
        return not died

    def _carried_on(self, public_id: str, which: str) -> str | None:
        """Whether it is over; in an overlap the partner flips, and when that is seen the old one is retired."""
        if self.rows("select 1 from switch where public_id = ? and state = ?", public_id, SwitchState.OVERLAP):
            self.lab.set_presented("acme", which)
            with suppress(Outdated, WrongState):  # not seen yet, or retired by the look before this one
                self.core.services.overlaps.retire(ADAM, public_id)
        return self._over(public_id)

    def _disarm(self) -> None:
        """Nobody is killed any more; who was, after the end of its switch, is there again."""
        if self.launching.ask("arm", lasts=None, within="")["blown"]:
            self._wait("the death", self._dead)
            self.start_bot()

    def _wait(self, what: str, look: Callable[[], str | None]) -> str:
        try:
            return wait_for(what, look, PATIENCE_SECONDS)
        except AssertionError as error:
            states = self.rows("select state, outcome from switch order by id desc limit 1")
            due = self.rows("select subject from notice where done_at is null")
            alive, log = self._dead() or "alive", self.log.read_text()[-3000:]
            raise AssertionError(f"{error}: {alive}, {states}, {due}, {self.deaths}; the log ends: {log}") from None

    def _dead(self) -> str | None:
        return "dead" if self.bot is None or self.bot.poll() is not None else None

    def _over(self, public_id: str) -> str | None:
        """Ended, and told in the thread."""
        ended = "select 1 from switch where public_id = ? and state in (?, ?, ?)"
        due = "select 1 from notice where done_at is null and subject in (?, ?)"
        over = self.rows(ended, public_id, *ENDS) and not self.rows(due, f"switch:{public_id}", f"proof:{public_id}")
        return "over" if over else None

    def report(self, public_id: str) -> SwitchReport:
        """The switch as it stands."""
        return self.core.services.switches.report(public_id)

    def _check_agreement(self, story: Story, public_id: str) -> SwitchState:
        """Store, gateway and audit tell one story: one beginning, one end, nothing in between."""
        switch = self.report(public_id).switch
        in_use = switch.to_sha256 if switch.state is SwitchState.PROVEN else switch.from_sha256
        current = self.core.services.connections.by_name(story.connection).current
        assert current is not None
        assert current.sha256 == in_use
        self.check_gateway(story.connection, in_use)
        with self.core.store.reading() as tx:
            actions = Counter(entry.action for entry in tx.audit.recent(100, subject=f"switch:{public_id}"))
        assert actions["switch.switching"] == (2 if story.overlaps else 1)
        assert {name: actions[f"switch.{name}"] for name in ENDS if actions[f"switch.{name}"]} == {switch.state: 1}
        return switch.state

    def check_gateway(self, connection: str, in_use: str) -> None:
        """The gateway has this certificate for the connection, and no other."""
        assert pins(self.folder / "data/gateway", connection) == [in_use]

    def check_told_once(self) -> None:
        """Of every switch one proposal and one outcome are in the thread, and the audit is whole."""
        due = "select 1 from notice where done_at is null"
        self._wait("all messages to follow", lambda: None if self.rows(due) else "told")
        client = open_client(self.workspace.bot_token, self.workspace.api_url)
        told: Counter[str] = Counter()
        cursor = ""
        while True:
            page = client.conversations_replies(
                channel=ACME, ts=self.thread, limit=200, cursor=cursor, include_all_metadata=True
            )
            told.update(_subject(message) for message in page["messages"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        expected = {f"{kind}:{public_id}": 1 for public_id in self.switches for kind in ("switch", "proof")}
        assert {subject: told[subject] for subject in expected} == expected
        assert self.core.services.audit.verify().is_whole


def pins(root: Path, connection: str) -> list[str]:
    """What the gateway's disk has in use."""
    found: list[str] = json.loads((root / connection / "current/pins.json").read_text())["sha256"]
    return found


def _subject(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("subject", ""))
