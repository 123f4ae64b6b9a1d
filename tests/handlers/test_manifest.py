"""The manifest asks for what the product uses: of what it listens for or calls nothing is missing, nothing too much."""

import json
import re
from typing import Any, cast

import pytest
from slack_bolt import App
from slack_sdk import WebClient

import handlers
from bot.cli import main
from bot.lab.cast import slack_seed
from bot.manifest import BadAddress, manifest
from handlers.desk import Desk
from tests.handlers.slack_needs import EVENTS, FEATURES, METHODS, PUBLISHED, methods_called, published, served

MESSAGE_KINDS = ("message.channels", "message.groups", "message.im")


class Heard(App):
    """A real Bolt app that also keeps what is registered on it."""

    def __init__(self) -> None:
        super().__init__(client=WebClient("xoxb-none"), token_verification_enabled=False)
        self.heard: dict[str, list[Any]] = {"event": [], "command": [], "shortcut": [], "action": [], "view": []}

    def event(self, event: Any, *args: Any, **more: Any) -> Any:
        """An event listener."""
        self.heard["event"].append(event)
        return super().event(event, *args, **more)

    def command(self, command: Any, *args: Any, **more: Any) -> Any:
        """A slash command."""
        self.heard["command"].append(command)
        return super().command(command, *args, **more)

    def shortcut(self, constraints: Any, *args: Any, **more: Any) -> Any:
        """A shortcut."""
        self.heard["shortcut"].append(constraints)
        return super().shortcut(constraints, *args, **more)

    def action(self, constraints: Any, *args: Any, **more: Any) -> Any:
        """A button or select."""
        self.heard["action"].append(constraints)
        return super().action(constraints, *args, **more)

    def view(self, constraints: Any, *args: Any, **more: Any) -> Any:
        """A form."""
        self.heard["view"].append(constraints)
        return super().view(constraints, *args, **more)


@pytest.fixture(scope="module")
def heard() -> dict[str, list[Any]]:
    """All that the product listens for. Registering needs no services: nothing runs at it."""
    app = Heard()
    nothing = cast(Any, None)
    handlers.register(app, Desk(services=nothing, people=nothing, jobs=nothing, homes=nothing, whereabouts=nothing))
    return app.heard


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """The manifest for Socket Mode."""
    return manifest()


def test_every_event_that_is_listened_for_is_subscribed_and_none_else(
    heard: dict[str, list[Any]], told: dict[str, Any]
) -> None:
    """A subscription without a listener is answered 404 and delivered again; a listener without one is never called."""
    names = {one if isinstance(one, str) else one["type"] for one in heard["event"]}
    wanted = {*(names - {"message"}), *(MESSAGE_KINDS if "message" in names else ())}

    assert set(told["settings"]["event_subscriptions"]["bot_events"]) == wanted


def test_commands_and_shortcuts_are_those_that_are_listened_for(
    heard: dict[str, list[Any]], told: dict[str, Any]
) -> None:
    """Under the same names, and of the same kind."""
    features = told["features"]
    kinds = {"message_action": "message", "shortcut": "global"}

    assert [one["command"] for one in features["slash_commands"]] == heard["command"]
    assert [(one["type"], one["callback_id"]) for one in features["shortcuts"]] == [
        (kinds[one["type"]], one["callback_id"]) for one in heard["shortcut"]
    ]


def test_home_and_interactivity_are_on_where_they_are_listened_for(
    heard: dict[str, list[Any]], told: dict[str, Any]
) -> None:
    """Without them views.publish answers not_enabled, and no button does anything."""
    assert told["features"]["app_home"]["home_tab_enabled"] is ("app_home_opened" in heard["event"])
    assert told["settings"]["interactivity"]["is_enabled"] is bool(heard["action"] or heard["view"])
    # The bot writes to people directly, where a button in Home has no channel to answer in.
    assert told["features"]["app_home"]["messages_tab_enabled"] is True


def test_every_method_called_is_in_the_table_and_nothing_else_is() -> None:
    """A call that nobody has looked up the scopes of, or a row that no call needs any more."""
    called = methods_called()

    assert {method: place for method, place in called.items() if method not in METHODS} == {}
    assert set(METHODS) - set(called) == set()


