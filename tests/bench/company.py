"""The local Slack and the demo's people as a process of their own, so that they share no interpreter with the bot.

`python -m tests.bench.company FOLDER` prints one line of JSON (addresses, tokens, roles) and serves until its standard
input ends. What it measures itself, how long the app took to acknowledge each event, it appends to FOLDER/acks.jsonl.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.lab.world import LabWorld
from bot.workspace.delivery import Delivery
from bot.workspace.server import WorkspaceServer

ACKS = "acks.jsonl"


def time_acknowledgements(path: Path) -> None:
    """From the moment at which a payload goes out to its acknowledgement, or to giving up on it."""
    attempt: Callable[..., Awaitable[Any]] = Delivery._attempt
    out = path.open("a", buffering=1, encoding="utf-8")

    async def timed(self: Delivery, outbound: Any) -> Any:
        begun, acknowledged = time.perf_counter(), False
        try:
            answer = await attempt(self, outbound)
            acknowledged = True
            return answer
        finally:
            brings = bool((outbound.payload.get("event") or {}).get("files"))
            line = {"seconds": time.perf_counter() - begun, "ok": acknowledged, "files": brings}
            out.write(json.dumps(line) + "\n")

    Delivery._attempt = timed  # type: ignore[method-assign]


def main() -> None:
    """Open, tell where, serve, close."""
    folder = Path(sys.argv[1])
    lab = LabWorld(folder / "lab", datetime.now(UTC))
    lab.open()
    lab.start()
    seed = lab.slack_seed()
    time_acknowledgements(folder / ACKS)
    workspace = WorkspaceServer(seed, folder / "workspace.json", port=0, panel_url=lab.panel_url)
    workspace.start()
    users: Any = seed["users"]
    told = {
        "url": workspace.url,
        "api_url": workspace.api_url,
        "bot_token": workspace.bot_token,
        "app_token": workspace.app_token,
        "people": {user["id"]: workspace.user_token(user["id"]) for user in users if not user.get("is_bot")},
        "roles": lab.roles(),
        "starter": lab.starter(),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    workspace.stop()
    lab.stop()


if __name__ == "__main__":
    main()
