"""Where our own programs send what the gateway takes to a partner: the address of the gateway's own listener."""

from dataclasses import dataclass
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import GetPydanticSchema
from pydantic_core import PydanticCustomError, core_schema

from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused


@dataclass(frozen=True)
class Listener:
    """One listener, plain HTTP or TLS; `endpoint` holds host, port and path, whatever the scheme."""

    endpoint: Endpoint
    tls: bool

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Read `http://host:port/path`, or `https://` on loopback, where nobody's certificate has to be believed.

        Raises:
            EndpointRefused: `not_http`; `not_loopback` (TLS to elsewhere); `no_port`; or as `Endpoint.parse`.
        """
        scheme, _, rest = uri.partition("://")
        if scheme not in {"http", "https"}:
            raise EndpointRefused("not_http")
        endpoint = Endpoint.parse(f"https://{rest}")
        if urlsplit(f"//{rest}").port is None:  # each scheme has another default, and a listener a port of its own
            raise EndpointRefused("no_port")
        if scheme == "https" and not _is_loopback(endpoint):
            raise EndpointRefused("not_loopback")
        return cls(endpoint, tls=scheme == "https")

    @property
    def uri(self) -> str:
        """The address in its one normal form."""
        host = f"[{self.endpoint.host}]" if ":" in self.endpoint.host else self.endpoint.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.endpoint.port}{self.endpoint.path}"


def _is_loopback(endpoint: Endpoint) -> bool:
    return endpoint.address.is_loopback if endpoint.address else endpoint.host == "localhost"


def _listener(uri: str) -> Listener:
    try:
        return Listener.parse(uri)
    except EndpointRefused as error:
        # The code alone: a fault in the file is told without the value.
        raise PydanticCustomError(error.code, "not an address of a listener") from error


ListenerSetting = Annotated[
    Listener,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_after_validator_function(
            _listener, core_schema.str_schema(strict=True)
        )
    ),
]
"""A listener as settings spell it; a fault is the code of `Listener.parse`."""
