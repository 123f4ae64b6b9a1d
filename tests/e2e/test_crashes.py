"""`kill -9` at every boundary of a roll-out by the real bot: the next one ends it, proven or restored-and-proven.

The bot is the product's own `run`; where it dies is counted (`dying_bot`), not listed. Here a share of the boundaries
is tried, other ones in each run; CRASHES=all (`make crashes`) tries every one.
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.app import Core
from bot.services.people import Person, PersonRole, Spot
from bot.services.switches import Side, SwitchReport, SwitchState
from storage.records import PartnerCertificate
from tests.databases import KINDS, MEMORY, POSTGRESQL, SQLITE, empty_postgresql
from tests.e2e.conftest import ROOT, World
from tests.e2e.office import wait_for
from tests.e2e.test_story import ACME, complete_chain

# Of each of the two stories; `make crashes` tries all of them on both databases.
POINTS = {SQLITE: 15, POSTGRESQL: 8}
POINTS_OF_MESSAGES = 2
FEWEST_BOUNDARIES = 50
# How the ids of the workflows begin that carry a switch out, and that tell of it (`handlers.jobs`).
ROLL_OUT, MESSAGES = "rollout:", "follow:"
ALL = os.environ.get("CRASHES") == "all"
PATIENCE_SECONDS = 60.0

HOME = "T0NORDWIND"
OLIVIA = Person("UOLIVIA", HOME, "Olivia", frozenset({PersonRole.OPERATOR}), is_home=True)
ADAM = Person("UADAM", HOME, "Adam", frozenset({PersonRole.APPROVER}), is_home=True)
PAULA = Person("UPAULA", "T0ACME", "Paula")
ENDS = frozenset({SwitchState.PROVEN, SwitchState.ROLLED_BACK, SwitchState.FAILED})


class MortalWorld(World):
    """A world whose bot dies where it is told to, and is there again at once."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url=database_url)
        self.core = Core(self.settings)
        self.old = self.core.services.connections.by_name("acme-https").current
        self.launcher = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.dying_bot", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.trusted = folder / "trusted.pem"
        self.trusted.write_bytes(self.sample("acme-b2b-new.pem"))
        self.deaths: Counter[str] = Counter()
        self.switches: list[str] = []

    def ask(self, do: str, **more: object) -> Any:
        """One request to the launcher."""
        assert self.launcher.stdin is not None
        assert self.launcher.stdout is not None
        self.launcher.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self.launcher.stdin.flush()
        line = self.launcher.stdout.readline()
        assert line, "the launcher is gone"
        return json.loads(line)

    @property
    def environment(self) -> dict[str, str]:
        """With one trusted CA instead of all: reading those is much of a life, and nothing here speaks to them."""
        return {**super().environment, "SSL_CERT_FILE": str(self.trusted)}

    def start_bot(self) -> None:
        """One more life; what it takes up is not waited for."""
        self.ask("live", environment=self.environment)

    def kill_bot(self) -> None:
        """`kill -9`, from outside."""
        self.ask("kill")

    def take_in(self) -> None:
        """The partner's new certificate with its chain, as the story has it."""
        self.start_bot()
        wait_for("the bot to connect", lambda: self.workspace.sockets > 0, PATIENCE_SECONDS)
        self.thread, _ = complete_chain(self)
        self.settle()

    def close(self) -> None:
        """End it all, the launcher with its bot."""
        assert self.launcher.stdin is not None
        self.launcher.stdin.close()
        self.launcher.wait()
        self.core.close()
        super().close()

    def approved(self, lasts: int | None, within: str) -> tuple[str, str]:
        """A switch to the certificate that is not in use, with all approvals; `lasts` boundaries from its last one on.

        Its public id, and `old` or `new`, for what the partner has to present.
        """
        services = self.core.services
        detail = services.connections.by_name("acme-https")
        other = next(one for one in self._entries(detail.connection.partner_id) if one != detail.current)
        spot = Spot(ACME, self.thread)
        switch = services.switches.propose(OLIVIA, detail.connection.id, other.id, "The old one ends soon", spot)
        services.switches.approve(ADAM, switch.public_id, Side.OURS)
        self.settle_message(switch.public_id)
        self.ask("arm", lasts=lasts, within=within)
        self.switches.append(switch.public_id)
        return switch.public_id, "old" if other == self.old else "new"

    def settle_message(self, public_id: str) -> None:
        """Its proposal stands in the thread and is as new as the store."""
        waiting = "select 1 from notice where done_at is null and subject = ?"
        self._wait("the proposal", lambda: None if self.rows(waiting, f"switch:{public_id}") else "told")

    def _entries(self, partner_id: int) -> tuple[PartnerCertificate, ...]:
        with self.core.store.reading() as tx:
            return tx.certificates.entries(partner_id)

    def live_through(self, public_id: str) -> bool:
        """From the last approval to the end of the switch, in as many lives as it takes; whether one was enough."""
        self.core.services.switches.approve(PAULA, public_id, Side.PARTNER)
        died = self._wait("a death or the end", lambda: self._dead() or self._over(public_id)) == "dead"
        if died:
            self.deaths[self.ask("look")["passed"][-1]] += 1
            self.ask("arm", lasts=None, within="")
            self.start_bot()
            self._wait("the end of the switch", lambda: self._over(public_id))
        return not died

    def _wait(self, what: str, look: Callable[[], str | None]) -> str:
        try:
            return wait_for(what, look, PATIENCE_SECONDS)
        except AssertionError as error:
            states = self.rows("select state, outcome from switch order by id desc limit 1")
            due = self.rows("select subject from notice where done_at is null")
            alive, log = self._dead() or "alive", self.log.read_text()[-3000:]
            raise AssertionError(f"{error}: {alive}, {states}, {due}, {self.deaths}; the log ends: {log}") from None

    def _dead(self) -> str | None:
        return None if self.ask("look")["alive"] else "dead"

    def _over(self, public_id: str) -> str | None:
        """Ended, and told in the thread."""
        ended = "select 1 from switch where public_id = ? and state in (?, ?, ?)"
        due = "select 1 from notice where done_at is null and subject in (?, ?)"
        over = self.rows(ended, public_id, *ENDS) and not self.rows(due, f"switch:{public_id}", f"proof:{public_id}")
        return "over" if over else None

    def report(self, public_id: str) -> SwitchReport:
        """The switch as it stands."""
        return self.core.services.switches.report(public_id)

    def check_agreement(self, public_id: str) -> SwitchState:
        """Store, gateway and audit tell one story: one beginning, one end, nothing in between."""
        switch = self.report(public_id).switch
        in_use = switch.to_sha256 if switch.state is SwitchState.PROVEN else switch.from_sha256
        current = self.core.services.connections.by_name("acme-https").current
        assert current is not None
        assert current.sha256 == in_use
        pins = json.loads((self.folder / "data/gateway/acme-https/current/pins.json").read_text())
        assert in_use in json.dumps(pins)
        with self.core.store.reading() as tx:
            actions = Counter(entry.action for entry in tx.audit.recent(100, subject=f"switch:{public_id}"))
        assert actions["switch.switching"] == 1
        assert {name: actions[f"switch.{name}"] for name in ENDS if actions[f"switch.{name}"]} == {switch.state: 1}
        return switch.state

    def check_told_once(self) -> None:
        """Of every switch one proposal and one outcome are in the thread, and the audit is whole."""
        due = "select 1 from notice where done_at is null"
        self._wait("all messages to follow", lambda: None if self.rows(due) else "told")
        client = WebClient(token=self.workspace.bot_token, base_url=f"{self.workspace.url}/api/")
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


