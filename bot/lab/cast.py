"""Who plays: the home team, its partners, their people, channels and business processes. Data only."""

from dataclasses import dataclass

from bot.manifest import manifest

HOME_TEAM = {"id": "T0NORDWIND", "name": "Nordwind Trading", "domain": "nordwind-trading"}
BOT_USER = "UBOTCS"


@dataclass(frozen=True)
class Partner:
    """A collaboration partner as the demo tells its story."""

    key: str
    name: str
    team: dict[str, str] | None  # its own Slack team, where it has one
    channel: str
    connection: str  # slug
    list_name: str  # what its certificates are called; the issue date is appended
    host: str | None  # of its server, as its certificates have it; an AS2 certificate names none

    @property
    def team_id(self) -> str | None:
        """The id of its Slack team."""
        return self.team["id"] if self.team else None


ACME = Partner(
    "acme",
    "ACME Components",
    {"id": "T0ACME", "name": "ACME Components", "domain": "acme-components"},
    "C0ACMEB2B",
    "acme-https",
    "acme-b2b",
    "b2b.acme-components.example",
)
GLOBEX = Partner("globex", "Globex", None, "C0GLOBEXAS2", "globex-as2", "globex-as2", None)
INITECH = Partner(
    "initech",
    "Initech",
    {"id": "T0INITECH", "name": "Initech", "domain": "initech"},
    "C0INITECHEDI",
    "initech-https",
    "initech-edi",
    "edi.initech.example",
)
PARTNERS = (ACME, GLOBEX, INITECH)


@dataclass(frozen=True)
class Choreography:
    """A business process and the partners that take part in it."""

    name: str
    description: str
    partners: tuple[Partner, ...]


CHOREOGRAPHIES = (
    Choreography("OrderToCash", "Purchase orders in, order responses and invoices out", (ACME, INITECH)),
    Choreography("AdvanceShipNotice", "Dispatch advice before the truck leaves", (ACME, GLOBEX)),
    Choreography("ProcureToPay", "Our orders, their confirmations and invoices", (ACME, GLOBEX)),
    Choreography("Invoicing", "Invoices and credit notes", (GLOBEX, INITECH)),
    Choreography("StockReport", "Nightly inventory levels", (INITECH,)),
)

_BERLIN = "Europe/Berlin"

USERS: tuple[dict[str, object], ...] = (
    {"id": "UOLIVIA", "name": "olivia", "real_name": "Olivia Berg", "title": "B2B operations",
     "team_id": HOME_TEAM["id"], "tz": _BERLIN},
    {"id": "UADAM", "name": "adam", "real_name": "Adam Novak", "title": "Integration lead, approves switches",
     "team_id": HOME_TEAM["id"], "tz": _BERLIN},
    {"id": "UTESS", "name": "tess", "real_name": "Tess Iyer", "title": "Security, trust admin",
     "team_id": HOME_TEAM["id"], "tz": "Europe/London"},
    {"id": "UPAULA", "name": "paula", "real_name": "Paula Reyes", "title": "EDI manager",
     "team_id": "T0ACME", "tz": "America/Chicago"},
    {"id": "UIAN", "name": "ian", "real_name": "Ian Lind", "title": "Integration engineer",
     "team_id": "T0INITECH", "tz": "Europe/Stockholm"},
)  # fmt: skip

# Who holds which of the product's roles; the seed of a workspace does not know them.
ROLES: dict[str, tuple[str, ...]] = {
    "operators": ("UOLIVIA", "UADAM", "UTESS"),
    "approvers": ("UADAM", "UTESS"),
    "trust_admins": ("UTESS",),
}

_OURS = [BOT_USER, "UOLIVIA", "UADAM", "UTESS"]

CHANNELS: tuple[dict[str, object], ...] = (
    {"id": "C0CERTS", "name": "certificates", "topic": "Everything about partner certificates; Countersign lives here",
     "members": _OURS, "shared_with": []},
    {"id": ACME.channel, "name": "acme-b2b", "topic": "ACME Components and us: endpoints, certificates, maintenance",
     "members": [*_OURS, "UPAULA"], "shared_with": ["T0ACME"]},
    {"id": GLOBEX.channel, "name": "globex-as2", "topic": "Globex by AS2; they are not on Slack, so we note their word",
     "members": _OURS, "shared_with": []},
    {"id": INITECH.channel, "name": "initech-edi", "topic": "Initech and us: EDI over HTTPS",
     "members": [*_OURS, "UIAN"], "shared_with": ["T0INITECH"]},
)  # fmt: skip


def slack_seed() -> dict[str, object]:
    """The workspace in which the story plays, as the local Slack wants it."""
    return {
        "team": dict(HOME_TEAM),
        "partner_teams": [dict(partner.team) for partner in PARTNERS if partner.team],
        "app": _app(),
        "users": [dict(user) for user in USERS],
        "channels": [dict(channel) for channel in CHANNELS],
    }


def _app() -> dict[str, object]:
    """The app as its manifest describes it: the local Slack grants, sends and offers what the real one would."""
    told = manifest()
    features, settings = told["features"], told["settings"]
    return {
        "id": "A0CSIGN",
        "name": told["display_information"]["name"],
        "bot_user": BOT_USER,
        "handle": features["bot_user"]["display_name"],
        "home_tab": features["app_home"]["home_tab_enabled"],
        "commands": [
            {"command": one["command"], "hint": one["usage_hint"], "description": one["description"]}
            for one in features["slash_commands"]
        ],
        "shortcuts": [{key: one[key] for key in ("type", "name", "callback_id")} for one in features["shortcuts"]],
        "scopes": told["oauth_config"]["scopes"]["bot"],
        "events": settings["event_subscriptions"]["bot_events"],
    }
