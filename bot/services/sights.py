"""The values of `bot.services.overview`: what a front page shows, and for whom."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.pki.certificate import Certificate
from bot.services.approval_rules import Act
from bot.services.ca_list import RootReport
from bot.services.drift_ledger import DriftReport
from bot.services.people import Person
from bot.services.prompts import PromptReport
from bot.services.switch_report import SwitchLine, SwitchReport
from storage.overview_records import CertificateLine, Totals
from storage.records import CaCertificate, Partner, PartnerCertificate, Place, Upload
from storage.switch_records import Connection, Drift

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom: the person, and the Slack channels that they are known to be in."""

    person: Person
    channels: frozenset[str] = frozenset()

    @property
    def is_ours(self) -> bool:
        """Whether it is a full member of our own team."""
        return self.person.is_home and not (self.person.is_guest or self.person.is_bot)


@dataclass(frozen=True)
class Some(Generic[T]):
    """The first few of something, and how many there are in all."""

    shown: tuple[T, ...] = ()
    total: int = 0


@dataclass(frozen=True)
class Placed(Generic[T]):
    """Something, and where in Slack it is talked about (None: nowhere, or nowhere that the reader may know of)."""

    of: T
    place: Place | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal that waits for this person, what they may do about it, and where it is talked about."""

    report: SwitchReport
    acts: frozenset[Act]
    place: Place | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits for one person.

    Decisions, overlaps that nothing but a person can end, gateways to be put right, roots, missing issuers, and files
    whose partner is not known.
    """

    decisions: Some[Decision]
    overlaps: Some[Placed[SwitchReport]]
    drifts: Some[Placed[DriftReport]]
    roots: Some[Placed[RootReport]]
    prompts: Some[Placed[PromptReport]]
    uploads: Some[Placed[Upload]]


@dataclass(frozen=True, slots=True)
class CertificateSight:
    """A partner certificate in one line, with its partner and the thread that it came in."""

    line: CertificateLine
    partner: Partner
    place: Place | None


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """A partner in one line; `is_mine` where the reader is in one of its channels, or works for it."""

    partner: Partner
    totals: Totals
    is_mine: bool


@dataclass(frozen=True, slots=True)
class ConnectionSight:
    """A connection with the certificate in use on it, and the open drift of its gateway, if any."""

    connection: Connection
    current: PartnerCertificate | None
    certificate: Certificate | None
    drift: Drift | None = None


@dataclass(frozen=True, slots=True)
class PartnerSight:
    """A partner with its connections and a page of its certificates."""

    partner: Partner
    connections: Some[ConnectionSight]
    certificates: Some[CertificateSight]


@dataclass(frozen=True, slots=True)
class CaLine:
    """A CA certificate in one line."""

    ca: CaCertificate
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Front:
    """A front page. `mine` are the partners of the reader; `is_narrow` where what ends and what is open is theirs.

    `drifts` are the open ones but for those that wait for the reader.
    """

    mine: frozenset[int]
    is_narrow: bool
    waiting: Waiting
    ending: tuple[CertificateSight, ...]
    drifts: Some[Placed[DriftReport]]
    switches: Some[Placed[SwitchLine]]
    partners: Some[PartnerLine]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `is_cut` where there is more than is shown."""

    certificates: tuple[CertificateSight, ...]
    cas: tuple[CaLine, ...]
    is_cut: bool