def _subject(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("subject", ""))


@pytest.fixture(params=KINDS)
def mortal_world(request: pytest.FixtureRequest) -> Iterator[MortalWorld]:
    """On each database; ACME's new certificate is there, and nothing is approved yet.

    In memory: what a killed process wrote is there for the next one, whether or not it has reached a disk.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="countersign-", dir=MEMORY)))
        url = stack.enter_context(empty_postgresql()) if request.param == POSTGRESQL else ""
        world = MortalWorld(folder, url)
        stack.callback(world.close)
        world.take_in()
        yield world


def points(total: int, wanted: int) -> list[int]:
    """All, or so many of them at even distances, from a place that differs from run to run."""
    if ALL or total <= wanted:
        return list(range(total))
    begin = random.random()  # noqa: S311 - by the run's seed, which is printed at its head
    return [int((number + begin) * total / wanted) for number in range(wanted)]


def crash(world: MortalWorld, lasts: int | None, within: str, flipped: bool) -> tuple[SwitchState, bool]:
    """One switch, one death; how it ended, and whether it did without a death."""
    public_id, presents = world.approved(lasts, within)
    if flipped:
        world.lab.set_presented("acme", presents)
    survived = world.live_through(public_id)
    return world.check_agreement(public_id), survived


def counted(world: MortalWorld, within: str, flipped: bool) -> list[str]:
    """The boundaries of a switch over which nobody dies."""
    state, survived = crash(world, None, within, flipped)
    assert survived
    assert state is (SwitchState.PROVEN if flipped else SwitchState.ROLLED_BACK)
    passed: list[str] = world.ask("look")["passed"]
    return passed


@pytest.mark.parametrize("flipped", [True, False], ids=["flipped", "not-flipped"])
def test_a_switch_ends_proven_or_restored_and_is_told_once_wherever_the_bot_is_killed(
    mortal_world: MortalWorld, flipped: bool
) -> None:
    """Boundaries are counted first, those of the roll-out and those of its messages; then a bot dies at each one tried.

    A roll-out passes the same boundaries in the same order every time, so that each death is where it was wanted. How
    many messages follow depends on how far apart the states are; whoever comes to the end has nothing to be killed at.
    """
    expected = SwitchState.PROVEN if flipped else SwitchState.ROLLED_BACK
    passed = counted(mortal_world, ROLL_OUT, flipped)
    assert len(passed) >= FEWEST_BOUNDARIES
    calls = ("snapshot", "stage", "commit", "trust", *(() if flipped else ("restore",)))
    assert {f"gateway.{call}, {side}" for call in calls for side in ("before", "after")} <= {*passed}
    wanted = POINTS[POSTGRESQL if mortal_world.settings.database_url else SQLITE]
    for lasts in (tried := points(len(passed), wanted)):
        state, survived = crash(mortal_world, lasts, ROLL_OUT, flipped)
        assert (state, survived) == (expected, False), f"killed before boundary {lasts}: {passed[lasts]}"
    assert mortal_world.deaths == Counter(passed[lasts] for lasts in tried)
    assert mortal_world.deaths.total() >= wanted

    told = counted(mortal_world, MESSAGES, flipped)
    assert {"slack.chat.postMessage, before", "slack.chat.postMessage, after"} <= {*told}
    for lasts in points(len(told), POINTS_OF_MESSAGES):
        state, _ = crash(mortal_world, lasts, MESSAGES, flipped)
        assert state is expected, f"killed before boundary {lasts} of the messages"
    mortal_world.check_told_once()
