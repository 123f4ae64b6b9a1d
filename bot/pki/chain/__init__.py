"""The chain engine: paths from a certificate to a trust anchor, and the diagnosis where there is none."""

from bot.pki.chain.builder import DEFAULT_POLICY, build_chain
from bot.pki.chain.index import CaIndex
from bot.pki.chain.report import ChainReport, MissingIssuer, NearMiss, NearMissReason, SignedPath, Verdict
from bot.pki.chain.rules import PathPolicy
from bot.pki.chain.source import Candidates, IssuerSource
from bot.pki.limits import ChainLimits

__all__ = [
    "DEFAULT_POLICY",
    "CaIndex",
    "Candidates",
    "ChainLimits",
    "ChainReport",
    "IssuerSource",
    "MissingIssuer",
    "NearMiss",
    "NearMissReason",
    "PathPolicy",
    "SignedPath",
    "Verdict",
    "build_chain",
]
