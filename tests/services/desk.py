"""A small world for the service tests: a real database, two partners, the people, a clock that a test can turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from bot.pki.certificate import Certificate
from bot.pki.chain import IssuerSource
from bot.public_roots import public_roots
from bot.services.ca_list import CaList
from bot.services.certificates import Certificates
from bot.services.chains import Chains, PromptReport
from bot.services.intake import IncomingFile, Intake, ItemReport, UploadReport
from bot.services.partners import Partners
from bot.services.people import Person, PersonRole
from storage.records import CaCertificate, PartnerCertificate, WaitingPrompt
from tests.databases import Database
from tests.lab.builders import NOW, Issued

OLIVIA = Person("UOLIVIA", "THOME", "Olivia", frozenset({PersonRole.OPERATOR}), is_home=True)
OSCAR = Person("UOSCAR", "THOME", "Oscar", frozenset({PersonRole.OPERATOR}), is_home=True)
TESS = Person("UTESS", "THOME", "Tess", frozenset({PersonRole.TRUST_ADMIN, PersonRole.OPERATOR}), is_home=True)
TOM = Person("UTOM", "THOME", "Tom", frozenset({PersonRole.TRUST_ADMIN}), is_home=True)
VERA = Person("UVERA", "THOME", "Vera", is_home=True)
PAULA = Person("UPAULA", "TACME", "Paula")
IAN = Person("UIAN", "TINITECH", "Ian")
STRANGER = Person("USTRANGE", "TELSE", "Stranger")
GUEST = Person("UGUEST", "THOME", "Guest", frozenset({PersonRole.OPERATOR}), is_home=True, is_guest=True)
BOT = Person("UBOT", "THOME", "Bot", frozenset({PersonRole.OPERATOR}), is_home=True, is_bot=True)

HOME = "CHOME"
ACME = "CACME"
GLOBEX = "CGLOBEX"


class Desk:
    """The services over one store, and short words for what tests do again and again."""

    def __init__(self, database: Database, known_roots: Callable[[], IssuerSource] = public_roots) -> None:
        self.database = database
        self.now = NOW
        self.store = database.open()
        self.chains = Chains(self.store, self.clock, known_roots)
        self.partners = Partners(self.store, self.clock)
        self.intake = Intake(self.store, self.chains, self.clock)
        self.ca_list = CaList(self.store, self.chains, self.clock)
        self.certificates = Certificates(self.store, self.chains, self.clock)

    def clock(self) -> datetime:
        """The time of this world."""
        return self.now

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def found_partners(self) -> Desk:
        """ACME has people in Slack and a shared channel, Globex only a channel of ours."""
        self.partners.add(OLIVIA, "acme", "ACME Components", ACME, "TACME", "test")
        self.partners.add(OLIVIA, "globex", "Globex", GLOBEX, None, "test")
        return self

    def drop(
        self,
        what: bytes | str | Issued,
        *more: Issued,
        by: Person = OLIVIA,
        channel: str = ACME,
        thread: str = "1.0",
        key: str | None = None,
        partner_id: int | None = None,
        name: str = "partner.pem",
    ) -> UploadReport:
        """Drop one file; several certificates make a bundle."""
        pem = what.pem + "".join(one.pem for one in more) if isinstance(what, Issued) else what
        data = pem.encode() if isinstance(pem, str) else pem
        file = IncomingFile(key or uuid4().hex, channel, thread, name, data)
        return self.intake.report(self.intake.take_in(by, file, partner_id))

    def trust(self, root: Issued) -> CaCertificate:
        """Bring a root and approve it, in a channel of its own."""
        ca = self.drop(root, by=OSCAR, channel=HOME, thread="0.1").items[0].ca
        assert ca is not None
        self.ca_list.approve_root(TESS, ca.id, root.sha256)
        return ca

    def prompts(self) -> tuple[WaitingPrompt, ...]:
        """Every prompt that waits."""
        with self.store.begin() as tx:
            return tx.prompts.open()

    def only_prompt(self) -> PromptReport:
        """The one prompt that waits."""
        (prompt,) = self.prompts()
        return self.chains.prompt_report(prompt.id)

    def entries(self) -> tuple[PartnerCertificate, ...]:
        """The lists of all partners."""
        with self.store.begin() as tx:
            return tx.certificates.all_entries()

    def actions(self) -> list[str]:
        """What the audit holds, oldest first."""
        with self.store.begin() as tx:
            return [one.action for one in reversed(tx.audit.recent(1_000))]

    def place(self, subject: str) -> tuple[str, str | None] | None:
        """Where the subject is shown."""
        with self.store.begin() as tx:
            place = tx.places.get(subject)
            return (place.channel, place.thread_ts) if place else None

    @contextmanager
    def noticing(self) -> Iterator[set[str]]:
        """The subjects that have to be shown anew because of what happens inside."""
        with self.store.begin() as tx:
            before = {one.id for one in tx.notices.pending(10_000)}
        subjects: set[str] = set()
        yield subjects
        with self.store.begin() as tx:
            subjects.update(one.subject for one in tx.notices.pending(10_000) if one.id not in before)


def item_for(report: UploadReport, issued: Issued) -> ItemReport:
    """The item of the report that is this certificate."""
    return next(one for one in report.items if one.certificate.sha256 == issued.sha256)


def value(issued: Issued) -> Certificate:
    """The certificate as the product reads it."""
    return Certificate.from_der(issued.der)
