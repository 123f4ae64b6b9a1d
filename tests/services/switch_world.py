"""One partner, one connection, both with all that a switch needs: real store, real folder, real people."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.gateways.base import Gateway
from bot.gateways.files import FilesGateway, FilesSettings
from bot.gateways.listener import Listener
from bot.pki.certificate import Certificate
from bot.services.chains import Chains
from bot.services.connections import Connections
from bot.services.people import Person, PersonRole, Spot
from bot.services.rollout import Rollout
from bot.services.rollout_leg import Leg
from bot.services.switches import Side, Switches, Timing
from storage.records import AnchorState, AuditEntry, PartnerCertificate
from storage.store import Store
from storage.switch_records import Connection, Switch
from tests.databases import Database
from tests.lab.builders import NOW, Ca, Issued, self_signed

OLIVIA = Person("UOLIVIA", "T0HOME", "Olivia", frozenset({PersonRole.OPERATOR}), is_home=True)
ADAM = Person("UADAM", "T0HOME", "Adam", frozenset({PersonRole.APPROVER}), is_home=True)
AGNES = Person("UAGNES", "T0HOME", "Agnes", frozenset({PersonRole.APPROVER}), is_home=True)
BOTH = Person("UBOTH", "T0HOME", "Both", frozenset({PersonRole.OPERATOR, PersonRole.APPROVER}), is_home=True)
CLERK = Person("UCLERK", "T0HOME", "Clerk", is_home=True)
TESS = Person("UTESS", "T0HOME", "Tess", frozenset({PersonRole.OPERATOR, PersonRole.TRUST_ADMIN}), is_home=True)
PAULA = Person("UPAULA", "T0ACME", "Paula")
STRANGER = Person("UIAN", "T0INITECH", "Ian")
GUEST = replace(ADAM, user_id="UGUEST", is_guest=True)
ROBOT = replace(ADAM, user_id="UROBOT", is_bot=True)
PARTNER_GUEST = replace(PAULA, user_id="UPGUEST", is_guest=True)

SPOT = Spot("C0ACME", "1700000000.000100")
AT_ONCE = Timing()
CHOREOGRAPHIES = ("Invoicing", "OrderToCash", "Übergabe")

ROOT = Ca.root("Trust Root")
ISSUING = ROOT.intermediate("Trust Issuing")
OLD = ISSUING.leaf("b2b.acme.example", san=("127.0.0.1",))
NEW = ISSUING.leaf("b2b.acme.example", san=("127.0.0.1",))
THIRD = ISSUING.leaf("b2b.acme.example", san=("127.0.0.1",))
PINNED = self_signed("as2.acme.example")


class Clock:
    """Time that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Now."""
        return self.now


class World:
    """Everything around one connection of ACME's."""

    def __init__(
        self,
        database: Database,
        uri: str = "https://127.0.0.1:1/b2b",
        role: str = "accepts",
        over: Sequence[str] = CHOREOGRAPHIES,
    ) -> None:
        self.folder = database.folder
        self.clock = Clock()
        self.store = database.open()
        self.gateway = FilesGateway(FilesSettings(root=self.folder / "gateway"))
        with self.store.begin() as tx:
            partner = tx.partners.add("acme", "ACME Components", "T0ACME", "UOLIVIA", NOW)
            self.partner_id = partner.id
            self.other_partner_id = tx.partners.add("initech", "Initech", "T0INITECH", "UOLIVIA", NOW).id
        self.add_ca(ROOT, AnchorState.APPROVED)
        self.add_ca(ISSUING, AnchorState.LINK)
        self.chains = Chains(self.store, self.clock)
        self.connections = Connections(self.store, self.chains, self.clock)
        self.switches = Switches(self.store, self.chains, self.clock)
        self.old = self.entry(OLD, "acme-b2b 2025-11-02")
        self.new = self.entry(NEW, "acme-b2b 2026-11-02")
        self.add_connection("acme-https", uri, role, over)
        self.connections.set_certificate(OLIVIA, "acme-https", self.old.id)

    def add_ca(self, issued: Issued, anchor: AnchorState) -> int:
        """Put a CA certificate into the list."""
        with self.store.begin() as tx:
            stored = tx.certificates.put(Certificate.from_der(issued.der), NOW)
            return tx.ca_certificates.add(stored.id, anchor, "UTESS", NOW).id

    def entry(self, issued: Issued, name: str, partner_id: int | None = None) -> PartnerCertificate:
        """Put a certificate into the partner's list."""
        with self.store.begin() as tx:
            stored = tx.certificates.put(Certificate.from_der(issued.der), NOW)
            return tx.certificates.add_entry(partner_id or self.partner_id, stored.id, name, "UOLIVIA", NOW, None)

    def add_connection(
        self,
        name: str,
        uri: str = "https://127.0.0.1:1/b2b",
        role: str = "accepts",
        over: Sequence[str] = CHOREOGRAPHIES,
    ) -> Connection:
        """One more connection, without a certificate."""
        return self.connections.add(OLIVIA, "acme", name, role, uri, "files", over, "test")

    @property
    def connection(self) -> Connection:
        """The connection as it stands."""
        return self.connections.by_name("acme-https").connection

    def propose(self, to: PartnerCertificate | None = None, on: int | None = None, timing: Timing = AT_ONCE) -> Switch:
        """Olivia asks for the new certificate."""
        return self.switches.propose(OLIVIA, on or self.connection.id, (to or self.new).id, "renewal", SPOT, timing)

    def approved(self, to: PartnerCertificate | None = None, on: int | None = None, timing: Timing = AT_ONCE) -> str:
        """A switch with both approvals."""
        public_id = self.propose(to, on, timing).public_id
        self.switches.approve(ADAM, public_id, Side.OURS)
        self.switches.approve(PAULA, public_id, Side.PARTNER)
        return public_id

    def rollout(
        self, gateway: Gateway | None = None, store: Store | None = None, listener: Listener | None = None
    ) -> Rollout:
        """A roll-out that knows nothing of the ones before it, as after a restart.

        `listener`: where the gateway takes our requests for whatever connection.
        """
        chosen = gateway or self.gateway
        return Rollout(store or self.store, self.chains, lambda _: chosen, self.clock, 5.0, lambda *_: listener)

    def installed(self) -> None:
        """The gateway holds the certificate in use."""
        assert self.rollout().install(self.connection.id).done

    def held(self) -> str | None:
        """What the gateway holds."""
        return self.gateway.snapshot("acme-https").certificate

    def switch(self, public_id: str) -> Switch:
        """The switch as it stands."""
        return self.switches.report(public_id).switch

    def audit(self, public_id: str) -> list[AuditEntry]:
        """What the audit has of the switch, oldest first."""
        with self.store.begin() as tx:
            return list(reversed(tx.audit.recent(500, subject=f"switch:{public_id}")))

    def actions(self, public_id: str) -> list[str]:
        """The audit's actions, oldest first."""
        return [entry.action for entry in self.audit(public_id)]

    def pending(self) -> set[str]:
        """The subjects whose messages still have to follow."""
        with self.store.begin() as tx:
            return {notice.subject for notice in tx.notices.pending()}


def begun(rollout: Rollout, public_id: str) -> Leg:
    """The leg of its roll-out that an approved switch is on from now."""
    leg = rollout.begin(public_id)
    assert leg is not None
    return leg
