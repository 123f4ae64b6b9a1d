"""What the bench of the conversation plays on: the local Slack and the bot, each a process of its own, on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import SecretStr
from slack_sdk import WebClient

from bot.app import Core, now
from bot.config import Settings
from bot.lab.issuing import authority, dn, end_entity
from bot.starter import import_starter
from tests.bench.company import ACKS

CHANNELS: Final = ("C0ACMEB2B", "C0GLOBEXAS2", "C0INITECHEDI", "C0CERTS")
PERSON: Final = "UOLIVIA"
START_SECONDS: Final = 60.0
TAPE: Final = "tape.jsonl"


class Deadline(Exception):
    """Something did not happen in time."""


def until(what: str, look: Callable[[], Any], seconds: float) -> Any:
    """The first truthy thing that `look` sees."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > end:
            raise Deadline(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.05)
    return seen


class Certificates:
    """Any number of distinct certificates with a complete chain: root and issuing CA are in the CA list."""

    def __init__(self) -> None:
        today = datetime.now(UTC).replace(microsecond=0)
        self._valid = (today - timedelta(days=1), today + timedelta(days=90))
        long = (today - timedelta(days=400), today + timedelta(days=4000))
        self._root = authority(dn("Bench Root CA", "Bench"), long)
        self._issuing = authority(dn("Bench Issuing CA", "Bench"), long, self._root)
        self._made = 0

    @property
    def listed(self) -> list[dict[str, object]]:
        """For the starter's CA list."""
        return [{"pem": self._root.pem, "anchor": True}, {"pem": self._issuing.pem, "anchor": False}]

    def next(self) -> bytes:
        """One more, in PEM."""
        self._made += 1
        name = dn(f"b2b-{self._made}.partner.example", "Partner")
        return end_entity(name, self._valid, self._issuing, [f"b2b-{self._made}.partner.example"]).pem.encode()


@dataclass
class Scene:
    """Both processes running, and one person at their Slack client."""

    folder: Path
    told: Mapping[str, Any]
    certificates: Certificates
    bots: list[subprocess.Popen[bytes]]

    @property
    def person(self) -> WebClient:
        """The person's own token. A client of its own each time: they are not shared between threads."""
        return WebClient(self.told["people"][PERSON], base_url=self.told["api_url"])

    def prepare(self) -> str:
        """A distinct certificate, uploaded but not shared yet; its file id."""
        data = self.certificates.next()
        ticket = self.person.files_getUploadURLExternal(filename="partner.pem", length=len(data))
        httpx.post(str(ticket["upload_url"]), content=data, trust_env=False).raise_for_status()
        return str(ticket["file_id"])

    def drop(self, file_id: str, channel: str) -> None:
        """The moment in which the person lets go of it."""
        self.person.files_completeUploadExternal(files=[{"id": file_id, "title": "partner.pem"}], channel_id=channel)

    def misbehave(self, **faults: float) -> None:
        """Turn the local Slack's fault switches."""
        headers = {"Authorization": f"Bearer {self.told['people'][PERSON]}"}
        httpx.post(
            f"{self.told['url']}/client/faults", json=faults, headers=headers, trust_env=False
        ).raise_for_status()

    def answers(self, channel: str) -> dict[str, list[float]]:
        """When the bot said something to each file of the channel, by file id; epoch seconds, oldest first."""
        found: dict[str, list[float]] = {}
        for message in self._read("conversations.history", channel=channel):
            for file in message.get("files") or ():
                if message.get("reply_count"):
                    replies = self._read("conversations.replies", channel=channel, ts=message["ts"])
                    found[file["id"]] = [float(one["ts"]) for one in replies if one.get("bot_id")]
        return found

    def _read(self, method: str, **arguments: str) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = self.person.api_call(method, params={**arguments, "limit": 200, "cursor": cursor})
            yield from page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def tape(self) -> list[dict[str, Any]]:
        """The bot's marks so far."""
        return _lines(self.folder / TAPE)

    def acknowledgements(self) -> list[dict[str, Any]]:
        """What the local Slack measured so far."""
        return _lines(self.folder / ACKS)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@contextmanager
def scene(folder: Path, database_url: str = "", bots: int = 1) -> Iterator[Scene]:
    """Everything started; ended by id, whatever happens."""
    company = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.company", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        assert company.stdout is not None
        told = json.loads(company.stdout.readline())
        certificates = Certificates()
        _import(folder, told, certificates, database_url)
        for number in range(bots):
            started.append(_start_bot(folder, told, database_url, number))
        yield Scene(folder, told, certificates, started)
    finally:
        for bot in started:
            bot.terminate()
            bot.wait(30)
        assert company.stdin is not None
        company.stdin.close()
        company.wait(30)


def _import(folder: Path, told: Mapping[str, Any], certificates: Certificates, database_url: str) -> None:
    settings = Settings(
        data_dir=folder / "data",
        database_url=database_url,
        slack_bot_token=SecretStr(told["bot_token"]),
        slack_app_token=SecretStr(told["app_token"]),
        slack_api_url=told["api_url"],
    )
    core = Core(settings)
    starter = told["starter"]
    document = {**starter, "ca_certificates": [*starter["ca_certificates"], *certificates.listed]}
    import_starter(core.store, core.services, document, now)
    core.close()


def _start_bot(folder: Path, told: Mapping[str, Any], database_url: str, number: int) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SLACK_")},
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": database_url,
        "SLACK_BOT_TOKEN": told["bot_token"],
        "SLACK_APP_TOKEN": told["app_token"],
        "SLACK_API_URL": told["api_url"],
        **{name.upper(): ",".join(people) for name, people in told["roles"].items()},
    }
    log = folder / f"bot-{number}.log"
    with log.open("ab") as out:
        bot = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.traced_bot", str(folder / TAPE)],
            env=environment,
            stdout=out,
            stderr=out,
        )

    def listens() -> bool:
        if bot.poll() is not None:
            raise Deadline(f"the bot ended: {log.read_text()[-2000:]}")
        return "Countersign runs" in log.read_text()

    until("the bot to start", listens, START_SECONDS)
    return bot
