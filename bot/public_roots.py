"""The well-known public roots: Mozilla's list, as certifi carries it. Beside `storage` because it reads a file.

They tell people what a missing or unapproved root is. None of them is trusted for that: only an approval makes an
anchor.
"""

import warnings
from functools import lru_cache

import certifi
from cryptography.utils import CryptographyDeprecationWarning

from bot.pki.chain import CaIndex
from bot.pki.parsing import read_upload


@lru_cache(maxsize=1)
def public_roots() -> CaIndex:
    """The roots as an index that nobody changes; read at the first call (117 certificates, 30 ms), then kept."""
    with warnings.catch_warnings():
        # The library warns of the odd serial numbers of old roots, which nobody here can do anything about.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        # Comments between the certificates may hold names in any script.
        roots = read_upload(certifi.contents().encode("ascii", "replace")).certificates
    return CaIndex(roots, {one.sha256 for one in roots})
