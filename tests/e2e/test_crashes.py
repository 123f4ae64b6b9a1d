"""`kill -9` at every boundary of a roll-out by the real bot: the next one ends it, proven or restored-and-proven.

The bot is the product's own `run`; where it dies is counted (`dying_bot`), not listed. Here a share of the boundaries
is tried, other ones in each run; CRASHES=all (`make crashes`) tries every one.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.app import Core
from bot.services.people import Person, PersonRole, Spot
from bot.services.switches import Side, SwitchReport, SwitchState
from bot.slack_client import open_client
from storage.records import PartnerCertificate
from tests.databases import KINDS, MEMORY, POSTGRESQL, migrated_postgresql
from tests.e2e.conftest import World
from tests.e2e.launcher import Launching
from tests.e2e.office import wait_for
from tests.e2e.test_story import ACME, complete_chain
from tests.patience import PATIENCE_SECONDS

# Of each of the two stories on each of the two databases, by SHARES tests; `make crashes` tries all of them.
POINTS, SHARES = 16, 2
POINTS_OF_MESSAGES = 2
FEWEST_BOUNDARIES = 50
# How the ids of the workflows begin that carry a switch out, and that tell of it (`handlers.jobs`).
ROLL_OUT, MESSAGES = "rollout:", "follow:"
ALL = os.environ.get("CRASHES") == "all"

HOME = "T0NORDWIND"
OLIVIA = Person("UOLIVIA", HOME, "Olivia", frozenset({PersonRole.OPERATOR}), is_home=True)
ADAM = Person("UADAM", HOME, "Adam", frozenset({PersonRole.APPROVER}), is_home=True)
PAULA = Person("UPAULA", "T0ACME", "Paula")
ENDS = frozenset({SwitchState.PROVEN, SwitchState.ROLLED_BACK, SwitchState.FAILED})


class MortalWorld(World):
    """A world whose bot dies where it is told to, and is there again at once."""

    def __init__(self, folder: Path, database_url: str, launching: Launching) -> None:
        super().__init__(folder, database_url=database_url)
        self.launching = launching
        self.misbehave(rate_limits=False)  # so many switches in so short a time would spend their lives waiting
        self.core = Core(self.settings)
        self.old = self.core.services.connections.by_name("acme-https").current
        self.deaths: Counter[str] = Counter()
        self.switches: list[str] = []
        self.counted: dict[tuple[str, bool], list[str]] = {}

    def start_bot(self) -> None:
        """One more life; what it takes up is not waited for."""
        self.bot = self.launching.start(self.environment, self.log)

    @property
    def passed(self) -> list[str]:
        """The boundaries that were passed since the fuse was armed."""
        passed: list[str] = self.launching.ask("passed")["passed"]
        return passed

    def take_in(self) -> None:
        """The partner's new certificate with its chain, as the story has it."""
        self.start_bot()
        wait_for("the bot to connect", lambda: self.workspace.sockets > 0, PATIENCE_SECONDS)
        self.thread, _ = complete_chain(self)
        self.settle()

    def close(self) -> None:
        """End it all."""
        super().close()
        self.core.close()

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
        self.launching.ask("arm", lasts=lasts, within=within)
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
            self.deaths[self.passed[-1]] += 1
            self.disarm()
            self._wait("the end of the switch", lambda: self._over(public_id))
        return not died

    def disarm(self) -> None:
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


def _subject(message: dict[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("subject", ""))


@pytest.fixture(scope="module")
def launching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launching]:
    """Forks the bots of all worlds, one after the other."""
    started = Launching("tests.e2e.dying_bot", str(tmp_path_factory.mktemp("boundaries") / "passed.txt"))
    yield started
    started.close()


