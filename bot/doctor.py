"""`countersign doctor`: the gateways' set-up as a table for a person, and an exit code for a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TextIO

from bot.gateways.condition import Check, CheckState
from bot.gateways.configuration import Gateways

HEALTHY, ILL = 0, 1

_MARKS: Final = {CheckState.GOOD: "ok", CheckState.DOUBTFUL: "look", CheckState.BAD: "BAD"}

WORDS: Final[Mapping[str, str]] = {
    "root": "the folder can be written",
    "root_missing": "the folder is not there; it is made with the first version, if the one above can be written",
    "root_unwritable": "the folder cannot be written",
    "nothing_live": "nothing was switched here yet",
    "live": "what is live is whole",
    "no_key": "there is no private key beside the certificate",
    "key_does_not_fit": "the private key does not belong to the certificate",
    "key_unreadable": "the private key cannot be read",
    "key_open_to_others": "others on this machine can read the private key; 0600 or 0640 it should be",
    "unreadable": "the files cannot be read",
    "inconsistent": "the files were changed by another hand",
    "drift": "the program runs with something else than the disk holds",
    "reload_due": "the program was not told of what is on the disk, or did not listen",
    "unreachable": "the program does not answer",
    "program_refused": "the program refused the question",
    "socket": "the socket answers",
    "program": "the program answers",
    "program_too_old": "the program is too old",
    "level_not_admin": "the socket may not change anything; 'level admin' it needs",
    "no_master_socket": "no master socket is set: certificates that we present cannot be switched",
    "master": "the master process answers",
    "master_unreachable": "the master process does not answer",
    "config": "the configuration was read",
    "config_not_given": "'config' is not set, so HAProxy's own settings were not looked at",
    "config_unreadable": "the configuration cannot be read",
    "buffer_small": "a long chain does not fit into HAProxy's buffer, and it would not say so; raise tune.bufsize",
    "session_tickets": "sessions outlive a removed CA: 'no-tls-tickets' is missing on a bind line",
    "session_cache": "sessions outlive a removed CA: 'tune.ssl.cachesize 0' is missing",
    "connection_pool": "connections to a partner are kept for reuse: 'pool-max-conn 0' is missing on a server line",
    "server_without_crt": "a server line with 'ca-file' and without 'crt' never takes a new ca-file without a reload",
    "uses": "the table that counts requests by certificate is there",
    "uses_unknown": "there is no such stick table of type string, so no first use is seen",
    "way": "the gateway's own listener for this connection is there",
    "way_unreachable": "the gateway's own listener does not answer, so every switch of the connection will be undone",
    "way_unknown": "a way through is set for a connection that was never switched here; is its name right?",
    "way_presents": "a way through is set for a certificate that we present; it is never tried",
    "updates_refused": "the program has refused updates since its start; its log says why",
}
"""What each check means; the data stands beside it."""


def run_doctor(gateways: Gateways, out: TextIO) -> int:
    """Look at every gateway and print what was found; 1 where something is bad, else 0."""
    found = [(name, gateways.examine(name)) for name in gateways.names]
    for name, checks in found:
        out.write(f"{name} ({gateways.kind(name)})\n")
        out.writelines(f"  {line}\n" for line in _lines(checks))
    every = [check.state for _, checks in found for check in checks]
    bad, doubtful = every.count(CheckState.BAD), every.count(CheckState.DOUBTFUL)
    out.write(f"{len(every)} checks: {bad} bad, {doubtful} to look at\n")
    return ILL if bad else HEALTHY


def _lines(checks: tuple[Check, ...]) -> Iterator[str]:
    for check in checks:
        words = WORDS.get(check.code, check.code.replace("_", " "))
        data = ", ".join(f"{_plain(key)} {_plain(value)}" for key, value in check.data.items())
        yield f"{_MARKS[check.state]:5}{words}{f' [{data}]' if data else ''}"


def _plain(text: str) -> str:
    """What a program said, without anything that steers a terminal."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
