"""The partners' servers: real handshakes, the switch between old and new, restarts, bad clients."""

import json
import socket
import ssl
import stat
import threading
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.gateways.base import Role, TrustMaterial
from bot.gateways.endpoint import Endpoint
from bot.gateways.probe import ProofVerdict, look, prove
from bot.lab.errors import LabError
from bot.lab.serving import MAX_CONNECTIONS
from bot.lab.world import LabWorld
from tests.lab_world.conftest import NOW
from tests.lab_world.story import ca_list, current, sample

PARTNERS = ("acme", "globex", "initech")


def endpoint(world: LabWorld, partner: str) -> Endpoint:
    """Where the partner listens."""
    return Endpoint.parse(world.uri(partner))


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_server_presents_old_then_new_from_the_next_handshake_on(world: LabWorld, partner: str) -> None:
    """What is presented is what the starter calls current, and afterwards what the sample file holds."""
    assert look(endpoint(world, partner), NOW).presented[0] == current(world, partner)
    world.set_presented(partner, "new")
    names = {"acme": "acme-b2b-new.cer", "globex": "globex-as2-new.cer", "initech": "initech-edi-new.cer"}
    assert look(endpoint(world, partner), NOW).presented[0] == sample(world, names[partner])
    world.set_presented(partner, "old")
    assert look(endpoint(world, partner), NOW).presented[0] == current(world, partner)


def test_the_new_acme_chain_proves_itself_once_the_issuing_ca_is_known(world: LabWorld) -> None:
    """Root (anchor) -> policy CA -> issuing CA 4 (sample file) -> leaf; the server sends all but the root."""
    world.set_presented("acme", "new")
    leaf, issuing = sample(world, "acme-b2b-new.cer"), sample(world, "nordlicht-issuing-ca-4.cer")
    anchors, links = ca_list(world)
    pin = x509.load_der_x509_certificate(leaf).fingerprint(SHA256()).hex()
    trust = TrustMaterial(Role.ACCEPTS, (pin,), (issuing, *links), tuple(anchors))
    seen = prove(endpoint(world, "acme"), trust, NOW, request_headers={"X-Choreography": "OrderToCash"})
    assert (seen.verdict, seen.answer) == (ProofVerdict.MATCHED, "HTTP/1.1 200 OK")
    assert (seen.detail["sent"], seen.detail["sent_chain"], seen.name_matches) == ("3", "complete", True)


def test_the_issuing_ca_is_not_in_the_ca_list_and_the_rest_is(world: LabWorld) -> None:
    """The story hangs on this: two above the leaf are known, the one that signed it is not."""
    issuing = sample(world, "nordlicht-issuing-ca-4.cer")
    anchors, links = ca_list(world)
    assert issuing not in [*anchors, *links]
    policy = x509.load_der_x509_certificate(issuing).issuer
    assert policy in [x509.load_der_x509_certificate(link).subject for link in links]


def test_initech_is_expired_today_and_its_new_certificate_is_not(world: LabWorld) -> None:
    """Same CA, already in the list: the verdict changes with the switch alone."""
    anchors, links = ca_list(world)
    for which, verdict in (("old", ProofVerdict.EXPIRED), ("new", ProofVerdict.MATCHED)):
        world.set_presented("initech", which)
        pin = look(endpoint(world, "initech"), NOW).leaf or ""
        trust = TrustMaterial(Role.ACCEPTS, (pin,), tuple(links), tuple(anchors))
        assert prove(endpoint(world, "initech"), trust, NOW).verdict is verdict


def test_globex_is_its_own_trust_before_and_after(world: LabWorld) -> None:
    """Self-signed, with another key after the renewal."""
    keys = set()
    for which in ("old", "new"):
        world.set_presented("globex", which)
        seen = look(endpoint(world, "globex"), NOW)
        trust = TrustMaterial(Role.ACCEPTS, (seen.leaf or "",), (), ())
        assert prove(endpoint(world, "globex"), trust, NOW).verdict is ProofVerdict.MATCHED
        spki = x509.load_der_x509_certificate(seen.presented[0]).public_key()
        keys.add(spki.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert len(keys) == 2


def test_the_answer_names_partner_choreography_and_the_certificate_of_its_handshake(world: LabWorld) -> None:
    """So that a proof can be shown for each business process, also by who asks through a gateway."""
    said = ask(world, b"GET /b2b HTTP/1.1\r\nHost: x\r\nX-Choreography: OrderToCash\r\n\r\n")
    assert said == {"partner": "acme", "choreography": "OrderToCash", "presented": "old"}
    long = b"POST /b2b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nX-Choreography: " + b"<!>" * 900
    said = ask(world, long + b"\r\n\r\nabc")
    assert said["choreography"] == ("<!>" * 900)[:200]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_nothing_below_tls_1_2_is_spoken(world: LabWorld) -> None:
    """RFC 8996."""
    context = _trusting_context()
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(_address(world), 10) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw)


