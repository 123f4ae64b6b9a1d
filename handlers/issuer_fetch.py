"""The buttons on a request for an issuer. What came of a click is told by the request's own message.

"Fetch from the CA" is checked at the click and done by a durable job; "Add it for approval" is done at the click, as
one short transaction.
"""

from slack_bolt import App, Args

from handlers import ids, payload
from handlers.desk import Desk
from handlers.errors import guarded


def register(app: App, desk: Desk) -> None:
    """Listen for them."""

    def fetch(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.fetching.check(click.person, click.number)
        action = args.action or {}
        # `action_ts` is the click's own: a redelivered payload has the same.
        desk.jobs.fetch_issuer(click.person, click.number, str(action.get("action_ts", "")))

    def add_public_root(args: Args) -> None:
        click = payload.click(desk, args)
        desk.services.known_roots.request(click.person, click.number)

    app.action(ids.FETCH_ISSUER)(guarded(fetch))
    app.action(ids.ADD_PUBLIC_ROOT)(guarded(add_public_root))
