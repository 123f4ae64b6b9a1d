"""From a chain report to what a gateway is given."""

from bot.gateways.base import Material, Role
from bot.pki.chain import ChainReport


def material_for(role: str, report: ChainReport) -> Material | None:
    """The certificate with its intermediates and its anchor; a self-signed one stands alone, as a pin.

    None where no approved anchor vouches for it. Whether everything is in date is not asked here: a gateway may have
    to be given back what it had.
    """
    certificate = report.certificate
    if certificate.self_signed:
        return Material(role=Role(role), certificate=certificate, chain=(), anchors=())
    if report.anchor is None:
        return None
    ends = {certificate.sha256, report.anchor.sha256}
    links = tuple(link for link in report.path if link.sha256 not in ends)
    return Material(role=Role(role), certificate=certificate, chain=links, anchors=(report.anchor,))
