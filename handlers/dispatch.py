"""One dispatcher for commands and mentions: a command and who asks, to an answer or a form. Knows no Slack client."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.services.errors import AlreadyThere, BadInput, NotFound
from bot.services.people import PersonRole, require
from handlers import audience, audit, connection, ids, vocabulary
from handlers.audience import Asked
from handlers.desk import Desk
from handlers.views import done, lists, policy, setup
from handlers.views.blocks import Message, say
from handlers.views.form import Origin
from handlers.views.limits import LINES_SHOWN
from handlers.views.propose import Draft
from handlers.views.values import Connection, Partner


@dataclass(frozen=True)
class Wanted:
    """A form has to be filled in: which, and what it is about.

    `connection` and `draft` are what was typed for the form of a switch.
    """

    form: str
    about: Origin
    connection: Connection | None = None
    draft: Draft | None = None


Answer = Message | Wanted


def answer(desk: Desk, asked: Asked, command: vocabulary.Command) -> Answer:
    """Do what the command says and give the answer.

    Raises:
        ServiceError: it was refused; nothing was changed.
    """
    audience.check(asked, command)
    return _RUN[type(command)](desk, asked, command)


def _help(desk: Desk, asked: Asked, _command: vocabulary.Help) -> Answer:
    return lists.help_text(desk.command, asked.is_ours)


def _unclear(desk: Desk, asked: Asked, command: vocabulary.Unclear) -> Answer:
    return lists.unclear(desk.command, command, asked.is_ours)


def _partners(desk: Desk, _asked: Asked, _command: vocabulary.Partners) -> Answer:
    return lists.partners(desk.services.partners.list())


def _partner_add(desk: Desk, asked: Asked, command: vocabulary.PartnerAdd) -> Answer:
    if not command.key or not command.name:
        return Wanted(ids.MODAL_PARTNER, _origin(asked))
    made = desk.services.partners.add(asked.person, command.key, command.name, command.channel, None, asked.spot.source)
    return say(done.partner_added(made))


def _partner_channel(desk: Desk, asked: Asked, command: vocabulary.PartnerChannel) -> Answer:
    require(asked.person, PersonRole.OPERATOR)
    if not command.partner or not command.channel:
        chosen = desk.services.partners.by_key(command.partner) if command.partner else asked.partner
        return Wanted(ids.MODAL_CHANNEL, _origin(asked, str(chosen.id) if chosen else ""))
    linked = desk.services.partners.link_channel(asked.person, command.partner, command.channel, asked.spot.source)
    return say(setup.channel_linked(linked, command.channel))


def _list(desk: Desk, asked: Asked, command: vocabulary.ListCertificates) -> Answer:
    partner = _partner(desk, asked, command.partner)
    if partner is None:
        return _which_partner(desk, "list")
    return lists.certificates(partner, desk.services.certificates.list(partner.key), now(), asked.is_ours)


def _show(desk: Desk, asked: Asked, command: vocabulary.Show) -> Answer:
    found = desk.services.certificates.show(command.name, _scope_key(asked))
    return lists.shown(found, now(), may_change=True)


def _rename(desk: Desk, asked: Asked, command: vocabulary.Rename) -> Answer:
    if not command.name or not command.new:
        return Wanted(ids.MODAL_RENAME, _origin(asked))
    require(asked.person, PersonRole.OPERATOR)
    found = desk.services.certificates.show(command.name, _scope_key(asked))
    if found.entry is None:
        raise NotFound("display_name", command.name)
    desk.services.certificates.rename(asked.person, found.entry.id, command.new)
    return done.renamed(command.name, command.new)


def _delete(desk: Desk, asked: Asked, command: vocabulary.Delete) -> Answer:
    require(asked.person, PersonRole.OPERATOR)
    return lists.deletion(desk.services.certificates.to_delete(asked.person, command.name, _scope_key(asked)))


def _ca(desk: Desk, _asked: Asked, _command: vocabulary.Ca) -> Answer:
    return lists.ca_list(desk.services.ca_list.list(LINES_SHOWN), now())


def _connections(desk: Desk, asked: Asked, command: vocabulary.Connections) -> Answer:
    partner = _partner(desk, asked, command.partner)
    if partner is None:
        return _which_partner(desk, "connections")
    return lists.connections(partner, desk.services.connections.list(partner.key), now(), asked.is_ours)


def _connection(desk: Desk, asked: Asked, command: vocabulary.ShowConnection) -> Answer:
    return connection.answer(desk, asked, command)


def _connection_add(desk: Desk, asked: Asked, command: vocabulary.ConnectionAdd) -> Answer:
    if not (command.partner and command.name and command.role and command.uri):
        return Wanted(ids.MODAL_CONNECTION, _origin(asked))
    partner = _partner(desk, asked, command.partner)
    made = desk.services.connections.add(
        asked.person,
        partner.key if partner else command.partner,
        command.name,
        command.role,
        command.uri,
        desk.services.connections.gateway_names[0],
        command.choreographies,
        asked.spot.source,
    )
    return say(done.connection_added(made, desk.command, desk.services.connections.gateway_names))


def _connection_change(desk: Desk, asked: Asked, command: vocabulary.ConnectionChange) -> Answer:
    require(asked.person, PersonRole.OPERATOR)
    return policy.connection_offer(connection.named(desk, asked, command.name).connection)


def _policy(desk: Desk, asked: Asked, command: vocabulary.Policy) -> Answer:
    partner = _partner(desk, asked, command.partner)
    if partner is None:
        return _which_partner(desk, "policy")
    may_change = asked.public or asked.person.has(PersonRole.TRUST_ADMIN)
    return policy.shown(partner, desk.services.policies.of(partner.key), may_change=may_change)


def _choreographies(desk: Desk, _asked: Asked, _command: vocabulary.Choreographies) -> Answer:
    return setup.choreographies(desk.services.choreographies.list(), desk.command)


def _choreography(desk: Desk, asked: Asked, command: vocabulary.DescribeChoreography) -> Answer:
    require(asked.person, PersonRole.OPERATOR)
    if not command.name or not command.description:
        return Wanted(ids.MODAL_CHOREOGRAPHY, _origin(asked, command.name or ""))
    described = desk.services.choreographies.describe(
        asked.person, command.name, command.description, asked.spot.source
    )
    return say(setup.choreography_described(described))


def _switch(desk: Desk, asked: Asked, command: vocabulary.ProposeSwitch) -> Answer:
    require(asked.person, PersonRole.OPERATOR)
    if command.connection is None:
        return Wanted(ids.MODAL_PROPOSE, _origin(asked))
    report = connection.named(desk, asked, command.connection)
    if asked.partner is not None and asked.partner.id != report.partner.id:
        raise BadInput("connection", "other_partners_channel")
    if report.open_switch is not None:
        raise AlreadyThere("switch", public_id=report.open_switch.public_id)
    return Wanted(ids.MODAL_PROPOSE, _origin(asked), report.connection, connection.draft(desk, report, command))


def _switches(desk: Desk, asked: Asked, command: vocabulary.Switches) -> Answer:
    partner = _partner(desk, asked, command.partner) if command.partner or asked.is_narrow else None
    within = partner.id if partner else None
    # A company keeps every switch it ever made; no more of them are read than a message has room for.
    found = desk.services.switches.list(open_only=False, partner_id=within, most=LINES_SHOWN)
    return lists.switches(found, partner, asked.is_ours, desk.services.switches.count(within))


def _audit(desk: Desk, asked: Asked, command: vocabulary.Audit) -> Answer:
    partner = _partner(desk, asked, command.partner) if command.partner else None
    return audit.answer(desk, asked, command, partner)


def _import(_desk: Desk, asked: Asked, _command: vocabulary.Import) -> Answer:
    return Wanted(ids.MODAL_IMPORT, _origin(asked))


def _partner(desk: Desk, asked: Asked, key: str | None) -> Partner | None:
    """The partner asked about; without a key the channel's. A partner's people learn nothing of others."""
    if key is None:
        return asked.scope
    if not audience.named(asked, key):
        raise NotFound("partner", key)
    return audience.narrowed(asked, desk.services.partners.by_key(key))


def _scope_key(asked: Asked) -> str | None:
    return asked.scope.key if asked.is_narrow and asked.scope else None


def _which_partner(desk: Desk, words: str) -> Message:
    return done.which_partner(f"{desk.command} {words}", desk.services.partners.list())


def _origin(asked: Asked, subject: str = "") -> Origin:
    return Origin(asked.spot.channel, asked.spot.thread_ts, subject)


def now() -> datetime:
    """The present moment, for what a reader sees (days left)."""
    return datetime.now(UTC)


_RUN: dict[type, Callable[[Desk, Asked, Any], Answer]] = {
    vocabulary.Help: _help,
    vocabulary.Partners: _partners,
    vocabulary.PartnerAdd: _partner_add,
    vocabulary.PartnerChannel: _partner_channel,
    vocabulary.ListCertificates: _list,
    vocabulary.Show: _show,
    vocabulary.Rename: _rename,
    vocabulary.Delete: _delete,
    vocabulary.Ca: _ca,
    vocabulary.Connections: _connections,
    vocabulary.ShowConnection: _connection,
    vocabulary.ConnectionAdd: _connection_add,
    vocabulary.ConnectionChange: _connection_change,
    vocabulary.Policy: _policy,
    vocabulary.Choreographies: _choreographies,
    vocabulary.DescribeChoreography: _choreography,
    vocabulary.ProposeSwitch: _switch,
    vocabulary.Switches: _switches,
    vocabulary.Audit: _audit,
    vocabulary.Import: _import,
    vocabulary.Unclear: _unclear,
}
