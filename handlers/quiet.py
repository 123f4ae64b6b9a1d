"""Events that are subscribed and need no answer: Bolt answers 404 to what nobody listens for, and Slack tries again.

Registered last: Bolt takes the first listener that fits.
"""

from slack_bolt import App, Args

from handlers.errors import guarded

# `message` covers every subtype that is no file: edits, deletions, joins, plain talk.
QUIET_EVENTS = ("message",)


def register(app: App) -> None:
    """Listen and do nothing."""
    for event in QUIET_EVENTS:
        app.event(event)(guarded(_ignore))


def _ignore(_args: Args) -> None:
    """Acknowledged by the guard; nothing else."""
