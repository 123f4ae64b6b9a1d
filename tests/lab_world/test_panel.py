"""The panel over HTTP, and the dictionaries that start the local Slack and the bot's store."""

import json
import shutil
import subprocess
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs7, pkcs12

from bot.gateways.base import checked_name
from bot.gateways.endpoint import Endpoint
from bot.gateways.probe import look
from bot.lab.world import LabWorld
from tests.lab_world.conftest import NOW
from tests.lab_world.story import current, rows, sample
from tests.loopback import HTTP


def panel(world: LabWorld) -> dict[str, Any]:
    """The panel as the page gets it."""
    shown: dict[str, Any] = HTTP.get(world.panel_url).raise_for_status().json()
    return shown


def turn(world: LabWorld, switch: object, value: object) -> httpx.Response:
    """Press a switch."""
    return HTTP.post(f"{world.panel_url}/switch", json={"id": switch, "value": value})


def test_the_panel_has_a_section_a_partner_and_one_of_bad_files(world: LabWorld) -> None:
    """Every file has a label and a note for people, and a URL below the panel's own."""
    shown = panel(world)
    assert [section["title"] for section in shown["sections"]] == ["ACME Components", "Globex", "Initech", "Bad files"]
    files = [file for section in shown["sections"] for file in section["files"]]
    for file in files:
        assert set(file) == {"name", "label", "note", "url"}
        assert file["url"] == f"{world.panel_url}/files/{file['name']}"
        assert all(file.values())
    assert len({file["name"] for file in files}) == len(files) == 20


def test_every_offered_file_can_be_fetched_as_a_download(world: LabWorld) -> None:
    """Never shown by a browser, not even the web page among them."""
    for section in panel(world)["sections"]:
        for file in section["files"]:
            answer = HTTP.get(file["url"])
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert file["name"] in answer.headers["content-disposition"]


def test_a_switch_on_the_panel_changes_the_next_handshake(world: LabWorld) -> None:
    """Pressed in the page, seen by the probe, shown by the panel."""
    switch = panel(world)["sections"][0]["switches"][0]
    assert (switch["value"], [option["value"] for option in switch["options"]]) == ("old", ["old", "new"])
    assert turn(world, switch["id"], "new").json() == {"ok": True}
    assert look(Endpoint.parse(world.uri("acme")), NOW).presented[0] == sample(world, "acme-b2b-new.cer")
    assert panel(world)["sections"][0]["switches"][0]["value"] == "new"


@pytest.mark.parametrize(
    ("switch", "value"),
    [("presents-umbrella", "new"), ("acme", "new"), ("presents-acme", "newest"), ("presents-acme", None), (7, "new")],
)
def test_a_switch_that_is_not_there_is_refused(world: LabWorld, switch: object, value: object) -> None:
    """And changes nothing."""
    answer = turn(world, switch, value)
    assert (answer.status_code, answer.json()["ok"]) == (400, False)
    assert look(Endpoint.parse(world.uri("acme")), NOW).presented[0] == current(world, "acme")


def test_a_foreign_page_can_neither_read_nor_switch(world: LabWorld) -> None:
    """Another Host (DNS rebinding), another Origin, or a form's content type."""
    url = world.panel_url
    wish = json.dumps({"id": "presents-acme", "value": "new"})
    as_json = {"Content-Type": "application/json"}
    assert HTTP.get(url, headers={"Host": "evil.example"}).status_code == 403
    assert (
        HTTP.post(f"{url}/switch", content=wish, headers={**as_json, "Origin": "http://evil.example"}).status_code
        == 403
    )
    assert HTTP.post(f"{url}/switch", content=wish, headers={"Content-Type": "text/plain"}).status_code == 400
    assert HTTP.post(f"{url}/switch", content=wish + " " * 5000, headers=as_json).status_code == 400
    assert HTTP.post(f"{url}/switch", content="[" * 4000, headers=as_json).status_code == 400
    assert world.presented("acme") == "old"


@pytest.mark.parametrize("path", ["/files/../keys/acme-old.key", "/files/%2e%2e%2fworld.json", "/files/", "/nothing"])
def test_only_what_is_offered_is_served(world: LabWorld, path: str) -> None:
    """Files are looked up in a table, not on the disk."""
    host, _, port = world.panel_url.removeprefix("http://").partition(":")
    request = HTTP.build_request("GET", world.panel_url)
    request.url = httpx.URL(scheme="http", host=host, port=int(port), raw_path=path.encode())
    assert HTTP.send(request).status_code == 404


