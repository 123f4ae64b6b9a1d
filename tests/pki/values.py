"""From the builders' certificates to the core's values."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pki.certificate import Certificate
from bot.pki.chain import CaIndex, ChainReport, build_chain
from tests.lab.builders import NOW, Issued


def value(issued: Issued) -> Certificate:
    """The core's view of a certificate."""
    return Certificate.from_der(issued.der)


def index(*links: Issued, anchors: Sequence[Issued] = ()) -> CaIndex:
    """A CA list of these links and anchors."""
    return CaIndex([value(one) for one in (*links, *anchors)], {one.sha256 for one in anchors})


def chain(issued: Issued, *links: Issued, anchors: Sequence[Issued] = (), extra: Sequence[Issued] = ()) -> ChainReport:
    """The report for a certificate against such a list, at `NOW`."""
    return build_chain(value(issued), index(*links, anchors=anchors), NOW, extra=[value(one) for one in extra])


def names(report: ChainReport) -> list[str | None]:
    """The common names along the path."""
    return [one.subject.common_name for one in report.path]
