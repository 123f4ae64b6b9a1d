"""Slack listeners: each reads a payload into a command, calls one service and renders one view. None ever raises."""

from slack_bolt import App

from handlers import (
    actions,
    approvals,
    audit,
    channels,
    commands,
    connection,
    home,
    issuer_fetch,
    mentions,
    modals,
    papers,
    policies,
    quiet,
    shortcuts,
    switch_forms,
    uploads,
)
from handlers.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Make the app listen.

    The app runs with `process_before_response=True`: what a listener does is on disk before Slack gets its answer.
    """
    uploads.register(app, desk)
    for room in (commands, mentions, shortcuts, actions, approvals, audit, issuer_fetch, modals, home, channels):
        room.register(app, desk)
    for room in (switch_forms, policies, papers, connection):
        room.register(app, desk)
    quiet.register(app)
