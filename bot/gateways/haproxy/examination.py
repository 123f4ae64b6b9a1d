"""What an operator should know about a HAProxy: that we reach it, and the settings that make a switch honest."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.gateways.condition import Check, CheckState, Drift
from bot.gateways.errors import GatewayError
from bot.gateways.haproxy.master import Master
from bot.gateways.haproxy.runtime import CommandSocket
from bot.gateways.shelf import Shelf
from bot.gateways.upkeep import check_drift, check_folders

# `set ssl ca-file` came with 2.5; what is measured here is 2.6.
OLDEST = (2, 5)
# A runtime payload must fit into one buffer: with the default of 16384 a payload of 29 kB was answered with nothing
# (measured). Trust of twenty certificates is about 40 kB.
ENOUGH_BUFFER = 65536
DEFAULT_BUFFER = 16384
MAX_CONFIG = 4 * 1024 * 1024

_SECTIONS = frozenset({"global", "defaults", "frontend", "backend", "listen"})
_VERSION = re.compile(r"^Version: ((\d+)\.(\d+)\S*)", re.MULTILINE)


def examine(
    shelf: Shelf,
    stats: CommandSocket,
    master: Master | None,
    config: Path | None,
    drift: Callable[[str], Drift | None],
) -> tuple[Check, ...]:
    """Sockets, version, level, the configuration's traps, the folders, and each connection's drift."""
    reached = tuple(_program(stats))
    return (
        *reached,
        *_master(master),
        *(_configured(config) if config else [Check("config_not_given", CheckState.DOUBTFUL)]),
        *check_folders(shelf),
        *(check_drift(shelf, drift) if reached[0].state is CheckState.GOOD else ()),
    )


def _program(stats: CommandSocket) -> Iterator[Check]:
    where = {"socket": str(stats.path)}
    try:
        version = _VERSION.search(stats.ask("show info"))
        level = stats.ask("show cli level").strip()
    except GatewayError as error:
        yield Check(error.code, CheckState.BAD, {**where, **error.data})
        return
    yield Check("socket", CheckState.GOOD, where)
    if version is None or (int(version[2]), int(version[3])) < OLDEST:
        found = version[1] if version else "unknown"
        yield Check("program_too_old", CheckState.BAD, {"version": found, "needed": ".".join(map(str, OLDEST))})
    else:
        yield Check("program", CheckState.GOOD, {"version": version[1]})
    if level != "admin":
        yield Check("level_not_admin", CheckState.BAD, {**where, "level": level})


def _master(master: Master | None) -> Iterator[Check]:
    if master is None:
        yield Check("no_master_socket", CheckState.DOUBTFUL)
        return
    try:
        master.answers()
    except GatewayError as error:
        yield Check("master_unreachable", CheckState.BAD, error.data)
    else:
        yield Check("master", CheckState.GOOD)


def _configured(config: Path) -> Iterator[Check]:
    """The traps that the configuration shows; read line by line, as HAProxy's own words stand there."""
    named = {"file": str(config)}
    try:
        with config.open(encoding="utf-8", errors="replace") as file:
            lines = [line.partition("#")[0].split() for line in file.read(MAX_CONFIG).splitlines()]
    except OSError as error:
        yield Check("config_unreadable", CheckState.DOUBTFUL, {**named, "error": error.strerror or ""})
        return
    values = {line[0]: line[1:] for line in lines if len(line) > 1}
    buffer = int(values["tune.bufsize"][0]) if values.get("tune.bufsize", [""])[0].isdigit() else DEFAULT_BUFFER
    if buffer < ENOUGH_BUFFER:
        yield Check("buffer_small", CheckState.DOUBTFUL, {"tune.bufsize": str(buffer), "wanted": str(ENOUGH_BUFFER)})
    binds = [line for line in lines if line[:1] == ["bind"] and "ssl" in line]
    tickets = "no-tls-tickets" not in values.get("ssl-default-bind-options", [])
    if tickets and any("no-tls-tickets" not in line for line in binds):
        yield Check("session_tickets", CheckState.DOUBTFUL, named)
    if binds and values.get("tune.ssl.cachesize") != ["0"]:
        yield Check("session_cache", CheckState.DOUBTFUL, named)
    servers = [words for words in _servers(lines) if "ssl" in words and "ca-file" in words]
    if any("crt" not in words for words in servers):
        # HAProxy 2.6 takes a new ca-file into a server line only by way of its client certificate (measured).
        yield Check("server_without_crt", CheckState.BAD, named)
    if any("pool-max-conn" not in words for words in servers):
        yield Check("connection_pool", CheckState.DOUBTFUL, named)
    yield Check("config", CheckState.GOOD, named)


def _servers(lines: list[list[str]]) -> Iterator[list[str]]:
    """The words of each server line, with those of the default-server lines before it in its section."""
    inherited: list[str] = []
    for line in lines:
        if line[:1] and line[0] in _SECTIONS:
            inherited = []
        elif line[:1] == ["default-server"]:
            inherited += line[1:]
        elif line[:1] == ["server"]:
            yield line + inherited
