"""The one table of gateway kinds. A new kind is one new file and one line here."""

from collections.abc import Callable, Mapping

from bot.gateways.base import Gateway
from bot.gateways.envoy.gateway import EnvoyGateway
from bot.gateways.errors import GatewayMisconfigured
from bot.gateways.files import FilesGateway
from bot.gateways.haproxy.gateway import HaproxyGateway

Opener = Callable[[str, Mapping[str, object]], Gateway]

KINDS: Mapping[str, Opener] = {
    FilesGateway.kind: FilesGateway.open,
    HaproxyGateway.kind: HaproxyGateway.open,
    EnvoyGateway.kind: EnvoyGateway.open,
}


def open_gateway(kind: str, settings: Mapping[str, object], name: str | None = None) -> Gateway:
    """The gateway of that kind, opened with its own settings (for `files`: see `FilesSettings`).

    `name` is what the configuration calls it; the only one of its kind goes by the kind.

    Raises:
        GatewayMisconfigured: no such kind, or settings that the kind cannot use.
    """
    opener = KINDS.get(kind)
    if opener is None:
        raise GatewayMisconfigured("unknown_kind", {"kind": kind, "known": ", ".join(sorted(KINDS))})
    return opener(name or kind, settings)
