"""Free text that people give: a reason, a name. Kept as it was said, without what could disturb a log or a layout."""

import unicodedata

from bot.services.errors import BadInput

# A reason is read in a Slack section (3000 characters) beside the whole comparison; 500 leave room for it.
MAX_REASON = 500
# A name, a process or a "by telephone" that needs more is a mistake.
MAX_NAME = 80

_DISTURBING = frozenset({"Cc", "Cs", "Zl", "Zp"})


def free_text(field: str, text: str, limit: int) -> str:
    """The text without outer blanks, control characters and lone surrogates (which no UTF-8 store can hold).

    Raises:
        BadInput: `empty` or `too_long` (data: `limit`, in characters).
    """
    kept = "".join(" " if unicodedata.category(one) in _DISTURBING else one for one in text).strip()
    if not kept:
        raise BadInput(field, "empty")
    if len(kept) > limit:
        raise BadInput(field, "too_long", limit=limit)
    return kept
