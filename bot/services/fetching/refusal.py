"""Why an issuer was not fetched, as data."""

from bot.services.errors import ServiceError


class FetchRefused(ServiceError):
    """What a certificate's address led to was not taken; nothing of it was stored. `reason` is a stable code.

    About the address: `bad_url`, `scheme` (data: scheme), `credentials`, `port` (port), `no_address` (host),
    `private_address` (host), `downgrade` (host), `too_many_redirects` (limit).
    About the server: `unreachable`, `tls`, `too_slow` (seconds), `broken_answer`, `http_status` (status),
    `too_large` (limit, in bytes).
    About what came: `not_a_certificate` (why: a `bot.pki.parsing.Refusal`), `wrong_issuer` (found: a name).
    About us: `no_url`, `switched_off`, `internal_error`.
    Wherever an address was tried, `url` holds it. An address that a name resolved to is never told: that would answer
    questions about our own network.
    """

    code = "fetch_refused"

    def __init__(self, reason: str, **data: object) -> None:
        super().__init__(reason=reason, **data)
        self.reason = reason
