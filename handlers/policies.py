"""The buttons that open the forms for a partner's policy and for a connection's change."""

from slack_bolt import App, Args

from bot.services.people import PersonRole, require
from handlers import ids, payload
from handlers.desk import Desk
from handlers.errors import guarded
from handlers.views import policy
from handlers.views.form import Origin


def register(app: App, desk: Desk) -> None:
    """Listen for them."""

    def change_policy(args: Args) -> None:
        click = payload.click(desk, args)
        require(click.person, PersonRole.TRUST_ADMIN)
        partner = desk.services.partners.by_key(click.value)
        page = policy.change(_about(click, partner.key), partner, desk.services.policies.of(partner.key))
        args.client.views_open(trigger_id=click.trigger_id, view=page)

    def change_connection(args: Args) -> None:
        click = payload.click(desk, args)
        require(click.person, PersonRole.OPERATOR)
        found = desk.services.connections.by_id(click.number).connection
        args.client.views_open(trigger_id=click.trigger_id, view=policy.connection(_about(click, found.name), found))

    app.action(ids.POLICY_CHANGE)(guarded(change_policy))
    app.action(ids.CONNECTION_CHANGE)(guarded(change_connection))


def _about(click: payload.Click, subject: str) -> Origin:
    return Origin(click.spot.channel, click.spot.thread_ts, subject)
