"""All use cases over one store, put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.gateways.base import Gateway
from bot.services.audit import Audit
from bot.services.ca_list import CaList
from bot.services.certificates import Certificates
from bot.services.chains import Chains
from bot.services.choreographies import Choreographies
from bot.services.connections import Connections
from bot.services.drift import Drifts
from bot.services.evidence import EvidenceFile
from bot.services.fetching import Fetching, IssuerFetcher
from bot.services.first_use import FirstUse
from bot.services.inspection import Inspection
from bot.services.intake import Intake
from bot.services.known_roots import KnownRoots
from bot.services.mending import Mending
from bot.services.overlaps import SETTLES_AFTER, Overlaps
from bot.services.overview import Overview
from bot.services.partners import Partners
from bot.services.policies import Policies
from bot.services.proving import PROOF_TIMEOUT_S, Listeners
from bot.services.rollout import Rollout
from bot.services.schedule import Schedule
from bot.services.switches import PROPOSAL_LIVES, Switches
from bot.services.watch import Watch
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case of the product, over one store."""

    partners: Partners
    intake: Intake
    fetching: Fetching
    known_roots: KnownRoots
    chains: Chains
    ca_list: CaList
    certificates: Certificates
    connections: Connections
    choreographies: Choreographies
    inspection: Inspection
    switches: Switches
    rollout: Rollout
    first_use: FirstUse
    drifts: Drifts
    mending: Mending
    audit: Audit
    evidence: EvidenceFile
    overview: Overview
    policies: Policies
    schedule: Schedule
    overlaps: Overlaps
    watch: Watch


def open_services(
    store: Store,
    gateways: Callable[[str], Gateway],
    clock: Callable[[], datetime],
    proposal_lives: timedelta = PROPOSAL_LIVES,
    probe_timeout: float = PROOF_TIMEOUT_S,
    fetcher: IssuerFetcher | None = None,
    overlap_settles: timedelta = SETTLES_AFTER,
    gateway_names: Sequence[str] = ("files",),
    listeners: Listeners = lambda _gateway, _connection: None,
) -> Services:
    """The services over a store; `gateways` opens the gateway of a name, `clock` gives the time, aware and in UTC.

    `gateway_names` are those that a connection may have, the first one unless it says another; `listeners` tells where
    a gateway takes requests for a connection's partner.
    Without a `fetcher` nothing is ever fetched from a CA.
    """
    chains = Chains(store, clock)
    intake = Intake(store, chains, clock)
    connections = Connections(store, chains, clock, gateway_names)
    schedule, overlaps = Schedule(store, clock), Overlaps(store, clock, overlap_settles)
    return Services(
        partners=Partners(store, clock),
        intake=intake,
        fetching=Fetching(store, chains, intake, fetcher, clock),
        known_roots=KnownRoots(store, chains, intake, clock),
        chains=chains,
        ca_list=CaList(store, chains, clock),
        certificates=Certificates(store, chains, clock),
        connections=connections,
        choreographies=Choreographies(store, clock),
        inspection=Inspection(store, chains, gateways, clock, connections),
        switches=Switches(store, chains, clock, proposal_lives),
        rollout=Rollout(store, chains, gateways, clock, probe_timeout, listeners),
        first_use=FirstUse(store, gateways, clock),
        drifts=Drifts(store, gateways, clock, probe_timeout),
        mending=Mending(store, chains, gateways, clock, probe_timeout, listeners),
        audit=Audit(store, clock),
        evidence=EvidenceFile(store, chains, clock),
        overview=Overview(store, chains, clock),
        policies=Policies(store, clock),
        schedule=schedule,
        overlaps=overlaps,
        watch=Watch(store, schedule, overlaps, clock, probe_timeout),
    )