@pytest.fixture(scope="module", params=KINDS)
def long_world(request: pytest.FixtureRequest, launching: Launching) -> Iterator[MortalWorld]:
    """On each database; ACME's new certificate is there, and nothing is approved yet.

    In memory: what a killed process wrote is there for the next one, whether or not it has reached a disk.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="countersign-", dir=MEMORY)))
        url = stack.enter_context(migrated_postgresql()) if request.param == POSTGRESQL else ""
        world = MortalWorld(folder, url, launching)
        stack.callback(world.close)
        world.take_in()
        yield world


@pytest.fixture
def mortal_world(long_world: MortalWorld) -> MortalWorld:
    """That world, with a bot in it; each switch leads from the certificate in use to the other one."""
    if long_world.bot is None or long_world.bot.poll() is not None:
        long_world.start_bot()
    long_world.deaths.clear()
    return long_world


def points(total: int, wanted: int) -> list[int]:
    """All, or so many of them at even distances, from a place that differs from run to run."""
    if ALL or total <= wanted:
        return list(range(total))
    begin = random.random()  # noqa: S311 - by the run's seed, which is printed at its head, and the same for each test
    return [int((number + begin) * total / wanted) for number in range(wanted)]


def crash(world: MortalWorld, lasts: int | None, within: str, flipped: bool) -> tuple[SwitchState, bool]:
    """One switch, one death; how it ended, and whether it did without a death."""
    public_id, presents = world.approved(lasts, within)
    if flipped:
        world.lab.set_presented("acme", presents)
    survived = world.live_through(public_id)
    if survived and lasts is not None:  # a fuse that was too long would burn on in the next switch
        world.disarm()
    return world.check_agreement(public_id), survived


def counted(world: MortalWorld, within: str, flipped: bool) -> list[str]:
    """The boundaries of a switch over which nobody dies; counted once in a world."""
    if (within, flipped) not in world.counted:
        world.counted[within, flipped] = _counted(world, within, flipped)
    return world.counted[within, flipped]


def _counted(world: MortalWorld, within: str, flipped: bool) -> list[str]:
    state, survived = crash(world, None, within, flipped)
    assert survived
    assert state is (SwitchState.PROVEN if flipped else SwitchState.ROLLED_BACK)
    return world.passed


STORIES = pytest.mark.parametrize("flipped", [True, False], ids=["flipped", "not-flipped"])


@pytest.mark.parametrize("share", range(SHARES))
@STORIES
def test_a_switch_ends_proven_or_restored_and_is_told_once_wherever_the_bot_is_killed(
    mortal_world: MortalWorld, flipped: bool, share: int
) -> None:
    """The boundaries of a roll-out are counted first; then a bot dies at each one tried.

    A look more or less by the way moves a death to a boundary nearby; it is told by the boundary that it came at.
    """
    expected = SwitchState.PROVEN if flipped else SwitchState.ROLLED_BACK
    passed = counted(mortal_world, ROLL_OUT, flipped)
    assert len(passed) >= FEWEST_BOUNDARIES
    calls = ("snapshot", "stage", "commit", "trust", *(() if flipped else ("restore",)))
    assert {f"gateway.{call}, {side}" for call in calls for side in ("before", "after")} <= {*passed}
    tried = points(len(passed), POINTS)[share::SHARES]
    for lasts in tried:
        state, survived = crash(mortal_world, lasts, ROLL_OUT, flipped)
        assert (state, survived) == (expected, False), f"killed before boundary {lasts}: {passed[lasts]}"
    assert mortal_world.deaths.keys() <= {*passed}
    assert mortal_world.deaths.total() == len(tried) >= POINTS // SHARES
    mortal_world.check_told_once()


@STORIES
def test_a_switch_is_told_once_wherever_the_bot_is_killed_while_its_messages_follow(
    mortal_world: MortalWorld, flipped: bool
) -> None:
    """How many follow depends on how far apart the states are; whoever comes to the end has nothing to be killed at."""
    expected = SwitchState.PROVEN if flipped else SwitchState.ROLLED_BACK
    told = counted(mortal_world, MESSAGES, flipped)
    assert {"slack.chat.postMessage, before", "slack.chat.postMessage, after"} <= {*told}
    for lasts in points(len(told), POINTS_OF_MESSAGES):
        state, _ = crash(mortal_world, lasts, MESSAGES, flipped)
        assert state is expected, f"killed before boundary {lasts} of the messages"
    mortal_world.check_told_once()
