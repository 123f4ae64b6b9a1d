"""Which certificates clients really come in with: HAProxy counts requests by certificate in a stick table, if told to.

The table is the operator's (`docs/gateways.md`): keyed by the SHA-256 of the client's certificate in upper-case hex, as
`sha2(256),hex` writes it, storing `http_req_cnt`. It is memory, so a reload begins anew.
"""

import re
from collections.abc import Iterator

from bot.gateways.condition import Check, CheckState
from bot.gateways.errors import GatewayError, GatewayRefused
from bot.gateways.haproxy.runtime import CommandSocket

# HAProxy takes letters, digits, "-", "_", "." and ":" in the name of a section, and a table goes by that.
TABLE = r"^[A-Za-z0-9_.:-]{1,64}$"

_COUNT = re.compile(r"^0x[0-9a-f]+: key=(\S+) .*\bhttp_req_cnt=(\d+)", re.MULTILINE)
_FORM = re.compile(r"^# table: \S+, type: string,", re.MULTILINE)


class Uses:
    """One stick table."""

    def __init__(self, stats: CommandSocket, table: str) -> None:
        self._stats = stats
        self._table = table

    def requests(self, sha256: str) -> int:
        """How many requests were made with the certificate.

        Raises:
            GatewayUnreachable. GatewayRefused: `program_refused`: no such table.
        """
        key = sha256.upper()
        reply = self._stats.ask(f"show table {self._table} key {key}")
        if "No such table" in reply:
            raise GatewayRefused("program_refused", {"command": "show table", "reason": "no_such_table"})
        return next((int(count) for found, count in _COUNT.findall(reply) if found == key), 0)

    def examine(self) -> Iterator[Check]:
        """Whether the table is there and of the right type."""
        named = {"table": self._table}
        try:
            reply = self._stats.ask(f"show table {self._table} key {'0' * 64}")
            whole = "" if "No such table" in reply else self._stats.ask("show table")
        except GatewayError as error:
            yield Check(error.code, CheckState.BAD, {**named, **error.data})
            return
        mine = next((line for line in whole.splitlines() if line.startswith(f"# table: {self._table},")), "")
        good = bool(_FORM.match(mine))
        yield Check("uses", CheckState.GOOD, named) if good else Check("uses_unknown", CheckState.BAD, named)
