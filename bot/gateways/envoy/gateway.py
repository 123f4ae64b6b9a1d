"""Envoy as a gateway: it watches the connection's folder, sees the link move, and takes the secret behind it.

The rename is the commit; then Envoy is asked, because it may refuse the secret and go on with the old one.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.gateways.base import Role, Snapshot, Staged
from bot.gateways.condition import Accepted, Check, Difference, Drift, Source, Survivor
from bot.gateways.content import Content
from bot.gateways.envoy.admin import ADDRESS, Admin, Running
from bot.gateways.envoy.examination import examine
from bot.gateways.envoy.secrets import secret_file
from bot.gateways.errors import GatewayDamaged, GatewayError, GatewayRefused, GatewayUnreachable
from bot.gateways.settings import read_settings
from bot.gateways.shelf import Shelf
from bot.gateways.shelved import ShelvedGateway
from bot.gateways.versions import pem
from bot.gateways.wire import Deadline

# Envoy takes a secret 4 to 17 ms after the rename (measured); a look takes about one.
LOOK_EVERY_S = 0.005


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("an absolute path is needed")
    return path


def _local(address: str) -> str:
    if not ADDRESS.fullmatch(address):
        raise ValueError("a port on loopback is needed: 127.0.0.1:9901")
    return address


class EnvoySettings(BaseModel):
    """The settings of one Envoy."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: Annotated[Path, AfterValidator(_absolute)]
    admin: Annotated[str, AfterValidator(_local)]
    timeout_s: float = Field(default=5.0, gt=0, le=60)  # one question
    take_timeout_s: float = Field(default=5.0, gt=0, le=60)  # from the rename until Envoy has it


