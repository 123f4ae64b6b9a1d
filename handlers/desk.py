"""What every listener works with: the services, who the person is, the durable jobs, App Home, and where things are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services import Services
    from handlers.home.homes import Homes
    from handlers.home.whereabouts import Whereabouts
    from handlers.jobs import Jobs
    from handlers.people import People


@dataclass(frozen=True, slots=True)
class Desk:
    """Handed to each `register(app, desk)`; built once in `bot.app`."""

    services: Services
    people: People
    jobs: Jobs
    homes: Homes
    whereabouts: Whereabouts
    command: str = "/cert"
