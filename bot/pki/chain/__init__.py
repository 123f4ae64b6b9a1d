"""The chain engine: paths from a certificate to a trust anchor, and the diagnosis where there is none."""

from bot.pki.chain.builder import build_chain
from bot.pki.chain.report import ChainReport, MissingIssuer, NearMiss, NearMissReason, Verdict
from bot.pki.chain.rules import PathPolicy
from bot.pki.chain.source import CaIndex, IssuerSource
from bot.pki.limits import ChainLimits

__all__ = [
    "CaIndex",
    "ChainLimits",
    "ChainReport",
    "IssuerSource",
    "MissingIssuer",
    "NearMiss",
    "NearMissReason",
    "PathPolicy",
    "Verdict",
    "build_chain",
]