class EnvoyGateway(ShelvedGateway):
    """One Envoy. Implements `Gateway`."""

    kind: ClassVar[str] = "envoy"

    def __init__(
        self, settings: EnvoySettings, name: str = "envoy", connect: Callable[[str, float], Admin] = Admin
    ) -> None:
        super().__init__(name, Shelf(settings.root, secret_file, repeatable=True))
        self._settings = settings
        self._admin = connect(settings.admin, settings.timeout_s)

    @classmethod
    def open(cls, name: str, settings: Mapping[str, object]) -> Self:
        """The gateway with settings from outside. `GatewayMisconfigured("bad_settings")`."""
        return cls(read_settings(EnvoySettings, settings), name)

    def commit(self, staged: Staged) -> None:
        """See `Gateway.commit`.

        Refusals: `not_taken`, when Envoy refuses the secret or does not see it; `not_loaded`, when Envoy does not ask
        for it although one was live. The first one is laid out before Envoy, which cannot start without it.
        """
        connection = staged.connection
        content = self._shelf.whole(connection, staged.version, staged.sha256)
        with self._shelf.held(connection):
            before = self._shelf.live(connection)
            self._make_live(connection, content, staged.version, before, undo=False)

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """See `Gateway.restore`. Where Envoy is gone the disk goes back all the same, for when it starts again."""
        self._check_snapshot(connection, snapshot)
        if snapshot.version is None:
            self._take_away(connection)
            return
        content = self._shelf.whole(connection, snapshot.version, snapshot.certificate)
        with self._shelf.held(connection):
            try:
                self._make_live(connection, content, snapshot.version, self._shelf.live(connection), undo=True)
            except GatewayUnreachable as error:
                self._shelf.point(connection, snapshot.version)
                raise GatewayUnreachable(error.code, {**error.data, "disk": "restored"}) from error

    def drift(self, connection: str) -> Drift | None:
        """See `Gateway.drift`. Raises `GatewayUnreachable`."""
        version = self._shelf.live(connection)
        if version is None:
            return None
        try:
            content = self._shelf.content(connection, version)
        except GatewayDamaged:
            return Drift(connection, version, (Difference.FILES,), None)
        running = self._admin.running(connection)
        if running is None:
            return Drift(connection, version, (Difference.NOT_LOADED,), None)
        found = _differences(running, content, version)
        if not found:
            return None
        return Drift(connection, version, found, self._pins(connection, running))

    def accepted(self, connection: str) -> Accepted:
        """See `Gateway.accepted`: the statistics say which version it runs with, which is not always the dumped one."""
        running = self._admin.running(connection)
        if running is None:
            raise GatewayRefused("not_loaded", {"secret": connection})
        if self._named(connection, running.version) is None:
            raise GatewayDamaged("drifted", {"secret": connection})
        return Accepted(frozenset(self._shelf.pins(connection, running.version).sha256), Source.MEMORY)

    def survivors(self, role: Role) -> tuple[Survivor, ...]:
        """See `Gateway.survivors`. Envoy asks for pin and trust in the handshake alone, but also for a ticket's."""
        pooled = (Survivor.POOLED_CONNECTIONS,) if role is Role.ACCEPTS else ()
        return (Survivor.OPEN_CONNECTIONS, *pooled)

    def examine(self) -> tuple[Check, ...]:
        """See `Gateway.examine`."""
        return examine(self._shelf, self._admin, self.drift)

    def _make_live(self, connection: str, content: Content, version: str, before: str | None, *, undo: bool) -> None:
        if content.role is Role.PRESENTS:
            self._shelf.fit_key(connection, version)  # it may have changed since the staging
        running = self._running(connection, before)
        if running is None:
            if before not in {None, version} and not undo:
                raise GatewayRefused("not_loaded", {"secret": connection})
            self._shelf.point(connection, version)
            return
        if before == version and not _differences(running, content, version):
            return
        try:
            failure = self._moved(connection, version, running.refused)
        except (GatewayError, OSError):
            self._shelf.point(connection, before)
            raise
        if failure is None:
            return
        if undo:  # there is nothing better to go back to
            raise GatewayRefused("not_taken", failure)
        # After a crash the link may lead to what Envoy never took: the way back is what it runs with.
        back = before if before != version else self._named(connection, running.version)
        restored = back is not None and self._moved(connection, back, None) is None
        if back is None:
            self._shelf.point(connection, None)
        raise GatewayRefused("not_taken", {**failure, "old_state_taken": str(restored).lower()})

    def _running(self, connection: str, before: str | None) -> Running | None:
        """What Envoy has; one that does not run yet knows nothing of the first version."""
        try:
            return self._admin.running(connection)
        except GatewayUnreachable:
            if before is None:
                return None
            raise

    def _moved(self, connection: str, version: str, refused: int | None) -> dict[str, str] | None:
        """Move the link, and wait until Envoy has taken what it leads to. None when it has, else why not.

        `refused`: how many updates Envoy had refused before; None where another refusal is not to be waited for.
        """
        self._shelf.point(connection, version)
        deadline = Deadline(self._settings.take_timeout_s)
        while deadline.left():
            running = self._admin.running(connection)
            if running is not None and not _differences(running, self._shelf.content(connection, version), version):
                return None
            if running is not None and refused is not None and running.refused > refused:
                return {"reason": "refused"}
            time.sleep(LOOK_EVERY_S)
        return {"reason": "timed_out"}

    def _pins(self, connection: str, running: Running) -> tuple[str, ...] | None:
        """What Envoy pins, by the version that it runs with."""
        try:
            return self._shelf.pins(connection, running.version).sha256
        except GatewayError:
            return None

    def _named(self, connection: str, version: str) -> str | None:
        return version if version in self._shelf.names(connection) else None

    def _take_away(self, connection: str) -> None:
        """Back to nothing; Envoy could not start with that, so only where it does not ask for the secret."""
        if not self._shelf.folder(connection).is_dir():
            return
        with self._shelf.held(connection):
            if self._shelf.live(connection) is not None and self._admin.running(connection) is not None:
                raise GatewayRefused("program_refused", {"reason": "configuration_needs_files"})
            self._shelf.point(connection, None)


def _differences(running: Running, content: Content, version: str) -> tuple[Difference, ...]:
    """How the secret that Envoy runs with differs from the version."""
    if running.version != version:
        return (Difference.RELOAD_DUE,)
    # The same content under a new name is taken without being dumped anew, so the dump's own name says nothing.
    if content.role is Role.PRESENTS:
        whole = pem(content.leaves + content.chain).decode("ascii")
        return () if running.chain == whole else (Difference.CERTIFICATE,)
    found = [] if set(running.pins) == set(content.pins) else [Difference.PINS]
    found += [] if running.trusted == pem(content.trusted).decode("ascii") else [Difference.TRUST]
    return tuple(found)
