"""Forms that were sent: read the fields, call one service. What is wrong is shown at its field (`handlers.errors`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App, Args

from bot.services.errors import BadInput, NotFound
from bot.services.people import Person, PersonRole, require
from handlers import ids, payload
from handlers.desk import Desk
from handlers.errors import Submission, guarded_submission
from handlers.views import done, form, setup
from handlers.views.blocks import Block
from handlers.views.form import Origin


@dataclass(frozen=True)
class Sent:
    """One submitted form: who sent it, what it was about, and its fields by block."""

    desk: Desk
    person: Person
    about: Origin
    fields: Mapping[str, Any]
    view_id: str

    def text(self, field: str) -> str:
        """A field's text, empty where nothing was filled in."""
        return str(self.fields.get(field) or "")

    def number(self, field: str) -> int:
        """A chosen row; BadInput at that field where none was chosen."""
        if not self.text(field):
            raise BadInput(field, "required")
        return payload.number(self.text(field))


Work = Callable[[Sent], Block | None]


def register(app: App, desk: Desk) -> None:
    """Listen for submissions."""
    listen(app, desk, _WORK)


def listen(app: App, desk: Desk, forms: Mapping[str, Work]) -> None:
    """Listen for the submissions of these forms, by callback id."""
    for callback_id, work in forms.items():
        app.view(callback_id)(guarded_submission(_with(desk, work)))


def _with(desk: Desk, work: Work) -> Submission:
    def run(args: Args) -> Block | None:
        view: Mapping[str, Any] = args.view or {}
        person = payload.who_acts(desk, args)
        return work(Sent(desk, person, form.origin(view), form.values(view), str(view.get("id", ""))))

    return run


def _import(sent: Sent) -> Block | None:
    files = sent.fields.get("files")
    file_ids = [str(file["id"]) for file in files if file.get("id")] if isinstance(files, list) else []
    if not file_ids:
        raise BadInput("files", "required")
    partner_id = sent.number("partner") if sent.text("partner") else None
    here = sent.desk.services.partners.by_channel(sent.about.channel)
    if partner_id is not None and here is not None and here.id != partner_id:
        raise BadInput("partner", "other_partners_channel")
    sent.desk.jobs.take_in(
        key=f"form:{sent.view_id}",
        channel=sent.about.channel,
        thread_ts=sent.about.thread_ts,
        user_id=sent.person.user_id,
        team_id=sent.person.team_id,
        file_ids=file_ids,
        partner_id=partner_id,
    )
    return None


def _assign(sent: Sent) -> Block | None:
    upload_id, partner_id = payload.number(sent.about.subject), sent.number("partner")
    require(sent.person, PersonRole.OPERATOR)
    sent.desk.services.intake.assign_partner(sent.person, upload_id, partner_id)
    return None


def _rename(sent: Sent) -> Block | None:
    require(sent.person, PersonRole.OPERATOR)
    certificates = sent.desk.services.certificates
    if sent.about.subject:
        entry_id = payload.number(sent.about.subject)
    else:
        entry = certificates.show(sent.text("name"), None).entry
        if entry is None:
            raise NotFound("name", sent.text("name"))
        entry_id = entry.id
    certificates.rename(sent.person, entry_id, sent.text("new"))
    return None


def _reject(sent: Sent) -> Block | None:
    sent.desk.services.switches.reject(sent.person, sent.about.subject, sent.text("reason"))
    return None


def _word(sent: Sent) -> Block | None:
    if not sent.fields.get("at"):
        raise BadInput("at", "missing")
    at = datetime.fromtimestamp(int(sent.fields["at"]), UTC)
    name, channel = sent.text("name"), sent.text("channel")
    sent.desk.services.switches.record_word(sent.person, sent.about.subject, name, channel, at)
    return None


def _decline_root(sent: Sent) -> Block | None:
    ca_id = payload.number(sent.about.subject)
    sent.desk.services.ca_list.decline_root(sent.person, ca_id, sent.about.scope, sent.text("reason"))
    return None


def _partner_add(sent: Sent) -> Block | None:
    made = sent.desk.services.partners.add(
        sent.person,
        sent.text("key").strip().lower(),
        sent.text("name"),
        sent.text("channel") or None,
        sent.text("team").strip() or None,
        sent.about.spot.source,
    )
    return form.told("Partner added", done.partner_added(made))


def _connection_add(sent: Sent) -> Block | None:
    names = [name.strip() for name in sent.text("choreographies").split(",") if name.strip()]
    made = sent.desk.services.connections.add(
        sent.person,
        sent.text("partner"),
        sent.text("name").strip().lower(),
        sent.text("role"),
        sent.text("uri").strip(),
        sent.text("gateway") or sent.desk.services.connections.gateway_names[0],
        names,
        sent.about.spot.source,
    )
    gateways = sent.desk.services.connections.gateway_names
    return form.told("Connection added", done.connection_added(made, sent.desk.command, gateways))


def _partner_channel(sent: Sent) -> Block | None:
    partners, channel = sent.desk.services.partners, sent.text("channel")
    partner = partners.by_id(sent.number("partner"))
    linked = partners.link_channel(sent.person, partner.key, channel, sent.about.spot.source)
    return form.told("Channel added", setup.channel_linked(linked, channel))


def _choreography(sent: Sent) -> Block | None:
    described = sent.desk.services.choreographies.describe(
        sent.person, sent.text("choreography"), sent.text("description"), sent.about.spot.source
    )
    return form.told("Described", setup.choreography_described(described))


_WORK: dict[str, Work] = {
    ids.MODAL_IMPORT: _import,
    ids.MODAL_ASSIGN: _assign,
    ids.MODAL_RENAME: _rename,
    ids.MODAL_REJECT: _reject,
    ids.MODAL_WORD: _word,
    ids.MODAL_DECLINE: _decline_root,
    ids.MODAL_PARTNER: _partner_add,
    ids.MODAL_CONNECTION: _connection_add,
    ids.MODAL_CHANNEL: _partner_channel,
    ids.MODAL_CHOREOGRAPHY: _choreography,
}
