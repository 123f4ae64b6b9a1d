"""Countersign: looks after the certificates of a company's B2B partners, where people already talk."""

from importlib.metadata import version

__version__ = version("countersign")
