"""Claims about what a workspace keeps: at every moment, as if it were killed there, and however much was said."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.workspace import journal, snapshot
from bot.workspace.server import WorkspaceServer
from tests.patience import eventually
from tests.workspace.place import (
    GENERAL,
    OLIVIA,
    SAM,
    SEED,
    SHARED,
    Json,
    Person,
    actions,
    bot_client,
    button,
    connected,
    modal,
    new_app,
    section,
    text_input,
)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the state file is."""
    return tmp_path_factory.mktemp("keeping") / "workspace.json"


@pytest.fixture(scope="module")
def workspace(state: Path) -> Iterator[WorkspaceServer]:
    """One workspace for all the deeds below."""
    server = WorkspaceServer(SEED, state)
    server.start()
    yield server
    server.stop()


def in_memory(workspace: WorkspaceServer) -> Json:
    """What would have to come back."""
    kept: Json = json.loads(json.dumps(workspace._world.snapshot()))
    return kept


def posts_and_threads(olivia: Person, bot: WebClient) -> None:
    """A parent changes with its replies, and with what is taken out again."""
    ts = olivia.say(GENERAL, "parent")
    reply = str(bot.chat_postMessage(channel=GENERAL, text="reply", thread_ts=ts)["ts"])
    bot.chat_update(channel=GENERAL, ts=reply, text="reply, better")
    olivia.web.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    bot.chat_delete(channel=GENERAL, ts=reply)


def ephemerals(olivia: Person, bot: WebClient) -> None:
    """Shown to one person, who takes it away."""
    bot.chat_postEphemeral(channel=GENERAL, user=olivia.id, text="only you", blocks=[actions(button())])
    bot.chat_postEphemeral(channel=GENERAL, user=SAM, text="only Sam")


def files(olivia: Person, bot: WebClient) -> None:
    """Begun, uploaded, shared, in a thread, deleted."""
    olivia.web.files_getUploadURLExternal(filename="never.pem", length=3)
    olivia.upload(b"alone", "alone.pem")
    shared = olivia.upload(b"content", channel_id=SHARED)
    olivia.web.files_delete(file=shared)
    parent = str(bot.chat_postMessage(channel=GENERAL, text="here")["ts"])
    olivia.upload(b"threaded", channel_id=GENERAL, thread_ts=parent)


def homes(_olivia: Person, bot: WebClient) -> None:
    """Published, and published anew."""
    for words in ("first", "second"):
        bot.views_publish(user_id=OLIVIA, view={"type": "home", "blocks": [section(words)]})


def conversations(olivia: Person, bot: WebClient) -> None:
    """Direct messages come into being; people come and go."""
    im = bot.conversations_open(users=SAM)["channel"]["id"]
    bot.chat_postMessage(channel=im, text="hello")
    olivia.web.conversations_invite(channel="CQUIET", users=SAM)


DEEDS: tuple[Callable[[Person, WebClient], None], ...] = (posts_and_threads, ephemerals, files, homes, conversations)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_what_is_on_disk_is_what_is_in_memory_after_every_answer(
    workspace: WorkspaceServer, state: Path, deed: Callable[[Person, WebClient], None]
) -> None:
    """Each deed tells the journal all that it changed: what a `kill -9` leaves is the whole of it."""
    deed(Person(workspace, OLIVIA), bot_client(workspace))
    assert snapshot.load(state) == in_memory(workspace)


def test_forms_and_what_was_entered_are_on_disk(workspace: WorkspaceServer, state: Path) -> None:
    """A modal opened, its field filled in and sent, over a real Socket Mode connection."""
    app, opened = new_app(workspace), []

    def open_form(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        opened.append(client.views_open(trigger_id=body["trigger_id"], view=modal(text_input()))["view"]["id"])

    app.event("message")(lambda ack: ack())
    app.action("approve")(open_form)
    app.view("rename")(lambda ack: ack(response_action="errors", errors={"name": "taken"}))
    olivia, bot = Person(workspace, OLIVIA), bot_client(workspace)
    ts = str(bot.chat_postMessage(channel=GENERAL, text="x", blocks=[actions(button())])["ts"])
    with connected(workspace, app):
        where = {"channel": GENERAL, "message_ts": ts, "block_id": "decide", "action_id": "approve"}
        assert olivia.do("action", **where)["ok"]
        (view_id,) = eventually(lambda: opened)
        values = {"name": {"value": {"type": "plain_text_input", "value": "a name"}}}
        olivia.do("view/submit", view_id=view_id, values=values)
        eventually(lambda: workspace.pending_events == 0)
    eventually(lambda: snapshot.load(state) == in_memory(workspace))
    assert in_memory(workspace)["inputs"][view_id]


def test_a_message_costs_the_journal_its_own_size_however_much_was_said_before(tmp_path: Path) -> None:
    """The state file is not written anew for each; it is once the journal outgrows it, and then starts anew."""
    state = tmp_path / "workspace.json"
    server = WorkspaceServer(SEED, state)
    server.start()
    try:
        olivia = Person(server, OLIVIA)
        olivia.say(GENERAL, "the first")

        def written() -> int:
            return sum(path.stat().st_size for path in tmp_path.glob("*.journal"))

        def generation() -> int:
            return int(json.loads(state.read_text())["generation"])

        first, before = generation(), written()
        olivia.say(GENERAL, "y" * 1000)
        assert 2000 < written() - before < 8000, "the message, and the event that waits for the app"
        assert generation() == first
        wanted = journal.SMALLEST_LIMIT // 24_000 + 1
        posted = [olivia.say(GENERAL, "z" * 12_000) for _ in range(wanted)]
        assert generation() > first
        assert len(list(tmp_path.glob("*.journal"))) == 1
        saved = snapshot.load(state)
        assert saved is not None
        assert [message["ts"] for message in saved["messages"][GENERAL]][-wanted:] == posted
    finally:
        server.stop()


def test_a_line_that_was_being_written_at_the_kill_is_left_out(tmp_path: Path) -> None:
    """Cut anywhere in its last line, the journal gives the state before that line."""
    state = tmp_path / "workspace.json"
    snapshot.write(state, json.dumps({"generation": 4, "messages": {}, "last_us": 0}))
    path = snapshot.journal_path(state, 4)
    opened = journal.Journal(path)
    opened.append([[["last_us"], 1], [["messages", "C1", "1.0"], {"ts": "1.0", "text": "kept"}]])
    whole = path.read_bytes()
    opened.append([[["last_us"], 2], [["messages", "C1", "1.0"], None]])
    opened.close()
    both = path.read_bytes()
    snapshot.journal_path(state, 3).write_bytes(b'[[["last_us"],99]]\n')
    for end in range(len(whole), len(both)):
        path.write_bytes(both[:end])
        saved = snapshot.load(state)
        assert saved is not None
        assert (saved["last_us"], saved["messages"]["C1"]) == (1, [{"ts": "1.0", "text": "kept"}])
    path.write_bytes(both)
    saved = snapshot.load(state)
    assert saved is not None
    assert (saved["last_us"], saved["messages"]["C1"]) == (2, [])
