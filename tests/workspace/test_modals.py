"""Claims about modals: triggers, the stack, submissions and what is done with the app's answer."""

from typing import Any

import pytest
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.patience import eventually
from tests.workspace.asking import opened, renaming, trigger, typed
from tests.workspace.place import (
    GENERAL,
    OLIVIA,
    QUIET,
    Clock,
    Json,
    Person,
    actions,
    button,
    connected,
    error_of,
    modal,
    new_app,
    section,
)


def test_a_modal_is_its_users_only_and_closes_when_submitted(
    workspace: WorkspaceServer, olivia: Person, sam: Person
) -> None:
    """The app gets all values, untouched ones as null."""
    app = new_app(workspace)
    seen = renaming(app, {})
    with connected(workspace, app):
        view = opened(olivia)
        assert sam.get("views")["views"] == []
        assert sam.do("view/submit", view_id=view["id"], values=typed("x"))["error"] == "not_found"
        assert olivia.do("view/submit", view_id=view["id"], values=typed("acme 2026"))["response_action"] is None
    assert olivia.get("views")["views"] == []
    submitted = seen[0]["view"]
    assert submitted["private_metadata"] == "p1"
    assert submitted["state"]["values"] == {
        "name": {"value": {"type": "plain_text_input", "value": "acme 2026"}},
        "note": {"value": {"type": "plain_text_input", "value": None}},
    }


def test_required_inputs_are_asked_for_before_the_app_hears(workspace: WorkspaceServer, olivia: Person) -> None:
    """As Slack's client does; values for inputs that are not there are refused."""
    app = new_app(workspace)
    seen = renaming(app, {})
    with connected(workspace, app):
        view = opened(olivia)
        refused = olivia.do("view/submit", view_id=view["id"], values=typed(""))
        assert (refused["error"], list(refused["errors"])) == ("missing_required", ["name"])
        forged = olivia.do("view/submit", view_id=view["id"], values={"other": {"x": {"value": "y"}}})
        assert forged["error"] == "invalid_values"
    assert seen == []


@pytest.mark.parametrize(
    ("answer", "depth", "word"),
    [
        ({"response_action": "errors", "errors": {"name": "taken"}}, 1, "errors"),
        ({"response_action": "update", "view": modal(section("second"))}, 1, "update"),
        ({"response_action": "push", "view": modal(section("second"))}, 2, "push"),
        ({"response_action": "clear"}, 0, "clear"),
    ],
)
def test_the_submission_does_what_the_app_answers(
    workspace: WorkspaceServer, olivia: Person, answer: Json, depth: int, word: str
) -> None:
    """Errors keeps the modal, update changes it, push adds one, clear closes all."""
    app = new_app(workspace)
    renaming(app, answer)
    with connected(workspace, app):
        view = opened(olivia)
        result = olivia.do("view/submit", view_id=view["id"], values=typed("x"))
    assert (result["response_action"], result.get("errors")) == (word, answer.get("errors"))
    assert len(olivia.get("views")["views"]) == depth


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": {"type": "modal", "title": {"type": "plain_text", "text": "x" * 25}}},
    ],
)
def test_a_wrong_response_action_is_shown_as_the_apps_fault(
    workspace: WorkspaceServer, olivia: Person, answer: Json
) -> None:
    """Errors for a block that is not there; a view over the limits."""
    app = new_app(workspace)
    renaming(app, answer)
    with connected(workspace, app):
        view = opened(olivia)
        assert olivia.do("view/submit", view_id=view["id"], values=typed("x"))["error"] == "invalid_response"
    assert olivia.get("views")["views"][0]["id"] == view["id"]


