"""A connection whose gateway somebody changes by hand, and the rounds that find it."""

from pathlib import Path
from typing import Self

from bot.gateways.base import Gateway
from bot.gateways.listener import Listener
from bot.services.drift import Drifts
from bot.services.drift_ledger import DriftReport
from bot.services.mending import Mending
from bot.services.people import Person
from storage.records import AuditEntry
from storage.store import Store
from storage.switch_records import Drift
from tests.databases import Database
from tests.gateways.site import material
from tests.lab.builders import Issued
from tests.services.switch_world import ADAM, THIRD, World

CHANNEL = "C0ACMEB2B"
NAME = "acme-https"
TIMEOUT_S = 5.0


class DriftWorld(World):
    """The usual world; ACME has a channel."""

    @classmethod
    def agreeing(cls, database: Database, uri: str) -> Self:
        """The gateway holds what is on record."""
        made = cls(database, uri, over=("OrderToCash",))
        made.link_channel()
        made.installed()
        return made

    @classmethod
    def drifted(cls, database: Database, uri: str) -> Self:
        """Somebody has put another certificate on the gateway, and that was found."""
        made = cls.agreeing(database, uri)
        made.exchange(THIRD)
        made.round()
        return made

    def approved_drift(self, by: Person = ADAM) -> str:
        """The one drift, with the word of an approver on what is shown now."""
        drift = self.only().drift
        self.drifts().approve(by, drift.public_id, drift.revision)
        return drift.public_id

    def link_channel(self) -> None:
        """Where its messages go."""
        with self.store.begin() as tx:
            tx.partners.link(self.partner_id, CHANNEL)

    def unlink_channel(self) -> None:
        """It has none any more."""
        with self.store.engine.begin() as connection:
            connection.exec_driver_sql("delete from partner_channel")

    def drifts(self, gateway: Gateway | None = None, store: Store | None = None) -> Drifts:
        """As a replica has it."""
        chosen = gateway or self.gateway
        return Drifts(store or self.store, lambda _: chosen, self.clock, TIMEOUT_S, 0.0)

    def mending(
        self, gateway: Gateway | None = None, store: Store | None = None, listener: Listener | None = None
    ) -> Mending:
        """One that knows nothing of the ones before it, as after a restart; `listener` is the way through."""
        chosen = gateway or self.gateway
        return Mending(
            store or self.store, self.chains, lambda _: chosen, self.clock, TIMEOUT_S, lambda _, __: listener
        )

    def round(self, gateway: Gateway | None = None) -> None:
        """Look at whatever is to be looked at."""
        drifts = self.drifts(gateway)
        for name in drifts.due():
            drifts.look(name)

    def every(self) -> tuple[Drift, ...]:
        """All that were ever found, oldest first."""
        with self.store.reading() as tx:
            ids = [entry.subject for entry in tx.audit.recent(500) if entry.action == "drift.found"]
            found = [tx.drifts.by_public_id(one.removeprefix("drift:")) for one in reversed(ids)]
        return tuple(one for one in found if one is not None)

    def only(self) -> DriftReport:
        """The one that was found."""
        (drift,) = self.every()
        return self.drifts().report(drift.public_id)

    def drift_audit(self) -> list[AuditEntry]:
        """What the audit has of all drifts, oldest first."""
        with self.store.reading() as tx:
            return [one for one in reversed(tx.audit.recent(500)) if one.action.startswith("drift.")]

    def drift_actions(self) -> list[str]:
        """The actions alone."""
        return [one.action for one in self.drift_audit()]

    def exchange(self, holder: Issued) -> None:
        """By hand: another version is written beside the live one, and the link moved to it."""
        changed(self.gateway, holder)


def changed(gateway: Gateway, holder: Issued) -> None:
    """What the gateway's files hold is another certificate from now on."""
    gateway.commit(gateway.stage(NAME, material(holder)))


def reload_script(folder: Path, accepts: str) -> Path:
    """A reload command that succeeds where the shell condition `accepts` holds."""
    script = folder / "reload.sh"
    script.write_text(f"#!/bin/sh\n{accepts}\n")
    script.chmod(0o700)
    return script
