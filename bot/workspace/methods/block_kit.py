"""blocks.validate: what is wrong with a piece of Block Kit, item by item; public, for people who build apps."""

from collections.abc import Sequence
from typing import Any

from bot.workspace.blocks import check_blocks, check_view
from bot.workspace.checking import Complaint
from bot.workspace.core import Slack
from bot.workspace.methods.table import Method, structure
from bot.workspace.shapes import Caller, Json, Refusal

MAX_PAYLOAD = 100_000  # blocks.validate, maxLength of each argument
_KINDS = ("blocks", "view", "message")


def _refuse(sentence: str) -> Refusal:
    return Refusal("invalid_arguments", [sentence])


def _payload(name: str, raw: Any) -> Any:
    if isinstance(raw, str):
        if len(raw) > MAX_PAYLOAD:
            raise _refuse(f"`{name}` must be less than {MAX_PAYLOAD + 1} characters")
        try:
            return structure(raw, "invalid_arguments")
        except Refusal:
            raise _refuse(f"`{name}` must be valid JSON") from None
    return raw


async def validate(_slack: Slack, _caller: Caller, arguments: Json) -> Json:
    """Nothing, or `invalid_blocks`, `invalid_view` or `invalid_message` with an error for each fault."""
    given = [name for name in _KINDS if arguments.get(name)]
    if len(given) != 1:
        raise _refuse("must provide exactly one of `blocks`, `view`, or `message`")
    name = given[0]
    payload = _payload(name, arguments[name])
    if not isinstance(payload, list if name == "blocks" else dict):
        raise _refuse(f"`{name}` must be {'an array' if name == 'blocks' else 'an object'}")
    complaints, base = _complaints(name, payload)
    if complaints:
        raise Refusal(f"invalid_{name}", errors=[complaint.as_error(base) for complaint in complaints])
    return {}


def _complaints(name: str, payload: Any) -> tuple[Sequence[Complaint], str]:
    """What is wrong, and what comes off the front of its pointers: they begin at the payload."""
    if name == "view":
        return check_view(payload, ("modal", "home")), "/view"
    if name == "blocks":
        return check_blocks(payload), "/blocks"
    return check_blocks(payload.get("blocks") or []), ""


METHODS = {"blocks.validate": Method(validate, tokens=(), json=True)}
