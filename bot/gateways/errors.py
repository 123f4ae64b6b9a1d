"""What a gateway can answer instead of doing its work; always data, the sentences are written elsewhere."""

from collections.abc import Mapping
from types import MappingProxyType


class GatewayError(Exception):
    """Base of everything that a gateway raises: a stable code and the data behind it (never file contents)."""

    def __init__(self, code: str, data: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.data: Mapping[str, str] = MappingProxyType(dict(data or {}))

    def __str__(self) -> str:
        fields = ", ".join(f"{name}={value}" for name, value in sorted(self.data.items()))
        return f"{self.code} ({fields})" if fields else self.code


class GatewayRefused(GatewayError):
    """The gateway did not do what was asked, and its live state is what it was before.

    Codes: `bad_connection_name`, `no_key`, `key_unreadable`, `key_does_not_fit`, `reload_failed`, `version_gone`,
    `bad_material`, `disk_full`, `unwritable`, `not_loaded`, `program_refused`, `not_taken`, `busy`. One exception to
    "as before": `reload_failed` and `not_taken` from `restore` leave the restored files in place, because there is
    nothing better to go back to.
    """


class GatewayDamaged(GatewayError):
    """The live state on the gateway cannot be read or contradicts itself.

    Codes: `unreadable`, `inconsistent`, `drifted` (the program's memory differs from the disk; see `Drift`).
    """


class GatewayUnreachable(GatewayError):
    """The gateway's program does not answer; the disk holds a whole state, which it will load when it starts.

    Codes: `unreachable`. Data: what was asked, the error, and after a try to go back what the disk holds.
    """


class GatewayMisconfigured(GatewayError):
    """The settings name no gateway that can be opened.

    Codes: `unknown_kind`, `bad_settings`, `file_unreadable`, `not_toml`, `no_gateways`, `unknown_gateway`.
    """


class EndpointRefused(GatewayError):
    """A URI (or a header for a request to it) that the probe will not use.

    Codes: `too_long`, `bad_characters`, `not_https`, `userinfo`, `fragment`, `no_host`, `bad_host`, `bad_port`,
    `bad_header`; of a listener also `not_http`, `not_loopback`, `no_port`.
    """
