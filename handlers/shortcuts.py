"""The message shortcut "Import certificate": takes in the files of a message that was there before the bot was."""

from slack_bolt import App, Args

from bot.services.errors import BadInput
from handlers import ids, payload
from handlers.desk import Desk
from handlers.errors import guarded, tell
from handlers.views.blocks import say
from handlers.views.limits import FILE_INPUT_FILES


def register(app: App, desk: Desk) -> None:
    """Listen for the shortcut."""

    def chosen(args: Args) -> None:
        body = args.body
        message = body.get("message") or {}
        file_ids = [str(file["id"]) for file in message.get("files") or () if file.get("id")]
        if not file_ids:
            raise BadInput("files", "no_file")
        person = payload.who_acts(desk, args)
        channel = str((body.get("channel") or {}).get("id", ""))
        desk.jobs.take_in(
            # Not the key of the message itself: who asks again, perhaps after a failure, gets an answer again.
            key=f"shortcut:{channel}:{message.get('ts')}:{body.get('action_ts')}",
            channel=channel,
            thread_ts=str(message.get("thread_ts") or message.get("ts")),
            user_id=person.user_id,
            team_id=person.team_id,
            file_ids=file_ids[:FILE_INPUT_FILES],
        )
        tell(args, say(":inbox_tray: I take a look; the answer comes in the thread."))

    app.shortcut({"type": "message_action", "callback_id": ids.SHORTCUT_IMPORT})(guarded(chosen))
