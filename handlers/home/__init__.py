"""App Home: what waits for me, what ends next, the partners of my channels; for admins the CA list and the roles."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App, Args

from bot.services.errors import NotFound
from bot.services.sights import Reader
from handlers import ids, payload
from handlers.desk import Desk
from handlers.dispatch import now
from handlers.errors import guarded
from handlers.views import home, lists
from handlers.views import leaf as leaves
from handlers.views.leaf import MAX_QUERY, Leaf, Tab


def register(app: App, desk: Desk) -> None:
    """Listen for people who open it and press something on it."""

    def opened(args: Args) -> None:
        event = args.event or {}
        if event.get("tab") == "home":
            team = str(args.body.get("team_id") or "")
            desk.homes.show(str(event.get("user", "")), team, None, (event.get("view") or {}).get("hash"))

    def go(args: Args) -> None:
        _show(desk, args, leaves.read(str((args.action or {}).get("value") or "")))

    def search(args: Args) -> None:
        query = str((args.action or {}).get("value") or "").strip()[:MAX_QUERY]
        _show(desk, args, Leaf(Tab.SEARCH, query=query) if query else Leaf())

    def certificate(args: Args) -> None:
        click = payload.click(desk, args)
        found = desk.services.certificates.by_id(click.number)
        if not desk.services.overview.may_see(Reader(click.person), found.partner.id if found.partner else None):
            raise NotFound("certificate", f"#{click.number}")
        args.client.views_open(trigger_id=click.trigger_id, view=home.shown(lists.shown(found, now(), False)))

    def ca(args: Args) -> None:
        click = payload.click(desk, args)
        if not desk.services.overview.may_see(Reader(click.person), None):
            raise NotFound("ca_certificate", click.value)
        found = desk.services.certificates.ca_by_id(click.number)
        args.client.views_open(trigger_id=click.trigger_id, view=home.shown(lists.shown(found, now(), False)))

    app.event("app_home_opened")(guarded(opened))
    app.action(re.compile(rf"^{re.escape(ids.HOME_GO)}"))(guarded(go))
    app.action(ids.HOME_SEARCH)(guarded(search))
    app.action(ids.HOME_CERTIFICATE)(guarded(certificate))
    app.action(ids.HOME_CA)(guarded(ca))
    app.use(_noticed(desk))


def _noticed(desk: Desk) -> Callable[..., Any]:
    def notice(body: dict[str, Any], next_: Callable[[], Any]) -> Any:
        user = body.get("user")
        if isinstance(user, dict):
            desk.homes.acts(str(user.get("id", "")), str(user.get("team_id") or ""), body.get("view") or {})
        return next_()

    return notice


def _show(desk: Desk, args: Args, page: Leaf) -> None:
    user = args.body.get("user") or {}
    hash_ = (args.body.get("view") or {}).get("hash")
    desk.homes.show(str(user.get("id", "")), str(user.get("team_id") or ""), page, hash_)
