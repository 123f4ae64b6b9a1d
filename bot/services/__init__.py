"""The use cases. They know no Slack; what they refuse is data, and what has to be shown is left in the outbox."""

from bot.services.opening import Services, open_services

__all__ = ["Services", "open_services"]
