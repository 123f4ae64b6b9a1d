"""One call that ends in one error, and what must be there before it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.workspace.contract import Office
from tests.workspace.place import GENERAL, OLIVIA, SAM, Json, modal, section

Prepare = Callable[[Office], Json]

HUGE_VIEW = {"type": "modal", "blocks": [section("x" * 3000) for _ in range(90)]}
EMPTY_HOME = {"type": "home", "blocks": []}
HUGE_HOME = {**HUGE_VIEW, "type": "home"}
BAD = [section("x" * 3001)]
LONG = [section("x" * 3000) for _ in range(5)]
RICH = [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}]
METADATA = {"event_type": "e", "event_payload": {}}
BIG_METADATA = {"event_type": "e", "event_payload": {"x": "y" * 9000}}


@dataclass(frozen=True)
class Case:
    """One call that ends in one error. `prepare` makes what must be there first and gives the arguments with it."""

    method: str
    error: str
    arguments: Json = field(default_factory=dict)
    who: str = "bot"
    verb: str = "POST"
    place: str = "plain"
    prepare: Prepare | None = None

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.method}-{self.error}"


def case(method: str, error: str, prepare: Prepare | None = None, **arguments: Any) -> Case:
    """A case; `who`, `place` and `verb` are no arguments of the method."""
    who, place = arguments.pop("who", "bot"), arguments.pop("place", "plain")
    verb = arguments.pop("verb", "POST")
    return Case(method, error, arguments, who=who, verb=verb, place=place, prepare=prepare)


# --- what must be there first -------------------------------------------------------------------------------------


def posted(channel: str = GENERAL, who: str = "bot", **more: Any) -> Prepare:
    """A message of that author's; its `channel` and `ts`."""

    def prepare(office: Office) -> Json:
        web = office.bot if who == "bot" else office.people[who].web
        return {"channel": channel, "ts": web.chat_postMessage(channel=channel, text="x", **more)["ts"]}

    return prepare


def stamped(channel: str = GENERAL) -> Prepare:
    """The same, named as reactions and pins name it."""

    def prepare(office: Office) -> Json:
        made = posted(channel)(office)
        return {"channel": channel, "timestamp": made["ts"]}

    return prepare


def then(first: Prepare, do: Callable[[Office, Json], Any]) -> Prepare:
    """What `first` makes, after `do` was done to it; what `do` gives is added."""

    def prepare(office: Office) -> Json:
        made = first(office)
        more = do(office, made)
        return {**made, **(more if isinstance(more, dict) else {})}

    return prepare


def uploaded(who: str = OLIVIA, **share: Any) -> Prepare:
    """A file of that person's."""
    return lambda office: {"file": office.people[who].upload(b"PEM", **share)}


def deleted(office: Office, made: Json) -> None:
    """Deletes Olivia's file."""
    office.olivia.web.files_delete(file=made["file"])


def archive_again(office: Office, made: Json) -> None:
    """Archives the channel of the prepared message."""
    office.olivia.web.api_call("conversations.archive", json={"channel": made["channel"]})


def received(length: int = 3, who: str = "bot", filename: str = "a.pem") -> Prepare:
    """An upload whose bytes are there and that waits to be completed."""

    def prepare(office: Office) -> Json:
        web = office.bot if who == "bot" else office.people[who].web
        place = web.files_getUploadURLExternal(filename=filename, length=length)
        office.http.post(place["upload_url"], content=b"x" * length)
        return {"files": f'[{{"id": "{place["file_id"]}"}}]'}

    return prepare


def trigger(view: Json, *, late: bool = False, spent: bool = False) -> Prepare:
    """A trigger id, left to expire or spent before."""

    def prepare(office: Office) -> Json:
        trigger_id = office.trigger()
        if spent:
            office.bot.views_open(trigger_id=trigger_id, view=modal())
        if late:
            office.clock.ahead += 3.5
        return {"trigger_id": trigger_id, "view": view}

    return prepare


def inner(view: Json, *, late: bool = False, spent: bool = False, closed: bool = False, full: bool = False) -> Prepare:
    """The same from within a modal, for views.push."""

    def prepare(office: Office) -> Json:
        opened = office.modal()
        trigger_id = office.inner_trigger(opened)
        if spent:
            office.bot.views_push(trigger_id=trigger_id, view=modal())
        if full:
            office.bot.views_push(trigger_id=trigger_id, view=modal())
            office.bot.views_push(trigger_id=office.inner_trigger(opened), view=modal())
            trigger_id = office.inner_trigger(opened)
        if closed:
            office.olivia.do("view/close", view_id=opened["id"])
        if late:
            office.clock.ahead += 3.5
        return {"trigger_id": trigger_id, "view": view}

    return prepare


def named(office: Office) -> str:
    """An external id that an open view has."""
    external = f"case-{office.clock()}"
    office.bot.views_publish(user_id=SAM, view={"type": "home", "blocks": [], "external_id": external})
    return external


def with_taken_name(prepare: Prepare) -> Prepare:
    """Gives the prepared view an external id that is taken."""

    def prepared(office: Office) -> Json:
        made = prepare(office)
        return {**made, "view": {**made["view"], "external_id": named(office)}}

    return prepared


def many(count: int, do: Callable[[Office, Json, int], Any], first: Prepare) -> Prepare:
    """What `first` makes, after `do` was done to it so often."""

    def prepare(office: Office) -> Json:
        made = first(office)
        for number in range(count):
            do(office, made, number)
        return made

    return prepare


def soon(seconds: float) -> Prepare:
    """A time so far ahead (or behind)."""
    return lambda office: {"post_at": int(office.clock() + seconds)}
