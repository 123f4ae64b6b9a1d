"""Claims about commands, shortcuts, buttons and modals: a real Bolt app answers, a person's client acts."""

from typing import Any

import httpx
import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.workspace.place import (
    ADA,
    GENERAL,
    OLIVIA,
    QUIET,
    SHARED,
    Clock,
    Json,
    Person,
    actions,
    button,
    connected,
    error_of,
    eventually,
    modal,
    new_app,
    section,
    text_input,
)


def test_a_commands_acknowledgement_is_shown_to_its_user_only(
    workspace: WorkspaceServer, olivia: Person, sam: Person
) -> None:
    """The payload says where, who and what; the answer is ephemeral."""
    app, seen = new_app(workspace), []

    @app.command("/cert")
    def cert(ack: Any, body: Json) -> None:
        seen.append(body)
        ack("Try `/cert list`.")

    with connected(workspace, app):
        answer = olivia.do("command", channel=GENERAL, command="/cert", text=" list acme ")
    assert answer == {"ok": True, "response": {"text": "Try `/cert list`."}}
    body = seen[0]
    assert (body["text"], body["user_id"], body["channel_id"]) == ("list acme", OLIVIA, GENERAL)
    assert body["is_enterprise_install"] == "false"
    assert [(m["text"], m["is_ephemeral"]) for m in olivia.sees(GENERAL)] == [("Try `/cert list`.", True)]
    assert sam.sees(GENERAL) == []


def test_a_command_may_answer_the_whole_channel(workspace: WorkspaceServer, olivia: Person, sam: Person) -> None:
    """response_type in_channel."""
    app = new_app(workspace)

    @app.command("/cert")
    def cert(ack: Any) -> None:
        ack(response_type="in_channel", text="for all")

    with connected(workspace, app):
        olivia.do("command", channel=GENERAL, command="/cert", text="")
    assert [m["text"] for m in sam.sees(GENERAL)] == ["for all"]


def test_commands_are_not_for_partners_nor_for_threads(workspace: WorkspaceServer, olivia: Person, ada: Person) -> None:
    """As on Slack; and an unknown one is no command at all."""
    with connected(workspace, new_app(workspace)):
        assert ada.do("command", channel=SHARED, command="/cert", text="help")["error"] == "not_allowed"
        refused = olivia.do("command", channel=GENERAL, command="/cert", text="", thread_ts="1.1")
        assert refused["error"] == "not_allowed"
        assert olivia.do("command", channel=GENERAL, command="/nope", text="")["error"] == "invalid_command"


def test_without_an_app_a_command_fails_and_a_silent_one_times_out(workspace: WorkspaceServer, olivia: Person) -> None:
    """dispatch_failed, operation_timeout."""
    assert olivia.do("command", channel=GENERAL, command="/cert", text="")["error"] == "dispatch_failed"
    olivia.do("faults", ack_timeout=0.2)
    with connected(workspace, new_app(workspace)):
        assert olivia.do("command", channel=GENERAL, command="/cert", text="")["error"] == "operation_timeout"


def pressing(app: App) -> list[Json]:
    """Has the app note every press."""
    seen: list[Json] = []

    @app.action({"type": "block_actions", "action_id": "approve"})
    def approve(ack: Any, body: Json) -> None:
        seen.append(body)
        ack()

    return seen


def test_a_press_carries_the_stored_value_and_who_pressed(
    workspace: WorkspaceServer, bot: WebClient, ada: Person
) -> None:
    """The client cannot forge the value; the user's team comes with the payload; partners may press."""
    app = new_app(workspace)
    seen = pressing(app)
    blocks = [section(), actions(button(value="request-1"))]
    ts = bot.chat_postMessage(channel=SHARED, text="approve?", blocks=blocks)["ts"]
    press = {"channel": SHARED, "message_ts": ts, "block_id": "decide", "action_id": "approve"}
    with connected(workspace, app):
        assert ada.do("action", **press, value="forged") == {"ok": True}
    body = seen[0]
    assert (body["type"], body["user"]["id"], body["user"]["team_id"]) == ("block_actions", ADA, "TACME")
    assert body["actions"][0]["value"] == "request-1"
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": SHARED, "is_ephemeral": False}
    assert body["message"]["ts"] == ts


def test_a_stale_button_is_refused(bot: WebClient, olivia: Person, sam: Person) -> None:
    """Gone with an update, never there, or in a channel that the person is not in."""
    ts = bot.chat_postMessage(channel=SHARED, text="approve?", blocks=[actions(button())])["ts"]
    press = {"channel": SHARED, "message_ts": ts, "block_id": "decide", "action_id": "approve"}
    assert sam.do("action", **press)["error"] == "not_in_channel"
    assert olivia.do("action", **{**press, "action_id": "other"})["error"] == "action_not_found"
    assert olivia.do("action", **{**press, "message_ts": "1.1"})["error"] == "message_not_found"
    bot.chat_update(channel=SHARED, ts=ts, text="done", blocks=[])
    assert olivia.do("action", **press)["error"] == "action_not_found"


def test_a_choice_must_be_one_that_was_offered(workspace: WorkspaceServer, bot: WebClient, olivia: Person) -> None:
    """And stays in the state that the next press carries."""
    app, chosen = new_app(workspace), []
    seen = pressing(app)

    @app.action("partner")
    def partner(ack: Any, body: Json) -> None:
        chosen.append(body["actions"][0]["selected_option"]["value"])
        ack()

    word = {"type": "plain_text", "text": "Acme"}
    select = {"type": "static_select", "action_id": "partner", "options": [{"text": word, "value": "acme"}]}
    ts = bot.chat_postMessage(channel=GENERAL, text="which?", blocks=[actions(select, button())])["ts"]
    place = {"channel": GENERAL, "message_ts": ts, "block_id": "decide"}
    with connected(workspace, app):
        forged = olivia.do("action", **place, action_id="partner", selected_option={"value": "evil"})
        assert forged["error"] == "invalid_values"
        assert olivia.do("action", **place, action_id="partner", selected_option={"value": "acme"})["ok"]
        olivia.do("action", **place, action_id="approve")
    assert chosen == ["acme"]
    assert seen[0]["state"]["values"]["decide"]["partner"]["selected_option"]["text"] == word


