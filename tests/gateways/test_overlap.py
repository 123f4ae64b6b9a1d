"""The overlap: old and new accepted at once, then the old one retired; and a key for each certificate."""

import json
from pathlib import Path

from bot.gateways.base import Gateway, Role, overlap
from bot.gateways.probe import ProofVerdict, prove
from tests.gateways.peers import answers, peer, server_context
from tests.gateways.switching import NEW, OLD, live, material, refusal, switch
from tests.lab.builders import NOW, Ca, self_signed

FOREIGN = Ca.root("Other Root").intermediate("Other Issuing").leaf("b2b.acme.example", san=["127.0.0.1"])


def test_both_certificates_are_pinned_and_the_new_one_is_what_is_in_use(gateway: Gateway, root: Path) -> None:
    """Also across a change of the CA: chains and anchors of both lie there."""
    switch(gateway, OLD)
    before = gateway.snapshot("acme-https")
    gateway.commit(gateway.stage("acme-https", overlap(material(FOREIGN), material(OLD))))
    current = gateway.current("acme-https")
    assert current is not None
    assert current.pins == (FOREIGN.sha256, OLD.sha256)
    assert gateway.snapshot("acme-https").certificate == FOREIGN.sha256
    assert json.loads((root / "acme-https/current/pins.json").read_text())["sha256"] == [FOREIGN.sha256, OLD.sha256]
    bundle = (root / "acme-https/current/pinned.pem").read_text()
    assert all(one.pem in bundle for holder in (OLD, FOREIGN) for one in (holder, *holder.above))
    switch(gateway, FOREIGN)
    assert gateway.trust("acme-https").pins == (FOREIGN.sha256,)
    gateway.restore("acme-https", before)
    assert gateway.trust("acme-https").pins == (OLD.sha256,)


def test_a_proof_holds_for_either_certificate_until_the_old_one_is_retired(gateway: Gateway, tmp_path: Path) -> None:
    """The partner flips when it likes."""
    gateway.commit(gateway.stage("acme-https", overlap(material(FOREIGN), material(OLD))))
    both = gateway.trust("acme-https")
    switch(gateway, FOREIGN)
    for holder, afterwards in ((FOREIGN, ProofVerdict.MATCHED), (OLD, ProofVerdict.OTHER_CERTIFICATE)):
        (tmp_path / holder.sha256).mkdir()
        context = server_context(tmp_path / holder.sha256, holder)
        with peer(answers(context, b"HTTP/1.1 204 No Content\r\n\r\n")) as endpoint:
            assert prove(endpoint, both, NOW).verdict is ProofVerdict.MATCHED
            assert prove(endpoint, gateway.trust("acme-https"), NOW).verdict is afterwards


def test_a_self_signed_pin_can_overlap_with_an_issued_one(gateway: Gateway) -> None:
    """A partner that moves to a CA: no anchor of the new one vouches for the old one, nor needs to."""
    pinned = self_signed("as2.acme.example")
    gateway.commit(gateway.stage("acme-https", overlap(material(NEW), material(pinned))))
    assert gateway.trust("acme-https").pins == (NEW.sha256, pinned.sha256)
    assert live(gateway) == NEW.sha256


def test_what_is_presented_cannot_overlap() -> None:
    """One handshake shows one certificate."""
    refused = refusal(lambda: overlap(material(NEW, Role.PRESENTS), material(OLD, Role.PRESENTS)))
    assert (refused.code, refused.data["reason"]) == ("bad_material", "overlap_presents")


def test_each_version_leads_to_the_key_that_fits_its_certificate(gateway: Gateway, root: Path) -> None:
    """A renewal with a new key: the gateway's people lay the new key beside the old one, under any name."""
    keys = root / "acme-https" / "keys"
    keys.mkdir(parents=True)
    (keys / "2025.key").write_text(OLD.key_pem)
    (keys / "2026.pem").write_text(NEW.key_pem)
    (keys / "notes.txt").write_text("no key")
    switch(gateway, OLD, Role.PRESENTS)
    before = gateway.snapshot("acme-https")
    switch(gateway, NEW, Role.PRESENTS)
    assert (root / "acme-https/current/private.key").resolve() == (keys / "2026.pem").resolve()
    gateway.restore("acme-https", before)
    assert (root / "acme-https/current/private.key").resolve() == (keys / "2025.key").resolve()


def test_a_key_that_moved_is_found_again_and_one_that_is_gone_stops_the_restore(gateway: Gateway, root: Path) -> None:
    """A certificate without its key would end the service at the next reload: what is live stays."""
    keys = root / "acme-https" / "keys"
    keys.mkdir(parents=True)
    (keys / "old.key").write_text(OLD.key_pem)
    (keys / "new.key").write_text(NEW.key_pem)
    switch(gateway, OLD, Role.PRESENTS)
    before = gateway.snapshot("acme-https")
    switch(gateway, NEW, Role.PRESENTS)
    (keys / "old.key").rename(keys / "archive.key")
    gateway.restore("acme-https", before)
    switch(gateway, NEW, Role.PRESENTS)
    (keys / "archive.key").write_text(NEW.key_pem)
    refused = refusal(lambda: gateway.restore("acme-https", before))
    assert (refused.code, refused.data["tried"]) == ("key_does_not_fit", "2")
    assert live(gateway) == NEW.sha256
