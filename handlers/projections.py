"""From a subject of the store to the message that shows it. The messages follow the store; nothing is decided here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.services import Services
from bot.services.errors import NotFound
from bot.services.people import PersonRole
from handlers.progress import progress_of
from handlers.views import done, drift, prompt, proof, reminder, root, switch, upload
from handlers.views.blocks import Message, say

Holders = Mapping[PersonRole, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Look:
    """At what moment somebody reads the message, whether its matter is being worked on right now, and who decides."""

    now: datetime
    under_way: bool
    holders: Holders


def render(
    services: Services,
    subject: str,
    now: datetime | None = None,
    under_way: Collection[str] = (),
    holders: Holders | None = None,
) -> Message:
    """The message of a subject as it is now. Never raises for a subject whose thing has gone.

    Args:
        services: the use cases, for reading.
        subject: `upload:ID`, `prompt:ID`, `completed:PROMPT_ID`, `root:CA_ID`, `switch:PUBLIC_ID`, `proof:PUBLIC_ID`,
            `reminder:PUBLIC_ID/NUMBER`, `drift:PUBLIC_ID`.
        now: when the reader looks (days left); the present moment by default.
        under_way: the subjects that this process is working on.
        holders: the user and group ids of who holds a role; they are called when they have to decide.

    Raises:
        ValueError: a subject of no known kind.
    """
    kind, _, name = subject.partition(":")
    show = _KINDS.get(kind)
    if show is None:
        raise ValueError(f"unknown subject {kind!r}")
    try:
        return show(services, name, Look(now or datetime.now(UTC), subject in under_way, holders or {}))
    except NotFound:
        return say(done.GONE)


def _upload(services: Services, name: str, look: Look) -> Message:
    report = services.intake.report(int(name))
    return replace(upload.render(report, look.now), replaces=progress_of(report.upload.key))


def _prompt(services: Services, name: str, look: Look) -> Message:
    report = services.chains.prompt_report(int(name))
    return prompt.render(report, replace(services.fetching.standing(report.prompt), is_under_way=look.under_way))


def _completed(services: Services, name: str, _look: Look) -> Message:
    return prompt.completed(services.chains.prompt_report(int(name)))


def _root(services: Services, name: str, look: Look) -> Message:
    return root.render(services.ca_list.root_report(int(name)), look.now, look.holders.get(PersonRole.TRUST_ADMIN, ()))


def _switch(services: Services, name: str, look: Look) -> Message:
    approvers = look.holders.get(PersonRole.APPROVER, ())
    return switch.render(services.switches.shown(name), look.now, approvers, services.overlaps.settles_after)


def _proof(services: Services, name: str, _look: Look) -> Message:
    return proof.render(services.switches.report(name))


def _reminder(services: Services, name: str, look: Look) -> Message:
    public_id = name.partition("/")[0]
    return reminder.render(services.switches.report(public_id), look.holders.get(PersonRole.APPROVER, ()))


def _drift(services: Services, name: str, look: Look) -> Message:
    return drift.render(services.drifts.report(name), look.holders.get(PersonRole.APPROVER, ()))


_KINDS: dict[str, Callable[[Services, str, Look], Message]] = {
    "upload": _upload,
    "prompt": _prompt,
    "completed": _completed,
    "root": _root,
    "switch": _switch,
    "proof": _proof,
    "reminder": _reminder,
    "drift": _drift,
}