def test_the_scopes_are_those_of_the_methods_the_events_and_the_features(told: dict[str, Any]) -> None:
    """None is missing, none is too much: an admin who installs the app reads each of them."""
    subscribed = told["settings"]["event_subscriptions"]["bot_events"]
    needed = {scope for method in methods_called() for scope in METHODS[method]}
    needed |= {scope for event in subscribed for scope in EVENTS[event]} | set(FEATURES)

    assert set(told["oauth_config"]["scopes"]["bot"]) == needed
    assert told["oauth_config"]["scopes"]["bot"] == sorted(needed)


def _have_schemas() -> None:
    if not PUBLISHED.is_dir():
        pytest.skip("the published schemas are not beside this checkout: shared/slack-api")


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_table_of_methods_is_what_slack_publishes(method: str) -> None:
    """Where Slack asks for one scope for each kind of conversation, those of the kinds that are served."""
    _have_schemas()
    schema = published("methods", method)
    if schema is None:
        assert method == "users.conversations"
        return
    of_slack = set(served(schema["scope"].get("bot", [])))
    by_kind = {scope for scope in of_slack if scope.startswith("im:")} - METHODS[method]

    assert of_slack - by_kind == METHODS[method]
    assert by_kind <= {"im:read"}  # see the table: of direct messages nothing has to be known


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_the_table_of_events_is_what_slack_publishes(event: str) -> None:
    """`message.channels` and the like are `message` in one kind of conversation."""
    _have_schemas()
    schema = published("events", event.split(".", maxsplit=1)[0])
    if schema is None:
        assert event == "group_left"
        return
    scopes = set(served(schema["scopes"]))

    assert EVENTS[event] <= scopes
    assert EVENTS[event] == scopes or event.startswith("message.")


def test_over_http_every_address_is_filled_in_and_socket_mode_is_off() -> None:
    """The same manifest otherwise."""
    made = manifest("https://bot.example/")
    url = "https://bot.example/slack/events"

    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"].pop("request_url") == url
    assert made["settings"]["interactivity"].pop("request_url") == url
    assert [one.pop("url") for one in made["features"]["slash_commands"]] == [url]
    assert {**made, "settings": {**made["settings"], "socket_mode_enabled": True}} == manifest()
    assert manifest("https://bot.example:8443/other")["settings"]["interactivity"]["request_url"].endswith(
        ":8443/other"
    )


@pytest.mark.parametrize(
    "address",
    ["http://bot.example", "bot.example", "https://", "https://u:p@bot.example", "https://a:99999", "ftp://a"],
)
def test_an_address_that_slack_would_not_call_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With a line that says so, and no manifest."""
    with pytest.raises(BadAddress):
        manifest(address)
    assert main(["manifest", "--http", address]) == 2
    out, err = capsys.readouterr()
    assert (out, address in err) == ("", True)


def test_the_command_line_prints_what_slack_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON, and nothing beside it."""
    assert main(["manifest"]) == 0
    assert json.loads(capsys.readouterr().out) == manifest()


def test_texts_of_the_manifest_are_within_slacks_limits(told: dict[str, Any]) -> None:
    """docs.slack.dev/reference/app-manifest; a manifest with one that is too long is refused as a whole."""
    about, features = told["display_information"], told["features"]

    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", features["bot_user"]["display_name"])
    for command in features["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert len(shortcut["callback_id"]) <= 255


def test_the_local_slack_grants_and_sends_what_the_manifest_says(told: dict[str, Any]) -> None:
    """Else the local workspace would be kinder than Slack."""
    app = cast(dict[str, Any], slack_seed()["app"])

    assert app["scopes"] == told["oauth_config"]["scopes"]["bot"]
    assert app["events"] == told["settings"]["event_subscriptions"]["bot_events"]
    assert [one["command"] for one in app["commands"]] == ["/cert"]
    assert [one["callback_id"] for one in app["shortcuts"]] == ["import_certificate"]
