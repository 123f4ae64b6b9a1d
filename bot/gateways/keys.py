"""Which of the private keys on the gateway belongs to a certificate. Keys are put there by the gateway's own people.

    root/<connection>/private.key            one key for all versions, or
    root/<connection>/keys/<any name>.key    one for each; a renewal with a new key is a new file beside the old one

A version leads to its key by a symbolic link, so that certificate and key go live in one rename.
"""

from collections.abc import Iterator
from pathlib import Path

from bot.gateways.disk import point
from bot.gateways.errors import GatewayRefused
from bot.gateways.key_fit import check_key

PRIVATE_KEY = "private.key"
KEYS = "keys"
# HAProxy looks for the key of fullchain.pem under this name (its manual, ssl-load-extra-files).
KEY_FOR_HAPROXY = "fullchain.pem.key"

# A key a month for four years; each is tried with OpenSSL, which takes about a millisecond.
MAX_KEYS = 50


def link_key(folder: Path, version: Path, fullchain: Path) -> None:
    """Make the version lead to the key in the connection's folder that fits; nothing is done when it does already.

    Raises:
        GatewayRefused: `no_key`; `key_does_not_fit` (data: how many were tried); `key_unreadable`; `bad_material`.
        OSError: the links cannot be written.
    """
    link = version / PRIVATE_KEY
    if not (link.is_symlink() and _fits(link, fullchain)):
        target = _fitting(folder, fullchain)
        point(link, str(Path("../..") / target.relative_to(folder)))
    if not (version / KEY_FOR_HAPROXY).is_symlink():
        point(version / KEY_FOR_HAPROXY, PRIVATE_KEY)


def _fitting(folder: Path, fullchain: Path) -> Path:
    refused: list[GatewayRefused] = []
    for key in _candidates(folder):
        try:
            check_key(key, fullchain)
        except GatewayRefused as error:
            refused.append(error)
        else:
            return key
    if not refused:
        raise GatewayRefused("no_key", {"file": PRIVATE_KEY})
    foreign = [error for error in refused if error.code == "key_does_not_fit"]
    if not foreign or len(refused) == 1:
        raise refused[0]
    raise GatewayRefused("key_does_not_fit", {**foreign[0].data, "tried": str(len(refused))})


def _candidates(folder: Path) -> Iterator[Path]:
    if (folder / PRIVATE_KEY).is_file():
        yield folder / PRIVATE_KEY
    named = (path for path in (folder / KEYS).glob("*") if path.suffix in {".key", ".pem"} and path.is_file())
    yield from sorted(named)[:MAX_KEYS]


def _fits(key: Path, fullchain: Path) -> bool:
    try:
        check_key(key, fullchain)
    except GatewayRefused:
        return False
    return True
