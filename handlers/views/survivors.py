"""What goes on with a retired certificate, because the gateway cannot cut it off: said with every proof."""

from typing import Final

from bot.services.switches import SwitchReport

LINES: Final = {
    "open_connections": "Connections that were open before go on as they are until one side closes them.",
    "open_until_request": "Connections that were open before are refused at their next request with the old one.",
    "pooled_connections": "Connections to the partner that are kept for reuse go on until they are closed.",
    "resumed_sessions": "A client that resumes an old session may come in with the old one.",
    "unknown_program": "What the program that reads the files still remembers cannot be asked.",
}


def lines(report: SwitchReport) -> list[str]:
    """A sentence for each; none where nothing was replaced or the roll-out is older than this record."""
    found = report.switch.outcome.get("survivors")
    return [LINES[str(one)] for one in found if str(one) in LINES] if isinstance(found, list) else []
