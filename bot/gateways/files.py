"""The files gateway: per connection a folder that any TLS program can read, swapped in one rename.

    root/<connection>/current -> versions/<version>        the live one
    root/<connection>/versions/<version>/                  certificate.pem chain.pem anchors.pem pins.json
                                                           role accepts: pinned.pem truststore.p12
                                                           role presents: fullchain.pem
    root/<connection>/private.key                          role presents: put there by the gateway's own people

A version is written under a hidden name and renamed when it is whole, so a name under `versions` is always complete.
Readers that open several files resolve `current` once, as `trust` does.
"""

import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.gateways import versions
from bot.gateways.base import Current, Material, Role, Snapshot, Staged, TrustMaterial, checked_name
from bot.gateways.disk import FOLDER_MODE, locked, make_folder, point, refusing, sync_folder, write_new, write_over
from bot.gateways.errors import GatewayDamaged, GatewayMisconfigured, GatewayRefused
from bot.gateways.key_fit import check_key
from bot.gateways.reload import reload

# The way back needs one; ten let a person compare.
KEPT_VERSIONS = 10

_VERSION = re.compile(r"\d{6,}-[0-9a-f]{16}")
_PRIVATE_KEY = "private.key"
_RELOAD_DUE = "reload-due"  # from a swap until the program has taken it: the version that it took last


