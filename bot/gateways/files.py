"""The files gateway: per connection a folder that any TLS program can read, swapped in one rename; see `shelf`.

Role accepts has `pinned.pem` and `truststore.p12`, role presents `fullchain.pem` and `private.key`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from bot.gateways.base import Role, Snapshot, Staged
from bot.gateways.condition import Accepted, Check, CheckState, Difference, Drift, Source, Survivor
from bot.gateways.disk import refusing, sync_folder, write_over
from bot.gateways.errors import GatewayDamaged, GatewayRefused
from bot.gateways.java import trust_store
from bot.gateways.reload import reload
from bot.gateways.settings import read_settings
from bot.gateways.shelf import VERSION, Shelf
from bot.gateways.shelved import ShelvedGateway
from bot.gateways.upkeep import check_folders

_RELOAD_DUE = "reload-due"  # from a swap until the program has taken it: the version that it took last


class FilesSettings(BaseModel):
    """The settings of one files gateway."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: Path
    reload: tuple[Annotated[str, Field(min_length=1)], ...] = ()  # argument list, no shell; empty: the program watches
    reload_timeout_s: float = Field(default=30.0, gt=0, le=600)
    # Java's own default; there is no secret inside. A new one takes effect with the next version.
    truststore_password: str = Field(default="changeit", min_length=6)


class FilesGateway(ShelvedGateway):
    """Plain files and an optional reload command. Implements `Gateway`."""

    kind: ClassVar[str] = "files"

    def __init__(self, settings: FilesSettings, name: str = "files") -> None:
        super().__init__(name, Shelf(settings.root, trust_store(settings.truststore_password), repeatable=False))
        self._settings = settings

    @classmethod
    def open(cls, name: str, settings: Mapping[str, object]) -> Self:
        """The gateway with settings from outside. `GatewayMisconfigured("bad_settings")`."""
        return cls(read_settings(FilesSettings, settings), name)

    def commit(self, staged: Staged) -> None:
        """See `Gateway.commit`. A program that fails to reload gets the old state back: `reload_failed`."""
        connection = staged.connection
        with refusing("swap"):
            content = self._shelf.whole(connection, staged.version, staged.sha256)
            with self._shelf.held(connection):
                if content.role is Role.PRESENTS:
                    self._shelf.fit_key(connection, staged.version)  # it may have changed since the staging
                before = self._swap(connection, staged.version)
                failure = self._reload(connection)
                if failure is None:
                    return
                self._swap(connection, before)
                restored = self._reload(connection) is None
        raise GatewayRefused("reload_failed", {**failure, "old_state_reloaded": str(restored).lower()})

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """See `Gateway.restore`. `version_gone` where the version is no longer there or no longer what it was."""
        folder = self._shelf.folder(connection)
        self._check_snapshot(connection, snapshot)
        with refusing("swap"):
            if snapshot.version is None and not folder.is_dir():
                return
            role = Role.ACCEPTS
            if snapshot.version is not None:
                role = self._shelf.whole(connection, snapshot.version, snapshot.certificate).role
            with self._shelf.held(connection):
                if role is Role.PRESENTS and snapshot.version is not None:
                    self._shelf.fit_key(connection, snapshot.version)
                self._swap(connection, snapshot.version)
                failure = self._reload(connection)
        if failure is not None:
            raise GatewayRefused("reload_failed", failure)

    def drift(self, connection: str) -> Drift | None:
        """See `Gateway.drift`. What a program behind the files remembers, nobody can ask."""
        live = self._shelf.live(connection)
        if live is None:
            return None
        try:
            self._shelf.content(connection, live)
        except GatewayDamaged:
            return Drift(connection, live, (Difference.FILES,), None)
        due = (self._shelf.folder(connection) / _RELOAD_DUE).is_file()
        return Drift(connection, live, (Difference.RELOAD_DUE,), None) if due else None

    def accepted(self, connection: str) -> Accepted:
        """See `Gateway.accepted`: the files, which is all that there is to ask."""
        live = self.current(connection)
        if live is None:
            raise GatewayDamaged("unreadable", {"reason": "nothing_live"})
        return Accepted(frozenset(live.pins), Source.DISK)

    def survivors(self, role: Role) -> tuple[Survivor, ...]:  # noqa: ARG002 - the port's signature
        """See `Gateway.survivors`."""
        return (Survivor.OPEN_CONNECTIONS, Survivor.UNKNOWN_PROGRAM)

    def examine(self) -> tuple[Check, ...]:
        """See `Gateway.examine`."""
        due = [name for name in self._shelf.connections() if (self._shelf.folder(name) / _RELOAD_DUE).is_file()]
        late = [Check("reload_due", CheckState.BAD, {"connection": name}) for name in due]
        return (*check_folders(self._shelf), *late)

    def _refuse_drift(self, connection: str) -> None:
        """A reload that is due is none, for the next commit makes it good; files that another hand has changed are."""
        drift = self.drift(connection)
        if drift is not None and drift.differences != (Difference.RELOAD_DUE,):
            raise GatewayDamaged("drifted", drift.data())

    def _swap(self, connection: str, version: str | None) -> str | None:
        """Make the version live. Returns the one that the program took last, which is where an undo leads."""
        before = self._shelf.live(connection)
        due = self._shelf.folder(connection) / _RELOAD_DUE
        taken = before
        if due.is_file():  # found half done after a crash: swapped, but the program was never told
            text = due.read_text("ascii", "replace")
            taken = text if VERSION.fullmatch(text) else None
        elif self._settings.reload and before != version:
            write_over(due, (before or "").encode("ascii"))
        if before != version:
            self._shelf.point(connection, version)
        return taken

    def _reload(self, connection: str) -> dict[str, str] | None:
        folder = self._shelf.folder(connection)
        due = folder / _RELOAD_DUE
        if not due.is_file():
            return None
        if self._settings.reload:
            told = {"COUNTERSIGN_CONNECTION": folder.name, "COUNTERSIGN_FOLDER": str(folder)}
            failure = reload(self._settings.reload, told, self._settings.reload_timeout_s)
            if failure is not None:
                return failure.data()
        due.unlink()
        sync_folder(folder)
        return None
