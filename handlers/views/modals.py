"""The forms, each a view for `views.open`."""

from collections.abc import Sequence
from datetime import datetime

from handlers import ids
from handlers.views import form
from handlers.views.address import INBOUND_HINT
from handlers.views.blocks import Block, View, context, option, plain_text, section, select
from handlers.views.form import Origin
from handlers.views.limits import (
    FILE_INPUT_FILES,
    INPUT_NAME,
    INPUT_REASON,
    NAME_SHOWN,
    OPTIONS,
    PLACEHOLDER,
)
from handlers.views.text import strong
from handlers.views.values import Partner

GATEWAY_HINT = (
    "Plain files take any connection. A program such as Envoy or HAProxy has to know the connection by its own "
    "configuration first, or its switches are undone."
)
FILE_TYPES = ("pem", "crt", "cer", "der", "p7b", "p7c", "txt")  # a hint for the file dialog; the content decides


def import_files(about: Origin, partners: Sequence[Partner], partner: Partner | None) -> View:
    """The private way in: no channel noise, and no thread needed."""
    file_input = {
        "type": "file_input",
        "action_id": "files",
        "filetypes": list(FILE_TYPES),
        "max_files": FILE_INPUT_FILES,
    }
    blocks = [
        section("PEM, DER and PKCS#7, with or without the chain. *Never a private key.*"),
        form.input_field("files", "Certificate files", file_input),
    ]
    if partners:
        options = [option(f"{one.name} ({one.key})", str(one.id)) for one in partners]
        initial = next((one for one in options if partner and one["value"] == str(partner.id)), None)
        chosen = select("partner", "The channel tells, or I ask", options, initial)
        blocks.append(form.input_field("partner", "Partner", chosen, optional=True))
    blocks.append(context("The answer comes as a message in this channel."))
    return form.modal(ids.MODAL_IMPORT, "Import certificates", "Import", blocks, about)


def rename(about: Origin, name: str = "") -> View:
    """Another display name; with no certificate given, its present name is asked for too."""
    blocks = (
        [] if about.subject else [form.input_field("name", "Certificate", form.line_field("name", INPUT_NAME, name))]
    )
    field = form.line_field("new", INPUT_NAME, name if about.subject else "")
    blocks.append(
        form.input_field(
            "new", "New display name", field, hint="People find the certificate by it, so keep the issue date."
        )
    )
    return form.modal(ids.MODAL_RENAME, "Rename certificate", "Rename", blocks, about)


def assign(about: Origin, partners: Sequence[Partner]) -> View:
    """Whose certificate a file holds; `about.subject` is the upload."""
    options = [option(f"{one.name} ({one.key})", str(one.id)) for one in partners]
    blocks = [form.input_field("partner", "Partner", select("partner", "Choose the partner", options))]
    if len(options) > OPTIONS:
        blocks.append(context(f"The first {OPTIONS} are listed; for another, drop the file into its channel."))
    return form.modal(ids.MODAL_ASSIGN, "Choose the partner", "Choose", blocks, about)


def reject(about: Origin) -> View:
    """Why not."""
    blocks = [
        form.input_field(
            "reason", "Reason", form.paragraph_field("reason", INPUT_REASON), hint="Everybody in the thread reads it."
        )
    ]
    return form.modal(ids.MODAL_REJECT, "Reject the switch", "Reject", blocks, about)


def undo(about: Origin) -> View:
    """Why back to the certificate before; `about.subject` is the switch that is to be taken back."""
    blocks = [
        section("This proposes the way back to the certificate that was in use before. It needs the usual approvals."),
        form.input_field("reason", "Reason", form.paragraph_field("reason", INPUT_REASON), hint="Both sides read it."),
    ]
    return form.modal(ids.MODAL_UNDO, "Undo the switch", "Propose the way back", blocks, about)


def decline_root(about: Origin) -> View:
    """Why a root is not to be trusted."""
    blocks = [form.input_field("reason", "Reason", form.paragraph_field("reason", INPUT_REASON))]
    return form.modal(ids.MODAL_DECLINE, "Decline the root", "Decline", blocks, about)


def record_word(about: Origin, partner: str, now: datetime) -> View:
    """Who of the partner said yes, how, and when; the one who records it is kept with it."""
    when = {"type": "datetimepicker", "action_id": "at", "initial_date_time": int(now.timestamp())}
    blocks = [
        section(f"You record that {strong(partner)} agreed to this switch. Your name is kept with it."),
        form.input_field("name", "Who said so", form.line_field("name", NAME_SHOWN), hint="First and last name."),
        form.input_field(
            "channel", "How", form.line_field("channel", NAME_SHOWN), hint="Telephone, mail, ticket number."
        ),
        form.input_field("at", "When", when),
    ]
    return form.modal(ids.MODAL_WORD, "The partner's word", "Record", blocks, about)


def partner_add(about: Origin) -> View:
    """A new partner."""
    channel = {
        "type": "conversations_select",
        "action_id": "channel",
        "placeholder": plain_text("Choose the partner's channel", PLACEHOLDER),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    blocks = [
        form.input_field(
            "key", "Key", form.line_field("key", 40), hint="Short and typed often: lower-case letters, digits, hyphens."
        ),
        form.input_field("name", "Name", form.line_field("name", INPUT_NAME)),
        form.input_field(
            "channel", "Channel", channel, hint="Files dropped there are from this partner.", optional=True
        ),
        form.input_field(
            "team",
            "Slack team id",
            form.line_field("team", 40),
            hint="T..., when the partner's own team is in that channel. Its people may confirm switches.",
            optional=True,
        ),
    ]
    return form.modal(ids.MODAL_PARTNER, "Add a partner", "Add", blocks, about)


def connection_add(
    about: Origin, partners: Sequence[Partner], partner: Partner | None, gateways: Sequence[str] = ()
) -> View:
    """A new connection; where there are several gateways, at one of them."""
    options = [option(f"{one.name} ({one.key})", one.key) for one in partners]
    initial = next((one for one in options if partner and one["value"] == partner.key), None)
    roles = [
        option("accepts: the partner presents this certificate", "accepts"),
        option("presents: our gateway presents this certificate", "presents"),
    ]
    uri: Block = {
        "type": "url_text_input",
        "action_id": "uri",
        "placeholder": plain_text("https://b2b.example:443/as2", 150),
    }
    names = form.line_field("choreographies", INPUT_REASON)
    blocks = [
        form.input_field("partner", "Partner", select("partner", "Choose the partner", options, initial)),
        form.input_field(
            "name", "Name", form.line_field("name", 64), hint="Lower-case letters, digits, hyphens, such as acme-https."
        ),
        form.input_field("role", "Role", select("role", "Choose the role", roles, roles[0])),
        form.input_field("uri", "Address", uri, hint=INBOUND_HINT, optional=True),
        form.input_field("choreographies", "Choreographies", names, hint="Names, separated by commas.", optional=True),
    ]
    if len(gateways) > 1:
        known = [option(one, one) for one in gateways]
        choice = select("gateway", "Choose it", known, known[0])
        blocks.insert(-1, form.input_field("gateway", "Gateway", choice, hint=GATEWAY_HINT))
    return form.modal(ids.MODAL_CONNECTION, "Add a connection", "Add", blocks, about)
