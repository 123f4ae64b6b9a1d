"""The audit in Slack: a page of it, the page before, and all of it as a table to take away."""

from dataclasses import replace

from slack_bolt import App, Args

from bot.services.audit import AuditQuery
from bot.services.errors import Outdated
from bot.services.people import PersonRole, Spot, require
from handlers import audience, audit_words, ids, parse, payload, vocabulary
from handlers.audience import Asked
from handlers.audit_query import query_for
from handlers.desk import Desk
from handlers.errors import guarded, tell
from handlers.export_jobs import ExportRequest
from handlers.views import audit as views
from handlers.views.blocks import Message
from handlers.views.values import Partner

SHOWN = 20
"""Entries of a page: what a reader takes in at once, and far less than a message holds."""


def register(app: App, desk: Desk) -> None:
    """Listen for the buttons under a page."""

    def again(args: Args) -> None:
        click = payload.click(desk, args)
        command = parse.parse(click.value)
        if not isinstance(command, vocabulary.Audit):
            raise Outdated
        spot = Spot(click.spot.channel, click.spot.thread_ts)
        asked = Asked(click.person, spot, desk.services.partners.by_channel(spot.channel))
        audience.check(asked, command)
        tell(args, answer(desk, asked, command, _partner(desk, command)))

    for action_id in (ids.AUDIT_OLDER, ids.AUDIT_TABLE):
        app.action(action_id)(guarded(again))


def answer(desk: Desk, asked: Asked, command: vocabulary.Audit, partner: Partner | None) -> Message:
    """A page, or the word that the table is under way. The question has passed `audience.check`.

    Raises:
        NotAllowed: a table, unless an operator asks.
        NotFound: no such partner or certificate.
        BadInput: "name", "ambiguous", where the certificate could be several.
    """
    query = query_for(command, partner)
    if command.as_table:
        require(asked.person, PersonRole.OPERATOR)
        desk.services.audit.page(query, 1)  # what is not there is said now, not in a direct message later
        desk.jobs.export_audit(ExportRequest.of(asked.person, asked.spot, audit_words.written(command)))
        return views.under_way()
    page = desk.services.audit.page(query, SHOWN, command.before)
    older = audit_words.written(replace(command, before=page.older)) if page.older is not None else None
    table = audit_words.written(replace(command, before=None, as_table=True))
    return views.page(page.entries, partner, older, table, narrowed=query != AuditQuery(partner=query.partner))


def _partner(desk: Desk, command: vocabulary.Audit) -> Partner | None:
    return desk.services.partners.by_key(command.partner) if command.partner is not None else None