def test_the_sample_files_are_what_they_say(world: LabWorld) -> None:
    """Read by a library that knows nothing of the lab."""
    der, pem = sample(world, "acme-b2b-new.cer"), sample(world, "acme-b2b-new.pem")
    leaf = x509.load_der_x509_certificate(der)
    assert x509.load_pem_x509_certificate(pem) == leaf
    assert x509.load_der_x509_certificate(sample(world, "nordlicht-issuing-ca-4.cer")).subject == leaf.issuer
    assert len(pkcs7.load_der_pkcs7_certificates(sample(world, "acme-b2b-full.p7b"))) == 4
    load_pem_private_key(sample(world, "b2b-private-key.pem"), None)
    assert pkcs12.load_pkcs12(sample(world, "b2b-export.p12"), b"changeit").key is not None
    assert x509.load_pem_x509_csr(sample(world, "b2b-request.csr")).is_signature_valid
    assert sample(world, "b2b-certificate.cer").startswith(b"<!DOCTYPE html>")
    assert not sample(world, "b2b-empty.cer").strip()
    assert len(sample(world, "b2b-noise.der")) == 5 * 1024 * 1024
    for broken in (sample(world, "b2b-truncated.cer"), sample(world, "b2b-noise.der")):
        with pytest.raises(ValueError, match="parsing"):
            x509.load_der_x509_certificate(broken)
    blocks = sample(world, "b2b-bundle-broken.pem").split(b"-----END CERTIFICATE-----\n")[:-1]
    readable = [_reads(block + b"-----END CERTIFICATE-----\n") for block in blocks]
    assert readable == [True, False, True]


def test_no_bad_file_holds_a_key_that_is_in_use(world: LabWorld) -> None:
    """The key that people are shown leaking is nobody's."""
    stray = load_pem_private_key(sample(world, "b2b-private-key.pem"), None).public_key()
    used = [x509.load_pem_x509_certificate(str(row["pem"]).encode()).public_key()
            for table in ("certificates", "ca_certificates") for row in rows(world, table)]  # fmt: skip
    assert stray not in used


def test_the_starter_fits_together(world: LabWorld) -> None:
    """Every reference leads somewhere; some choreographies are shared between partners."""
    partners = {str(row["key"]) for row in rows(world, "partners")}
    names = {(row["partner"], row["display_name"]) for row in rows(world, "certificates")}
    connections = {(str(row["partner"]), str(row["name"])) for row in rows(world, "connections")}
    assert partners == {"acme", "globex", "initech"}
    for row in rows(world, "connections"):
        assert (row["partner"], row["certificate"]) in names
        assert checked_name(str(row["name"]))
        assert Endpoint.parse(str(row["uri"])).path == "/b2b"
    used: dict[str, int] = dict.fromkeys(partners, 0)
    choreographies: list[dict[str, Any]] = [dict(row) for row in rows(world, "choreographies")]
    for row in choreographies:
        for participant in row["participants"]:
            assert (participant["partner"], participant["connection"]) in connections
            used[participant["partner"]] += 1
    assert set(used.values()) <= {2, 3}
    assert any(len(row["participants"]) > 1 for row in choreographies)
    assert json.loads(json.dumps(world.starter())) == world.starter()


def test_the_slack_seed_fits_together_with_the_starter(world: LabWorld) -> None:
    """Members are users or the bot, shared channels name teams, and each partner's channel exists."""
    seed: dict[str, Any] = world.slack_seed()
    teams = {seed["team"]["id"], *(team["id"] for team in seed["partner_teams"])}
    users = {user["id"]: user["team_id"] for user in seed["users"]}
    bot = seed["app"]["bot_user"]
    channels = {channel["id"]: channel for channel in seed["channels"]}
    assert set(users.values()) == teams
    for channel in channels.values():
        assert bot in channel["members"]
        foreign = {users[member] for member in channel["members"] if member != bot} - {seed["team"]["id"]}
        assert foreign == set(channel["shared_with"])
    for row in rows(world, "partners"):
        for channel_id in row["channels"]:  # type: ignore[attr-defined]
            assert channels[channel_id]["shared_with"] == ([row["slack_team_id"]] if row["slack_team_id"] else [])
    assert json.loads(json.dumps(seed)) == seed


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is the outside witness here")
def test_openssl_agrees_that_the_known_chains_hold(world: LabWorld, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An outside witness over the starter's own material: ACME's certificate in use at the story's time."""
    folder = tmp_path_factory.mktemp("openssl")
    lists = {True: "", False: ""}
    for row in rows(world, "ca_certificates"):
        lists[bool(row["anchor"])] += str(row["pem"])
    leaf = next(str(row["pem"]) for row in rows(world, "certificates") if row["partner"] == "acme")
    for name, text in (("roots.pem", lists[True]), ("links.pem", lists[False]), ("leaf.pem", leaf)):
        (folder / name).write_text(text)
    at = str(int(NOW.timestamp()))
    said = subprocess.run(
        ["openssl", "verify", "-attime", at, "-CAfile", "roots.pem", "-untrusted", "links.pem", "leaf.pem"],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.stdout.strip() == "leaf.pem: OK"


def _reads(block: bytes) -> bool:
    try:
        x509.load_pem_x509_certificate(block)
    except ValueError:
        return False
    return True
