"""The slash command: acknowledged at once, answered to the one who typed it, or by a form."""

from slack_bolt import App, Args

from bot.services.people import Person, Spot
from handlers import dispatch, forms, parse, payload, presence
from handlers.audience import Asked
from handlers.desk import Desk
from handlers.dispatch import Wanted
from handlers.errors import guarded
from handlers.views.blocks import Block


def register(app: App, desk: Desk) -> None:
    """Listen for the command."""

    def typed(args: Args) -> None:
        body = args.body
        channel = str(body.get("channel_id", ""))
        person = payload.who_acts(desk, args)
        asked = Asked(person, Spot(channel, None), desk.services.partners.by_channel(channel))
        command = parse.parse(str(body.get("text") or ""))
        if isinstance(command, presence.POSTED):
            presence.require_member(args.client, channel)
        answer = dispatch.answer(desk, asked, command)
        if isinstance(answer, Wanted):
            args.client.views_open(trigger_id=body["trigger_id"], view=form(desk, person, answer))
        else:
            args.respond(text=answer.text, blocks=answer.blocks, response_type="ephemeral")

    app.command(desk.command)(guarded(typed))


def form(desk: Desk, person: Person, wanted: Wanted) -> Block:
    """The form that an answer asks for."""
    if wanted.connection is not None:
        return forms.propose(desk, person, wanted.about, wanted.connection.id, wanted.draft)
    return forms.FORMS[wanted.form](desk, person, wanted.about)
