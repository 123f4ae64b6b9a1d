"""The forms around a switch that were sent: the proposal, the way back, a partner's policy, a connection's change."""

from dataclasses import replace
from datetime import datetime

from slack_bolt import App

from bot.services.errors import BadInput
from handlers import forms, ids
from handlers.desk import Desk
from handlers.modals import Sent, Work, listen
from handlers.views import form, policy, propose
from handlers.views.blocks import Block


def register(app: App, desk: Desk) -> None:
    """Listen for submissions."""
    listen(app, desk, _WORK)


def _propose(sent: Sent) -> Block | None:
    connection_id, certificate_id = sent.number("connection"), sent.number("certificate")
    draft = propose.filled_in(sent.fields)
    switches = sent.desk.services.switches
    try:
        switches.propose(
            sent.person, connection_id, certificate_id, draft.reason, sent.about.spot, draft.timing, draft.also
        )
    except BadInput as refused:
        old_ends = refused.data.get("not_after")
        if refused.reason != "old_ends_before" or not isinstance(old_ends, datetime):
            raise
        # Not wrong, but to be known: the form comes back with the question.
        return forms.propose(sent.desk, sent.person, sent.about, connection_id, replace(draft, gap_from=old_ends))
    return None


def _undo(sent: Sent) -> Block | None:
    switches = sent.desk.services.switches
    switches.propose_undo(sent.person, sent.about.subject, sent.text("reason"), sent.about.spot)
    return None


def _policy(sent: Sent) -> Block | None:
    changed = sent.desk.services.policies.change(
        sent.person, sent.about.subject, policy.filled_in(sent.fields), sent.about.spot.source
    )
    partner = sent.desk.services.partners.by_key(sent.about.subject)
    return form.told("Policy changed", policy.in_words(partner, changed))


def _connection(sent: Sent) -> Block | None:
    names = [line.strip() for line in sent.text("choreographies").splitlines() if line.strip()]
    changed, ended = sent.desk.services.connections.change(
        sent.person, sent.about.subject, sent.text("uri"), names, sent.about.spot.source
    )
    return form.told("Connection changed", policy.connection_changed(changed, ended is not None))


_WORK: dict[str, Work] = {
    ids.MODAL_PROPOSE: _propose,
    ids.MODAL_UNDO: _undo,
    ids.MODAL_POLICY: _policy,
    ids.MODAL_CONNECTION_CHANGE: _connection,
}
