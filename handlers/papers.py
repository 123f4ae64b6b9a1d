"""What can be taken out of Slack about a switch: the sheet for the partner, and the evidence for an auditor."""

from slack_bolt import App, Args

from bot.services.people import PersonRole, require
from handlers import audience, ids, payload
from handlers.desk import Desk
from handlers.errors import guarded, tell
from handlers.views import sheet
from handlers.views.blocks import say


def register(app: App, desk: Desk) -> None:
    """Listen for the buttons."""

    def show_sheet(args: Args) -> None:
        click = payload.click(desk, args)
        report = desk.services.switches.report(click.value)
        audience.require_reader(click.person, report.partner)
        args.client.views_open(trigger_id=click.trigger_id, view=sheet.render(report))

    def post_sheet(args: Args) -> None:
        click = payload.click(desk, args)
        audience.require_reader(click.person, desk.services.switches.report(click.value).partner)
        desk.jobs.papers.give_sheet(click.value)
        tell(args, say(sheet.UNDER_WAY), sheet.TITLE)

    def export(args: Args) -> None:
        click = payload.click(desk, args)
        if not click.person.has(PersonRole.APPROVER):
            require(click.person, PersonRole.OPERATOR)
        desk.services.switches.report(click.value)  # what is not there is said now
        desk.jobs.papers.give_evidence(click.value, click.person.user_id)
        tell(args, say(sheet.ON_ITS_WAY))

    app.action(ids.SWITCH_SHEET)(guarded(show_sheet))
    app.action(ids.SWITCH_SHEET_FILE)(guarded(post_sheet))
    app.action(ids.SWITCH_EVIDENCE)(guarded(export))
