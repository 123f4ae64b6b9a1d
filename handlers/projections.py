"""From a subject of the store to the message that shows it. The messages follow the store; nothing is decided here."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.services import Services
from bot.services.errors import NotFound
from handlers.views import done, prompt, proof, root, switch, upload
from handlers.views.blocks import Message, say


def render(services: Services, subject: str, now: datetime | None = None) -> Message:
    """The message of a subject as it is now. Never raises for a subject whose thing has gone.

    Args:
        services: the use cases, for reading.
        subject: `upload:ID`, `prompt:ID`, `completed:PROMPT_ID`, `root:CA_ID`, `switch:PUBLIC_ID`, `proof:PUBLIC_ID`.
        now: when the reader looks (days left); the present moment by default.

    Raises:
        ValueError: a subject of no known kind.
    """
    kind, _, name = subject.partition(":")
    show = _KINDS.get(kind)
    if show is None:
        raise ValueError(f"unknown subject {kind!r}")
    try:
        return show(services, name, now or datetime.now(UTC))
    except NotFound:
        return say(done.GONE)


def _upload(services: Services, name: str, now: datetime) -> Message:
    return upload.render(services.intake.report(int(name)), now)


def _prompt(services: Services, name: str, _now: datetime) -> Message:
    report = services.chains.prompt_report(int(name))
    return prompt.render(report, services.fetching.standing(report.prompt))


def _completed(services: Services, name: str, _now: datetime) -> Message:
    return prompt.completed(services.chains.prompt_report(int(name)))


def _root(services: Services, name: str, now: datetime) -> Message:
    return root.render(services.ca_list.root_report(int(name)), now)


def _switch(services: Services, name: str, now: datetime) -> Message:
    return switch.render(services.switches.report(name), now)


def _proof(services: Services, name: str, _now: datetime) -> Message:
    return proof.render(services.switches.report(name))


_KINDS: dict[str, Callable[[Services, str, datetime], Message]] = {
    "upload": _upload,
    "prompt": _prompt,
    "completed": _completed,
    "root": _root,
    "switch": _switch,
    "proof": _proof,
}
