"""The form that proposes a switch: which connection, which certificate, why, and when."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.services.proposing import MOST_BESIDE
from bot.services.switches import SwitchMode
from bot.services.timing import Timing
from handlers import ids
from handlers.views import form, timing
from handlers.views.blocks import (
    Block,
    Message,
    View,
    actions,
    button,
    context,
    message,
    option,
    plain_text,
    section,
    select,
)
from handlers.views.form import Origin
from handlers.views.limits import BUTTON_VALUE, INPUT_REASON, NAME_SHOWN, OPTION_TEXT, OPTIONS
from handlers.views.text import code, moment, plain
from handlers.views.values import Connection, PartnerCertificate, Role

WINDOW: Final = timedelta(days=3)
"""A partner's change board and a weekend fit into it."""

ACCEPTS_GAP: Final = "accepts_gap"
_ID_DIGITS = 18  # of a row: a database's integer has 64 bits
_EPOCH_SECONDS = re.compile(r"[0-9]{10}")


@dataclass(frozen=True)
class Draft:
    """What is filled in so far.

    `gap_from`: the certificate in use ends then, before the chosen moment; whoever proposes is asked whether that is
    accepted.
    """

    certificate_id: int | None = None
    reason: str = ""
    timing: Timing = field(default_factory=Timing)
    gap_from: datetime | None = None
    also: tuple[int, ...] = ()  # connections that are switched together with the chosen one


def filled_in(fields: Mapping[str, Any]) -> Draft:
    """The draft in what was sent (`form.values`); what is none of ours counts as not filled in."""
    mode, certificate = str(fields.get("mode") or ""), str(fields.get("certificate") or "")
    return Draft(
        certificate_id=int(certificate) if certificate.isascii() and certificate.isdigit() else None,
        also=_numbers(fields.get("also")),
        reason=str(fields.get("reason") or ""),
        timing=Timing(
            mode=SwitchMode(mode) if mode in set(SwitchMode) else SwitchMode.NOW,
            due_at=_moment(fields.get("due_at")),
            until=_moment(fields.get("until")),
            accepts_gap=bool(fields.get(ACCEPTS_GAP)),
        ),
    )


def button_for(connection: Connection, draft: Draft | None = None, *, is_next: bool = True) -> Block:
    """The button that opens the form for one connection, with what was typed for it."""
    told = {"connection": connection.id, "certificate": draft.certificate_id if draft else None}
    whole = json.dumps({**told, "reason": draft.reason if draft else ""}, ensure_ascii=False)
    value = whole if len(whole) <= BUTTON_VALUE else json.dumps(told)
    return button("Propose switch", ids.CONNECTION_PROPOSE, value, "primary" if is_next else None)


def asked(value: str) -> tuple[int, Draft]:
    """What the value of `button_for` says: the connection (0 for none) and the draft. It comes back from outside."""
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        told = None
    fields: Mapping[str, Any] = told if isinstance(told, dict) else {}
    connection, certificate = fields.get("connection"), fields.get("certificate")
    reason = str(fields.get("reason") or "")[:INPUT_REASON]
    draft = Draft(certificate_id=certificate if type(certificate) is int else None, reason=reason)
    return (connection if type(connection) is int else 0), draft


def offer(connection: Connection, draft: Draft) -> Message:
    """In a thread no form can open by itself: the button that opens it, with what was typed."""
    text = f"The form has what you typed about {code(connection.name, NAME_SHOWN)}, and asks when the switch happens."
    return message(f"Switch of {plain(connection.name)}", [section(text), actions(button_for(connection, draft))])


def _numbers(ticked: object) -> tuple[int, ...]:
    kept = [str(one) for one in ticked] if isinstance(ticked, list) else []
    return tuple(int(one) for one in kept if one.isascii() and one.isdigit() and len(one) <= _ID_DIGITS)


def _moment(value: object) -> datetime | None:
    """A datetimepicker's value: "a UNIX timestamp in seconds ... 10 digits" (docs.slack.dev, datetimepicker)."""
    seconds = str(value or "")
    return datetime.fromtimestamp(int(seconds), UTC) if _EPOCH_SECONDS.fullmatch(seconds) else None


def modes(connection: Connection | None) -> tuple[SwitchMode, ...]:
    """Those that can be: what our own gateway presents is not seen at the partner's endpoint, nor what has none."""
    if connection is None or connection.role is not Role.ACCEPTS:
        return (SwitchMode.NOW, SwitchMode.AT)
    overlap = (SwitchMode.OVERLAP,) if connection.partner_certificate_id is not None else ()
    seen = () if connection.comes_to_us else (SwitchMode.FIRST_SEEN,)
    return (SwitchMode.NOW, SwitchMode.AT, *seen, *overlap)


