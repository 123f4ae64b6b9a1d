"""The bot dies at every boundary of a commit at a real program, and the next bot ends it or undoes it.

Boundaries are each command to HAProxy or question to Envoy, and each rename on the disk, before and after.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.gateways.base import Gateway, Role, Snapshot
from bot.gateways.envoy.admin import Admin, Running
from bot.gateways.envoy.gateway import EnvoyGateway, EnvoySettings
from bot.gateways.haproxy.gateway import HaproxyGateway
from bot.gateways.haproxy.runtime import CommandSocket
from bot.gateways.haproxy.settings import HaproxySettings
from tests.gateways.site import FOREIGN, GW_NEW, GW_OLD, OLD, Site, material
from tests.services.power import Power, PowerCut

pytestmark = pytest.mark.gateway


def failing(there: Site, power: Power) -> Gateway:
    """The same gateway in a bot that may die around each of its questions."""

    class FailingSocket(CommandSocket):
        def ask(self, command: str, payload: bytes = b"") -> str:
            power.boundary()
            reply = super().ask(command, payload)
            power.boundary()
            return reply

    class FailingAdmin(Admin):
        def running(self, name: str) -> Running | None:
            power.boundary()
            return super().running(name)

    if there.kind == "haproxy":
        return HaproxyGateway(HaproxySettings.model_validate(there.settings), connect=FailingSocket)
    return EnvoyGateway(EnvoySettings.model_validate(there.settings), connect=FailingAdmin)


def cuts(there: Site, monkeypatch: pytest.MonkeyPatch, connection: str, role: Role) -> Iterator[Snapshot]:
    """One commit of the new certificate for each boundary, cut there, with the way back; ends where none is left."""
    old, new = (GW_OLD, GW_NEW) if role is Role.PRESENTS else (OLD, FOREIGN)
    replace = os.replace
    # A reload takes long, so there only every third boundary; which ones, the length of the last reload decides.
    for lasts in itertools.count(step=3 if there.kind == "haproxy" and role is Role.PRESENTS else 1):
        there.switch(connection, old, role)
        before = there.gateway.snapshot(connection)
        staged = there.gateway.stage(connection, material(new, role))
        power = Power(lasts)

        def cut(source: Path, target: Path, power: Power = power) -> None:
            power.boundary()
            replace(source, target)
            power.boundary()

        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", cut)
            try:
                failing(there, power).commit(staged)
            except PowerCut:
                pass
            else:
                return
        yield before


@pytest.mark.parametrize("role", list(Role))
def test_a_commit_cut_anywhere_is_ended_or_undone_by_the_next_bot(
    running: Site, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    """Every second time it is committed again, every other time restored; memory and disk agree either way."""
    connection, old, new = ("gw", GW_OLD, GW_NEW) if role is Role.PRESENTS else ("acme-in", OLD, FOREIGN)
    boundaries = 0
    for before in cuts(running, monkeypatch, connection, role):
        boundaries += 1
        if boundaries % 2:
            running.gateway.commit(running.gateway.stage(connection, material(new, role)))
            wanted = new
        else:
            running.gateway.restore(connection, before)
            wanted = old
        assert running.gateway.drift(connection) is None
        current = running.gateway.current(connection)
        assert current is not None
        assert current.pins == (wanted.sha256,)
        if role is Role.PRESENTS:
            assert running.presented() == wanted.der
        else:
            assert (running.admits(old), running.admits(new)) == (wanted is old, wanted is new)
    assert boundaries >= {("haproxy", Role.ACCEPTS): 30, ("haproxy", Role.PRESENTS): 5}.get((running.kind, role), 4)
