"""One connection by its name: the answer about it, what each reader may do from there, and the form for its switch."""

from collections.abc import Iterator
from datetime import UTC, datetime

from slack_bolt import App, Args

from bot.services.approval_rules import Act, deciders
from bot.services.connections import ConnectionReport
from bot.services.decisions import acts_asked
from bot.services.errors import BadInput, NotAllowed, NotFound
from bot.services.inspection import Inspected
from bot.services.people import PersonRole
from bot.services.switches import SwitchReport
from handlers import audience, forms, ids, payload, vocabulary
from handlers.audience import Asked
from handlers.desk import Desk
from handlers.errors import guarded
from handlers.views import connection as views
from handlers.views import propose
from handlers.views.blocks import Message
from handlers.views.form import Origin
from handlers.views.limits import INPUT_REASON
from handlers.views.propose import Draft

_DECIDED_BY = {
    Act.APPROVE: ids.SWITCH_APPROVE,
    Act.CONFIRM: ids.SWITCH_CONFIRM,
    Act.RECORD_WORD: ids.SWITCH_WORD,
    Act.REJECT: ids.SWITCH_REJECT,
}


def register(app: App, desk: Desk) -> None:
    """Listen for the button that proposes a switch of one connection."""

    def proposes(args: Args) -> None:
        click = payload.click(desk, args)
        connection_id, draft = propose.asked(click.value)
        about = Origin(click.spot.channel, click.spot.thread_ts)
        page = forms.propose(desk, click.person, about, connection_id, draft)
        args.client.views_open(trigger_id=click.trigger_id, view=page)

    app.action(ids.CONNECTION_PROPOSE)(guarded(proposes))


def answer(desk: Desk, asked: Asked, command: vocabulary.ShowConnection) -> Message:
    """The connection. The question has passed `audience.check`.

    Raises:
        NotFound: `connection`; to a partner's people also where it is another partner's.
        NotAllowed: `shared_channel`: it is another partner's, and people of this one would read the answer.
    """
    found = _inspected(desk, asked, command.name.lower())
    links = [desk.whereabouts.known_address(one) for one in (found.switch_place, found.drift_place)]
    shown = views.Shown(found, asked.is_narrow, frozenset(_offered(asked, found)), *links)
    return views.render(shown, datetime.now(UTC))


def _inspected(desk: Desk, asked: Asked, name: str) -> Inspected:
    within = asked.scope.id if asked.is_narrow and asked.scope else None
    try:
        return desk.services.inspection.of(name, within)
    except NotFound:
        if asked.is_ours and desk.services.inspection.is_known(name):
            raise NotAllowed("shared_channel") from None
        raise


def _offered(asked: Asked, found: Inspected) -> Iterator[str]:
    """The buttons for this reader, by action id.

    An answer that everybody reads does not follow the store, so it leads to the messages that do, and decides nothing.
    """
    person = asked.person
    if person.has(PersonRole.OPERATOR):
        yield ids.CONNECTION_PROPOSE
    if asked.public:
        return
    if person.has(PersonRole.OPERATOR):
        yield ids.CONNECTION_CHANGE
    if person.has(PersonRole.APPROVER):
        yield ids.DRIFT_MEND
    if person.has(PersonRole.APPROVER) or person.has(PersonRole.OPERATOR):
        yield ids.SWITCH_UNDO
    if found.switch is not None and found.switch.needs:
        yield from (_DECIDED_BY[act] for act in _acts(asked, found.switch) if act in _DECIDED_BY)


def _acts(asked: Asked, report: SwitchReport) -> frozenset[Act]:
    decided = deciders(report.consent.decisions)
    return acts_asked(asked.person, report.switch.requested_by, report.partner, decided, report.consent.policy)


def named(desk: Desk, asked: Asked, name: str) -> ConnectionReport:
    """The connection of that name, for one of ours.

    Raises:
        NotFound: `connection`; in a partner's channel the nearest names are of that partner's alone.
        NotAllowed: `shared_channel`: it is another partner's, and people of this one would read the answer.
    """
    try:
        report = desk.services.connections.by_name(name.lower())
    except NotFound as unknown:
        if not asked.is_narrow or asked.scope is None:
            raise
        own = {one.connection.name for one in desk.services.connections.list(asked.scope.key)}
        near = unknown.data.get("nearest")
        kept = [one for one in near if one in own] if isinstance(near, tuple) else []
        raise NotFound("connection", name, kept) from None
    audience.narrowed(asked, report.partner)
    return report


def draft(desk: Desk, report: ConnectionReport, command: vocabulary.ProposeSwitch) -> Draft:
    """What was typed for the form of a switch.

    Raises:
        NotFound, BadInput, AlreadyThere: what the proposal would be refused for.
    """
    reason = command.reason or ""
    if len(reason) > INPUT_REASON:
        raise BadInput("reason", "too_long", limit=INPUT_REASON)
    return Draft(_certificate_id(desk, report, command.certificate), reason)


def _certificate_id(desk: Desk, report: ConnectionReport, name: str | None) -> int | None:
    """The certificate that was typed, if the connection could be switched to it."""
    if name is None:
        return None
    entry = desk.services.certificates.show(name, report.partner.key).entry
    if entry is None:
        raise NotFound("display_name", name)
    desk.services.inspection.check_proposal(report.connection.id, entry.id)
    return entry.id