def test_a_file_input_hands_the_file_to_the_bot(workspace: WorkspaceServer, olivia: Person, bot: WebClient) -> None:
    """Private intake: in no channel, yet readable with the bot's token; somebody else's file is refused."""
    app, seen = new_app(workspace), []
    element = {"type": "file_input", "action_id": "files", "max_files": 2}
    block = {"type": "input", "block_id": "f", "label": {"type": "plain_text", "text": "File"}, "element": element}

    @app.shortcut("import_certificate")
    def intake(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        seen.append(body)
        client.views_open(trigger_id=body["trigger_id"], view=modal(block))

    @app.view("rename")
    def submitted(ack: Any, body: Json) -> None:
        seen.append(body)
        ack()

    ts = olivia.say(GENERAL, "here")
    file_id = olivia.upload(b"PEM")
    assert error_of(lambda: bot.files_info(file=file_id))["error"] == "file_not_found"
    with connected(workspace, app):
        assert olivia.do("shortcut", callback_id="import_certificate", channel=GENERAL, message_ts=ts)["ok"]
        view = eventually(lambda: olivia.get("views")["views"])[0]
        values = {"f": {"files": {"type": "file_input", "file_ids": [file_id]}}}
        assert olivia.do("view/submit", view_id=view["id"], values=values)["ok"]
    assert (seen[0]["type"], seen[0]["message"]["ts"]) == ("message_action", ts)
    assert seen[1]["view"]["state"]["values"]["f"]["files"]["files"][0]["id"] == file_id
    assert bot.files_info(file=file_id)["file"]["user"] == OLIVIA


def test_a_trigger_works_once_and_for_three_seconds(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient, clock: Clock
) -> None:
    """exchanged, expired and made-up ones each have their word."""
    first = trigger(workspace, olivia)
    assert bot.views_open(trigger_id=first, view=modal(section()))["view"]["type"] == "modal"
    assert error_of(lambda: bot.views_open(trigger_id=first, view=modal(section())))["error"] == "exchanged_trigger_id"
    second = trigger(workspace, olivia)
    clock.ahead += 3.1
    assert error_of(lambda: bot.views_open(trigger_id=second, view=modal(section())))["error"] == "expired_trigger_id"
    assert error_of(lambda: bot.views_open(trigger_id="1.2.3", view=modal(section())))["error"] == "invalid_trigger_id"


def test_at_most_three_views_lie_on_each_other(workspace: WorkspaceServer, olivia: Person, bot: WebClient) -> None:
    """Each push needs a press in the view below; closing takes the top one off and says so where asked."""
    app, pushed, closed = new_app(workspace), [], []
    deeper = modal(actions(button("deeper")), notify_on_close=True)

    @app.action("deeper")
    def push(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        try:
            client.views_push(trigger_id=body["trigger_id"], view=deeper)
            pushed.append("pushed")
        except Exception as refused:
            pushed.append(refused.response["error"])  # type: ignore[attr-defined]

    @app.view_closed("rename")
    def gone(ack: Any, body: Json) -> None:
        ack()
        closed.append((body["view"]["id"], body["is_cleared"]))

    bot.views_open(trigger_id=trigger(workspace, olivia), view=deeper)
    with connected(workspace, app):
        for count in (1, 2, 3):
            top = olivia.get("views")["views"][-1]
            press = {"view_id": top["id"], "block_id": "decide", "action_id": "deeper"}
            assert olivia.do("action", **press)["ok"]
            eventually(lambda count=count: len(pushed) == count)  # type: ignore[misc]
        stack = olivia.get("views")["views"]
        assert olivia.do("view/close", view_id=stack[-1]["id"])["ok"]
        assert olivia.do("view/close", view_id=stack[0]["id"], clear=True)["ok"]
    assert pushed == ["pushed", "pushed", "push_limit_reached"]
    assert [view["root_view_id"] for view in stack] == [stack[0]["id"]] * 3
    assert closed == [(stack[2]["id"], False), (stack[1]["id"], True), (stack[0]["id"], True)]


def test_a_view_that_has_changed_meanwhile_is_not_overwritten(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient
) -> None:
    """hash_conflict; unknown ids are not_found; an external id is unique."""
    named = modal(section(), external_id="only-one")
    view = bot.views_open(trigger_id=trigger(workspace, olivia), view=named)["view"]
    changed = bot.views_update(external_id="only-one", view=named, hash=view["hash"])["view"]
    assert (changed["id"], changed["hash"] != view["hash"]) == (view["id"], True)
    stale = error_of(lambda: bot.views_update(view_id=view["id"], view=named, hash=view["hash"]))
    assert stale["error"] == "hash_conflict"
    assert error_of(lambda: bot.views_update(view_id="V0", view=named))["error"] == "not_found"
    home = {"type": "home", "blocks": [], "external_id": "only-one"}
    assert error_of(lambda: bot.views_publish(user_id=OLIVIA, view=home))["error"] == "duplicate_external_id"


def test_values_of_the_wrong_shape_are_refused(workspace: WorkspaceServer, olivia: Person, bot: WebClient) -> None:
    """For every kind of input; and a choice of a channel that the person cannot see."""
    label = {"type": "plain_text", "text": "x"}
    kinds = ("users_select", "conversations_select", "multi_users_select", "datepicker", "timepicker", "datetimepicker")
    blocks = [
        {"type": "input", "block_id": kind, "label": label, "element": {"type": kind, "action_id": "a"}}
        for kind in kinds
    ]
    view = bot.views_open(trigger_id=trigger(workspace, olivia), view=modal(*blocks))["view"]
    bad: list[tuple[str, Json]] = [
        ("users_select", {"selected_user": ["x"]}),
        ("users_select", {"selected_user": "UNOBODY"}),
        ("conversations_select", {"selected_conversation": "GSECRET"}),
        ("multi_users_select", {"selected_users": [{}]}),
        ("datepicker", {"selected_date": "tomorrow"}),
        ("timepicker", {"selected_time": 7}),
        ("datetimepicker", {"selected_date_time": True}),
    ]
    for kind, value in bad:
        answer = olivia.do("view/submit", view_id=view["id"], values={kind: {"a": value}})
        assert answer["error"] == "invalid_values", (kind, value)
    assert QUIET  # the one that she may choose
    good = {"conversations_select": {"a": {"selected_conversation": QUIET}}}
    assert olivia.do("view/submit", view_id=view["id"], values=good)["error"] == "missing_required"