def renaming(app: App, answer: Json) -> list[Json]:
    """An app whose command opens a modal and whose submission answers so."""
    seen: list[Json] = []

    @app.command("/cert")
    def cert(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        note = {**text_input("note"), "optional": True}
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input(), note, private_metadata="p1"))

    @app.view("rename")
    def rename(ack: Any, body: Json) -> None:
        seen.append(body)
        ack(**answer)

    return seen


def opened(person: Person) -> Json:
    """The person's top view after the command."""
    assert person.do("command", channel=GENERAL, command="/cert", text="rename")["ok"]
    view: Json = eventually(lambda: person.get("views")["views"])[-1]
    return view


def typed(value: str) -> Json:
    """Values of the modal with that name."""
    return {"name": {"value": {"type": "plain_text_input", "value": value}}}


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


def trigger(workspace: WorkspaceServer, person: Person) -> str:
    """A fresh trigger id, from a command."""
    app, found = new_app(workspace), []

    @app.command("/cert")
    def cert(ack: Any, body: Json) -> None:
        found.append(body["trigger_id"])
        ack()

    with connected(workspace, app):
        person.do("command", channel=GENERAL, command="/cert", text="")
    return str(found[0])


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


def response_url(workspace: WorkspaceServer, person: Person, channel: str, ts: str) -> str:
    """The response URL of a press on `approve`."""
    app = new_app(workspace)
    seen = pressing(app)
    with connected(workspace, app):
        assert person.do("action", channel=channel, message_ts=ts, block_id="decide", action_id="approve")["ok"]
    return str(seen[0]["response_url"])


def test_a_response_url_changes_even_an_ephemeral_message(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient
) -> None:
    """replace_original, then delete_original; an own answer is ephemeral."""
    blocks = [actions(button())]
    ts = bot.chat_postEphemeral(channel=GENERAL, user=OLIVIA, text="sure?", blocks=blocks)["message_ts"]
    url = response_url(workspace, olivia, GENERAL, ts)
    assert httpx.post(url, json={"replace_original": True, "text": "sure."}, trust_env=False).text == "ok"
    assert [m["text"] for m in olivia.sees(GENERAL)] == ["sure."]
    httpx.post(url, json={"text": "by the way"}, trust_env=False)
    httpx.post(url, json={"delete_original": True}, trust_env=False)
    assert [(m["text"], m["is_ephemeral"]) for m in olivia.sees(GENERAL)] == [("by the way", True)]


def test_a_response_url_takes_five_posts_in_thirty_minutes(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient, clock: Clock
) -> None:
    """The sixth, a late and a made-up one are refused; so are faulty blocks."""
    ts = bot.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(button())])["ts"]
    url = response_url(workspace, olivia, GENERAL, ts)

    def post(**body: Any) -> tuple[int, str]:
        answer = httpx.post(url, json=body or {"text": "again"}, trust_env=False)
        return answer.status_code, answer.text if answer.text == "ok" else answer.json()["error"]

    assert post(text="x", blocks=[{"type": "hologram"}]) == (400, "invalid_blocks")
    assert [post() for _ in range(4)] == [(200, "ok")] * 4
    assert post() == (404, "used_url")
    url = response_url(workspace, olivia, GENERAL, ts)
    clock.ahead += 1801
    assert post() == (404, "expired_url")
    url = workspace.url + "/response/made-up"
    assert post() == (404, "expired_url")


def test_an_external_select_asks_the_app_for_its_options(
    workspace: WorkspaceServer, olivia: Person, bot: WebClient
) -> None:
    """block_suggestion with what was typed."""
    app = new_app(workspace)

    @app.options("search")
    def search(ack: Any, payload: Json) -> None:
        ack(options=[{"text": {"type": "plain_text", "text": payload["value"].upper()}, "value": "1"}])

    select = {"type": "external_select", "action_id": "search", "min_query_length": 1}
    ts = bot.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(select)])["ts"]
    place = {"channel": GENERAL, "message_ts": ts, "block_id": "decide", "action_id": "search"}
    with connected(workspace, app):
        answer = olivia.do("block_suggestion", **place, value="acme")
    assert answer["options"][0]["text"]["text"] == "ACME"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("command", {"channel": ["x"], "command": "/cert", "text": ""}),
        ("command", {"channel": GENERAL, "command": ["/cert"], "text": ""}),
        ("action", {"channel": GENERAL, "message_ts": {}, "block_id": [], "action_id": []}),
        ("action", {"view_id": {"a": 1}}),
        ("shortcut", {"callback_id": ["x"]}),
        ("view/submit", {"view_id": []}),
        ("view/close", {}),
        ("dismiss", {"channel": 1}),
        ("faults", {"deliver_times": "many"}),
        ("faults", {"unknown": 1}),
        ("panel/switch", {}),
    ],
)
def test_a_senseless_request_is_refused_in_words(olivia: Person, path: str, body: Json) -> None:
    """Never a fault of the server."""
    answer = olivia.do(path, **body)
    assert answer["ok"] is False
    assert answer["error"]


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
