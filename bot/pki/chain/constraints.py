"""Name constraints: what a CA may name below it (RFC 5280 sections 4.2.1.10 and 6.1.4 (g))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from bot.pki.certificate import Certificate
from bot.pki.errors import PkiError
from bot.pki.extensions import NameConstraints, Subtree
from bot.pki.limits import NAME_COMPARISONS
from bot.pki.names import Name

_EMAIL_ATTRIBUTE: Final = "1.2.840.113549.1.9.1"
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_URI_HOST: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:\[\]]+)(?::\d*)?(?:[/?#].*)?", re.IGNORECASE)


_LONGEST_HOST: Final = 253
"""Characters of a host name (RFC 1035 section 2.3.4)."""

HOSTS_KEPT: Final = 4_096
"""Host names kept in labels: the same few hundred are compared with each other over and over."""


class ConstraintError(PkiError):
    """A constraint or a name that cannot be processed, so that the path must be refused (RFC 5280 section 4.2.1.10)."""


@dataclass
class Comparisons:
    """How many names may still be held against subtrees in one search, and what is known already.

    Whether a certificate keeps an issuer's constraints does not depend on the path between them, so each pair is
    looked at once, however many paths a mesh of cross-signed CAs has.
    """

    left: int = NAME_COMPARISONS
    exhausted: bool = False
    _known: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def violation(self, issuer: Certificate, below: Sequence[Certificate]) -> str | None:
        """The first name below the CA that it may not give, as text; None when all are allowed.

        `below` starts with the end entity. Self-issued intermediates are free (RFC 5280 section 6.1.3 (b)). When the
        comparisons are used up, the answer is "too many names" and `exhausted` is set.
        """
        if issuer.name_constraints is None:
            return None
        for place, certificate in enumerate(below):
            if place and certificate.self_issued:
                continue
            pair = (issuer.sha256, certificate.sha256)
            if pair not in self._known:
                self._known[pair] = self._compared(issuer.name_constraints, certificate)
            if self._known[pair] is not None:
                return self._known[pair]
        return None

    def _compared(self, constraints: NameConstraints, certificate: Certificate) -> str | None:
        if certificate.subject.rdns is None:
            return f"dirName:{certificate.subject.rfc4514}"
        for name in _names(certificate):
            permitted = [one.base for one in constraints.permitted if one.kind == name.kind]
            excluded = [one.base for one in constraints.excluded if one.kind == name.kind]
            self.left -= len(constraints.permitted) + len(constraints.excluded)
            if self.left < 0:
                self.exhausted = True
                return "too many names"
            if (permitted or excluded) and not _allowed(name, permitted, excluded):
                return f"{name.kind}:{_shown(name)}"
        return None


def _names(certificate: Certificate) -> Iterable[Subtree]:
    if not certificate.subject.empty:
        yield Subtree("dirName", certificate.subject.der)
    yield from certificate.names
    if not certificate.names:
        # Old certificates keep the mail address in the subject; it counts as one (RFC 5280 section 4.2.1.10).
        for rdn in certificate.subject.rdns or ():
            for attribute in rdn:
                if attribute.oid == _EMAIL_ATTRIBUTE and attribute.text is not None:
                    yield Subtree("email", attribute.text.encode("utf-8"))


def _allowed(name: Subtree, permitted: Sequence[bytes], excluded: Sequence[bytes]) -> bool:
    within = _MATCHERS.get(name.kind)
    if within is None:
        return False  # a constrained kind of name that we cannot compare
    try:
        # Every base is read, so that a malformed one is never passed over because another matched first.
        hits = [within(name.base, base, True) for base in excluded]
        fits = [within(name.base, base, False) for base in permitted]
    except ConstraintError:
        return False
    return not any(hits) and (not permitted or any(fits))


def _shown(name: Subtree) -> str:
    if name.kind == "dirName":
        return Name(name.base).rfc4514
    return name.base.hex() if name.kind == "IP" else name.base.decode("ascii", "replace")


def _host(text: bytes) -> list[str]:
    """The labels of a host name; raises `ConstraintError` where it is none."""
    return _kept_host(text) if len(text) <= _LONGEST_HOST else _read_host(text)


def _read_host(text: bytes) -> list[str]:
    labels = text.decode("ascii", "replace").lower().split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ConstraintError
    return labels


_kept_host: Final = lru_cache(maxsize=HOSTS_KEPT)(_read_host)


def _dns(name: bytes, base: bytes, excluding: bool) -> bool:
    """The base itself and every name made by adding labels on the left."""
    wanted = _host(base) if base else []
    wildcard = name.startswith(b"*.")
    labels = _host(name[2:] if wildcard else name)
    if wildcard and excluding and len(wanted) > len(labels):
        # A wildcard that could stand for an excluded host is excluded (CVE-2025-61727).
        return wanted[-len(labels) :] == labels
    return not wanted or labels[-len(wanted) :] == wanted


def _email(name: bytes, base: bytes, _: bool) -> bool:
    """A mailbox, all mailboxes of a host, or those of the hosts below a domain."""
    local, at, host = name.decode("utf-8", "replace").rpartition("@")
    if not at or not local or "@" in local:
        raise ConstraintError
    labels = _host(host.encode("utf-8"))
    rule_local, rule_at, rule_host = base.decode("utf-8", "replace").rpartition("@")
    if rule_at:
        return bool(rule_local) and local == rule_local and labels == _host(rule_host.encode("utf-8"))
    if rule_host.startswith("."):
        wanted = _host(rule_host[1:].encode("utf-8"))
        return len(labels) > len(wanted) and labels[-len(wanted) :] == wanted
    return labels == _host(rule_host.encode("utf-8"))


def _uri(name: bytes, base: bytes, _: bool) -> bool:
    """By host: one host, or all below a domain that is written with a leading period."""
    found = _URI_HOST.fullmatch(name.decode("ascii", "replace"))
    if found is None:
        raise ConstraintError
    labels = _host(found[1].encode("ascii", "replace"))
    if base.startswith(b"."):
        wanted = _host(base[1:])
        return len(labels) > len(wanted) and labels[-len(wanted) :] == wanted
    return labels == _host(base)


def _ip(name: bytes, base: bytes, _: bool) -> bool:
    """An address range: address and mask, 8 or 32 octets."""
    if len(base) not in {8, 32}:
        raise ConstraintError
    half = len(base) // 2
    mask = int.from_bytes(base[half:], "big")
    ones = bin(mask)[2:].zfill(half * 8)
    if "01" in ones:
        raise ConstraintError
    if len(name) != half:
        return False
    return int.from_bytes(name, "big") & mask == int.from_bytes(base[:half], "big") & mask


def _directory(name: bytes, base: bytes, _: bool) -> bool:
    """The base and every name below it: its relative names come first."""
    wanted = Name(base).canonical_rdns
    return Name(name).canonical_rdns[: len(wanted)] == wanted


_MATCHERS: Final = {"DNS": _dns, "email": _email, "URI": _uri, "IP": _ip, "dirName": _directory}
