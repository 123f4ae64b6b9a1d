"""What the bot's store starts with, as one plain document (see `bot.starter` for its shape)."""

from collections.abc import Mapping

from bot.lab import cast
from bot.lab.certificates import CA_LIST, Cabinet


def stock(cabinet: Cabinet, uris: Mapping[str, str], gateway: str) -> dict[str, object]:
    """Partners, CA list, certificates in use, connections and choreographies; `uris` by partner key."""
    names = {one.key: _display_name(cabinet, one) for one in cast.PARTNERS}
    return {
        "partners": [
            {"key": one.key, "name": one.name, "slack_team_id": one.team_id, "channels": [one.channel]}
            for one in cast.PARTNERS
        ],
        "ca_certificates": [{"pem": cabinet[name].pem, "anchor": anchor} for name, anchor in CA_LIST],
        "certificates": [
            {"partner": one.key, "display_name": names[one.key], "pem": cabinet[f"{one.key}-old"].pem}
            for one in cast.PARTNERS
        ],
        "connections": [
            {
                "partner": one.key,
                "name": one.connection,
                "role": "accepts",
                "uri": uris[one.key],
                "gateway": gateway,
                "certificate": names[one.key],
            }
            for one in cast.PARTNERS
        ],
        "choreographies": [
            {
                "name": one.name,
                "description": one.description,
                "participants": [{"partner": part.key, "connection": part.connection} for part in one.partners],
            }
            for one in cast.CHOREOGRAPHIES
        ],
    }


def _display_name(cabinet: Cabinet, partner: cast.Partner) -> str:
    issued = cabinet[f"{partner.key}-old"].certificate.not_valid_before_utc
    return f"{partner.list_name} {issued:%Y-%m-%d}"
