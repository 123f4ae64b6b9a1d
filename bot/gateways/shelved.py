"""What every kind of gateway does alike, because its disk is a shelf of versions."""

from typing import ClassVar

from bot.gateways.base import Current, Material, Snapshot, Staged, TrustMaterial
from bot.gateways.condition import Difference, Drift
from bot.gateways.errors import GatewayDamaged, GatewayRefused
from bot.gateways.shelf import Shelf


class ShelvedGateway:
    """The looking half of `Gateway`, and the staging. A kind adds `commit`, `restore`, `drift` and what it tells."""

    kind: ClassVar[str]

    def __init__(self, name: str, shelf: Shelf) -> None:
        self.name = name
        self._shelf = shelf

    def current(self, connection: str) -> Current | None:
        """See `Gateway.current`. Looks at the disk every time."""
        version = self._shelf.live(connection)
        if version is None:
            return None
        pins = self._shelf.pins(connection, version)
        return Current(connection=connection, version=version, role=pins.role, pins=pins.sha256)

    def snapshot(self, connection: str) -> Snapshot:
        """See `Gateway.snapshot`."""
        live = self.current(connection)
        self._refuse_drift(connection)
        version, certificate = (live.version, live.pins[0]) if live else (None, None)
        return Snapshot(gateway=self.name, connection=connection, version=version, certificate=certificate)

    def stage(self, connection: str, material: Material, keep: str | None = None) -> Staged:
        """See `Gateway.stage`. Refusals: `no_key`, `key_does_not_fit`, `bad_material`, `disk_full`, `unwritable`."""
        version = self._shelf.add(connection, material, keep)
        return Staged(gateway=self.name, connection=connection, version=version, sha256=material.certificate.sha256)

    def trust(self, connection: str) -> TrustMaterial:
        """See `Gateway.trust`. `GatewayDamaged`: `unreadable` where nothing is live, `drifted`."""
        live = self._shelf.live(connection)
        if live is None:
            raise GatewayDamaged("unreadable", {"reason": "nothing_live"})
        trust = self._shelf.content(connection, live).trust()
        self._refuse_drift(connection)
        return trust

    def drift(self, connection: str) -> Drift | None:
        """See `Gateway.drift`."""
        raise NotImplementedError

    @property
    def counts_requests(self) -> bool:
        """See `Gateway.counts_requests`. Neither files nor Envoy's statistics tell clients by their certificate."""
        return False

    def requests(self, connection: str, sha256: str) -> int | None:  # noqa: ARG002 - the port's signature
        """See `Gateway.requests`."""
        return None

    def _refuse_drift(self, connection: str) -> None:
        drift = self.drift(connection)
        if drift is not None and Difference.NOT_LOADED in drift.differences:
            raise GatewayRefused("not_loaded", drift.data())
        if drift is not None:
            raise GatewayDamaged("drifted", drift.data())

    def _check_snapshot(self, connection: str, snapshot: Snapshot) -> None:
        if snapshot.connection != connection or snapshot.gateway != self.name:
            raise GatewayRefused("bad_material", {"reason": "foreign_snapshot"})
