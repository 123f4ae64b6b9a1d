"""What is said once something was done or refused: one sentence each, the same by command, mention, form and button."""

from collections.abc import Sequence

from handlers.views import lists
from handlers.views.blocks import Message, say
from handlers.views.text import code, strong
from handlers.views.values import Connection, Partner

TAKEN_IN_ALREADY = ":white_check_mark: That was taken in already; the answer is in the thread."
LOOKING = ":inbox_tray: I take a look; the answer comes in the thread."
DELETED = ":white_check_mark: Deleted from the list."
DELETED_CA = ":white_check_mark: Deleted from the CA list."
TOO_LATE = ":hourglass: Slack waits three seconds for a form, and this took longer. Nothing was done; please try again."
NOTED = ":white_check_mark: Noted. The message in its thread follows."
GONE = ":heavy_minus_sign: This is not in the lists any more."
NOT_DONE, BROKEN = "Not done", "Something went wrong"


def refused(sentence: str) -> str:
    """A refusal with its mark; the sentence says what to do."""
    return f":no_entry: {sentence}"


def broken(incident: str) -> str:
    """An apology; the incident leads to the log."""
    return (
        ":warning: Something went wrong on our side; nothing may have been done. Please try again, and tell the people "
        f"who run me this id if it happens again: `{incident}`"
    )


def partner_added(made: Partner) -> str:
    """There is a new partner."""
    return f":white_check_mark: {strong(made.name)} is a partner now, with the key {code(made.key)}."


def connection_added(made: Connection, command: str, gateways: Sequence[str] = ()) -> str:
    """There is a new connection, how it gets its first certificate, and at which of several `gateways` it is."""
    first = code(f"{command} switch {made.name}")
    at = f", at the gateway {code(made.gateway)}" if len(gateways) > 1 else ""
    return f":white_check_mark: The connection {code(made.name)} is there{at}. {first} proposes its first certificate."


def renamed(old: str, new: str) -> Message:
    """A certificate has another display name."""
    return say(f":white_check_mark: {code(old)} is called {code(new)} now.")


def which_partner(typed: str, partners: Sequence[Partner]) -> Message:
    """The command needs a partner: which there are."""
    listed = lists.partners(partners)
    lead = say(f"Which partner? Type {code(f'{typed} PARTNER')}.")
    return Message(lead.text, [*lead.blocks, *listed.blocks])
