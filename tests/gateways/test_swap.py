"""A switch at a running HAProxy and at a running Envoy: the next handshake, the traffic meanwhile, what is cut off."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.gateways.base import Role, overlap
from bot.gateways.condition import Accepted, Source, Survivor
from bot.gateways.errors import GatewayRefused
from bot.gateways.haproxy.runtime import CommandSocket
from bot.gateways.probe import ProofVerdict, prove
from bot.gateways.registry import open_gateway
from bot.gateways.report import ReportVerdict, report
from tests.gateways.load import after, load
from tests.gateways.site import (
    DATES,
    FOREIGN,
    GW_NEW,
    GW_OLD,
    ISSUING,
    NEW,
    OLD,
    Client,
    Site,
    leaf,
    material,
    plain_status,
    site,
)
from tests.lab.builders import NOW, Issued, self_signed

pytestmark = pytest.mark.gateway

CHOREOGRAPHIES = ("Invoicing", "OrderToCash", "Shipping")


def test_the_next_handshake_is_held_to_the_new_certificate(there: Site) -> None:
    """Also under another CA; memory and disk agree, and a restore leads back to exactly the old state."""
    before = there.gateway.snapshot("acme-in")
    assert (there.admits(OLD), there.admits(NEW), there.admits(FOREIGN)) == (True, False, False)
    there.switch("acme-in", FOREIGN)
    assert (there.admits(OLD), there.admits(FOREIGN)) == (False, True)
    assert there.gateway.drift("acme-in") is None
    there.gateway.restore("acme-in", before)
    assert (there.admits(OLD), there.admits(FOREIGN)) == (True, False)
    assert there.gateway.snapshot("acme-in") == before


def test_the_pin_keeps_out_another_certificate_of_the_same_ca_and_a_stranger_of_the_same_name(there: Site) -> None:
    """Trust alone is not enough, and neither is a name."""
    assert not there.admits(leaf(ISSUING))
    assert not there.admits(self_signed("b2b.acme.example", **DATES))  # type: ignore[arg-type]


def test_a_self_signed_pin_is_admitted_and_nobody_else(there: Site) -> None:
    """Nobody above it; it is its own trust."""
    alone = self_signed("as2.acme.example", eku=("serverAuth", "clientAuth"), **DATES)  # type: ignore[arg-type]
    there.switch("acme-in", alone)
    assert (there.admits(alone), there.admits(OLD)) == (True, False)
    there.take("acme-in", overlap(material(NEW), material(alone)))
    assert (there.admits(alone), there.admits(NEW), there.admits(OLD)) == (True, True, False)


def test_a_leaf_sent_without_its_intermediate_is_admitted(there: Site) -> None:
    """The gateway holds the intermediate and makes up for the partner."""
    bare = Issued(OLD.certificate, OLD.key, (OLD.above[-1],))
    assert there.admits(bare)


def test_no_handshake_fails_and_idle_connections_live_while_both_are_accepted(there: Site) -> None:
    """Old alone, both, new alone: old clients until it is retired, new clients from the overlap on."""
    old, new = material(OLD), material(FOREIGN)
    idle = [Client(there.ports.inbound, OLD) for _ in range(5)]
    assert [client.ask() for client in idle] == [200] * 5
    with load([lambda: there.admits(OLD)]) as good:
        after(good)
        there.take("acme-in", overlap(new, old))
        after(good)
    with load([lambda: there.admits(OLD), lambda: there.admits(FOREIGN)]) as good:
        for both in (overlap(old, new), overlap(new, old), overlap(old, new)):
            there.take("acme-in", both)
            after(good)
    assert [client.ask() for client in idle] == [200] * 5
    with load([lambda: there.admits(FOREIGN)]) as good:
        there.take("acme-in", new)
        after(good)
    for client in idle:
        client.close()
    assert not there.admits(OLD)


def test_a_retired_certificate_is_refused_fresh_resumed_and_on_an_open_connection(there: Site) -> None:
    """What the program cannot cut is what `survivors` says, neither more nor less."""
    first = Client(there.ports.inbound, OLD)
    assert first.ask() == 200
    ticket = first.session
    there.switch("acme-in", NEW)
    survivors = there.gateway.survivors(Role.ACCEPTS)
    assert not there.admits(OLD)
    assert not there.admits(OLD, ticket)
    assert Survivor.RESUMED_SESSIONS not in survivors
    if Survivor.OPEN_CONNECTIONS in survivors:
        assert first.ask() == 200
    else:
        assert Survivor.OPEN_UNTIL_REQUEST in survivors
        assert first.ask() == 403
    first.close()


def test_the_running_program_tells_itself_what_it_accepts(there: Site) -> None:
    """Old, both, new: as it is asked, and not as the disk has it; of what it does not know it tells nothing."""
    for wanted in (material(OLD), overlap(material(NEW), material(OLD)), material(NEW)):
        there.take("acme-in", wanted)
        pins = frozenset(one.sha256 for one in wanted.pinned)
        assert there.gateway.accepted("acme-in") == Accepted(pins, Source.MEMORY)
        assert report(there.gateway, "acme-in", pins, NOW).verdict is ReportVerdict.AGREES
    told = report(there.gateway, "acme-in", frozenset([NEW.sha256, OLD.sha256]), NOW)
    assert (told.verdict, told.accepted) == (ReportVerdict.DIFFERS, (NEW.sha256,))
    with pytest.raises(GatewayRefused, match="not_loaded"):
        there.gateway.accepted("acme-nowhere")
    if there.kind == "haproxy":  # somebody types at the socket; Envoy has no such door
        pins_file = there.root / "acme-in/current/pins.lst"
        CommandSocket(there.folder / "stats.sock", 5.0).ask(f"add acl {pins_file} {FOREIGN.sha256.upper()}")
        assert there.gateway.accepted("acme-in").pins == {NEW.sha256, FOREIGN.sha256}


def test_requests_are_counted_by_certificate_where_the_program_does_so(there: Site) -> None:
    """HAProxy, in a stick table: who was let in, and nobody else. Envoy has no such figure, and claims none."""
    before = there.gateway.requests("acme-in", NEW.sha256)
    assert there.gateway.counts_requests is (there.kind == "haproxy") is (before is not None)
    if before is None:
        return
    assert not there.admits(NEW)
    assert there.gateway.requests("acme-in", NEW.sha256) == before
    there.switch("acme-in", NEW)
    assert all(there.admits(NEW) for _ in range(2))
    assert there.gateway.requests("acme-in", NEW.sha256) == before + 2
    codes = {check.code for check in there.gateway.examine()}
    assert "uses" in codes
    other = open_gateway("haproxy", {**there.settings, "uses": "nowhere"})
    assert "uses_unknown" in {check.code for check in other.examine()}
    with pytest.raises(GatewayRefused, match="no_such_table"):
        other.requests("acme-in", NEW.sha256)


def test_what_we_present_is_the_new_certificate_with_its_chain_and_its_own_key(there: Site) -> None:
    """A renewal with a new key under another CA; then back, and then the very same again."""
    before = there.gateway.snapshot("gw")
    there.switch("gw", GW_NEW, Role.PRESENTS)
    there.switch("acme-in", OLD)
    seen = there.presented()
    assert seen == GW_NEW.der
    handshake = prove(there.uri, there.gateway.trust("gw"), datetime.now(UTC))
    assert handshake.verdict is ProofVerdict.MATCHED
    assert handshake.fingerprints == (GW_NEW.sha256, GW_NEW.above[0].sha256)
    there.gateway.restore("gw", before)
    assert there.presented() == GW_OLD.der
    there.gateway.restore("gw", before)
    assert there.gateway.snapshot("gw") == before


def test_no_new_connection_fails_while_what_we_present_changes(there: Site) -> None:
    """From the commit's return on, nobody sees the old certificate any more."""
    with load([lambda: there.admits(OLD), lambda: there.admits(OLD)]) as good:
        after(good)
        there.switch("gw", GW_NEW, Role.PRESENTS)
        assert {there.presented() for _ in range(10)} == {GW_NEW.der}
        after(good)


