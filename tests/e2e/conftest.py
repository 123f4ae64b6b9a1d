"""A whole world for each test: the demo world, the local Slack, and the bot as a process of its own."""

import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from pydantic import SecretStr

from bot.app import Core, now
from bot.config import Settings
from bot.lab import certificates
from bot.lab.world import LabWorld
from bot.starter import import_starter
from bot.workspace.server import WorkspaceServer
from bot.workspace.shapes import Refusal
from tests.databases import KINDS, POSTGRESQL, migrated_postgresql, migrated_sqlite, usual_database
from tests.e2e.launcher import ROOT, Launched, launcher, stop_launcher
from tests.e2e.office import Member, wait_for
from tests.loopback import HTTP
from tests.patience import PATIENCE_SECONDS

__all__ = ["ROOT"]

Transport = Literal["Socket Mode", "HTTP"]
TRANSPORTS: tuple[Transport, ...] = ("Socket Mode", "HTTP")
BOTH_TRANSPORTS = pytest.mark.parametrize("transport", TRANSPORTS)
REQUEST_URL = re.compile(r"request URL leads to (http://\S+)\.\n")
Process = subprocess.Popen[bytes] | Launched
# Slack gives an app three seconds to acknowledge, and to open a form. Here it is not the machine that is tested.
PATIENT = {"ack_timeout": 30, "trigger_seconds": 30}


def pytest_sessionfinish() -> None:
    """Leave no process behind."""
    stop_launcher()