def render(
    about: Origin,
    connections: Sequence[Connection],
    connection: Connection | None,
    certificates: Sequence[PartnerCertificate],
    draft: Draft,
    now: datetime,
    beside: Sequence[Connection] = (),
) -> View:
    """Choosing the connection loads the certificates that it can switch to; choosing a mode asks for its moment.

    `beside` are the connections that could be switched together with the chosen one.
    """
    if draft.timing.mode not in modes(connection):
        draft = replace(draft, timing=Timing())
    choices = [option(f"{one.name} ({one.role})", str(one.id)) for one in connections]
    chosen = option(f"{connection.name} ({connection.role})", str(connection.id)) if connection else None
    pick = select(ids.PICK_CONNECTION, "Choose the connection", choices, chosen)
    blocks = [{**form.input_field("connection", "Connection", pick), "dispatch_action": True}]
    if connection is not None:
        blocks += _certificate_choice(connection, certificates, draft.certificate_id)
        blocks += _also(connection, beside)
    typed = form.paragraph_field("reason", INPUT_REASON, draft.reason)
    blocks += [
        form.input_field("reason", "Reason", typed, hint="Both sides read it."),
        _mode_choice(connection, draft.timing.mode),
        *_moment_choice(draft, connection, now),
    ]
    if len(connections) > OPTIONS:
        blocks.append(context(f"The first {OPTIONS} connections are listed; `switch NAME` finds the others."))
    return form.modal(ids.MODAL_PROPOSE, "Propose a switch", "Propose", blocks, about)


def _certificate_choice(
    connection: Connection, certificates: Sequence[PartnerCertificate], certificate_id: int | None
) -> list[Block]:
    if not certificates:
        return [
            section(
                f":information_source: {code(connection.name, NAME_SHOWN)} has no certificate to switch to. "
                "It needs a complete chain, must not have expired, and must not be in use there already."
            )
        ]
    options = [option(one.display_name, str(one.id)) for one in certificates]
    initial = next((one for one in options if one["value"] == str(certificate_id)), None)
    pick = select(ids.PICK_CERTIFICATE, "Choose the certificate", options, initial)
    # A block id of its own for each connection: under the same id Slack would keep the choice made for another one.
    return [form.input_field(f"certificate.{connection.id}", "New certificate", pick)]


def _also(connection: Connection, beside: Sequence[Connection]) -> list[Block]:
    """All of them ticked: the old certificate ends for each. What was unticked stays so, under the same block id."""
    if not beside:
        return []
    options = [option(one.name, str(one.id)) for one in beside[:MOST_BESIDE]]
    boxes: Block = {"type": "checkboxes", "action_id": "also", "options": options, "initial_options": options}
    hint = "They use the same certificate. Approved together, each is switched and proven for itself."
    return [form.input_field(f"also.{connection.id}", "Also switch", boxes, hint=hint, optional=True)]


def _mode_choice(connection: Connection | None, mode: SwitchMode) -> Block:
    offered = modes(connection)
    options = [_mode(one) for one in offered]
    pick = select(ids.PICK_MODE, "Choose when", options, _mode(mode))
    # Likewise, since the choices depend on the connection.
    name = f"mode.{'-'.join(offered)}"
    return {**form.input_field(name, "When", pick), "dispatch_action": True}


def _mode(mode: SwitchMode) -> Block:
    name, purpose = timing.MODES[mode]
    return {**option(name, mode.value), "description": plain_text(purpose, OPTION_TEXT)}


def _moment_choice(draft: Draft, connection: Connection | None, now: datetime) -> Iterator[Block]:
    match draft.timing.mode:
        case SwitchMode.NOW:
            return
        case SwitchMode.AT:
            hint = "Everybody sees it in their own time zone. Approvals that come later make it happen at once."
            yield form.input_field("due_at", "Moment", _picker("due_at", draft.timing.due_at), hint=hint)
            if draft.gap_from is not None:
                yield from _gap(draft.gap_from)
        case SwitchMode.FIRST_SEEN:
            hint = "If the endpoint does not present the new certificate by then, nothing is changed."
            yield _window("Watch until", draft, now, hint)
        case SwitchMode.OVERLAP:
            hint = "If the partner has not moved by then, the new certificate is given up."
            if connection and connection.comes_to_us:
                hint = "Whether the partner has moved cannot be seen here: from then on people are asked to decide."
            yield _window("Accept both until", draft, now, hint)


def _window(label: str, draft: Draft, now: datetime, hint: str) -> Block:
    return form.input_field("until", label, _picker("until", draft.timing.until or now + WINDOW), hint=hint)


def _picker(action_id: str, at: datetime | None) -> Block:
    made: Block = {"type": "datetimepicker", "action_id": action_id}
    if at is not None:
        made["initial_date_time"] = int(at.timestamp())
    return made


def _gap(old_ends: datetime) -> Iterator[Block]:
    yield section(
        f":warning: The certificate in use ends {moment(old_ends)}, before the moment that you chose. "
        "Until the switch the partner's traffic may be refused."
    )
    accepted = option("I know, and accept the gap", ACCEPTS_GAP)
    boxes: Block = {"type": "checkboxes", "action_id": ACCEPTS_GAP, "options": [accepted]}
    yield form.input_field(ACCEPTS_GAP, "Gap", boxes, optional=True)
