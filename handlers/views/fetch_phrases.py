"""Why an issuer could not be fetched from its CA, in words; `handlers.views.sentences` fills in the facts."""

from collections.abc import Mapping

# Why an issuer was not fetched from the address in a certificate (bot.services.fetching.FetchRefused).
FETCH: Mapping[str, str] = {
    "bad_url": "{url} is no usable address.",
    "scheme": "{url} is not on the web: only http and https are asked.",
    "credentials": "The address holds a user name or a password, so it was not used.",
    "port": "{url} names the port {port}: only the web's own, 80 and 443, are asked.",
    "no_address": "The name {host} leads nowhere: it has no address.",
    "private_address": "{host} leads into a private network, so it was not asked.",
    "downgrade": "The server led from https to {url}, where anybody on the way could answer; that was not followed.",
    "too_many_redirects": "The server led on more than {limit} times, at last to {url}.",
    "unreachable": "{host} cannot be reached.",
    "tls": "{host} could not prove its name: its TLS certificate is not trusted, or there is none.",
    "too_slow": "{url} did not give its answer within {seconds} seconds.",
    "broken_answer": "{url} broke off, or gave no web answer.",
    "http_status": "{url} answered with the status {status} instead of the certificate.",
    "too_large": "{url} sent more than {limit} bytes, so it was cut off.",
    "not_a_certificate": "What came from {url} {what}; it was thrown away.",
    "wrong_issuer": "What came from {url} is {found}, which did not sign this certificate; it was thrown away.",
    "no_url": "The certificate gives no web address to fetch from.",
    "switched_off": "Fetching from CAs is switched off here.",
    "internal_error": "Something went wrong on our side. Try again, or bring the file.",
}

# What came instead of a certificate (bot.pki.parsing.Refusal), read after "What came from ...".
FETCHED: Mapping[str, str] = {
    "private_key": "holds a *private key*, which its owner should treat as compromised",
    "certificate_request": "is a certificate request",
    "pkcs12": "is a PKCS#12 container, which may hold a private key",
    "java_key_store": "is a Java key store, which may hold a private key",
    "encrypted": "is encrypted",
    "html": "is a web page",
    "empty": "is empty",
    "truncated": "breaks off in the middle",
    "too_large": "is too large",
    "public_key": "is a bare public key",
    "too_many": "holds too many certificates at once",
    "no_certificate": "holds no certificate",
}
