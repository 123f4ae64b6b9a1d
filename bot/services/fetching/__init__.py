"""Fetching a missing issuer from the address that a certificate names (AIA caIssuers, RFC 5280 section 4.2.2.1)."""

from bot.services.fetching.fetcher import FetchSettings, IssuerFetcher
from bot.services.fetching.refusal import FetchRefused
from bot.services.fetching.service import Fetching
from bot.services.fetching.standing import FetchFailure, FetchStanding

__all__ = ["FetchFailure", "FetchRefused", "FetchSettings", "FetchStanding", "Fetching", "IssuerFetcher"]
