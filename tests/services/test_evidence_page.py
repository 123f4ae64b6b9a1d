"""The evidence of a usual switch is one sheet of paper: printed by a real browser, and its pages counted in the PDF."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from bot.gateways import probe
from bot.gateways.endpoint import Endpoint
from bot.services.evidence import Evidence, EvidenceFile
from bot.services.switches import Side, SwitchState
from handlers.views.evidence import page
from tests.databases import Database
from tests.services.endpoint import PartnerEndpoint
from tests.services.switch_world import ADAM, NEW, OLIVIA, PAULA, SPOT, World
from tests.services.test_ways import OK, door
from tests.workspace.browser import chromium

PAGE = re.compile(rb"/Type\s*/Page\b")  # ISO 32000-1, 7.7.3.3: the type of each page object; /Pages is that of the tree
TWO, THREE = ("OrderToCash", "Invoicing"), ("OrderToCash", "Invoicing", "TransportInstruction")
URI = "https://b2b.acme-components.example:4443/as2/inbound/receive"
REASON = "The certificate in use ends on 2 December; ACME has renewed it with the same CA, ticket CHG-204711."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with chromium() as running:
        yield running


def usual(quick_database: Database, endpoint: PartnerEndpoint, over: tuple[str, ...]) -> Evidence:
    """Looked at before, approved by both sides, proven at once by every way; with an address of a usual length."""
    world = World(quick_database, endpoint.uri, over=over)
    world.installed()
    made = world.switches.propose(OLIVIA, world.connection.id, world.new.id, REASON, SPOT)
    world.switches.observe(made.public_id, probe.look(Endpoint.parse(endpoint.uri), world.clock()))
    world.switches.approve(ADAM, made.public_id, Side.OURS)
    world.switches.approve(PAULA, made.public_id, Side.PARTNER)
    endpoint.present(NEW)
    with door(OK) as (_, listener):
        assert world.rollout(listener=listener).run(made.public_id) is SwitchState.PROVEN
    evidence = EvidenceFile(world.store, world.chains, world.clock).of(made.public_id)
    world.store.close()
    report = evidence.report
    proofs = [replace(one, endpoint=URI) if one.endpoint == endpoint.uri else one for one in report.proofs]
    shown = replace(report, connection=replace(report.connection, uri=URI), proofs=tuple(proofs))
    return replace(evidence, report=shown)


def printed(browser: Browser, html: str) -> int:
    """How many sheets it takes."""
    with paper(browser, html) as pdf:
        return len(PAGE.findall(pdf))


@contextmanager
def paper(browser: Browser, html: str) -> Iterator[bytes]:
    """The PDF that the browser makes of it, on the paper that the page asks for."""
    context = browser.new_context()
    try:
        sheet = context.new_page()
        sheet.set_content(html)
        yield sheet.pdf(prefer_css_page_size=True)
    finally:
        context.close()


@pytest.mark.parametrize("over", [TWO, THREE], ids=["two", "three"])
def test_a_usual_switch_prints_on_one_sheet(
    browser: Browser, quick_database: Database, endpoint: PartnerEndpoint, over: tuple[str, ...]
) -> None:
    """And a longer one on more: nothing is left out to make it fit."""
    evidence = usual(quick_database, endpoint, over)
    html = page(evidence)
    assert printed(browser, html) == 1
    words = re.sub("<[^>]*>", "", html)
    assert len(evidence.report.proofs) == 1 + 2 + 4 * len(over)
    assert words.count(" ms)") == len(evidence.report.proofs), "each try with its moment and its length"
    named = [len(re.findall(rf"{name} \d\d:\d\d:\d\d \(", words)) for name in over]
    assert named == [2] * len(over), "at the endpoint, and through the gateway"
    for said in (URI, REASON, "TLSv1.3", *(one.digest for one in evidence.entries)):
        assert said in words
    for sha256 in {one for proof in evidence.report.proofs for one in proof.presented}:
        assert sha256 in words.replace(" ", "").lower()
    many = replace(evidence, entries=evidence.entries * 12)
    assert printed(browser, page(many)) > 1
