"""Which page of App Home is open: kept in the view and in its buttons, so that a refresh comes back to it. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

MAX_QUERY = 100
MAX_OFFSET = 1_000_000


class Tab(StrEnum):
    """The pages."""

    FRONT = "front"
    PARTNERS = "partners"
    PARTNER = "partner"
    SEARCH = "search"
    CA = "ca"
    ROLES = "roles"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page. `everyone`: about all partners, not only those of the reader's channels; `partner_id`: of one."""

    tab: Tab = Tab.FRONT
    offset: int = 0
    everyone: bool = False
    partner_id: int = 0
    query: str = ""

    def dumped(self) -> str:
        """For a button's value and the view's `private_metadata`: far below 2000 characters."""
        return json.dumps(asdict(self))

    def at(self, offset: int) -> "Leaf":
        """The same list from another line on."""
        return replace(self, offset=max(0, offset))


def read(text: str) -> Leaf:
    """What `dumped` wrote. It comes back from outside: whatever else it is, the front page."""
    try:
        told = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return Leaf()
    tab = told.get("tab") if isinstance(told, Mapping) else None
    if not isinstance(tab, str) or tab not in set(Tab):
        return Leaf()
    return Leaf(
        tab=Tab(tab),
        offset=_number(told.get("offset")),
        everyone=told.get("everyone") is True,
        partner_id=_number(told.get("partner_id")),
        query=str(told.get("query") or "")[:MAX_QUERY],
    )


def _number(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= MAX_OFFSET else 0
