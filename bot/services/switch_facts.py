"""All reading for the checks before a switch, so that the checks themselves stay pure."""

from datetime import datetime, timedelta

from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused
from bot.services.ca_source import certificate_of
from bot.services.chains import Chains
from bot.services.errors import NotFound
from bot.services.preflight import Facts
from bot.services.switch_ledger import Docket
from storage.records import PartnerCertificate
from storage.store import Transaction
from storage.switch_records import Connection, Switch


def in_use(tx: Transaction, connection: Connection) -> PartnerCertificate | None:
    """The certificate in use on the connection."""
    if connection.partner_certificate_id is None:
        return None
    return tx.certificates.entry(connection.partner_certificate_id)


def way_back(tx: Transaction, switch: Switch) -> str | None:
    """The gateway's version that undoing the switch leads to; None before it began, or where nothing was there."""
    version = tx.switches.snapshot(switch).get("version")
    return version if isinstance(version, str) else None


def host_of(connection: Connection) -> str | None:
    """The host that people reach the connection by; None where the URI on record is no longer one that we use."""
    try:
        return Endpoint.parse(connection.uri).server_name
    except EndpointRefused:
        return None


def facts_to_propose(
    tx: Transaction,
    chains: Chains,
    connection_id: int,
    partner_certificate_id: int,
    at: datetime,
    happens_at: datetime | None = None,
) -> Facts:
    """What is known about a proposal that is about to be made, for now or for a later moment.

    Raises:
        NotFound: no such connection, or no such partner certificate.
    """
    connection = tx.connections.get(connection_id)
    if connection is None:
        raise NotFound("connection", str(connection_id))
    new = tx.certificates.entry(partner_certificate_id)
    if new is None:
        raise NotFound("certificate", str(partner_certificate_id))
    return Facts(
        at=at,
        happens_at=max(at, happens_at or at),
        connection=connection,
        old=in_use(tx, connection),
        new=new,
        certificate=certificate_of(new.der),
        chain=chains.report_of(tx, new.der, max(at, happens_at or at)),
        open_switch=tx.switches.open_for(connection_id),
    )


def facts_of(case: Docket, chains: Chains, lives: timedelta | None = None) -> Facts:
    """What is known about a proposal that was made earlier; `lives` where it may still lapse."""
    new = case.tx.certificates.entry(case.switch.to_partner_certificate_id)
    happens_at = max(case.at, case.switch.due_at or case.at)
    return Facts(
        at=case.at,
        happens_at=happens_at,
        lives=lives,
        connection=case.connection,
        old=in_use(case.tx, case.connection),
        new=new,
        certificate=certificate_of(new.der) if new else None,
        chain=chains.report_of(case.tx, new.der, happens_at) if new else None,
        switch=case.switch,
    )
