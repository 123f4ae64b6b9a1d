"""The button "Fetch from the CA": checked at the click, done by a durable job, told by the request's own message."""

from slack_bolt import App, Args

from handlers import ids, payload
from handlers.desk import Desk
from handlers.errors import guarded


def register(app: App, desk: Desk) -> None:
    """Listen for the button."""

    def fetch(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.fetching.check(click.person, click.number)
        action = args.action or {}
        # `action_ts` is the click's own: a redelivered payload has the same.
        desk.jobs.fetch_issuer(click.person, click.number, str(action.get("action_ts", "")))

    app.action(ids.FETCH_ISSUER)(guarded(fetch))
