"""Partners' channels and choreographies: their forms, and what is said about them."""

from collections.abc import Sequence

from bot.services.choreographies import ChoreographyReport
from handlers import ids
from handlers.views import form, sentences
from handlers.views.blocks import Block, Message, View, context, message, option, plain_text, say, section, select
from handlers.views.form import Origin
from handlers.views.limits import INPUT_NAME, INPUT_REASON, NAME_SHOWN, OPTIONS, PLACEHOLDER, REASON_SHOWN
from handlers.views.text import bullets, channel_link, code, strong, words
from handlers.views.values import Partner


def partner_channel(about: Origin, partners: Sequence[Partner], partner: Partner | None) -> View:
    """One more channel for a partner; the channel that the form was opened in is proposed."""
    options = [option(f"{one.name} ({one.key})", str(one.id)) for one in partners]
    initial = next((one for one in options if partner and one["value"] == str(partner.id)), None)
    channel: Block = {
        "type": "conversations_select",
        "action_id": "channel",
        "placeholder": plain_text("Choose the channel", PLACEHOLDER),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    blocks = [
        form.input_field("partner", "Partner", select("partner", "Choose the partner", options, initial)),
        form.input_field("channel", "Channel", channel, hint="Files dropped there are from this partner."),
    ]
    if len(options) > OPTIONS:
        blocks.append(context(f"The first {OPTIONS} are listed; the command takes any."))
    return form.modal(ids.MODAL_CHANNEL, "Add a channel", "Add", blocks, about)


def choreography(about: Origin, name: str, description: str) -> View:
    """What a choreography is for."""
    blocks = [
        form.input_field("choreography", "Choreography", form.line_field("choreography", INPUT_NAME, name)),
        form.input_field(
            "description",
            "What it is for",
            form.paragraph_field("description", INPUT_REASON, description),
            hint="Shown in the list of choreographies.",
        ),
    ]
    return form.modal(ids.MODAL_CHOREOGRAPHY, "Describe a process", "Save", blocks, about)


def channel_linked(partner: Partner, channel: str) -> str:
    """The partner has one more channel."""
    return f":white_check_mark: Files in {channel_link(channel)} are from {strong(partner.name)} from now on."


def choreography_described(described: ChoreographyReport) -> str:
    """What the choreography is for, as it is kept."""
    name, said = strong(described.choreography.name), words(described.choreography.description, REASON_SHOWN)
    return f":white_check_mark: {name}: {said}"


def choreographies(found: Sequence[ChoreographyReport], command: str) -> Message:
    """All choreographies, by name."""
    if not found:
        return say("There is no choreography yet. They are named when a connection is added.")
    lines = [_line(one) for one in found]
    blocks = [
        section(f"*Choreographies*\n{bullets(lines)}"),
        context(f"{code(f'{command} choreography')} says what one is for."),
    ]
    return message(sentences.counted(len(found), "choreography", "choreographies"), blocks)


def _line(one: ChoreographyReport) -> str:
    said = f": {words(one.choreography.description, REASON_SHOWN)}" if one.choreography.description else ""
    over = f" – over {sentences.one_of(one.connections, 3)}" if one.connections else " – over no connection"
    return f"{words(one.choreography.name, NAME_SHOWN)}{said}{over}"
