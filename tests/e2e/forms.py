"""How a person fills a form in: what is offered first, unless the story says another thing."""

from typing import Any

from tests.e2e.office import Member, Message, View, buttons_of, wait_for

Values = dict[str, dict[str, Any]]


def filled(view: View, **said: Any) -> Values:
    """A value for every field, by action id: what is said (dots as `__`), what stands there, or the first choice."""
    values: Values = {}
    for block in view["blocks"]:
        element = block.get("element") or {}
        name = element.get("action_id")
        if name is not None:
            value = _value(element, said.get(str(name).replace(".", "__")))
            if value is not None:
                values[name] = value
    return values


def _value(element: dict[str, Any], said: Any) -> dict[str, Any] | None:
    match element["type"]:
        case "static_select":
            options = element["options"]
            stands = element.get("initial_option") or options[0]
            return {"selected_option": next((one for one in options if one["value"] == said), stands)}
        case "checkboxes":
            return {"selected_options": element["options"] if said else []}
        case "datetimepicker":
            return {"selected_date_time": said if said is not None else element.get("initial_date_time")}
        case "plain_text_input" | "url_text_input":
            value = said if said is not None else element.get("initial_value")
            return {"value": value} if value or said is not None else None  # not sent: as it stands
        case _:
            return None


def choose(person: Member, view: View, action_id: str, value: str, shows: str) -> View:
    """Choose an option that changes the form; the form once it shows the block that was asked for."""
    block = next(one for one in view["blocks"] if (one.get("element") or {}).get("action_id") == action_id)
    chosen = next(one for one in block["element"]["options"] if one["value"] == value)
    where = {"view_id": view["id"], "block_id": block["block_id"], "action_id": action_id}
    assert person._post("/client/action", {**where, "selected_option": chosen})["ok"]

    def look() -> View | None:
        shown = person.modal()
        return shown if shows in [one.get("block_id") for one in shown["blocks"]] else None

    return wait_for(f"the form to ask for {shows}", look)


def press_in(person: Member, view: View, label: str) -> None:
    """Press a button of a page in front of the person."""
    button = next(one for one in buttons_of(view) if one["text"]["text"].startswith(label))
    where = {"view_id": view["id"], "block_id": button["block_id"], "action_id": button["action_id"]}
    assert person._post("/client/action", where)["ok"]


def open_by(person: Member, channel: str, message: Message, label: str, title: str) -> View:
    """Press a button that opens a form, and wait for it."""
    assert person.press(channel, message, label)["ok"]
    return person.modal(title)
