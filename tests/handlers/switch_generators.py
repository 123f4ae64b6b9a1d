"""Generators for what is shown around a switch: its moment, its papers, the policy behind it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.services.inspection import AtTheGateway, Inspected
from bot.services.switches import SwitchMode
from bot.services.timing import Timing
from handlers import ids
from handlers.views import connection, drift, modals, policy, proof, propose, reminder, sheet, switch
from handlers.views.blocks import Message
from handlers.views.form import Origin
from handlers.views.propose import Draft
from storage.switch_records import DriftState, SwitchState
from tests.handlers.reports import World
from tests.lab.builders import NOW

ORIGIN = Origin("C0ACME", "1.2", "12")
HOLDERS = ("UADAM", "S0TRUST")
LINK = "https://acme.slack.com/archives/C0ACME/p13?thread_ts=1.2&cid=C0ACME"
EACH = 4  # of every state, so that its modes and outcomes are dealt, too

Made = Message | Mapping[str, Any]


def _states(make: Callable[[SwitchState], Made]) -> Iterator[Made]:
    for state in SwitchState:
        for _ in range(EACH):
            yield make(state)


def _proposals(w: World) -> Iterator[Made]:
    certificates = [w.entry() for _ in range(w.many)]
    for mode in SwitchMode:
        for moment in (None, NOW + timedelta(hours=1)):
            timing = Timing(mode, due_at=moment, until=moment)
            draft = Draft(3, w.text()[:400], timing, w.moment() if moment else None)
            for chosen in (w.connection(), None):
                connections = [w.connection(), *(w.connection() for _ in range(w.many))]
                yield propose.render(ORIGIN, connections, chosen, certificates, draft, NOW)


def _reminders(w: World) -> Iterator[Made]:
    yield from _states(lambda state: reminder.render(w.switch_report(state), HOLDERS))
    for _ in range(EACH):
        asked = w.switch_report(SwitchState.OVERLAP)
        overdue = replace(asked.switch, until=NOW, reminded_at=NOW + timedelta(hours=1))
        inbound = replace(asked, switch=overdue, connection=replace(asked.connection, uri=""))
        made = reminder.render(inbound, HOLDERS)
        assert "*old and new* are still accepted" in str(made.blocks)
        yield made


def _drifts(w: World) -> Iterator[Made]:
    for state in DriftState:
        for _ in range(2 * EACH):
            yield drift.render(w.drift_report(state), HOLDERS)


def _inspected(w: World) -> Inspected:
    def one_of(*choices: Any) -> Any:
        return w.pick(None, *choices)

    report = w.connection_report()
    bare = replace(report, current=None, certificate=None)
    open_states = [one for one in SwitchState if one.is_open]
    return Inspected(
        report=report if w.pick(True, True, False) else bare,
        chain=one_of(w.chain()),
        gateway=AtTheGateway(str(w.pick(*AtTheGateway))),
        drift=one_of(w.drift_report(DriftState.OPEN), w.drift_report(DriftState.MENDING)),
        switch=one_of(*(w.switch_report(one) for one in open_states)),
        proven=one_of(w.switch_report(SwitchState.PROVEN)),
        mended=one_of(w.drift_report(DriftState.MENDED)),
        ready=one_of(w.entry()),
        switch_place=None,
        drift_place=None,
    )


def _connections(w: World) -> Iterator[Made]:
    every = frozenset(value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str))
    for _ in range(3 * EACH):
        for offered in (every, frozenset()):
            is_narrow = bool(w.pick(True, False))
            yield connection.render(connection.Shown(_inspected(w), is_narrow, offered, LINK, w.text()), NOW)


SWITCHING: Mapping[str, Callable[[World], Iterator[Made]]] = {
    "connection.render": _connections,
    "drift.render": _drifts,
    "modals.undo": lambda _w: iter([modals.undo(ORIGIN)]),
    "policy.change": lambda w: (policy.change(ORIGIN, w.partner(), w.policy()) for _ in range(EACH)),
    "policy.connection": lambda w: iter([policy.connection(ORIGIN, w.connection())]),
    "policy.connection_offer": lambda w: iter([policy.connection_offer(w.connection())]),
    "policy.shown": lambda w: (policy.shown(w.partner(), w.policy(), may_change=may) for may in (True, False)),
    "proof.render": lambda w: _states(lambda state: proof.render(w.switch_report(state))),
    "propose.offer": lambda w: iter([propose.offer(w.connection(), Draft(3, w.text()[:500]))]),
    "propose.render": _proposals,
    "reminder.render": _reminders,
    "sheet.evidence_announced": lambda w: _states(lambda state: sheet.evidence_announced(w.switch_report(state))),
    "sheet.evidence_not_sent": lambda _w: iter([sheet.evidence_not_sent()]),
    "sheet.render": lambda w: (sheet.render(w.switch_report(SwitchState.PROPOSED)) for _ in range(EACH)),
    "switch.render": lambda w: _states(lambda state: switch.render(w.switch_report(state), NOW, HOLDERS)),
}
