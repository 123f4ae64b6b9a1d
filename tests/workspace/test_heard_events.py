"""Claims about the events that an app hears, with a real Bolt app on a real socket."""

from slack_sdk import WebClient

from bot.workspace.server import WorkspaceServer
from tests.patience import eventually
from tests.workspace.place import BOT, GENERAL, OLIVIA, QUIET, SAM, SHARED, Json, Person, bot_client, connected, new_app
from tests.workspace.wire import Heard


def test_a_message_arrives_as_event_callback_with_its_authorization(workspace: WorkspaceServer, ada: Person) -> None:
    """The envelope names app, team, bot and the shared channel; the event names its author's team."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    with connected(workspace, app):
        ts = ada.say(SHARED, "hello")
        body = eventually(lambda: heard.bodies)[0]
    assert (body["type"], body["api_app_id"], body["is_ext_shared_channel"]) == ("event_callback", "A0CSIGN", True)
    assert body["event_id"].startswith("Ev")
    granted = body["authorizations"][0]
    assert (granted["user_id"], granted["team_id"], granted["is_bot"]) == (BOT, "THOME", True)
    event = body["event"]
    assert (event["ts"], event["user"], event["team"], event["channel_type"]) == (ts, ada.id, "TACME", "channel")
    assert heard.retries == [("0", "")]


def test_a_file_arrives_as_file_share_in_its_thread(workspace: WorkspaceServer, olivia: Person) -> None:
    """With files and thread_ts, without a team; no file_shared beside it."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    heard.on(app, "file_shared")
    with connected(workspace, app):
        parent = olivia.say(GENERAL, "thread")
        olivia.upload(b"x", channel_id=GENERAL, thread_ts=parent)
        olivia.say(GENERAL, "end")
        eventually(lambda: len(heard.bodies) == 3)
    assert heard.events("file_shared") == []
    event = next(event for event in heard.events("message") if event.get("subtype"))
    assert (event["subtype"], event["thread_ts"], event["files"][0]["name"]) == ("file_share", parent, "partner.pem")
    assert "team" not in event


def test_a_connect_file_may_be_a_mere_reference(workspace: WorkspaceServer, ada: Person, bot: WebClient) -> None:
    """check_file_info: the bot must ask files.info."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    assert ada.do("faults", check_file_info=True)["ok"]
    with connected(workspace, app):
        file_id = ada.upload(b"x", channel_id=SHARED)
        event = eventually(lambda: heard.events("message"))[0]
    assert event["files"] == [
        {"id": file_id, "mode": "file_access", "file_access": "check_file_info", "created": 0, "user": ""}
    ]
    assert bot.files_info(file=file_id)["file"]["name"] == "partner.pem"


def test_a_mention_arrives_twice_and_only_where_the_bot_is(workspace: WorkspaceServer, olivia: Person) -> None:
    """As message and as app_mention; nothing from a channel without the bot, none from inside code."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    heard.on(app, "app_mention")
    with connected(workspace, app):
        olivia.say(QUIET, "@countersign unheard")
        olivia.say(GENERAL, "`@countersign` as code")
        ts = olivia.say(GENERAL, "@countersign help")
        eventually(lambda: len(heard.bodies) == 3)
    assert [event["ts"] for event in heard.events("app_mention")] == [ts]
    assert len({body["event_id"] for body in heard.bodies}) == 3


def test_the_app_hears_changes_and_deletions_but_bolt_drops_its_own_posts(
    workspace: WorkspaceServer, olivia: Person
) -> None:
    """message_changed carries before and after; message_deleted what was lost."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "message")
    with connected(workspace, app):
        bot_client(workspace).chat_postMessage(channel=GENERAL, text="own")
        ts = olivia.say(GENERAL, "one")
        olivia.web.chat_update(channel=GENERAL, ts=ts, text="two")
        olivia.web.chat_delete(channel=GENERAL, ts=ts)
        eventually(lambda: len(heard.bodies) == 3)
        eventually(lambda: workspace.pending_events == 0)
    by_kind = {event.get("subtype"): event for event in heard.events("message")}
    assert set(by_kind) == {None, "message_changed", "message_deleted"}
    changed = by_kind["message_changed"]
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("one", "two")
    assert by_kind["message_deleted"]["deleted_ts"] == ts


def test_joining_and_opening_home_are_told(workspace: WorkspaceServer, sam: Person, olivia: Person) -> None:
    """member_joined_channel with the inviter, app_home_opened with the tab; a published home comes back."""
    heard, app = Heard(), new_app(workspace)
    heard.on(app, "member_joined_channel")

    @app.event("app_home_opened")
    def publish(body: Json, client: WebClient) -> None:
        heard.bodies.append(body)
        blocks = [{"type": "divider", "block_id": "d"}]
        client.views_publish(user_id=body["event"]["user"], view={"type": "home", "blocks": blocks})

    with connected(workspace, app):
        olivia.web.conversations_invite(channel=SHARED, users=SAM)
        assert sam.do("home")["view"] is None
        eventually(lambda: len(heard.bodies) == 2)
        home = eventually(lambda: sam.do("home")["view"])
    joined = heard.events("member_joined_channel")[0]
    assert (joined["user"], joined["channel"], joined["inviter"]) == (SAM, SHARED, OLIVIA)
    assert heard.events("app_home_opened")[0]["tab"] == "home"
    assert home["blocks"] == [{"type": "divider", "block_id": "d"}]
