"""Which gateways there are: one TOML file that names them, or the embedded files gateway where there is none.

    [gateways.edge]
    kind = "haproxy"
    root = "/var/lib/countersign/edge"
    socket = "/run/haproxy/admin.sock"

    [gateways.edge.through]
    acme-https = "http://127.0.0.1:8080/b2b"

Every table is one gateway: its name is what connections refer to, `kind` picks the program, `through` says where the
gateway takes our requests for a connection's partner, the rest are that kind's own settings (`FilesSettings`,
`HaproxySettings`, `EnvoySettings`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from bot.gateways.base import CONNECTION_NAME, Gateway
from bot.gateways.condition import Check
from bot.gateways.errors import GatewayMisconfigured
from bot.gateways.listener import Listener, ListenerSetting
from bot.gateways.passage import check_ways
from bot.gateways.registry import open_gateway
from bot.gateways.settings import read_settings

# A few hundred gateways; a file beyond that is not this file.
MAX_FILE = 256 * 1024

Name = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
ConnectionName = Annotated[str, Field(pattern=f"^{CONNECTION_NAME.pattern}$")]


class _Section(BaseModel):
    """One gateway: the kind, the ways through it, and whatever that kind wants."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: str
    through: dict[ConnectionName, ListenerSetting] = Field(default_factory=dict)


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gateways: dict[Name, _Section] = Field(min_length=1)


@dataclass(frozen=True)
class Gateways:
    """The gateways by name; calling it opens one."""

    sections: Mapping[str, tuple[str, Mapping[str, object]]]  # kind and settings
    listeners: Mapping[str, Mapping[str, Listener]] = field(default_factory=dict)  # by gateway, then by connection

    @classmethod
    def only_files(cls, settings: Mapping[str, object]) -> Self:
        """The embedded default: one gateway, called `files`."""
        return cls({"files": ("files", settings)})

    @classmethod
    def read(cls, path: Path) -> Self:
        """The file's gateways, each with settings that its kind can use; no program is asked for anything.

        Raises:
            GatewayMisconfigured: `file_unreadable`, `not_toml` (where), `bad_settings` (the fields by their place in
                the file, and pydantic's word for what is wrong, never a value), `unknown_kind`.
        """
        file = read_settings(_File, _toml(path))
        sections: dict[str, tuple[str, Mapping[str, object]]] = {
            name: (section.kind, dict(section.model_extra or {})) for name, section in file.gateways.items()
        }
        made = cls(sections, {name: dict(section.through) for name, section in file.gateways.items()})
        for name in made.names:
            made(name)
        return made

    @property
    def names(self) -> tuple[str, ...]:
        """What connections may refer to, in the order of the file; the first is what a new connection gets."""
        return tuple(self.sections)

    def kind(self, name: str) -> str:
        """The kind of the gateway of that name."""
        return self.sections[name][0]

    def through(self, name: str, connection: str) -> Listener | None:
        """Where the gateway takes our own requests for the connection's partner; None where the file does not say."""
        return self.listeners.get(name, {}).get(connection)

    def examine(self, name: str) -> tuple[Check, ...]:
        """Everything that an operator should know about the gateway and the ways through it; only looks."""
        gateway = self(name)
        return (*gateway.examine(), *check_ways(gateway, self.listeners.get(name, {})))

    def __call__(self, name: str) -> Gateway:
        """Open the gateway of that name.

        Raises:
            GatewayMisconfigured: `unknown_gateway`; `unknown_kind` and `bad_settings` with the gateway's name.
        """
        if name not in self.sections:
            raise GatewayMisconfigured("unknown_gateway", {"gateway": name, "known": ", ".join(self.names)})
        kind, settings = self.sections[name]
        try:
            return open_gateway(kind, settings, name)
        except GatewayMisconfigured as error:
            raise GatewayMisconfigured(error.code, {"gateway": name, **error.data}) from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise GatewayMisconfigured("file_unreadable", {"error": error.strerror or type(error).__name__}) from error
    if len(data) > MAX_FILE:
        raise GatewayMisconfigured("file_unreadable", {"error": "too large"})
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        said = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        raise GatewayMisconfigured("not_toml", {"error": said}) from error
