"""Decisions on switches, roots and drifts. The button carries an id; who clicked and whether they may is asked anew."""

from slack_bolt import App, Args

from bot.services.approval_rules import Act, Case, Ruling, deciders, rule
from bot.services.errors import NotAllowed
from bot.services.people import PersonRole, require
from bot.services.switches import Side
from handlers import ids, payload
from handlers.desk import Desk
from handlers.dispatch import now
from handlers.errors import Listener, guarded, tell
from handlers.views import done, modals
from handlers.views.blocks import say
from handlers.views.form import Origin
from handlers.views.values import Partner


def register(app: App, desk: Desk) -> None:
    """Listen for the buttons of proposals, root approvals and drifts."""

    def approve(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.switches.approve(click.person, click.value, Side.OURS)

    def confirm(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.switches.approve(click.person, click.value, Side.PARTNER)

    def cancel(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.switches.cancel(click.person, click.value)

    def reject(args: Args) -> None:
        click = payload.click(desk, args)
        _may(desk, click, Act.REJECT)
        _open(args, click, modals.reject(_about(click)))

    def word(args: Args) -> None:
        click = payload.click(desk, args)
        partner = _may(desk, click, Act.RECORD_WORD)
        _open(args, click, modals.record_word(_about(click), partner.name, now()))

    def approve_root(args: Args) -> None:
        click = payload.click(desk, args)
        ca_id, sha256 = click.pair
        desk.services.ca_list.approve_root(click.person, ca_id, sha256)

    def decline_root(args: Args) -> None:
        click = payload.click(desk, args)
        require(click.person, PersonRole.TRUST_ADMIN)
        ca_id, sha256 = click.pair
        about = Origin(click.spot.channel, click.spot.thread_ts, str(ca_id), sha256)
        _open(args, click, modals.decline_root(about))

    listeners: dict[str, Listener] = {
        ids.SWITCH_APPROVE: _noted(approve),
        ids.SWITCH_CONFIRM: _noted(confirm),
        ids.SWITCH_CANCEL: cancel,
        ids.SWITCH_REJECT: reject,
        ids.SWITCH_WORD: word,
        ids.DRIFT_MEND: _noted(lambda args: _mend(desk, args)),
        ids.ROOT_APPROVE: approve_root,
        ids.ROOT_DECLINE: decline_root,
    }
    for action_id, listener in {**listeners, **_once_begun(desk)}.items():
        app.action(action_id)(guarded(listener))


def _noted(listener: Listener) -> Listener:
    """An answer that only one person sees does not follow the store, so what came of a click on it is said."""

    def run(args: Args) -> None:
        listener(args)
        if (args.body.get("container") or {}).get("is_ephemeral"):
            tell(args, say(done.NOTED))

    return run


def _mend(desk: Desk, args: Args) -> None:
    click = payload.click(desk, args)
    revision, public_id = click.pair
    desk.services.drifts.approve(click.person, public_id, revision)


def _once_begun(desk: Desk) -> dict[str, Listener]:
    """What can be decided after the gateway was touched: how an overlap ends, and the way back."""

    def retire(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.overlaps.retire(click.person, click.value)

    def abandon(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.overlaps.abandon(click.person, click.value)

    def undo(args: Args) -> None:
        click = payload.click(desk, args)
        if not click.person.has(PersonRole.APPROVER):
            require(click.person, PersonRole.OPERATOR)
        _open(args, click, modals.undo(_about(click)))

    return {ids.SWITCH_RETIRE: retire, ids.SWITCH_ABANDON: abandon, ids.SWITCH_UNDO: undo}


def _may(desk: Desk, click: payload.Click, act: Act) -> Partner:
    """Refuse before a form opens, by the rule that the service applies again when it is sent."""
    report = desk.services.switches.report(click.value)
    decided_by = deciders(report.consent.decisions)
    ruling = rule(Case(act, click.person, report.switch.requested_by, report.partner, decided_by))
    if ruling is not Ruling.ALLOWED:
        raise NotAllowed(ruling.value)
    return report.partner


def _about(click: payload.Click) -> Origin:
    return Origin(click.spot.channel, click.spot.thread_ts, click.value)


def _open(args: Args, click: payload.Click, view: dict[str, object]) -> None:
    args.client.views_open(trigger_id=click.trigger_id, view=view)
