"""What the PKI room raises. Each subclass carries its data; sentences for people are written elsewhere."""

from __future__ import annotations


class PkiError(Exception):
    """Base of everything that `bot.pki` raises."""


class MalformedDer(PkiError):
    """Bytes that are not DER where DER must be (X.690): `reason` is a stable word, never a piece of the input."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TruncatedDer(MalformedDer):
    """A DER element that says it is longer than the bytes at hand; `missing` counts the bytes that lack."""

    def __init__(self, missing: int) -> None:
        super().__init__("truncated")
        self.missing = missing


class UnreadableCertificate(PkiError):
    """Bytes that no certificate can be read from; `reason` is a stable word, never a piece of the input."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
