"""Generators for App Home's pages, and for the forms about channels and choreographies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.services.approval_rules import Act
from bot.services.choreographies import ChoreographyReport
from bot.services.fetching import FetchStanding
from bot.services.people import PersonRole
from bot.services.sights import (
    CaLine,
    CertificateSight,
    ConnectionSight,
    Decision,
    Found,
    Front,
    PartnerLine,
    PartnerSight,
    Placed,
    Some,
    Waiting,
)
from handlers.views import home, home_lists, lists, setup
from handlers.views.blocks import Block, Message
from handlers.views.form import Origin
from handlers.views.home_parts import Shell
from handlers.views.leaf import MAX_QUERY, Leaf, Tab
from storage.overview_records import CertificateLine, Totals
from storage.records import AnchorState, Place, PromptState, UploadState
from storage.switch_records import Choreography, DriftState, SwitchState
from tests.handlers.reports import World
from tests.lab.builders import NOW

Made = Message | Mapping[str, Any]
MOST = 40  # lines: more than the services give, so that pages have to be cut
CARDS = 3  # what takes several blocks and seconds to make in a hostile world
PLACE = Place("switch:x", "C0ACME", "1.2", "1.3", attempted=True, shown="")
ADDRESS = "https://acme.slack.com/archives/C0ACME/p13?thread_ts=1.2&cid=C0ACME"
ORIGIN = Origin("C0ACME", "1.2", "12")


def _list(w: World, make: Callable[[], Any]) -> tuple[Any, ...]:
    return tuple(make() for _ in range(min(w.many, MOST)))


def _some(w: World, make: Callable[[], Any]) -> Some[Any]:
    return Some(_list(w, make), w.many)


def _cards(w: World, make: Callable[[], Any]) -> Some[Any]:
    return Some(tuple(make() for _ in range(min(w.many, CARDS))), w.many)


def _sight(w: World) -> CertificateSight:
    names = tuple(w.text() for _ in range(min(w.many, 5)))
    line = CertificateLine(1, 1, w.text(), "ab" * 32, w.moment(), w.moment(), 1, names)
    return CertificateSight(line, w.partner(), PLACE)


def _partner_line(w: World) -> PartnerLine:
    return PartnerLine(w.partner(), Totals(w.many, w.many, w.moment() if w.many else None), is_mine=True)


def _connection(w: World) -> ConnectionSight:
    drift = w.drift(DriftState.OPEN) if w.pick(True, False) else None
    return ConnectionSight(w.connection(), w.entry(), w.certificate(), drift) if w.many else _bare(w)


def _bare(w: World) -> ConnectionSight:
    return ConnectionSight(w.connection(), None, None)


def _ca(w: World) -> CaLine:
    return CaLine(replace(w.ca(), anchor=AnchorState(str(w.pick(*AnchorState)))), w.certificate())


def _front(w: World) -> Front:
    waiting = Waiting(
        _cards(w, lambda: Decision(w.switch_report(SwitchState.PROPOSED), frozenset(Act), PLACE)),
        _cards(w, lambda: Placed(w.switch_report(SwitchState.OVERLAP), PLACE)),
        _cards(w, lambda: Placed(w.drift_report(DriftState.OPEN), PLACE)),
        _cards(w, lambda: Placed(w.root(AnchorState.REQUESTED), PLACE)),
        _cards(w, lambda: Placed(w.prompt(PromptState.OPEN), PLACE)),
        _cards(w, lambda: Placed(w.upload(UploadState.NEEDS_PARTNER), PLACE)),
    )
    return Front(
        mine=frozenset({1}) if w.many else frozenset(),
        is_narrow=bool(w.many),
        waiting=waiting,
        ending=_list(w, lambda: _sight(w)),
        drifts=_some(w, lambda: Placed(w.drift_report(DriftState(str(w.pick(*DriftState)))), PLACE)),
        switches=_some(w, lambda: Placed(w.switch_line(), PLACE)),
        partners=_some(w, lambda: _partner_line(w)),
    )


def _shells(w: World, tab: Tab) -> Iterator[Shell]:
    leaf = Leaf(tab, offset=20, query=w.text()[:MAX_QUERY])
    for is_ours, address in ((True, ADDRESS), (False, "javascript:alert(1)")):
        yield Shell(leaf, is_ours, is_ours, "/cert", NOW, _at(address))


def _at(address: str) -> Callable[[Place | None], str]:
    return lambda _place: address


def _pages(w: World) -> Iterator[Made]:
    pages: Mapping[Tab, Callable[[Shell], list[Block]]] = {
        Tab.FRONT: lambda shell: home.front(shell, _front(w), {1: FetchStanding(offered=True, failure=None)}),
        Tab.PARTNERS: lambda shell: home_lists.partners(shell, _some(w, lambda: _partner_line(w)), 20),
        Tab.PARTNER: lambda shell: home_lists.partner(
            shell, PartnerSight(w.partner(), _some(w, lambda: _connection(w)), _some(w, lambda: _sight(w))), 20
        ),
        Tab.SEARCH: lambda shell: home_lists.found(
            shell, Found(_list(w, lambda: _sight(w)), _list(w, lambda: _ca(w)), is_cut=True)
        ),
        Tab.CA: lambda shell: home_lists.ca_list(shell, _some(w, lambda: _ca(w)), 20),
        Tab.ROLES: lambda _shell: home_lists.roles(
            {PersonRole.OPERATOR: [("*", ())], PersonRole.APPROVER: [("S0OPS", ["UADAM"] * w.many), ("UTESS", ())]}
        ),
    }
    for tab, page in pages.items():
        shells = list(_shells(w, tab))
        for shell in shells if tab is Tab.FRONT else [w.pick(*shells)]:
            assert isinstance(shell, Shell)
            yield home.view(shell, page(shell))


def _choreography(w: World) -> ChoreographyReport:
    names = tuple(w.text() for _ in range(min(w.many, 5)))
    return ChoreographyReport(Choreography(1, w.text(), w.text()), names)


HOME: Mapping[str, Callable[[World], Iterator[Made]]] = {
    "home.view": _pages,
    "home.closed": lambda w: (home.closed(reason) for reason in ("guest", "bot", "stranger", w.text())),
    "home.shown": lambda w: iter([home.shown(lists.shown(w.shown(), NOW, may_change=False))]),
    "setup.choreographies": lambda w: iter([setup.choreographies(_list(w, lambda: _choreography(w)), "/cert")]),
    "setup.choreography": lambda w: iter([setup.choreography(ORIGIN, w.text(), w.text())]),
    "setup.partner_channel": lambda w: iter(
        [setup.partner_channel(ORIGIN, [w.partner(), *_list(w, w.partner)], w.partner())]
    ),
}
