"""A files gateway on an empty folder, and a partner with a server."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.gateways.base import Gateway
from bot.gateways.registry import open_gateway
from tests.gateways.peers import server_context
from tests.gateways.site import OLD, Site, site
from tests.lab.builders import Ca, Issued


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The gateway's folder."""
    return tmp_path / "gateway"


@pytest.fixture
def gateway(root: Path) -> Gateway:
    """A files gateway without a reload command."""
    return open_gateway("files", {"root": root})


@pytest.fixture(scope="module")
def issuing() -> Ca:
    """Root -> issuing."""
    return Ca.root("Probe Root").intermediate("Probe Issuing")


@pytest.fixture(scope="module")
def leaf(issuing: Ca) -> Issued:
    """Root -> issuing -> leaf."""
    return issuing.leaf("b2b.acme.example", san=["127.0.0.1", "b2b.acme.example"])


@pytest.fixture
def context(tmp_path: Path, leaf: Issued) -> ssl.SSLContext:
    """A server that presents leaf and issuing."""
    return server_context(tmp_path, leaf)


@pytest.fixture(scope="module", params=["haproxy", "envoy"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The program, for all tests of a file."""
    with site(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def there(running: Site) -> Site:
    """The program with everything old."""
    running.reset()
    running.partner.presents(OLD)
    return running
