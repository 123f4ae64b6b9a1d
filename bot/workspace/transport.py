"""What both ways to the app have in common: one thing to deliver, and how a delivery fails."""

from dataclasses import dataclass
from typing import Literal, Protocol

from bot.workspace.shapes import Json

Kind = Literal["events_api", "slash_commands", "interactive"]


@dataclass(frozen=True)
class Outbound:
    """One attempt: the payload, and with a repeated event its number (1 to 3) and Slack's reason.

    `answerable`: whether what the app answers is read, as for commands and interactions.
    """

    kind: Kind
    payload: Json
    answerable: bool = False
    attempt: int = 0
    reason: str = ""


class NoApp(Exception):
    """There is nobody to deliver to: no socket, no request URL, or nobody listens there."""


class NotAcknowledged(Exception):
    """The app did not acknowledge.

    `reason` is Slack's retry reason, `shown` what Slack tells the person who acted, `final` forbids further tries
    (the app answered `X-Slack-No-Retry: 1`).
    """

    def __init__(self, reason: str, shown: str = "operation_timeout", *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.shown = shown
        self.final = final


class Transport(Protocol):
    """A way to the app."""

    @property
    def name(self) -> str:
        """How it is called in the page's inspector."""

    async def ready(self) -> None:
        """Returns when it makes sense to send an event."""

    async def send(self, outbound: Outbound) -> Json | None:
        """Delivers and returns what the acknowledgement carries.

        Raises:
            NoApp: there is nobody to send to.
            NotAcknowledged: not within the time, or refused.
        """