class World:
    """Everything that runs, and the people in it; with Envoy's program it stands between the partners and us.

    Without a `database_url` it is the usual one of the test run (`tests.databases`).
    """

    def __init__(
        self,
        folder: Path,
        *,
        with_more_people: bool = True,
        database_url: str | None = None,
        transport: Transport = "Socket Mode",
        envoy: Path | None = None,
    ) -> None:
        self.folder = folder
        self.transport = transport
        self._database = ExitStack()
        if database_url is None:
            database_url = self._database.enter_context(usual_database())
        if not database_url:
            (folder / "data").mkdir()
            (folder / "data/countersign.sqlite").write_bytes(migrated_sqlite())
        if not (folder / "lab").exists():
            certificates.save(_keys_and_certificates(), folder / "lab/keys")
        self.lab = LabWorld(folder / "lab", datetime.now(UTC), envoy=envoy)
        self.lab.open()
        self.lab.start()
        seed = _with_more_people(self.lab.slack_seed()) if with_more_people else self.lab.slack_seed()
        self.workspace = WorkspaceServer(seed, folder / "workspace.json", port=0, panel_url=self.lab.panel_url)
        self.workspace.start()
        self.misbehave(**PATIENT)
        self.settings = Settings(
            data_dir=folder / "data",
            database_url=database_url,
            slack_bot_token=SecretStr(self.workspace.bot_token),
            slack_app_token=SecretStr(self.workspace.app_token),
            slack_api_url=self.workspace.api_url,
            gateways_file=self.gateways_file(),
        )
        core = Core(self.settings)
        import_starter(core.store, core.services, self.starter(), now)
        core.close()
        self.lab.start_edge()
        assert (self.lab.edge_trouble() is None) is bool(envoy)
        # With one trusted CA instead of all: reading those is a third of a start, and nothing here speaks to them.
        self._trusted = folder / "trusted.pem"
        self._trusted.write_bytes(self.sample("acme-b2b-new.pem"))
        self.roles: dict[str, tuple[str, ...]] = self.lab.roles()
        self.more_settings: dict[str, str] = {}
        self.command: list[str] = []
        self.log = folder / "bot.log"
        self.bot: Process | None = None

    def gateways_file(self) -> Path | None:
        """The file that names the gateways; without one there is the embedded files gateway."""
        return self.lab.gateways_file({"root": str(self.folder / "data/gateway")})

    def starter(self) -> dict[str, Any]:
        """What the store begins with."""
        return self.lab.starter()

    def member(self, user_id: str) -> Member:
        """One person."""
        return Member(user_id, self.workspace.url, self.workspace.user_token(user_id))

    def sample(self, name: str) -> bytes:
        """A file that the demo panel offers."""
        return HTTP.get(f"{self.lab.panel_url}/files/{name}").content

    def start_bot(self) -> None:
        """Start the bot as its own process and wait until it listens."""
        said = self.log.stat().st_size if self.log.exists() else 0
        self.bot = self._launched()
        if self.transport == "HTTP":
            wait_for("the bot to answer the challenge", lambda: self._saved(self._request_url(said)), 60)
        else:
            wait_for("the bot to connect", lambda: self._lives() and self.workspace.sockets > 0, 60)

    def _launched(self) -> Process:
        """By the `command`, where there is one."""
        if not self.command:
            return launcher().start(self.environment, self.log)
        with self.log.open("ab") as log:
            return subprocess.Popen(self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def misbehave(self, **faults: object) -> None:
        """Make the local Slack behave badly, or well again."""
        member = self.member("UOLIVIA")
        headers = {"Authorization": f"Bearer {member.token}"}
        HTTP.post(f"{member.url}/client/faults", json=faults, headers=headers).raise_for_status()

    @property
    def environment(self) -> dict[str, str]:
        """What the bot's process is given."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SLACK_")},
            "DATA_DIR": str(self.folder / "data"),
            "DATABASE_URL": self.settings.database_url,
            "SSL_CERT_FILE": str(self._trusted),
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_API_URL": self.workspace.api_url,
            **self._secret(),
            "PROBE_TIMEOUT_SECONDS": "30",
            **{name.upper(): ",".join(people) for name, people in self.roles.items()},
            **({"GATEWAYS_FILE": str(self.settings.gateways_file)} if self.settings.gateways_file else {}),
            **self.more_settings,
        }

    def _secret(self) -> dict[str, str]:
        if self.transport == "HTTP":
            return {"SLACK_SIGNING_SECRET": self.workspace.signing_secret, "HTTP_PORT": "0"}
        return {"SLACK_APP_TOKEN": self.workspace.app_token}

    def _lives(self) -> bool:
        assert self.bot is not None
        assert self.bot.poll() is None, self.log.read_text()
        return True

    def _saved(self, url: str | None) -> bool:
        """Whether the workspace took the URL; a challenge is not waited for long, and not repeated by itself."""
        if url is None:
            return False
        with suppress(Refusal):
            self.workspace.set_request_url(url)
            return True
        return False

    def _request_url(self, after: int) -> str | None:
        self._lives()
        found = REQUEST_URL.search(self.log.read_text()[after:])
        return found[1] if found else None

    def kill_bot(self) -> None:
        """`kill -9`."""
        assert self.bot is not None
        self.bot.kill()
        self.bot.wait()

    def stop_bot(self) -> None:
        """Ask it to stop, as Ctrl-C does."""
        assert self.bot is not None
        self.bot.terminate()
        try:
            self.bot.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill_bot()

    @contextmanager
    def frozen_bot(self) -> Iterator[None]:
        """The bot stands still meanwhile: what is sent to it waits in its socket."""
        assert self.bot is not None
        self.bot.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.bot.send_signal(signal.SIGCONT)

    def wait_for_payloads(self, count: int) -> None:
        """Wait until so many payloads lie before the bot unacknowledged."""
        wait_for(f"{count} payloads", lambda: self.workspace.unanswered >= count)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the store holds, read (or changed) from outside."""
        if self.settings.database_url:
            address = self.settings.database_url.replace("+psycopg", "", 1)
            with psycopg.connect(address) as session:
                found = session.execute(query.replace("%", "%%").replace("?", "%s").encode(), values)
                return found.fetchall() if found.description else []
        with closing(sqlite3.connect(self.folder / "data/countersign.sqlite", timeout=10)) as store, store:
            return store.execute(query, values).fetchall()

    def settle(self) -> None:
        """Wait until nothing is under way: every event delivered, every message as new as the store."""
        wait_for("all events to be delivered", lambda: self.workspace.pending_events == 0)
        due = "select subject from notice where done_at is null"
        try:
            wait_for("all messages to follow", lambda: not self.rows(due))
        except AssertionError as error:
            raise AssertionError(
                f"{error}; due: {self.rows(due)}; the log ends: {self.log.read_text()[-2000:]}"
            ) from None

    def close(self) -> None:
        """End it all; the bot by `kill -9`, which it has to bear anyway."""
        if self.bot is not None and self.bot.poll() is None:
            self.kill_bot()
        self.workspace.stop()
        self.lab.stop()
        self._database.close()


@cache
def _keys_and_certificates() -> certificates.Cabinet:
    """The demo's, made once for all worlds of this process."""
    return certificates.make(datetime.now(UTC))


def _person(user_id: str, team_id: str, **more: object) -> dict[str, object]:
    name = user_id.removeprefix("U").lower()
    base = {"id": user_id, "name": name, "real_name": name.title(), "title": "", "team_id": team_id, "tz": "UTC"}
    return {**base, **more}


def _with_more_people(seed: dict[str, Any]) -> dict[str, Any]:
    """The demo's people and places, and some that happen in real life.

    USTRANGER is of a third company and sits in ACME's shared channel; UGUEST is a guest of ours; C0FAIR is a channel
    that two partners share with us, G0PRIVATE a private one of ours; in C0ELSEWHERE Countersign is no member; S0TRUST
    is a user group.
    """
    home, ours = str(seed["team"]["id"]), [str(one["id"]) for one in seed["users"] if one["team_id"] == "T0NORDWIND"]
    bot = str(seed["app"]["bot_user"])
    channels = [dict(channel) for channel in seed["channels"]]
    for channel in channels:
        if channel["id"] == "C0ACMEB2B":
            channel["members"] = [*channel["members"], "USTRANGER", "UGUEST"]
            channel["shared_with"] = [*channel["shared_with"], "T0OTHER"]
    fair: dict[str, object] = {"id": "C0FAIR", "name": "trade-fair", "topic": ""}
    fair |= {"members": [bot, *ours, "UPAULA", "UIAN"], "shared_with": ["T0ACME", "T0INITECH"]}
    private: dict[str, object] = {"id": "G0PRIVATE", "name": "private-talks", "topic": "", "is_private": True}
    private |= {"members": [bot, *ours], "shared_with": []}
    elsewhere: dict[str, object] = {"id": "C0ELSEWHERE", "name": "elsewhere", "topic": "", "members": ours}
    return {
        **seed,
        "partner_teams": [*seed["partner_teams"], {"id": "T0OTHER", "name": "Other Ltd", "domain": "other"}],
        "users": [*seed["users"], _person("USTRANGER", "T0OTHER"), _person("UGUEST", home, is_restricted=True)],
        "usergroups": [{"id": "S0TRUST", "name": "trust", "users": ["UTESS"]}],
        "channels": [*channels, fair, private, {**elsewhere, "shared_with": []}],
    }


@pytest.fixture
def transport() -> Transport:
    """How Slack reaches the bot; BOTH_TRANSPORTS as a module's `pytestmark` tells its stories both ways.

    And on both databases: over HTTP the world stands on PostgreSQL, so that two runs cover two times two choices.
    """
    return "Socket Mode"


@pytest.fixture
def quiet_world(tmp_path: Path, transport: Transport) -> Iterator[World]:
    """A world whose bot has not been started."""
    with ExitStack() as stack:
        on_postgresql = transport == "HTTP" and POSTGRESQL in KINDS
        url = stack.enter_context(migrated_postgresql()) if on_postgresql else None
        world = World(tmp_path, transport=transport, database_url=url)
        stack.callback(world.close)
        yield world


@pytest.fixture
def world(quiet_world: World) -> World:
    """A world with its bot running."""
    quiet_world.start_bot()
    return quiet_world
