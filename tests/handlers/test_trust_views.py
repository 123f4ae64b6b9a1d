"""What the messages say of trust: public roots, generations of a CA, the paths of a certificate, the second opinion."""

import re
from dataclasses import replace

import pytest

from bot.pki.chain import build_chain
from bot.pki.public_web import Opinion
from bot.services.ca_list import RootReport
from bot.services.upload_report import ItemDetails
from handlers import ids
from handlers.views import certificate, details, prompt, root, upload
from storage.records import AnchorState, PromptState, UploadState
from tests.handlers.reports import World
from tests.lab.builders import NOW, Ca, days
from tests.pki.values import chain, index, value


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [
        (-900, -500, "a later one by its date"),
        (-900, 500, "another one"),
        (-10, 500, "an earlier one by its date"),
    ],
)
def test_a_namesake_is_told_with_the_generation_that_the_partner_uses(begins: int, ends: int, words: str) -> None:
    """Issuing (another key) was over, in force, or not there yet when the leaf was issued, 20 days ago."""
    root = Ca.root("Root", not_before=NOW - days(1_000))
    namesake = root.intermediate("Issuing", not_before=NOW + days(begins), not_after=NOW + days(ends))
    leaf = root.intermediate("Issuing").leaf("acme-b2b", not_before=NOW - days(20), not_after=NOW + days(80))
    report = chain(leaf, namesake, anchors=[root])
    shown = replace(World((["acme"], 1), 1).prompt(PromptState.OPEN), report=report, missing=report.missing[0])

    assert f"the partner uses {words}" in str(prompt.render(shown).blocks)


def test_details_list_every_complete_path_with_its_end_and_the_second_opinion() -> None:
    """Two roots have signed the issuing CA; one path has nothing to be listed beside."""
    one, two = Ca.root("Root One"), Ca.root("Root Two")
    issuing = one.intermediate("Issuing", not_after=NOW + days(30))
    longer = two.cross_sign(issuing, not_after=NOW + days(60))
    leaf = issuing.leaf("leaf")
    shop = World((["acme"], 1), 1)
    item = replace(shop.item(), report=chain(leaf, issuing, longer, anchors=[one, two]))
    opinion = Opinion(accepted=False, reason="no subjectAltName")
    made = str(details.of_certificate(ItemDetails(item, opinion), NOW))
    dateless = re.sub(r"<!date[^>]*>", "DAY", made)

    assert r"1. until DAY: Issuing → Root Two\n2. until DAY: Issuing → Root One" in dateless
    assert "As a public web certificate: would not pass: no subjectAltName" in made
    alone = replace(item, report=chain(leaf, longer, anchors=[two]))
    made = str(details.of_certificate(ItemDetails(alone, Opinion(accepted=True)), NOW))
    assert "Complete paths" not in made
    assert "would pass" in made
    assert "public web" not in str(details.of_certificate(ItemDetails(alone, None), NOW))


def test_a_public_root_is_called_so_wherever_it_waits_for_approval() -> None:
    """In the chain, in its own request (with or without the listed fingerprint), and as no partner's certificate."""
    root = Ca.root("Public Root")
    renewed = root.cross_sign(root, not_after=NOW + days(9_000))
    listed, leaf = value(root), value(root.leaf("leaf"))
    known = index(anchors=[root])
    whole = build_chain(leaf, index(root), NOW, known_roots=known)
    shop = World((["acme"], 1), 1)
    assert "Public Root – public root of Mozilla's list, *not approved*" in certificate.chain(whole)

    asked = replace(shop.root(AnchorState.REQUESTED), certificate=listed, public_root=listed)
    assert "under this very fingerprint" in str(root_text(asked))
    other = replace(asked, certificate=value(renewed))
    assert "which has another certificate" in root_text(other)
    assert certificate.fingerprint(listed) in root_text(other)
    assert "Mozilla" not in root_text(replace(asked, public_root=None))

    ca = replace(shop.ca(), anchor=AnchorState.REQUESTED)
    own = build_chain(listed, index(root), NOW, known_roots=known)
    item = replace(shop.item(), certificate=listed, kind="ca", ca=ca, report=own, entry=None)
    shown = str(upload.render(replace(shop.upload_report(UploadState.STORED), items=(item,)), NOW).blocks)
    assert "a public root of Mozilla's list: a trust admin has to approve" in shown
    assert ids.OWN_CERTIFICATE not in shown


def root_text(report: RootReport) -> str:
    """What the request for a root's approval says."""
    return str(root.render(report, NOW).blocks)
