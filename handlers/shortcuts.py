"""The message shortcut "Import certificate": takes in the files of a message that was there before the bot was."""

from dataclasses import dataclass

from slack_bolt import App, Args

from bot.services.errors import BadInput
from handlers import ids, payload, presence
from handlers.desk import Desk
from handlers.errors import guarded, tell
from handlers.intake_jobs import file_key, message_key
from handlers.views import done
from handlers.views.blocks import say
from handlers.views.limits import FILE_INPUT_FILES
from storage.records import UploadState


def register(app: App, desk: Desk) -> None:
    """Listen for the shortcut."""

    def chosen(args: Args) -> None:
        body = args.body
        message = body.get("message") or {}
        channel, ts = str((body.get("channel") or {}).get("id", "")), str(message.get("ts", ""))
        file_ids = [str(file["id"]) for file in message.get("files") or () if file.get("id")][:FILE_INPUT_FILES]
        if not file_ids:
            raise BadInput("files", "no_file")
        presence.require_member(args.client, channel)
        wanted = _wanted(desk, message_key(channel, ts), file_ids)
        if not wanted.file_ids:
            tell(args, say(done.TAKEN_IN_ALREADY))
            return
        person = payload.who_acts(desk, args)
        desk.jobs.take_in(
            key=f"{wanted.key}:again:{body.get('action_ts')}" if wanted.is_again else wanted.key,
            channel=channel,
            thread_ts=str(message.get("thread_ts") or ts),
            user_id=person.user_id,
            team_id=person.team_id,
            file_ids=wanted.file_ids,
        )
        tell(args, say(done.LOOKING))

    app.shortcut({"type": "message_action", "callback_id": ids.SHORTCUT_IMPORT})(guarded(chosen))


@dataclass(frozen=True)
class _Wanted:
    key: str
    file_ids: list[str]
    is_again: bool


def _wanted(desk: Desk, key: str, file_ids: list[str]) -> _Wanted:
    """What is not taken in yet. Under the message's own key, which its event has too, so that both are one upload.

    A refused file may be tried again, by somebody who may or after what was wrong has been mended: then the key has to
    be another one.
    """
    outcomes = {file_id: desk.services.intake.outcome(file_key(key, file_id)) for file_id in file_ids}
    refused = [file_id for file_id, state in outcomes.items() if state is UploadState.REFUSED]
    new = [file_id for file_id, state in outcomes.items() if state is None]
    return _Wanted(key, refused, is_again=True) if refused else _Wanted(key, new, is_again=False)
