"""A first stock from one plain document: partners, CA list, certificates, connections, choreographies.

The demo world hands its document over. What is there already is left as it is: a second import is harmless.

    {"partners": [{"key", "name", "slack_team_id", "channels": [...]}],
     "ca_certificates": [{"pem", "anchor": bool}],
     "certificates": [{"partner": key, "display_name", "pem"}],
     "connections": [{"partner": key, "name", "role", "uri", "gateway", "certificate": display_name | null}],
     "choreographies": [{"name", "description", "participants": [{"partner": key, "connection": name}]}]}
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.pki.certificate import Certificate
from bot.pki.parsing import read_upload
from bot.services import Services
from bot.services.people import SYSTEM
from storage.records import AnchorState
from storage.store import Store, Transaction

SOURCE = "starter"


def import_starter(
    store: Store, services: Services, document: Mapping[str, Any], clock: Callable[[], datetime]
) -> None:
    """Bring a starter document in.

    Raises:
        KeyError, bot.pki.parsing.Refused: the document is not one.
    """
    at = clock()
    with store.begin() as tx:
        for partner in document["partners"]:
            _add_partner(tx, partner, at)
        for entry in document["ca_certificates"]:
            _add_ca_certificate(tx, entry, at)
        for entry in document["certificates"]:
            _add_certificate(tx, entry, at)
    for connection in document["connections"]:
        _add_connection(store, services, connection, _choreographies_of(document, connection["name"]))
    with store.begin() as tx:
        for choreography in document["choreographies"]:
            tx.connections.describe(choreography["name"], choreography["description"])


def _add_partner(tx: Transaction, partner: Mapping[str, Any], at: datetime) -> None:
    if tx.partners.by_key(partner["key"]):
        return
    added = tx.partners.add(partner["key"], partner["name"], partner["slack_team_id"], SYSTEM.user_id, at)
    for channel in partner["channels"]:
        tx.partners.link(added.id, channel)
    data = {"partner_id": added.id, "key": added.key}
    tx.audit.add(at, SYSTEM.user_id, "", "partner.added", f"partner:{added.key}", SOURCE, data)


def _add_ca_certificate(tx: Transaction, entry: Mapping[str, Any], at: datetime) -> None:
    certificate = _only_certificate(entry["pem"])
    stored = tx.certificates.put(certificate, at)
    if tx.ca_certificates.by_certificate(stored.id):
        return
    anchor = AnchorState.APPROVED if entry["anchor"] else AnchorState.LINK
    added = tx.ca_certificates.add(stored.id, anchor, SYSTEM.user_id, at)
    data = {"sha256": stored.sha256, "anchor": anchor.value}
    tx.audit.add(at, SYSTEM.user_id, "", "ca.listed", f"ca:{added.id}", SOURCE, data)


def _add_certificate(tx: Transaction, entry: Mapping[str, Any], at: datetime) -> None:
    partner = tx.partners.by_key(entry["partner"])
    if partner is None:
        raise KeyError(entry["partner"])
    stored = tx.certificates.put(_only_certificate(entry["pem"]), at)
    if tx.certificates.entry_for(partner.id, stored.id):
        return
    added = tx.certificates.add_entry(partner.id, stored.id, entry["display_name"], SYSTEM.user_id, at, None)
    data = {"partner_id": partner.id, "sha256": stored.sha256, "display_name": added.display_name}
    tx.audit.add(at, SYSTEM.user_id, "", "certificate.listed", f"certificate:{added.id}", SOURCE, data)


def _add_connection(
    store: Store, services: Services, entry: Mapping[str, Any], choreographies: tuple[str, ...]
) -> None:
    with store.begin() as tx:
        if tx.connections.by_name(entry["name"]):
            return
    connection = services.connections.add(
        SYSTEM,
        entry["partner"],
        entry["name"],
        entry["role"],
        entry["uri"],
        entry["gateway"],
        choreographies,
        SOURCE,
    )
    if entry["certificate"] is None:
        return
    with store.begin() as tx:
        names = {held.display_name: held.id for held in tx.certificates.entries(connection.partner_id)}
    services.connections.set_certificate(SYSTEM, connection.name, names[entry["certificate"]])
    services.rollout.install(connection.id)


def _choreographies_of(document: Mapping[str, Any], connection: str) -> tuple[str, ...]:
    return tuple(
        choreography["name"]
        for choreography in document["choreographies"]
        if any(participant["connection"] == connection for participant in choreography["participants"])
    )


def _only_certificate(pem: str) -> Certificate:
    return read_upload(pem.encode()).certificates[0]
