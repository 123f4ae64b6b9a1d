"""The versions of every connection of a gateway, on its disk. All kinds share it; how a program is told, they do not.

    root/<connection>/current -> versions/<version>        the live one
    root/<connection>/versions/<version>/                  see `versions`
    root/<connection>/private.key or keys/*.key            role presents: see `keys`

A version is written under a hidden name and renamed when it is whole, so a name under `versions` is always complete.
Readers that open several files resolve `current` once.
"""

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.gateways import versions
from bot.gateways.base import CONNECTION_NAME, Material, Role, checked_name
from bot.gateways.content import Content, check, digest_of
from bot.gateways.disk import FOLDER_MODE, locked, make_folder, point, refusing, sync_folder, write_new
from bot.gateways.errors import GatewayDamaged, GatewayRefused
from bot.gateways.key_fit import check_key
from bot.gateways.keys import PRIVATE_KEY, link_key

# Ten let a person compare. The way back of a switch is kept beside them, however long that is open.
KEPT_VERSIONS = 10

VERSION = re.compile(r"\d{6,}-[0-9a-f]{16}")
CURRENT = "current"


class Shelf:
    """Whole versions by name, and the link to the live one.

    `extras` are the files that the kind adds to a version; where they are `repeatable` (the same content gives the
    same bytes) they are compared whenever a version is read.
    """

    def __init__(self, root: Path, extras: versions.Extras, *, repeatable: bool) -> None:
        self.root = root
        self._extras = extras
        self._repeatable = repeatable

    def folder(self, connection: str) -> Path:
        """The connection's folder, whether it is there or not. `GatewayRefused("bad_connection_name")`."""
        return self.root / checked_name(connection)

    def connections(self) -> tuple[str, ...]:
        """Every connection that has a folder here, by name."""
        try:
            names = [path.name for path in self.root.iterdir() if path.is_dir()]
        except OSError:
            return ()
        return tuple(sorted(name for name in names if CONNECTION_NAME.fullmatch(name)))

    @contextmanager
    def held(self, connection: str) -> Iterator[Path]:
        """The connection's folder for one writer, also between processes. A full disk is a refusal."""
        folder = self.folder(connection)
        with locked(folder), refusing("version"):
            yield folder

    def live(self, connection: str) -> str | None:
        """The version that `current` leads to. `GatewayDamaged` where that is none of ours."""
        try:
            target = (self.folder(connection) / CURRENT).readlink()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise GatewayDamaged("unreadable", {"file": CURRENT}) from error
        if target.parent != Path("versions") or not VERSION.fullmatch(target.name):
            raise GatewayDamaged("inconsistent", {"file": CURRENT})
        return target.name

    def pins(self, connection: str, version: str) -> versions.Pins:
        """What the version pins. Raises `GatewayDamaged`."""
        return versions.read_pins(self._path(connection, version))

    def content(self, connection: str, version: str) -> Content:
        """What the version holds, all its files compared with each other and with its name. Raises `GatewayDamaged`."""
        path = self._path(connection, version)
        content = versions.read_content(path)
        if not version.endswith(f"-{digest_of(content)}"):
            raise GatewayDamaged("inconsistent", {"file": versions.CHAIN})
        if self._repeatable:
            versions.check_extras(path, self._extras(content, version, path))
        return content

    def whole(self, connection: str, version: str, sha256: str | None) -> Content:
        """The version, if it still holds what it was made for. Raises `GatewayRefused("version_gone")`."""
        if not VERSION.fullmatch(version) or not self._path(connection, version).is_dir():
            raise GatewayRefused("version_gone", {"version": version, "reason": "missing"})
        try:
            content = self.content(connection, version)
        except GatewayDamaged as error:
            raise GatewayRefused("version_gone", {"version": version, "reason": error.code}) from error
        if sha256 is not None and sha256 not in content.pins:
            raise GatewayRefused("version_gone", {"version": version, "reason": "other_certificate"})
        return content

    def add(self, connection: str, material: Material, keep: str | None = None) -> str:
        """The name of a whole version with this material: the newest one if it is that already, or a new one.

        The oldest ones go, but never the live one, nor `keep`.

        Raises:
            GatewayRefused: `bad_material`, `no_key`, `key_does_not_fit`, `key_unreadable`, `disk_full`, `unwritable`.
        """
        folder = self.folder(connection)
        check(material)
        with refusing("folder"):
            make_folder(folder / "versions")
        with self.held(connection):
            version = self._written(connection, material)
            self._prune(connection, {version, keep})
        return version

    def fit_key(self, connection: str, version: str) -> None:
        """Make sure that a version of role `presents` leads to the key that fits; see `keys.link_key`."""
        path = self._path(connection, version)
        link_key(self.folder(connection), path, path / versions.FULLCHAIN)

    def check_key(self, connection: str, version: str) -> None:
        """Whether the version's key fits, without changing anything. Raises `GatewayRefused`."""
        path = self._path(connection, version)
        check_key(path / PRIVATE_KEY, path / versions.FULLCHAIN)

    def point(self, connection: str, version: str | None) -> None:
        """Make the version the live one, in one rename; None takes the link away. The caller holds the folder."""
        link = self.folder(connection) / CURRENT
        if version is not None:
            point(link, f"versions/{version}")
        elif link.is_symlink():
            link.unlink()
            sync_folder(link.parent)

    def names(self, connection: str) -> list[str]:
        """The whole versions, oldest first; none where somebody has taken the folder away. Raises `GatewayDamaged`."""
        try:
            names = [path.name for path in (self.folder(connection) / "versions").iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise GatewayDamaged("unreadable", {"file": "versions"}) from error
        found = [name for name in names if VERSION.fullmatch(name)]
        return sorted(found, key=lambda name: int(name.partition("-")[0]))

    def _path(self, connection: str, version: str) -> Path:
        return self.folder(connection) / "versions" / version

    def _written(self, connection: str, material: Material) -> str:
        folder, content = self.folder(connection), Content.of(material)
        digest, names = digest_of(content), self.names(connection)
        if names and names[-1].endswith(digest) and self._is_whole(connection, names[-1]):
            if material.role is Role.PRESENTS:
                self.fit_key(connection, names[-1])
            return names[-1]
        version = f"{int(names[-1].partition('-')[0]) + 1 if names else 1:06d}-{digest}"
        draft, path = folder / "versions" / f".draft-{secrets.token_hex(6)}", self._path(connection, version)
        try:
            draft.mkdir(mode=FOLDER_MODE)
            files = {**versions.files_of(material, version), **self._extras(content, version, path)}
            for name, data in files.items():
                write_new(draft / name, data)
            if material.role is Role.PRESENTS:
                link_key(folder, draft, draft / versions.FULLCHAIN)
            sync_folder(draft)
            draft.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        sync_folder(folder / "versions")
        return version

    def _is_whole(self, connection: str, version: str) -> bool:
        try:
            self.content(connection, version)
        except GatewayDamaged:
            return False
        return True

    def _prune(self, connection: str, kept: set[str | None]) -> None:
        live, folder = self.live(connection), self.folder(connection) / "versions"
        for draft in folder.glob(".draft-*"):  # left by a crash: we hold the lock, so nobody writes it
            shutil.rmtree(draft, ignore_errors=True)
        for name in self.names(connection)[:-KEPT_VERSIONS]:
            if name not in kept | {live}:
                shutil.rmtree(folder / name, ignore_errors=True)
