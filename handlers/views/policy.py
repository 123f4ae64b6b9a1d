"""Who has to agree to a partner's switches, and what a connection leads to: shown, and the forms that change them."""

from collections.abc import Mapping
from typing import Any, Final

from bot.services.errors import BadInput
from bot.services.policies import LONGEST_LIFE_DAYS, MOST_APPROVALS
from handlers import ids
from handlers.views import address, form, sentences
from handlers.views.address import INBOUND_HINT
from handlers.views.blocks import Block, Message, View, actions, button, context, message, option, section, select
from handlers.views.form import Origin
from handlers.views.limits import NAME_SHOWN, SECTION_TEXT
from handlers.views.text import code, plain, strong, words
from handlers.views.values import Connection, Partner, Policy, QuietHours, Role

NOT_QUIET: Final = "none"
CONFIRMS, ENOUGH = "yes", "no"
HALF_HOURS: Final = tuple(range(0, 24 * 60, 30))


def shown(partner: Partner, policy: Policy, may_change: bool) -> Message:
    """The policy in force; whoever may change it gets a button."""
    change = button("Change", ids.POLICY_CHANGE, partner.key) if may_change else None
    small = context("Only trust admins change it: who could lower the bar must not be among those who jump over it.")
    return message(
        f"Policy of {plain(partner.name)}",
        [section(in_words(partner, policy)), *([actions(change)] if change else [small])],
    )


def in_words(partner: Partner, policy: Policy) -> str:
    """The policy as sentences."""
    ours = sentences.counted(policy.ours, "of our approvers", "of our approvers")
    confirms = "and the partner itself confirms" if policy.partner_confirms else "the partner need not confirm"
    lives = sentences.counted(policy.lives_days, "day") if policy.lives_days else "as long as our setting says"
    quiet = policy.quiet
    hours = f"{_clock(quiet.start)} to {_clock(quiet.end)} ({words(quiet.zone)})" if quiet else "none"
    return (
        f"*Switches of* {strong(partner.name)}\n• *Approvals:* {ours}, {confirms}\n"
        f"• *A proposal lives:* {lives}\n• *Quiet hours* (no reminders): {hours}"
    )


def change(about: Origin, partner: Partner, policy: Policy) -> View:
    """Another policy; `about.subject` is the partner's key."""
    numbers = [option(str(one), str(one)) for one in range(1, MOST_APPROVALS + 1)]
    confirms = [option("The partner confirms each switch", CONFIRMS), option("Our approvals are enough", ENOUGH)]
    quiet = policy.quiet
    lives = form.line_field("lives_days", 3, str(policy.lives_days or ""))
    zone = form.line_field("zone", NAME_SHOWN, quiet.zone if quiet else "")
    blocks = [
        section(f"For switches of {strong(partner.name)}, from the next decision on."),
        form.input_field(
            "ours", "Approvals of ours", select("ours", "How many", numbers, _chosen(numbers, str(policy.ours)))
        ),
        form.input_field(
            "confirms",
            "The partner",
            select("confirms", "Whether it confirms", confirms, confirms[0 if policy.partner_confirms else 1]),
        ),
        form.input_field(
            "lives_days",
            "A proposal lives (days)",
            lives,
            hint=f"1 to {LONGEST_LIFE_DAYS}; empty: the product's own setting.",
            optional=True,
        ),
        form.input_field("quiet_from", "Quiet hours from", _hours("quiet_from", quiet.start if quiet else None)),
        form.input_field("quiet_to", "Quiet hours to", _hours("quiet_to", quiet.end if quiet else None)),
        form.input_field(
            "zone", "Time zone of the quiet hours", zone, hint="Such as Europe/Berlin; empty: UTC.", optional=True
        ),
    ]
    return form.modal(ids.MODAL_POLICY, "Approval policy", "Save", blocks, about)


def filled_in(fields: Mapping[str, Any]) -> Policy:
    """The policy in what was sent.

    Raises:
        BadInput: `ours` or `lives_days` (`not_a_number`), `quiet_to` (`half_quiet`); the service checks the rest.
    """
    lives, zone = str(fields.get("lives_days") or "").strip(), str(fields.get("zone") or "").strip()
    start, end = _minute(fields.get("quiet_from")), _minute(fields.get("quiet_to"))
    if (start is None) is not (end is None):
        raise BadInput("quiet_to", "half_quiet")
    return Policy(
        ours=_number("ours", str(fields.get("ours") or "")),
        partner_confirms=fields.get("confirms") != ENOUGH,
        lives_days=_number("lives_days", lives) if lives else None,
        quiet=QuietHours(start, end, zone or "UTC") if start is not None and end is not None else None,
    )


def _number(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise BadInput(field, "not_a_number")
    return int(text)


def _minute(value: object) -> int | None:
    text = str(value or NOT_QUIET)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _hours(action_id: str, minute: int | None) -> Block:
    """On the half-hour, and whatever is set already."""
    minutes = sorted({*HALF_HOURS, *([minute] if minute is not None else [])})
    options = [option("No quiet hours", NOT_QUIET), *(option(_clock(one), str(one)) for one in minutes)]
    return select(action_id, "Choose", options, _chosen(options, NOT_QUIET if minute is None else str(minute)))


def _chosen(options: list[Block], value: str) -> Block | None:
    return next((one for one in options if one["value"] == value), None)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def connection_offer(found: Connection) -> Message:
    """A connection as it stands, with the button that changes it."""
    over = sentences.listed([one.name for one in found.choreographies], 8)
    return message(
        f"Connection {plain(found.name)}",
        [
            section(f"{code(found.name, NAME_SHOWN)} – {address.shown(found)}\nChoreographies: {over}"),
            actions(button("Change", ids.CONNECTION_CHANGE, str(found.id))),
        ],
    )


def connection(about: Origin, changed: Connection) -> View:
    """Another address, or other choreographies; `about.subject` is the connection's name."""
    names = "\n".join(one.name for one in changed.choreographies)
    uri: Block = {"type": "url_text_input", "action_id": "uri"}
    if not changed.comes_to_us:
        uri["initial_value"] = changed.uri[:SECTION_TEXT]
    inbound = changed.role is Role.ACCEPTS
    blocks = [
        section(
            f":warning: An open switch of {code(changed.name, NAME_SHOWN)} ends when this is changed, because its "
            "approvals were given for what is shown here."
        ),
        form.input_field("uri", "Address", uri, hint=INBOUND_HINT if inbound else None, optional=inbound),
        form.input_field(
            "choreographies",
            "Choreographies",
            form.paragraph_field("choreographies", SECTION_TEXT, names),
            hint="One in a line.",
            optional=True,
        ),
    ]
    return form.modal(ids.MODAL_CONNECTION_CHANGE, "Change a connection", "Change", blocks, about)


def connection_changed(changed: Connection, ended: bool) -> str:
    """The connection as it stands now."""
    over = sentences.listed([one.name for one in changed.choreographies], 8)
    text = (
        f":white_check_mark: {code(changed.name, NAME_SHOWN)} leads to {address.shown(changed)} now.\n"
        f"Choreographies: {over}"
    )
    return f"{text}\nIts open switch has ended; the thread says so." if ended else text
