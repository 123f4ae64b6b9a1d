"""One connection as a person wants it: what is in use, what the gateway says, what proved it, and what is next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.services.inspection import AtTheGateway, Inspected
from bot.services.switches import Side, SwitchReport, SwitchState
from handlers import ids
from handlers.views import address, drift, proof, propose, sentences, switch, timing, ways
from handlers.views import certificate as cards
from handlers.views.blocks import Block, Message, actions, button, message, picked, section
from handlers.views.comparison import new_name
from handlers.views.home_parts import linked, until
from handlers.views.limits import NAME_SHOWN
from handlers.views.text import code, day, moment, plain, strong, words
from handlers.views.values import DriftState, Proof, Role, Severity, Way

_CHOREOGRAPHIES_SHOWN = 20
_ROLES = {
    Role.ACCEPTS: "the partner presents its certificate, and our gateway accepts that one",
    Role.PRESENTS: "our gateway presents the certificate, and the partner accepts it",
}
_WAITS = {Side.OURS: "ours", Side.PARTNER: "the partner's"}
_ENDING = frozenset({"expired", "expires_soon"})


@dataclass(frozen=True)
class Shown:
    """What is shown, and to whom. `is_narrow`: a partner's people read it, so that nothing of our inside is named.

    `offered` are the buttons that the reader is given, by action id; the links lead to the messages that follow the
    open switch and the open drift, empty where there are none.
    """

    found: Inspected
    is_narrow: bool
    offered: frozenset[str]
    switch_link: str = ""
    drift_link: str = ""


def render(shown: Shown, now: datetime) -> Message:
    """The connection."""
    found = shown.found
    name = plain(found.report.connection.name)
    return message(f"Connection {name}", list(_blocks(shown, now)))


def _blocks(shown: Shown, now: datetime) -> Iterator[Block]:
    found = shown.found
    connection = found.report.connection
    yield section(
        f":link: *Connection* {code(connection.name, NAME_SHOWN)} of {strong(found.report.partner.name)}\n"
        f"{address.shown(connection)}\n*{connection.role}*: {_ROLES[connection.role]}"
    )
    yield section(_in_use(found, now))
    if found.chain is not None:
        own = found.chain.path[0].sha256 if found.chain.path else ""
        about = {one.sha256: cards.common_name(one) for one in found.chain.path if one.sha256 != own}
        yield from cards.findings(found.report.findings, about, unsaid={"self_signed"}, least=Severity.WARNING)
    yield section(_gateway(shown))
    runs = [one.name for one in connection.choreographies]
    over = sentences.listed(runs, _CHOREOGRAPHIES_SHOWN) if runs else "none is registered for this connection"
    yield section(f"*Choreographies:* {over}\n*Last proof:* {_last_proof(found)}")
    if found.switch is not None:
        yield section(_open_switch(found.switch, shown.switch_link))
    yield section(f"*Next:* {_next(found)}")
    yield from _buttons(shown)


def _in_use(found: Inspected, now: datetime) -> str:
    current, certificate = found.report.current, found.report.certificate
    if current is None or certificate is None:
        return "*In use:* no certificate yet"
    lines = [
        f"*In use:* {strong(current.display_name)}",
        until(certificate.not_before, certificate.not_after, now),
        cards.fingerprint(certificate),
    ]
    if found.chain is not None and found.chain.verdict not in cards.TRUSTED:
        lines.append(cards.verdict(found.chain))
    return "\n".join(lines)


def _gateway(shown: Shown) -> str:
    found = shown.found
    name = "" if shown.is_narrow else f" {code(found.report.connection.gateway, NAME_SHOWN)}"
    lines = [f"*Gateway*{name}: {_said(shown)}"]
    if found.drift is not None:
        lines.append(f"{drift.mark(found.drift.drift)}{linked(shown.drift_link)}")
        lines.append(drift.in_short(found.drift))
    return "\n".join(lines)


def _said(shown: Shown) -> str:
    found = shown.found
    match found.gateway:
        case AtTheGateway.AGREES:
            return ":white_check_mark: it answers, and holds what is on record"
        case AtTheGateway.DIFFERS if found.drift is not None:
            return "it answers"
        case AtTheGateway.DIFFERS:
            return (
                ":warning: it answers, but holds something else than is on record at this moment. If that stays so, "
                "the partner's channel is told"
            )
        case AtTheGateway.SILENT:
            more = "" if shown.is_narrow else "; `countersign doctor` says what is wrong"
            return f":warning: it does not answer{more}"
        case AtTheGateway.NOT_ASKED if found.report.current is None and found.switch is None:
            return "it has nothing for this connection yet"
        case AtTheGateway.NOT_ASKED:
            return ":hourglass_flowing_sand: not asked, because it is to hold something else in a moment"


def _last_proof(found: Inspected) -> str:
    mended = found.mended
    if mended is not None and mended.drift.ended_at is not None:
        return f"{moment(mended.drift.ended_at)}, when the gateway got back what is on record{_made(mended.proofs)}"
    proven = found.proven
    if proven is None:
        return "none yet, no switch of it was proven here"
    made = _made(proven.proofs_for("switch"))
    more = [ways.through(proven, "switch"), ways.reported(proven, "switch")]
    told = "".join(f"\n{one}" for one in more if one)
    return f"{moment(proven.switch.changed_at)}, when it was switched to {words(new_name(proven))}{made}{told}"


def _made(proofs: tuple[Proof, ...]) -> str:
    made = [one for one in proofs if one.way is Way.ENDPOINT]
    return f": {ways.handshakes(made).lower()}" if made else ""


def _open_switch(report: SwitchReport, link: str) -> str:
    needs = f" ({' and '.join(_WAITS[side] for side in report.needs)})" if report.needs else ""
    state = f"{timing.in_a_list(report.switch)}{needs}"
    return f":ballot_box_with_ballot: *Open switch* to {strong(new_name(report))}: {state}{linked(link)}"


def _next(found: Inspected) -> str:
    if found.drift is not None:
        return _next_of_a_drift(found)
    if found.switch is not None:
        return _next_of_a_switch(found.switch)
    if found.ready is not None:
        which = "its first certificate" if found.report.current is None else "a switch"
        return f"propose {which}: {strong(found.ready.display_name)} is in the list, and its chain is complete"
    if found.report.certificate is None:
        return "bring the partner's certificate: drop its file into the partner's channel"
    if any(one.code in _ENDING and one.sha256 == found.report.certificate.sha256 for one in found.report.findings):
        return "ask the partner for its next certificate, and drop the file into the partner's channel"
    return f"nothing to do. The certificate ends {day(found.report.certificate.not_after)}"


def _next_of_a_drift(found: Inspected) -> str:
    if found.drift is not None and found.drift.drift.state is DriftState.MENDING:
        return "nothing to do. The gateway is being put right, and fresh handshakes prove it"
    if found.drift is not None and found.drift.is_open_to_approval:
        return "find out who changed the gateway; an approver of ours can have what is on record put back"
    return "whoever runs the gateway adds the connection to its configuration, and reloads it"


def _next_of_a_switch(report: SwitchReport) -> str:
    match report.switch.state:
        case SwitchState.PROPOSED:
            return "who has not decided yet approves or rejects"
        case SwitchState.OVERLAP:
            return "once the partner has moved, the old certificate is retired; the switch's message has the buttons"
        case _:
            return "nothing to do. The switch goes on by itself, and its thread says what comes of it"


def _buttons(shown: Shown) -> Iterator[Block]:
    """First what is next, then what there is to look at or to change."""
    found, offered = shown.found, shown.offered
    first: list[Block] = []
    if found.drift is not None:
        first += picked(drift.render(found.drift), offered.__contains__)
    if found.switch is not None:
        kept = offered | {ids.SWITCH_DETAILS}
        first += picked(switch.render(found.switch, found.switch.switch.changed_at), kept.__contains__)
    elif ids.CONNECTION_PROPOSE in offered:
        first.append(propose.button_for(found.report.connection, is_next=found.ready is not None and not first))
    then: list[Block] = []
    if found.proven is not None:
        then.append(button("How it was proven", ids.SWITCH_DETAILS, found.proven.switch.public_id))
        if found.in_place and found.switch is None:
            then += picked(proof.render(found.proven), (offered & {ids.SWITCH_UNDO}).__contains__)
    if ids.CONNECTION_CHANGE in offered:
        then.append(button("Change", ids.CONNECTION_CHANGE, str(found.report.connection.id)))
    names = [one["action_id"] for one in (*first, *then)]
    rows = [[*first, *then]] if len(set(names)) == len(names) else [first, then]  # a row takes an id once
    yield from (actions(*row) for row in rows if row)
