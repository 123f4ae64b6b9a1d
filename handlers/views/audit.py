"""The audit: a page of what happened, and what is said about a table of it."""

from collections.abc import Sequence

from bot.services.audit import AuditExport
from handlers import ids
from handlers.views import sentences
from handlers.views.blocks import Message, actions, button, context, message, say, section
from handlers.views.limits import NAME_SHOWN
from handlers.views.text import NOTHING, bullets, code, moment, strong, who, words
from handlers.views.values import AuditEntry, Partner


def page(
    found: Sequence[AuditEntry], scope: Partner | None, older: str | None, table: str, *, narrowed: bool = False
) -> Message:
    """Entries, newest first. `older` and `table` are the words that the buttons lead on with; None: no older ones."""
    of = f" of {strong(scope.name)}" if scope else ""
    if not found:
        return say(f"The audit{of} holds nothing of that." if narrowed else f"Nothing has happened{of} yet.")
    lines = [f"{moment(one.at)} {who(one.actor)} {sentences.deed(one.action)} {_subject(one)}" for one in found]
    mark = f"Entry {found[0].id:,}, digest `{found[0].digest[:16]}`. Each entry vouches for the one before it."
    return message(
        "Audit",
        [
            section(f"*Audit*{of}, newest first\n{bullets(lines)}"),
            context(mark),
            actions(
                button("Older", ids.AUDIT_OLDER, older) if older else None,
                button("Export as CSV", ids.AUDIT_TABLE, table),
            ),
        ],
    )


def under_way() -> Message:
    """To the one who asked for the table."""
    return say("The table is on its way to you in a direct message.")


def announced() -> Message:
    """In the direct message, before the table."""
    return say(":hourglass_flowing_sand: The audit as a table is being made. It comes in this thread.")


def sent(made: AuditExport) -> Message:
    """In the direct message, once the table is there."""
    cut = " There are more: the oldest are not in it. Narrow it with `since` and `until`." if made.is_cut else ""
    return message(
        "The audit as a table",
        [
            section(f":page_facing_up: The audit as a table: {made.entries:,} entries, in this thread.{cut}"),
            context(f"Head of the audit: `{made.head.digest}`. Keep it: it shows later that nothing was rewritten."),
        ],
    )


def not_sent() -> Message:
    """In the direct message, when it came to nothing."""
    return say(":warning: The table could not be sent. Please ask for it again.")


def _subject(entry: AuditEntry) -> str:
    named = next((entry.data[key] for key in ("display_name", "name", "connection") if entry.data.get(key)), None)
    if named:
        return words(str(named))
    return code(entry.subject, NAME_SHOWN) if entry.subject else NOTHING
