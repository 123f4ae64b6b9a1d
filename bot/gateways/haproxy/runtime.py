"""HAProxy's command line over its UNIX sockets: one connection a command, under a deadline.

Source: HAProxy 2.6 management guide, section 9.3 (UNIX socket commands) and 9.4 (master CLI).
"""

import os
import re
import socket
from pathlib import Path

from bot.gateways.errors import GatewayRefused, GatewayUnreachable
from bot.gateways.wire import Deadline, printable

# `show ssl ca-file @system-ca` of a whole distribution is under 100 kB; our own files are far smaller.
MAX_REPLY = 1024 * 1024

# The command line splits at blanks, ends a command at ";" and a path at nothing else: so a path of ours has neither.
SAFE_PATH = re.compile(r"/[A-Za-z0-9._/+@-]{1,200}")


class CommandSocket:
    """One of HAProxy's sockets, the stats socket or the master's. `timeout_s` is for one command, in seconds."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        self.path = path
        self._timeout_s = timeout_s

    def ask(self, command: str, payload: bytes = b"") -> str:
        """The whole reply, without surrounding blank lines.

        Raises:
            GatewayUnreachable: `unreachable`: nobody listens, or the answer did not end in time.
            GatewayRefused: `program_refused`: the reply says that we may not, or is too long.
        """
        text = command.encode("ascii")
        # An empty line ends the payload wherever it stands: in the middle it would cut a chain, and silently.
        body = b"\n".join(line for line in payload.splitlines() if line.strip())
        reply = self._exchange(text + b" <<\n" + body + b"\n\n" if body else text + b"\n", _verb(command))
        if reply.startswith("Permission denied"):
            raise GatewayRefused("program_refused", {"command": _verb(command), "reason": "permission"})
        return reply

    def _exchange(self, request: bytes, verb: str) -> str:
        deadline = Deadline(self._timeout_s)
        received = bytearray()
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(max(deadline.left(), 0.001))
                connection.connect(os.fspath(self.path))
                connection.sendall(request)
                # The master's socket, unlike the stats socket, waits for more until it sees an end.
                connection.shutdown(socket.SHUT_WR)
                while data := connection.recv(64 * 1024):
                    received += data
                    if len(received) > MAX_REPLY:
                        raise GatewayRefused("program_refused", {"command": verb, "reason": "reply_too_long"})
                    connection.settimeout(max(deadline.left(), 0.001))
        except TimeoutError as error:
            raise GatewayUnreachable("unreachable", {"command": verb, "error": "timed out"}) from error
        except OSError as error:
            said = printable(error.strerror or type(error).__name__)
            raise GatewayUnreachable("unreachable", {"command": verb, "error": said}) from error
        return received.decode("utf-8", "replace").strip("\n")


def expect(reply: str, sign: str, command: str) -> None:
    """A change is done only where the reply says so: HAProxy answers a payload that it cannot hold with nothing.

    Raises:
        GatewayRefused: `busy`: somebody's transaction is open; `program_refused` with what it said.
    """
    if sign in reply:
        return
    said = printable(" ".join(reply.split()), 300)
    if "ongoing transaction" in reply:
        raise GatewayRefused("busy", {"command": command, "said": said})
    raise GatewayRefused("program_refused", {"command": command, "said": said or "nothing"})


def _verb(command: str) -> str:
    """The command without its arguments, for people."""
    return " ".join(word for word in command.split()[:3] if word.isidentifier() or word == "ca-file")
