"""The parts of the running local Slack, handed to whoever answers a request."""

from dataclasses import dataclass

from bot.workspace.delivery import Delivery
from bot.workspace.disk import Disk
from bot.workspace.faults import Faults
from bot.workspace.feed import Feed
from bot.workspace.rate_limits import RateLimits
from bot.workspace.recorder import Recorder
from bot.workspace.snapshot import Saver
from bot.workspace.sockets import SocketHub
from bot.workspace.state import World
from bot.workspace.triggers import Triggers


@dataclass(frozen=True)
class Slack:
    """One running workspace. `url` is its base address without a trailing slash."""

    url: str
    world: World
    feed: Feed
    hub: Delivery
    sockets: SocketHub
    triggers: Triggers
    disk: Disk
    saver: Saver
    faults: Faults
    limits: RateLimits
    recorder: Recorder
    panel_url: str | None = None
