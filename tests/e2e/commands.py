"""Commands as people type them, and the forms that answer them."""

from tests.e2e.conftest import World
from tests.e2e.forms import filled
from tests.e2e.office import Member, Message, View, buttons_of, wait_for

ACME = "C0ACMEB2B"
GLOBEX = "C0GLOBEXAS2"
CERTIFICATES = "C0CERTS"
ELSEWHERE = "C0ELSEWHERE"  # no member but people: Countersign was never invited


def ask(person: Member, text: str, channel: str = CERTIFICATES) -> Message:
    """Type a command and wait for the answer that only this person sees."""
    before = len(person.ephemerals(channel))
    assert person.command(channel, text)["ok"]
    return wait_for(f"an answer to /cert {text}", lambda: person.ephemerals(channel)[before:])[-1]


def form_of(person: Member, text: str, channel: str = CERTIFICATES) -> View:
    """Type a command that is answered by a form."""
    assert person.command(channel, text)["ok"]
    return person.modal()


def dismiss(person: Member, view: View) -> None:
    """Close a form."""
    assert person._post("/client/view/close", {"view_id": view["id"], "clear": True})["ok"]


def typed(**fields: str) -> dict[str, dict[str, str]]:
    """Text fields of a form."""
    return {name: {"value": value} for name, value in fields.items()}


def chosen(view: View, action_id: str, words: str) -> dict[str, dict[str, object]]:
    """A choice in a select of the form, by words of its label."""
    element = next(one["element"] for one in view["blocks"] if (one.get("element") or {}).get("action_id") == action_id)
    option = next(one for one in element["options"] if words in one["text"]["text"])
    return {action_id: {"selected_option": option}}


def names(world: World) -> list[str]:
    """All display names."""
    return [name for (name,) in world.rows("select display_name from partner_certificate order by id")]


def button(message: Message, label: str) -> tuple[str, str]:
    """Block and action of a button."""
    found = next(one for one in buttons_of(message) if one["text"]["text"].startswith(label))
    return found["block_id"], found["action_id"]


def labels(message: Message) -> list[str]:
    """What its buttons say."""
    return [one["text"]["text"] for one in buttons_of(message)]


def propose(world: World, connection: str, certificate: str, channel: str) -> None:
    """Type a switch, and send the form that has all of it."""
    olivia = world.member("UOLIVIA")
    view = form_of(olivia, f'switch {connection} "{certificate}" yearly renewal', channel)
    kept = filled(view)
    assert kept["propose.connection"]["selected_option"]["text"]["text"].startswith(connection)
    assert kept["propose.certificate"]["selected_option"]["text"]["text"] == certificate
    assert kept["reason"] == {"value": "yearly renewal"}
    assert kept["propose.mode"]["selected_option"]["value"] == "now"
    assert olivia.submit(view, kept)["ok"]
