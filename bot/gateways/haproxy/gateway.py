"""HAProxy as a gateway.

Role accepts: trust and pins are changed in its memory, without a reload; then the disk follows in one rename, because
a reload forgets the memory. Role presents: certificate, chain and the link to their key go live on the disk in one
rename, then HAProxy reloads; its runtime API takes no certificate without a key, and no key ever enters the bot.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar, Self

from bot.gateways.base import Role, Snapshot, Staged
from bot.gateways.condition import Accepted, Check, Difference, Drift, Source, Survivor
from bot.gateways.content import Content, fingerprints_sha1
from bot.gateways.disk import locked
from bot.gateways.errors import GatewayDamaged, GatewayError, GatewayRefused, GatewayUnreachable
from bot.gateways.haproxy.examination import examine
from bot.gateways.haproxy.files import Names, haproxy_files
from bot.gateways.haproxy.master import Master
from bot.gateways.haproxy.memory import Memory, Served
from bot.gateways.haproxy.runtime import CommandSocket
from bot.gateways.haproxy.settings import HaproxySettings
from bot.gateways.haproxy.uses import Uses
from bot.gateways.settings import read_settings
from bot.gateways.shelf import Shelf
from bot.gateways.shelved import ShelvedGateway

Connect = Callable[[Path, float], CommandSocket]


class HaproxyGateway(ShelvedGateway):
    """One HAProxy. Implements `Gateway`."""

    kind: ClassVar[str] = "haproxy"

    def __init__(self, settings: HaproxySettings, name: str = "haproxy", connect: Connect = CommandSocket) -> None:
        super().__init__(name, Shelf(settings.root, haproxy_files, repeatable=True))
        self._settings = settings
        self._stats = connect(settings.socket, settings.timeout_s)
        self._memory = Memory(self._stats, str(settings.root))
        self._uses = Uses(self._stats, settings.uses) if settings.uses else None
        master = settings.master_socket
        self._master = Master(connect(master, settings.timeout_s)) if master else None

    @classmethod
    def open(cls, name: str, settings: Mapping[str, object]) -> Self:
        """The gateway with settings from outside. `GatewayMisconfigured("bad_settings")`."""
        return cls(read_settings(HaproxySettings, settings), name)

    def commit(self, staged: Staged) -> None:
        """See `Gateway.commit`.

        Where HAProxy does not know the files yet and nothing was live, they are laid out for its configuration;
        otherwise that is `not_loaded`.
        """
        content = self._shelf.whole(staged.connection, staged.version, staged.sha256)
        with self._alone(staged.connection):
            before = self._shelf.live(staged.connection)
            if content.role is Role.PRESENTS:
                self._present(staged.connection, content, staged.version, before)
            else:
                self._accept(staged.connection, content, staged.version, before)

    def restore(self, connection: str, snapshot: Snapshot) -> None:
        """See `Gateway.restore`. Where HAProxy is gone the disk goes back all the same, for when it starts again."""
        self._check_snapshot(connection, snapshot)
        if snapshot.version is None:
            self._take_away(connection)
            return
        content = self._shelf.whole(connection, snapshot.version, snapshot.certificate)
        with self._alone(connection):
            before = self._shelf.live(connection)
            try:
                if content.role is Role.PRESENTS:
                    self._present(connection, content, snapshot.version, before, undo=True)
                else:
                    self._accept(connection, content, snapshot.version, before)
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
        names = self._names(connection)
        if content.role is Role.PRESENTS:
            served = self._memory.served(names.certificate)
            unlike = Difference.NOT_LOADED if served is None else Difference.CERTIFICATE
            return None if served == _served(content) else Drift(connection, version, (unlike,), None)
        pinned, trusted = self._memory.pinned(names.pins), self._memory.trusted(names.ca_file)
        if pinned is None or trusted is None:
            return Drift(connection, version, (Difference.NOT_LOADED,), None)
        found = [Difference.PINS] if pinned != set(content.pins) else []
        found += [Difference.TRUST] if trusted != fingerprints_sha1(content.trusted) else []
        return Drift(connection, version, tuple(found), tuple(sorted(pinned))) if found else None

    def accepted(self, connection: str) -> Accepted:
        """See `Gateway.accepted`: the entries of the ACL that admits or refuses (`show acl`)."""
        pinned = self._memory.pinned(self._names(connection).pins)
        if pinned is None:
            raise GatewayRefused("not_loaded", {"path": str(self._shelf.folder(connection))})
        return Accepted(pinned, Source.MEMORY)

    @property
    def counts_requests(self) -> bool:
        """See `Gateway.counts_requests`."""
        return self._uses is not None

    def requests(self, connection: str, sha256: str) -> int | None:  # noqa: ARG002 - the table is for all connections
        """See `Gateway.requests`."""
        return self._uses.requests(sha256) if self._uses else None

    def survivors(self, role: Role) -> tuple[Survivor, ...]:
        """See `Gateway.survivors`. A reload closes idle connections; the pin is asked for at every request."""
        return (Survivor.OPEN_UNTIL_REQUEST,) if role is Role.ACCEPTS else (Survivor.OPEN_CONNECTIONS,)

    def examine(self) -> tuple[Check, ...]:
        """See `Gateway.examine`."""
        found = examine(self._shelf, self._stats, self._master, self._settings.config, self.drift)
        return (*found, *(self._uses.examine() if self._uses else ()))

    @contextmanager
    def _alone(self, connection: str) -> Iterator[None]:
        """One writer for the whole HAProxy: it knows one transaction at a time."""
        with locked(self._shelf.root), self._shelf.held(connection):
            yield

    def _names(self, connection: str) -> Names:
        return Names.under(self._shelf.folder(connection))

    def _accept(self, connection: str, content: Content, version: str, before: str | None) -> None:
        names = self._names(connection)
        if not self._knows(connection, before):
            self._lay_out(connection, version, before)
            return
        old = self._readable(connection, before)
        try:
            self._take(names, content, old)
            if before != version:
                self._shelf.point(connection, version)
        except (GatewayError, OSError):
            if old is not None:
                with suppress(GatewayError, OSError):
                    self._take(names, old, content)
                    self._shelf.point(connection, before)  # moved, perhaps, and then not synced
            raise

    def _take(self, names: Names, content: Content, old: Content | None) -> None:
        """Make HAProxy trust and admit this. Two lists cannot change at once, so trust is wide in between.

        Whoever is admitted before and after is admitted at every moment; the pins decide, and they change at once.
        """
        wanted = fingerprints_sha1(content.trusted)
        trusted = self._memory.trusted(names.ca_file) or frozenset()
        if self._memory.pinned(names.pins) != frozenset(content.pins):
            if not wanted <= trusted:
                both = (*content.trusted, *(old.trusted if old else ()))
                self._memory.trust(names.ca_file, tuple(dict.fromkeys(both)))
                trusted = fingerprints_sha1(both)
            self._memory.pin(names.pins, content.pins)
        if trusted != wanted:
            self._memory.trust(names.ca_file, content.trusted)

    def _present(
        self, connection: str, content: Content, version: str, before: str | None, *, undo: bool = False
    ) -> None:
        self._shelf.fit_key(connection, version)  # it may have changed since the staging
        if not self._knows(connection, before):
            self._lay_out(connection, version, before)
            return
        names, wanted = self._names(connection), _served(content)
        served = self._memory.served(names.certificate)
        if served is None or (before == version and served == wanted):
            return
        # After a crash the link may lead to what HAProxy never took: the way back is what it runs with.
        running = before if before != version else self._serving(connection, served)
        self._shelf.point(connection, version)
        failure = self._reload(names, wanted)
        if failure is None:
            return
        if undo:  # there is nothing better to go back to: HAProxy takes it with the next reload that works
            raise GatewayRefused("reload_failed", failure)
        self._shelf.point(connection, running)
        restored = running is not None and self._reload(names, served) is None
        raise GatewayRefused("reload_failed", {**failure, "old_state_reloaded": str(restored).lower()})

    def _reload(self, names: Names, wanted: Served) -> dict[str, str] | None:
        if self._master is None:
            return {"reason": "no_master_socket"}
        try:
            return self._master.reload(
                lambda: self._memory.served(names.certificate) == wanted, self._settings.reload_timeout_s
            )
        except GatewayError as error:
            return {"reason": error.code, **error.data}

    def _serving(self, connection: str, served: Served) -> str | None:
        """The newest version that is what HAProxy has loaded."""
        for version in reversed(self._shelf.names(connection)):
            content = self._readable(connection, version)
            if content is not None and content.role is Role.PRESENTS and _served(content) == served:
                return version
        return None

    def _knows(self, connection: str, before: str | None) -> bool:
        """Whether HAProxy's configuration names the files; one that does not run yet knows nothing of the first."""
        names = self._names(connection)
        try:
            accepts = self._memory.pinned(names.pins) is not None and self._memory.trusted(names.ca_file) is not None
            return accepts or self._memory.served(names.certificate) is not None
        except GatewayUnreachable:
            if before is None:
                return False
            raise

    def _lay_out(self, connection: str, version: str, before: str | None) -> None:
        """HAProxy cannot start without the files that its configuration names: so the first ones come before it."""
        if before not in {None, version}:
            raise GatewayRefused("not_loaded", {"path": str(self._shelf.folder(connection))})
        self._shelf.point(connection, version)

    def _take_away(self, connection: str) -> None:
        """Back to nothing; HAProxy cannot start with that, so only where its configuration does not name the files."""
        if not self._shelf.folder(connection).is_dir():
            return
        with self._alone(connection):
            names = self._names(connection)
            known = (self._memory.pinned(names.pins), self._memory.served(names.certificate))
            if self._shelf.live(connection) is not None and known != (None, None):
                raise GatewayRefused("program_refused", {"reason": "configuration_needs_files"})
            self._shelf.point(connection, None)

    def _readable(self, connection: str, version: str | None) -> Content | None:
        if version is None:
            return None
        try:
            return self._shelf.content(connection, version)
        except GatewayDamaged:
            return None


def _served(content: Content) -> Served:
    (leaf,) = fingerprints_sha1(content.leaves[:1])
    return Served(leaf, len(content.chain))