class FilesSettings(BaseModel):
    """The settings of one files gateway."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: Path
    reload: tuple[Annotated[str, Field(min_length=1)], ...] = ()  # argument list, no shell; empty: the program watches
    reload_timeout_s: float = Field(default=30.0, gt=0, le=600)
    # Java's own default; there is no secret inside. A new one takes effect with the next version.
    truststore_password: str = Field(default="changeit", min_length=6)


class FilesGateway:
    """Plain files and an optional reload command. Implements `Gateway`."""

    kind: ClassVar[str] = "files"

    def __init__(self, settings: FilesSettings) -> None:
        self._settings = settings

    @classmethod
    def open(cls, settings: Mapping[str, object]) -> Self:
        """The gateway with settings from outside.

        Raises:
            GatewayMisconfigured: `bad_settings`, naming the fields and not their values.
        """
        try:
            return cls(FilesSettings.model_validate(dict(settings)))
        except ValidationError as error:
            faults = {".".join(map(str, fault["loc"])): fault["type"] for fault in error.errors(include_input=False)}
            raise GatewayMisconfigured("bad_settings", faults) from error

    def current(self, connection: str) -> Current | None:
        """See `Gateway.current`. Looks at the disk every time."""
        live = self._live(self._folder(connection))
        if live is None:
            return None
        pins = versions.read_pins(live)
        return Current(connection=connection, version=live.name, role=pins.role, pins=pins.sha256)

    def snapshot(self, connection: str) -> Snapshot:
        """See `Gateway.snapshot`."""
        live = self.current(connection)
        version, certificate = (live.version, live.pins[0]) if live else (None, None)
        return Snapshot(gateway=self.kind, connection=connection, version=version, certificate=certificate)

    def stage(self, connection: str, material: Material) -> Staged:
        """See `Gateway.stage`. Refusals: `no_key`, `key_does_not_fit`, `bad_material`, `disk_full`, `unwritable`."""
        folder = self._folder(connection)
        versions.check(material)
        with refusing("folder"):
            make_folder(folder / "versions")
        with locked(folder), refusing("version"):
            version = self._written(folder, material)
            self._prune(folder, keep=version)
        return Staged(gateway=self.kind, connection=connection, version=version, sha256=material.certificate.sha256)

    def commit(self, staged: Staged) -> None:
        """See `Gateway.commit`. A program that fails to reload gets the old state back: `reload_failed`."""
        folder = self._folder(staged.connection)
        with refusing("swap"):
            target = self._whole(folder, staged.version, staged.sha256)
            if versions.read_pins(target).role is Role.PRESENTS:
                check_key(folder / _PRIVATE_KEY, target / versions.FULLCHAIN)  # it may have changed since the staging
            with locked(folder):
                before = self._swap(folder, staged.version)
                failure = self._reload(folder)
                if failure is None:
                    return
                self._swap(folder, before)
                restored = self._reload(folder) is None
        raise GatewayRefused("reload_failed", {**failure, "old_state_reloaded": str(restored).lower()})

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """See `Gateway.restore`. `version_gone` where the version is no longer there or no longer what it was."""
        folder = self._folder(connection)
        if snapshot.connection != connection or snapshot.gateway != self.kind:
            raise GatewayRefused("bad_material", {"reason": "foreign_snapshot"})
        with refusing("swap"):
            if snapshot.version is None and not folder.is_dir():
                return
            if snapshot.version is not None:
                self._whole(folder, snapshot.version, snapshot.certificate)
            with locked(folder):
                self._swap(folder, snapshot.version)
                failure = self._reload(folder)
        if failure is not None:
            raise GatewayRefused("reload_failed", failure)

    def trust(self, connection: str) -> TrustMaterial:
        """See `Gateway.trust`. `GatewayDamaged("unreadable")` where nothing is live."""
        live = self._live(self._folder(connection))
        if live is None:
            raise GatewayDamaged("unreadable", {"reason": "nothing_live"})
        return versions.read_trust(live)

    def _folder(self, connection: str) -> Path:
        return self._settings.root / checked_name(connection)

    def _live(self, folder: Path) -> Path | None:
        try:
            target = (folder / "current").readlink()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GatewayDamaged("unreadable", {"file": "current"}) from error
        if target.parent != Path("versions") or not _VERSION.fullmatch(target.name):
            raise GatewayDamaged("inconsistent", {"file": "current"})
        return folder / target

    def _whole(self, folder: Path, version: str, sha256: str | None) -> Path:
        """The version's folder, if it still holds what it was made for."""
        target = folder / "versions" / version
        if not _VERSION.fullmatch(version) or not target.is_dir():
            raise GatewayRefused("version_gone", {"version": version, "reason": "missing"})
        try:
            trust = versions.read_trust(target)
        except GatewayDamaged as error:
            raise GatewayRefused("version_gone", {"version": version, "reason": error.code}) from error
        if sha256 is not None and sha256 not in trust.pins:
            raise GatewayRefused("version_gone", {"version": version, "reason": "other_certificate"})
        return target

    def _written(self, folder: Path, material: Material) -> str:
        """The name of a whole version with this material: the newest one if it is that already, or a new one."""
        digest = versions.digest_of(material)
        names = _names(folder)
        if names and names[-1].endswith(digest) and self._is_whole(folder, names[-1], material.certificate.sha256):
            if material.role is Role.PRESENTS:
                check_key(folder / _PRIVATE_KEY, folder / "versions" / names[-1] / versions.FULLCHAIN)
            return names[-1]
        version = f"{int(names[-1].partition('-')[0]) + 1 if names else 1:06d}-{digest}"
        draft = folder / "versions" / f".draft-{secrets.token_hex(6)}"
        try:
            draft.mkdir(mode=FOLDER_MODE)
            for name, data in versions.files_of(material, version, self._settings.truststore_password).items():
                write_new(draft / name, data)
            if material.role is Role.PRESENTS:
                check_key(folder / _PRIVATE_KEY, draft / versions.FULLCHAIN)
            sync_folder(draft)
            draft.rename(folder / "versions" / version)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        sync_folder(folder / "versions")
        return version

    def _is_whole(self, folder: Path, version: str, sha256: str) -> bool:
        try:
            self._whole(folder, version, sha256)
        except GatewayRefused:
            return False
        return True

    def _swap(self, folder: Path, version: str | None) -> str | None:
        """Make the version live. Returns the one that the program took last, which is where an undo leads."""
        live = self._live(folder)
        before = live.name if live else None
        due = folder / _RELOAD_DUE
        taken = before
        if due.is_file():  # found half done after a crash: swapped, but the program was never told
            text = due.read_text("ascii", "replace")
            taken = text if _VERSION.fullmatch(text) else None
        elif self._settings.reload and before != version:
            write_over(due, (before or "").encode("ascii"))
        if before == version:
            return taken
        if version is None:
            (folder / "current").unlink()
            sync_folder(folder)
        else:
            point(folder / "current", f"versions/{version}")
        return taken

    def _reload(self, folder: Path) -> dict[str, str] | None:
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

    def _prune(self, folder: Path, keep: str) -> None:
        live = self._live(folder)
        safe = {keep, live.name if live else keep}
        for draft in (folder / "versions").glob(".draft-*"):  # left by a crash: we hold the lock, so nobody writes it
            shutil.rmtree(draft, ignore_errors=True)
        for name in _names(folder)[:-KEPT_VERSIONS]:
            if name not in safe:
                shutil.rmtree(folder / "versions" / name, ignore_errors=True)


def _names(folder: Path) -> list[str]:
    """The whole versions, oldest first."""
    found = [path.name for path in (folder / "versions").iterdir() if _VERSION.fullmatch(path.name)]
    return sorted(found, key=lambda name: int(name.partition("-")[0]))
