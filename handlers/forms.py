"""Which form opens for whom, filled with what the services know. A form that not everybody may use is refused here."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.services.errors import BadInput, NotAllowed, NotFound
from bot.services.people import Person, PersonRole, require, upload_refusal
from handlers import ids
from handlers.desk import Desk
from handlers.views import modals, setup
from handlers.views import propose as propose_view
from handlers.views.blocks import Block
from handlers.views.form import Origin
from handlers.views.propose import Draft
from handlers.views.values import Connection, Partner, PartnerCertificate

Form = Callable[[Desk, Person, Origin], Block]


def import_files(desk: Desk, person: Person, about: Origin) -> Block:
    """Files: for our operators with every partner to choose from, for a partner's people without."""
    partner = desk.services.partners.by_channel(about.channel)
    refused = upload_refusal(person, partner)
    if refused:
        raise NotAllowed(refused)
    partners = desk.services.partners.list() if person.is_home else ()
    return modals.import_files(about, partners, partner)


def assign(desk: Desk, person: Person, about: Origin) -> Block:
    """Whose certificate an upload holds: for our operators, because the form names every partner."""
    require(person, PersonRole.OPERATOR)
    return modals.assign(about, desk.services.partners.list())


def rename(desk: Desk, person: Person, about: Origin) -> Block:
    """Another display name; `about.subject` is the list entry's id, or empty."""
    require(person, PersonRole.OPERATOR)
    if not about.subject:
        return modals.rename(about)
    return modals.rename(about, _entry(desk, about).display_name)


def propose(
    desk: Desk, person: Person, about: Origin, connection_id: int | None = None, draft: Draft | None = None
) -> Block:
    """A switch; `about.subject` is the id of the certificate's list entry, or empty. `draft` is what is filled in."""
    require(person, PersonRole.OPERATOR)
    connections = _connections(desk, about)
    chosen = next((one for one in connections if one.id == connection_id), None)
    if chosen is None and len(connections) == 1:
        chosen = connections[0]
    certificates = desk.services.connections.candidates(chosen) if chosen else ()
    if draft is None:
        draft = Draft(certificate_id=int(about.subject) if about.subject else None)
    beside = desk.services.connections.alike(chosen) if chosen else ()
    return propose_view.render(about, connections, chosen, certificates, draft, datetime.now(UTC), beside)


def _connections(desk: Desk, about: Origin) -> list[Connection]:
    partners: list[Partner] = list(desk.services.partners.list())
    if about.subject:
        owner = _entry(desk, about).partner_id
        partners = [one for one in partners if one.id == owner]
    else:
        here = desk.services.partners.by_channel(about.channel)
        partners = [here] if here else partners
    return [report.connection for partner in partners for report in desk.services.connections.list(partner.key)]


def _entry(desk: Desk, about: Origin) -> PartnerCertificate:
    shown = desk.services.certificates.by_id(int(about.subject))
    if shown.entry is None:
        raise NotFound("certificate", about.subject)
    return shown.entry


def partner_add(_desk: Desk, person: Person, about: Origin) -> Block:
    """A new partner."""
    require(person, PersonRole.OPERATOR)
    return modals.partner_add(about)


def connection_add(desk: Desk, person: Person, about: Origin) -> Block:
    """A new connection."""
    require(person, PersonRole.OPERATOR)
    partner = desk.services.partners.by_channel(about.channel)
    return modals.connection_add(about, _some_partners(desk), partner, desk.services.connections.gateway_names)


def partner_channel(desk: Desk, person: Person, about: Origin) -> Block:
    """One more channel of a partner; `about.subject` is the partner's id, or empty."""
    require(person, PersonRole.OPERATOR)
    partners = _some_partners(desk)
    return setup.partner_channel(about, partners, next((one for one in partners if str(one.id) == about.subject), None))


def _some_partners(desk: Desk) -> tuple[Partner, ...]:
    """A select without options is none (Slack refuses the form)."""
    partners = desk.services.partners.list()
    if not partners:
        raise BadInput("partner", "no_partner")
    return partners


def choreography(desk: Desk, person: Person, about: Origin) -> Block:
    """What a choreography is for; `about.subject` is its name, or empty."""
    require(person, PersonRole.OPERATOR)
    known = (one.choreography for one in desk.services.choreographies.list())
    found = next((one for one in known if one.name == about.subject), None)
    return setup.choreography(about, about.subject, found.description if found else "")


FORMS: dict[str, Form] = {
    ids.MODAL_IMPORT: import_files,
    ids.MODAL_ASSIGN: assign,
    ids.MODAL_RENAME: rename,
    ids.MODAL_PROPOSE: propose,
    ids.MODAL_PARTNER: partner_add,
    ids.MODAL_CONNECTION: connection_add,
    ids.MODAL_CHANNEL: partner_channel,
    ids.MODAL_CHOREOGRAPHY: choreography,
}