def started(folder: Path) -> LabWorld:
    """A world from the folder, some day."""
    world = LabWorld(folder, NOW + timedelta(days=30))
    world.open()
    world.start()
    return world


def test_a_restart_keeps_keys_ports_and_switches(folder: Path) -> None:
    """The URIs in the bot's store stay true, and so do the pins."""
    first = started(folder)
    first.set_presented("globex", "new")
    before = {partner: (first.uri(partner), look(endpoint(first, partner), NOW).leaf) for partner in PARTNERS}
    starter, panel = first.starter(), first.panel_url
    first.stop()
    again = started(folder)
    after = {partner: (again.uri(partner), look(endpoint(again, partner), NOW).leaf) for partner in PARTNERS}
    told = (again.starter(), again.panel_url)
    again.stop()
    assert after == before
    assert told == (starter, panel)


def test_a_port_taken_in_the_meantime_is_replaced_and_remembered(folder: Path) -> None:
    """The new URI is the one that the next starter tells."""
    first = started(folder)
    old = endpoint(first, "acme").port
    first.stop()
    with socket.create_server(("127.0.0.1", old)):
        again = started(folder)
        new = endpoint(again, "acme").port
        again.stop()
    assert new != old
    assert json.loads((folder / "world.json").read_text())["ports"]["acme"] == new


def test_a_first_start_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    """Half a set of keys is not taken for a world."""
    first = LabWorld(tmp_path / "world", NOW)
    first.open()
    (tmp_path / "world" / "keys" / "complete").unlink()
    started(tmp_path / "world").stop()
    assert (tmp_path / "world" / "keys" / "complete").is_file()


def test_every_key_is_for_its_owner_alone(world: LabWorld) -> None:
    """Files 0600, folders 0700."""
    for path in world.gateway_root.parent.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_bad_clients_do_not_wear_a_server_out(world: LabWorld) -> None:
    """More silent connections than there are threads; when they go, the server is there."""
    with ExitStack() as open_connections:
        for _ in range(MAX_CONNECTIONS + 10):
            open_connections.enter_context(socket.create_connection(_address(world), 10))
        noise = open_connections.enter_context(socket.create_connection(_address(world), 10))
        noise.sendall(b"GET / HTTP/1.0\r\n\r\n" + bytes(4096))
    answered = threading.Event()
    for _ in range(100):
        if look(endpoint(world, "acme"), NOW).verdict is ProofVerdict.SEEN:
            answered.set()
            break
    assert answered.is_set()


def test_what_is_not_there_is_a_named_error(tmp_path: Path, world: LabWorld) -> None:
    """Unknown partner, unknown value, not yet open, not yet started."""
    closed = LabWorld(tmp_path / "closed", NOW)
    for run, code in (
        (lambda: world.set_presented("umbrella", "new"), "unknown_partner"),
        (lambda: world.set_presented("acme", "newest"), "unknown_value"),
        (closed.start, "not_open"),
        (closed.starter, "not_open"),
        (lambda: closed.panel_url, "not_started"),
        (lambda: closed.uri("acme"), "not_started"),
    ):
        with pytest.raises(LabError) as refused:
            run()
        assert refused.value.code == code


def ask(world: LabWorld, request: bytes) -> dict[str, str]:
    """One request to ACME's server, the JSON of its answer."""
    with socket.create_connection(_address(world), 10) as raw, _trusting_context().wrap_socket(raw) as tls:
        tls.sendall(request)
        answer = b""
        while data := tls.recv(4096):
            answer += data
    said: dict[str, str] = json.loads(answer.partition(b"\r\n\r\n")[2])
    return said


def _address(world: LabWorld) -> tuple[str, int]:
    return "127.0.0.1", endpoint(world, "acme").port


def _trusting_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
