"""Why an upload is refused as a whole. A refusal never carries a byte of the file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bot.pki.errors import PkiError


class Refusal(StrEnum):
    """The reasons, as stable words."""

    PRIVATE_KEY = "private_key"
    """A private key stands somewhere in it; it is to be treated as compromised."""

    CERTIFICATE_REQUEST = "certificate_request"
    """A request (PKCS#10): what the CA returned for it is wanted."""

    PKCS12 = "pkcs12"
    """A PKCS#12 (.p12, .pfx): its purpose is to carry a private key."""

    JAVA_KEY_STORE = "java_key_store"
    ENCRYPTED = "encrypted"
    HTML = "html"
    """A web page, as a portal gives it after the session has ended."""

    EMPTY = "empty"
    TRUNCATED = "truncated"
    """Cut off; `missing` says how many bytes lack, where the file says so itself."""

    TOO_LARGE = "too_large"
    PUBLIC_KEY = "public_key"
    TOO_MANY = "too_many"
    NO_CERTIFICATE = "no_certificate"
    """Nothing in it is a certificate."""


class Refused(PkiError):
    """An upload of which nothing may be stored. `data` holds numbers and stable words alone."""

    def __init__(self, reason: Refusal, data: Mapping[str, str | int] | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.data: Mapping[str, str | int] = dict(data or {})
