"""A reload of HAProxy through its master process, watched until the new worker alone accepts connections.

Source: HAProxy 2.6 management guide, sections 4 (stopping and restarting) and 9.4 (master CLI). There `reload` answers
before anything has happened, so success is looked for.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress

from bot.gateways.errors import GatewayRefused, GatewayUnreachable
from bot.gateways.haproxy.runtime import CommandSocket
from bot.gateways.wire import Deadline

# A reload takes about 150 ms (measured); between two looks nothing is lost but a little of our own time.
LOOK_EVERY_S = 0.02
# At a reload the master starts itself anew, and its socket is away for some ten milliseconds; a reload that a dead bot
# has begun may be under way when the next bot comes.
AWAY_S = 3.0

_MASTER = re.compile(r"^\d+\s+master\s+(\d+) \[failed: (\d+)\]", re.MULTILINE)
_WORKER = re.compile(r"^(\d+)\s+worker\s", re.MULTILINE)
_OLD_WORKERS = "# old workers"


class Master:
    """HAProxy's master process (`haproxy -W -S <socket>`)."""

    def __init__(self, cli: CommandSocket) -> None:
        self._cli = cli

    def answers(self) -> None:
        """Raises `GatewayUnreachable` or `GatewayRefused` where there is no master behind the socket."""
        if not _MASTER.search(self._cli.ask("show proc")):
            raise GatewayRefused("program_refused", {"command": "show proc", "reason": "no_master"})

    def reload(self, taken: Callable[[], bool], timeout_s: float) -> dict[str, str] | None:
        """Reload, and wait until `taken` says that the new worker has what it should and no old one accepts.

        None when it does; else why not: `reason` is "refused" (the configuration or a file is wrong, the old worker
        goes on) or "timed_out". Raises `GatewayUnreachable` where the master is not there to begin with.
        """
        before = self._counts(Deadline(AWAY_S))
        self._cli.ask("reload")
        deadline = Deadline(timeout_s)
        while deadline.left():
            time.sleep(LOOK_EVERY_S)
            # While the master starts itself anew nobody answers for a moment.
            with suppress(GatewayUnreachable):
                shown = self._cli.ask("show proc")
                counts = _MASTER.search(shown)
                # An earlier reload may have failed, so only a count that has changed is news.
                if counts is not None and counts[2] != "0" and counts.groups() != before:
                    return {"reason": "refused"}
                if taken() and self._only_new_accepts(shown):
                    return None
        return {"reason": "timed_out"}

    def _counts(self, deadline: Deadline) -> tuple[str | None, ...]:
        """Reloads so far, and how many failed since the last that did not."""
        while True:
            try:
                found = _MASTER.search(self._cli.ask("show proc"))
                if found is not None:
                    return found.groups()
                raise GatewayRefused("program_refused", {"command": "show proc", "reason": "no_master"})
            except GatewayUnreachable:
                if not deadline.left():
                    raise
                time.sleep(LOOK_EVERY_S)

    def _only_new_accepts(self, shown: str) -> bool:
        """An old worker that finishes its connections is fine, one that still takes new ones is not."""
        _, marker, old = shown.partition(_OLD_WORKERS)
        return not marker or all(self._stopping(pid) for pid in _WORKER.findall(old))

    def _stopping(self, pid: str) -> bool:
        reply = self._cli.ask(f"@!{pid} show info")
        return "Stopping: 1" in reply or "Can't find" in reply
