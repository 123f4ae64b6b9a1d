"""The shared conformance suites: where they are, and how a case of theirs is put to the chain engine."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, ChainLimits, ChainReport, PathPolicy, Verdict, build_chain
from bot.pki.checks import answers_for
from bot.pki.errors import UnreadableCertificate
from bot.pki.public_web import opinion_of

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "conformance"
DIVERGENCES = Path(__file__).parent / "divergences"
ANY_MOMENT = datetime(2025, 1, 1, tzinfo=UTC)
"""What the suite's README proposes where a case names no moment."""


@dataclass(frozen=True)
class Case:
    """One case of a suite in the limbo format."""

    id: str
    raw: dict[str, Any]

    @property
    def valid(self) -> bool:
        """Whether the suite expects a path."""
        return bool(self.raw["expected_result"] == "SUCCESS")

    @property
    def moment(self) -> datetime:
        """When the case is to be judged."""
        given = self.raw["validation_time"]
        return datetime.fromisoformat(given) if given else ANY_MOMENT

    @property
    def purpose(self) -> str:
        """The extended key usage that a server or a client is asked for."""
        return "serverAuth" if self.raw["validation_kind"] == "SERVER" else "clientAuth"

    @property
    def host(self) -> str | None:
        """The name that a server must have, where the case names one."""
        name = self.raw["expected_peer_name"]
        return str(name["value"]) if name and name["kind"] in {"DNS", "IP"} else None


def load(name: str) -> Any:
    """A JSON file of the shared folder; the test module is skipped, and says so, where the folder is absent."""
    file = FOLDER / name
    if not file.exists():
        pytest.skip(f"the shared conformance data is not beside this checkout: {name}", allow_module_level=True)
    return json.loads(file.read_text())


def cases(name: str) -> list[Case]:
    """The cases of a suite that need no revocation lists."""
    return [Case(raw["id"], raw) for raw in load(name)["testcases"] if not raw["crls"]]


@lru_cache
def divergences(suite: str) -> dict[str, str]:
    """Case ids of a suite with the reason why we knowingly decide otherwise."""
    groups: dict[str, list[str]] = json.loads((DIVERGENCES / f"{suite}.json").read_text())
    return {case: reason for reason, ids in groups.items() for case in ids}


def certificate(pem: str) -> Certificate:
    """One certificate of a suite."""
    return Certificate.from_der(ssl.PEM_cert_to_DER_cert(pem.strip() + "\n"))


def report(case: Case, policy: PathPolicy | None = None) -> ChainReport:
    """Put a case to the engine, for the case's own purpose; raises `UnreadableCertificate` where one is none."""
    anchors = [certificate(pem) for pem in case.raw["trusted_certs"]]
    links = [certificate(pem) for pem in case.raw["untrusted_intermediates"]]
    source = CaIndex(anchors, {one.sha256 for one in anchors})
    depth = case.raw["max_chain_depth"]
    limits = ChainLimits() if depth is None else ChainLimits(depth=depth)
    leaf = certificate(case.raw["peer_certificate"])
    return build_chain(leaf, source, case.moment, extra=links, limits=limits, policy=policy or PathPolicy(case.purpose))


def accepted(case: Case, policy: PathPolicy | None = None) -> bool:
    """Whether the product would call the case good: a complete path, and the host covered where one is asked for."""
    try:
        found = report(case, policy)
    except UnreadableCertificate:
        return False
    if found.verdict is not Verdict.COMPLETE:
        return False
    return case.host is None or answers_for(found.certificate, case.host)


def accepted_by_its_own_rules(case: Case) -> bool:
    """The same by the rules that the case is about, which the suite writes in front of its id.

    `rfc5280` cases are put to the strict policy, `webpki` cases to the second opinion as well: one and the same chain
    (a CA certificate as end entity) is expected to pass by the one and to fail by the other. All others are put to the
    product's own policy.
    """
    rules = case.id.partition("::")[0]
    if not accepted(case, PathPolicy(case.purpose, strict=rules == "rfc5280")):
        return False
    opinion = opinion_of(report(case), case.moment) if rules == "webpki" else None
    return opinion is None or opinion.accepted
