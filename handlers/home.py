"""App Home: what the bot does, and the switches that are open. A partner's people see the commands only."""

from slack_bolt import App, Args

from handlers.desk import Desk
from handlers.errors import guarded
from handlers.views import lists
from handlers.views.limits import VIEW_BLOCKS


def register(app: App, desk: Desk) -> None:
    """Listen for people who open it."""

    def opened(args: Args) -> None:
        event = args.event or {}
        if event.get("tab") != "home":
            return
        person = desk.people.person(str(event.get("user", "")), args.body.get("team_id"))
        ours = person.is_home and not (person.is_guest or person.is_bot)
        blocks = list(lists.help_text(desk.command, ours).blocks)
        if ours:
            blocks = [*lists.switches(desk.services.switches.list(), None).blocks, *blocks]
        args.client.views_publish(user_id=person.user_id, view={"type": "home", "blocks": blocks[:VIEW_BLOCKS]})

    app.event("app_home_opened")(guarded(opened))
