"""Limits on what comes from outside, each with the reason for its value. Sizes in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UPLOAD_BYTES: Final = 1_000_000
"""One upload. The largest real partner bundle is far smaller; lists of thousands of CAs are an admin's import."""

INFLATED_BYTES: Final = 4 * UPLOAD_BYTES
"""All that gzip and ZIP layers of one upload may unfold to: PEM shrinks to a quarter at best."""

ARCHIVE_MEMBERS: Final = 50
"""Files in one ZIP; partners send three or four."""

LAYERS: Final = 2
"""How deep archives are opened: a gzip or ZIP inside a ZIP occurs, deeper nesting is an attack."""

CERTIFICATES_PER_UPLOAD: Final = 200
"""certifi, the largest list that a person drops by hand, holds about 120."""

BLOCKS_PER_UPLOAD: Final = 1_000
"""PEM blocks looked at in one upload, good or bad."""

CERTIFICATE_BYTES: Final = 64_000
"""One certificate; the slowest input of 6.6 million fuzzed ones was a 19.5 kB certificate, 39 ms."""

NAMES_PER_CERTIFICATE: Final = 1_000
"""Alternative names, or attributes of a DN; nobody can read more."""

EXTENSIONS_PER_CERTIFICATE: Final = 100
"""30,000 extensions cost 36 ms and mean nothing; real certificates have at most 20."""

NAME_COMPARISONS: Final = 100_000
"""Names against name constraints in one search: 60 ms. A leaf with 1,000 names under a CA with 50 subtrees needs half.

rustls-webpki allows 250,000, cryptography a million, in faster languages; more is an attack.
"""

DN_SHOWN: Final = 300
"""Characters of a distinguished name that are shown; a Slack section holds 3,000."""


@dataclass(frozen=True)
class ChainLimits:
    """What one path search may cost. An exhausted budget is a verdict of its own, never "missing issuer"."""

    depth: int = 10
    """Intermediates in a path, self-issued ones not counted; real paths have at most 4."""

    signatures: int = 100
    """Fresh signature checks, as in Go's crypto/x509 and rustls-webpki; one with a slow key counts as several."""

    steps: int = 5_000
    """Certificates looked at; bounds a mesh of cross-signed CAs where every signature is good."""

    mismatches: int = 20
    """Namesakes with another key id that are tried all the same: the key id is a hint (RFC 5280 section 4.2.1.1)."""

    dead_mismatches: int = 4
    """The same for those that lead to no anchor: they only improve the diagnosis, which is to take 0.2 ms."""

    dead_ends: int = 3
    """Certificates of one issuer whose own absent issuers are named one by one; of more, nobody would chase each."""

    paths: int = 8
    """Complete paths that are told; 1,035 of 7,202 real certificates have two or more valid issuer certificates."""

    more_signatures: int = 20
    more_steps: int = 200
    """What the paths after the first one may cost: they are worth knowing, not worth waiting for."""

    missing: int = 20
    """Missing issuers that are named; any one of them may complete the chain."""

    near_misses: int = 10
    """Refused candidates that are named for each missing issuer."""
