"""A gateway whose program forgets what it was given."""

from dataclasses import replace

from bot.gateways.condition import Accepted
from tests.services.power import FailingGateway, Power
from tests.services.switch_world import OLD, World


class Forgetful(FailingGateway):
    """A real gateway whose program tells of something else than it was given, from some question on."""

    def __init__(self, world: World, right: int) -> None:
        super().__init__(world.gateway, Power(None))
        self._right = right

    def accepted(self, connection: str) -> Accepted:
        """Right so many times, then the old one again."""
        told = super().accepted(connection)
        self._right -= 1
        return told if self._right >= 0 else replace(told, pins=frozenset([OLD.sha256]))
