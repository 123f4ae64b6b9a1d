"""What the demo world hands out, read the way its users read it."""

import ssl
from collections.abc import Mapping, Sequence
from typing import cast

from bot.lab.world import LabWorld
from tests.loopback import HTTP


def rows(world: LabWorld, table: str) -> Sequence[Mapping[str, object]]:
    """One list of the starter."""
    return cast(Sequence[Mapping[str, object]], world.starter()[table])


def current(world: LabWorld, partner: str) -> bytes:
    """The DER of the partner's certificate in use."""
    pems = [str(row["pem"]) for row in rows(world, "certificates") if row["partner"] == partner]
    return ssl.PEM_cert_to_DER_cert(pems[0])


def ca_list(world: LabWorld) -> tuple[list[bytes], list[bytes]]:
    """Anchors and intermediates of the CA list, in DER."""
    found: tuple[list[bytes], list[bytes]] = ([], [])
    for row in rows(world, "ca_certificates"):
        found[0 if row["anchor"] else 1].append(ssl.PEM_cert_to_DER_cert(str(row["pem"])))
    return found


def sample(world: LabWorld, name: str) -> bytes:
    """A sample file, fetched as the page fetches it."""
    return HTTP.get(f"{world.panel_url}/files/{name}").raise_for_status().content
