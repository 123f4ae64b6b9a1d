"""Role presents: certificate and chain beside a private key that is already there."""

import sys
from pathlib import Path

from bot.gateways.base import Gateway, Role, Staged
from bot.gateways.probe import ProofVerdict, prove
from tests.gateways.peers import answers, peer, server_context
from tests.gateways.switching import NEW, OLD, live, material, refusal, switch
from tests.lab.builders import NOW, self_signed


def put_key(root: Path, text: str) -> Path:
    """What the gateway's own people do."""
    key = root / "acme-https" / "private.key"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_text(text)
    return key


def test_a_presented_certificate_is_served_with_the_key_beside_it(gateway: Gateway, root: Path, tmp_path: Path) -> None:
    """A TLS server loads fullchain.pem and private.key from the gateway's folder, and the proof holds against it."""
    key = put_key(root, NEW.key_pem)
    switch(gateway, NEW, Role.PRESENTS)
    folder = root / "acme-https" / "current"
    assert not (folder / "truststore.p12").exists()
    context = server_context(tmp_path, OLD)
    context.load_cert_chain(folder / "fullchain.pem", key)
    with peer(answers(context, b"HTTP/1.1 204 No Content\r\n\r\n")) as endpoint:
        seen = prove(endpoint, gateway.trust("acme-https"), NOW)
    assert (seen.verdict, seen.detail["sent_chain"]) == (ProofVerdict.MATCHED, "complete")


def test_no_key_a_foreign_key_and_an_unreadable_key_each_have_their_word(gateway: Gateway, root: Path) -> None:
    """RSA beside EC counts as foreign; an encrypted key must not make OpenSSL ask for a pass phrase."""

    def stage() -> Staged:
        return gateway.stage("acme-https", material(NEW, Role.PRESENTS))

    assert refusal(stage).code == "no_key"
    put_key(root, OLD.key_pem)
    assert refusal(stage).code == "key_does_not_fit"
    put_key(root, self_signed("rsa", key_kind="rsa").key_pem)
    assert refusal(stage).code == "key_does_not_fit"
    put_key(root, "no key at all\n")
    assert refusal(stage).code == "key_unreadable"
    put_key(root, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGjMF8=\n-----END ENCRYPTED PRIVATE KEY-----\n")
    assert refusal(stage).code == "key_unreadable"
    assert gateway.current("acme-https") is None
    assert [path.name for path in (root / "acme-https" / "versions").iterdir()] == []
    put_key(root, NEW.key_pem)
    stage()


def test_a_key_changed_after_the_staging_stops_the_commit(gateway: Gateway, root: Path) -> None:
    """Nothing that cannot be served goes live."""
    put_key(root, OLD.key_pem)
    switch(gateway, OLD, Role.PRESENTS)
    put_key(root, NEW.key_pem)
    staged = gateway.stage("acme-https", material(NEW, Role.PRESENTS))
    put_key(root, OLD.key_pem)
    assert refusal(lambda: gateway.commit(staged)).code == "key_does_not_fit"
    assert live(gateway) == OLD.sha256


def test_the_private_key_is_opened_by_openssl_alone(gateway: Gateway, root: Path) -> None:
    """No Python file object ever opens private.key: an audit hook sees every `open` of this process."""
    key = put_key(root, NEW.key_pem)
    opened: list[object] = []
    watching = [True]
    sys.addaudithook(lambda event, args: opened.append(args[0]) if watching[0] and event == "open" else None)
    try:
        switch(gateway, NEW, Role.PRESENTS)
    finally:
        watching[0] = False
    assert str(key) not in [str(path) for path in opened]
    assert any("fullchain.pem" in str(path) for path in opened)
