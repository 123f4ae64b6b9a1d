"""The port: what every kind of gateway can do, and the values that go in and out of it."""

import json
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol, Self

from bot.gateways.condition import Accepted, Check, Drift, Survivor
from bot.gateways.errors import GatewayRefused
from bot.pki.certificate import Certificate

# A slug: it becomes a folder name, so nothing that could climb out of a folder or hide in a listing.
CONNECTION_NAME = re.compile(r"[a-z0-9-]{1,64}")


class Role(StrEnum):
    """Which side of the handshake a connection's certificate stands on."""

    ACCEPTS = "accepts"  # the partner must present it
    PRESENTS = "presents"  # our gateway returns it; its private key stays on the gateway


@dataclass(frozen=True)
class Material:
    """What a connection shall run with. A self-signed pin has neither chain nor anchors: the pin is the trust.

    `beside` is the overlap: certificates that are accepted as well until they are retired. Chain and anchors are then
    those of all of them; see `overlap`.
    """

    role: Role
    certificate: Certificate
    chain: tuple[Certificate, ...]  # intermediates, the issuer of the certificate first
    anchors: tuple[Certificate, ...]
    beside: tuple[Certificate, ...] = ()

    @property
    def pinned(self) -> tuple[Certificate, ...]:
        """Every certificate that is accepted, the newest first."""
        return (self.certificate, *self.beside)


def overlap(new: Material, old: Material) -> Material:
    """Accept both at once. To retire the old one, commit `new` alone.

    Raises:
        GatewayRefused: `bad_material`: of different roles, or role `presents`, where one handshake shows one
            certificate.
    """
    if new.role is not Role.ACCEPTS or old.role is not Role.ACCEPTS:
        raise GatewayRefused("bad_material", {"reason": "overlap_presents"})
    return Material(
        role=new.role,
        certificate=new.certificate,
        chain=_distinct(new.chain + old.chain),
        anchors=_distinct(new.anchors + old.anchors),
        beside=tuple(one for one in _distinct(new.beside + old.pinned) if one.sha256 != new.certificate.sha256),
    )


def _distinct(certificates: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    return tuple({one.sha256: one for one in certificates}.values())


@dataclass(frozen=True)
class Current:
    """What is live for a connection right now, as the gateway itself holds it."""

    connection: str
    version: str
    role: Role
    pins: tuple[str, ...]  # SHA-256 of the DER, 64 lower-case hex digits; several during an overlap


@dataclass(frozen=True)
class Snapshot:
    """The way back: names the state before a switch. It is stored durably and used after a restart."""

    gateway: str
    connection: str
    version: str | None  # None: nothing was there
    certificate: str | None  # SHA-256 of the certificate in use

    def to_json(self) -> str:
        """One line of JSON, stable enough to be stored."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The snapshot that `to_json` wrote.

        Raises:
            ValueError: it is not one.
        """
        try:
            fields = json.loads(text)
        except ValueError as error:
            raise ValueError("not a snapshot") from error
        if not isinstance(fields, dict) or set(fields) != {"gateway", "connection", "version", "certificate"}:
            raise ValueError("not a snapshot")
        texts = all(isinstance(fields[name], str) for name in ("gateway", "connection"))
        if not texts or not all(isinstance(fields[name], str | None) for name in ("version", "certificate")):
            raise ValueError("not a snapshot")
        return cls(**fields)


@dataclass(frozen=True)
class Staged:
    """A version that lies beside the live one, whole and checked, and waits for its commit."""

    gateway: str
    connection: str
    version: str
    sha256: str


@dataclass(frozen=True)
class TrustMaterial:
    """What the gateway holds for a connection, read back from it: the yardstick of a proof.

    `pins` are SHA-256 of DER in lower-case hex, `chain` and `anchors` are DER. A gateway without anchors trusts a
    self-signed pin only: a bare pin on anything else would admit an expired or foreign-issued certificate.
    """

    role: Role
    pins: tuple[str, ...]
    chain: tuple[bytes, ...]
    anchors: tuple[bytes, ...]


class Gateway(Protocol):
    """A gateway program, or the folder that one reads. Every method raises `GatewayError` and nothing else.

    `stage`, `commit` and `restore` are safe to repeat after a crash at any point: each looks first, then acts.
    """

    @property
    def kind(self) -> str:
        """The word that the registry knows it by."""
        ...

    @property
    def name(self) -> str:
        """What the connections and the configuration call it."""
        ...

    def current(self, connection: str) -> Current | None:
        """What is live now; None where the connection was never switched here."""
        ...

    def snapshot(self, connection: str) -> Snapshot:
        """The way back to the present state. `GatewayDamaged("drifted")` where that state has no name."""
        ...

    def stage(self, connection: str, material: Material, keep: str | None = None) -> Staged:
        """Write the material beside the live one, checked but not in use.

        Old versions may go for it, but never the live one, nor `keep`: the one that a snapshot still names.
        """
        ...

    def commit(self, staged: Staged) -> None:
        """Make the staged version the live one, atomically. Nothing to do when it is live already."""
        ...

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """Go back to exactly what the snapshot names. Nothing to do when it is live already.

        With a snapshot of `current` this mends a drift: the program takes what the disk holds.
        """
        ...

    def drift(self, connection: str) -> Drift | None:
        """How the program's memory differs from the gateway's disk; None where it does not, or nothing is live."""
        ...

    def accepted(self, connection: str) -> Accepted:
        """The gateway's own report, role accepts: asked of the running program wherever it can be asked.

        `GatewayRefused("not_loaded")`, `GatewayDamaged("unreadable")` where there is nothing to tell of.
        """
        ...

    @property
    def counts_requests(self) -> bool:
        """Whether the program counts requests by the client's certificate."""
        ...

    def requests(self, connection: str, sha256: str) -> int | None:
        """How many requests clients have made with this certificate, by the program's own counting.

        It may begin anew at any moment. None where the program does not count by certificate.
        """
        ...

    def survivors(self, role: Role) -> tuple[Survivor, ...]:
        """What may go on with a retired certificate: the program cannot cut it, so the proof has to say it."""
        ...

    def examine(self) -> tuple[Check, ...]:
        """Everything that an operator should know about the gateway's set-up, for `countersign doctor`.

        Only looks. An unreachable program is a check that failed, not an exception.
        """
        ...

    def trust(self, connection: str) -> TrustMaterial:
        """What is live now, re-read from the gateway, for the probe."""
        ...


def checked_name(connection: str) -> str:
    """The connection's slug, or `GatewayRefused("bad_connection_name")`."""
    if not CONNECTION_NAME.fullmatch(connection):
        raise GatewayRefused("bad_connection_name")
    return connection
