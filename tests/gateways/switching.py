"""One switch on a files gateway, in a few words."""

from collections.abc import Callable

import pytest

from bot.gateways.base import Gateway, Material, Role, Staged
from bot.gateways.errors import GatewayRefused
from bot.pki.certificate import Certificate
from tests.lab.builders import Ca, Issued

ISSUING = Ca.root("Files Root").intermediate("Files Issuing")
OLD, NEW = ISSUING.leaf("b2b.acme.example"), ISSUING.leaf("b2b.acme.example")


def material(holder: Issued, role: Role = Role.ACCEPTS) -> Material:
    """What a switch to this certificate hands over."""
    own, *above = (Certificate.from_der(one.der) for one in (holder, *holder.above))
    return Material(role, own, tuple(above[:-1]), tuple(above[-1:]))


def switch(gateway: Gateway, holder: Issued, role: Role = Role.ACCEPTS) -> Staged:
    """Stage and commit."""
    staged = gateway.stage("acme-https", material(holder, role))
    gateway.commit(staged)
    return staged


def live(gateway: Gateway) -> str | None:
    """The pin in use."""
    current = gateway.current("acme-https")
    return current.pins[0] if current else None


def refusal(run: Callable[[], object]) -> GatewayRefused:
    """The refusal that the call ends in."""
    with pytest.raises(GatewayRefused) as refused:
        run()
    return refused.value
