"""What people type of a connection: its role and its address."""

from typing import Final

from bot.gateways.endpoint import Endpoint
from bot.gateways.errors import EndpointRefused
from bot.services.errors import BadInput
from storage.switch_records import Role

INBOUND: Final = "inbound"
"""What people type in the place of an address for a partner that only comes to us."""


def checked_role(role: str) -> Role:
    """The role, or BadInput: `role`, `unknown` (data: `known`)."""
    try:
        return Role(role)
    except ValueError:
        raise BadInput("role", "unknown", known=tuple(one.value for one in Role)) from None


def checked_address(uri: str, role: Role) -> str:
    """In its one form, empty for a partner that only comes to us; BadInput: `uri`, the code of `EndpointRefused`."""
    if role is Role.ACCEPTS and uri.strip().lower() in {"", INBOUND}:
        return ""
    try:
        return Endpoint.parse(uri.strip()).uri
    except EndpointRefused as error:
        raise BadInput("uri", error.code, **error.data) from error
