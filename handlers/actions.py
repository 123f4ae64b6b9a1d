"""Buttons and selects on the messages about uploads and certificates."""

from collections.abc import Callable
from dataclasses import replace

from slack_bolt import App, Args
from slack_sdk.errors import SlackApiError

from bot.services.errors import Outdated
from bot.services.people import PersonRole, require
from handlers import audience, commands, forms, ids, payload
from handlers.desk import Desk
from handlers.dispatch import Wanted, now
from handlers.errors import Listener, guarded, tell
from handlers.latest import Latest
from handlers.slack_calls import code_of
from handlers.views import details, done, form, propose
from handlers.views.blocks import View, say
from handlers.views.form import Origin

Work = Callable[[Desk, Args], None]


def register(app: App, desk: Desk) -> None:
    """Listen for them."""
    latest = Latest()

    def pick(desk: Desk, args: Args) -> None:
        _pick(desk, args, latest)

    for action_id, name in ((ids.RENAME, ids.MODAL_RENAME), (ids.PROPOSE, ids.MODAL_PROPOSE)):
        app.action(action_id)(guarded(_opens(desk, name)))
    for name in forms.FORMS:
        app.action(f"{ids.OPEN_MODAL}{name}")(guarded(_opens(desk, name)))
    for action_id, work in (
        (ids.DETAILS, _details),
        (ids.PROMPT_DETAILS, _prompt_details),
        (ids.SWITCH_DETAILS, _switch_details),
        (ids.OWN_CERTIFICATE, _own_certificate),
        (ids.DELETE, _delete),
        (ids.CA_DELETE, _ca_delete),
        (ids.PICK_CONNECTION, pick),
        (ids.PICK_MODE, pick),
    ):
        app.action(action_id)(guarded(_with(desk, work)))
    # Chosen in an input block, so it arrives with the form; the listener only keeps Bolt from answering 404.
    app.action(ids.PICK_CERTIFICATE)(guarded(lambda _args: None))


def _with(desk: Desk, work: Work) -> Listener:
    return lambda args: work(desk, args)


def _opens(desk: Desk, name: str) -> Listener:
    def run(args: Args) -> None:
        click = payload.click(desk, args)
        subject = str(click.number) if click.value and click.value != "-" else ""
        about = Origin(click.spot.channel, click.spot.thread_ts, subject)
        view = commands.form(desk, click.person, Wanted(name, about))
        args.client.views_open(trigger_id=click.trigger_id, view=view)

    return run


def _details(desk: Desk, args: Args) -> None:
    click = payload.click(desk, args)
    upload_id, sha256 = click.pair
    audience.require_reader(click.person, desk.services.partners.by_channel(click.spot.channel))
    _open(args, click, details.of_certificate(desk.services.intake.details(upload_id, sha256), now()))


def _prompt_details(desk: Desk, args: Args) -> None:
    click = payload.click(desk, args)
    report = desk.services.chains.prompt_report(click.number)
    # A request for an issuer above a CA certificate is no partner's; then the channel tells who reads.
    partner = report.partner or desk.services.partners.by_channel(click.spot.channel)
    audience.require_reader(click.person, partner)
    _open(args, click, details.of_prompt(report))


def _switch_details(desk: Desk, args: Args) -> None:
    click = payload.click(desk, args)
    report = desk.services.switches.report(click.value)
    audience.require_reader(click.person, report.partner)
    _open(args, click, details.of_switch(report, now(), is_ours=click.person.is_home))


def _open(args: Args, click: payload.Click, page: View) -> None:
    args.client.views_open(trigger_id=click.trigger_id, view=page)


def _own_certificate(desk: Desk, args: Args) -> None:
    click = payload.click(desk, args)
    upload_id, sha256 = click.pair
    desk.services.intake.own_certificate(click.person, upload_id, sha256)


def _delete(desk: Desk, args: Args) -> None:
    click = payload.click(desk, args)
    desk.services.certificates.delete(click.person, click.number)
    tell(args, say(done.DELETED))


def _ca_delete(desk: Desk, args: Args) -> None:
    click = payload.click(desk, args)
    desk.services.ca_list.delete(click.person, click.number)
    tell(args, say(done.DELETED_CA))


def _pick(desk: Desk, args: Args, latest: Latest) -> None:
    """In the form: load the certificates that the chosen connection can switch to; ask for the moment of the mode."""
    click = payload.click(desk, args)
    view = args.body.get("view") or {}
    require(click.person, PersonRole.OPERATOR)
    if not view.get("id"):
        raise Outdated
    moment = _moment_of(args)
    if not latest.came(view["id"], moment):
        return
    about, typed = form.origin(view), form.values(view)
    connection = str(typed.get("connection") or "")
    draft = propose.filled_in(typed)
    if draft.certificate_id is None and about.subject:
        draft = replace(draft, certificate_id=payload.number(about.subject))
    page = forms.propose(desk, click.person, about, payload.number(connection) if connection else None, draft)
    try:
        # The hash keeps two quick choices from overtaking each other.
        args.client.views_update(view_id=view["id"], hash=view.get("hash"), view=page)
    except SlackApiError as error:
        if code_of(error) != "hash_conflict":
            raise
        if latest.is_latest(view["id"], moment):  # the one before it was faster: its page goes
            args.client.views_update(view_id=view["id"], view=page)


def _moment_of(args: Args) -> float:
    """When it was chosen, by Slack's clock; 0 where that is not said."""
    try:
        return float(str((args.action or {}).get("action_ts") or 0))
    except ValueError:
        return 0.0