def test_every_choreography_gets_through_before_during_and_after_the_partner_flips(there: Site) -> None:
    """Our requests to the partner: its server's certificate is held to pin and trust; no request fails."""
    there.partner.requests.clear()

    def everyone() -> list[int]:
        return [plain_status(there.ports.outbound, name) for name in CHOREOGRAPHIES]

    with load([lambda: plain_status(there.ports.outbound) == 200]) as good:
        assert everyone() == [200] * 3
        there.take("acme-out", overlap(material(FOREIGN), material(OLD)))
        assert everyone() == [200] * 3
        there.partner.presents(FOREIGN)
        after(good)
        assert everyone() == [200] * 3
    there.switch("acme-out", FOREIGN)
    assert everyone() == [200] * 3
    heard = b"".join(there.partner.requests)
    assert all(heard.lower().count(f"x-choreography: {name}".lower().encode()) >= 4 for name in CHOREOGRAPHIES)


def test_a_partner_that_goes_back_to_the_retired_certificate_gets_no_more_requests(there: Site) -> None:
    """Neither over a new connection nor, as the program is set up here, over an old one."""
    assert plain_status(there.ports.outbound) == 200
    there.switch("acme-out", FOREIGN)
    assert plain_status(there.ports.outbound) in {502, 503}


def test_the_pin_refuses_a_session_that_haproxy_resumes(tmp_path: Path) -> None:
    """With tickets and cache left on, a session outlives its CA (a known trap); the pin is asked at every request."""
    with site("haproxy", tmp_path, careless=True) as made:
        first = Client(made.ports.inbound, OLD)
        assert first.ask() == 200
        ticket = first.session
        first.close()
        made.switch("acme-in", FOREIGN)
        again = Client(made.ports.inbound, OLD, ticket)
        assert (again.resumed, again.ask()) == (True, 403)
        again.close()
        codes = {check.code for check in made.gateway.examine()}
        assert {"session_tickets", "session_cache", "connection_pool"} <= codes


def test_a_pooled_connection_of_haproxys_is_cut_at_its_next_answer(tmp_path: Path) -> None:
    """The connection to the partner lives, the answer over it is withheld."""
    with site("haproxy", tmp_path, careless=True) as made:
        assert plain_status(made.ports.outbound) == 200
        made.switch("acme-out", FOREIGN)
        assert plain_status(made.ports.outbound) in {502, 503}


def test_a_pooled_connection_of_envoys_outlives_the_pin_and_is_named(tmp_path: Path) -> None:
    """Envoy looks at pins in the handshake alone; `max_requests_per_connection` is what `docs/gateways.md` says."""
    with site("envoy", tmp_path, careless=True) as made:
        assert plain_status(made.ports.outbound) == 200
        made.switch("acme-out", FOREIGN)
        assert plain_status(made.ports.outbound) == 200
        assert Survivor.POOLED_CONNECTIONS in made.gateway.survivors(Role.ACCEPTS)
