"""The people's side of an end-to-end test: what a person does in Slack, over the wire.

Posting and reading go through the unchanged slack-sdk with the person's own token; what Slack's own client does
(press a button, type a command, send a modal) goes through the workspace's client API.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_sdk import WebClient

from tests.loopback import HTTP
from tests.patience import PATIENCE_SECONDS, eventually

T = TypeVar("T")
READABLE = ("text", "fields", "elements", "rows", "accessory", "title", "label")

Message = dict[str, Any]
View = dict[str, Any]


def wait_for(what: str, look: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    """The same for what is asked over the wire, and is not to be asked too often."""
    return eventually(look, what, seconds, pause=0.05)


def text_of(message: Message) -> str:
    """Everything that a person can read in a message: its blocks, whatever their kind, or its text."""
    return _words(message.get("blocks") or message.get("text", ""))


def _words(part: Any) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "\n".join(_words(item) for item in part)
    if isinstance(part, dict):
        return "\n".join(_words(part[key]) for key in READABLE if key in part)
    return ""


def buttons_of(message: Message) -> list[dict[str, Any]]:
    """Every button of a message with the id of its block."""
    found = []
    for block in message.get("blocks", []):
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("type") == "button":
                found.append({"block_id": block["block_id"], **element})
    return found


@dataclass(frozen=True)
class Member:
    """One person at their Slack client."""

    user_id: str
    url: str
    token: str

    @property
    def slack(self) -> WebClient:
        """The Web API with this person's own token."""
        return WebClient(token=self.token, base_url=f"{self.url}/api/")

    def drop(self, channel: str, name: str, data: bytes, thread_ts: str | None = None) -> str:
        """Upload a file into a channel or thread; returns the ts that its thread hangs on."""
        client = self.slack
        file_id = self.upload(name, data)
        client.files_completeUploadExternal(
            files=[{"id": file_id, "title": name}], channel_id=channel, thread_ts=thread_ts
        )
        return thread_ts or wait_for(f"the message with {name}", lambda: self._message_with(channel, file_id))

    def upload(self, name: str, data: bytes) -> str:
        """The first two steps of Slack's external upload; returns the file id, not yet shared anywhere."""
        ticket = self.slack.files_getUploadURLExternal(filename=name, length=len(data))
        HTTP.post(str(ticket["upload_url"]), content=data).raise_for_status()
        return str(ticket["file_id"])

    def _message_with(self, channel: str, file_id: str) -> str | None:
        for message in self.slack.conversations_history(channel=channel, limit=20)["messages"]:
            if any(file.get("id") == file_id for file in message.get("files", [])):
                return str(message["ts"])
        return None

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The thread as this person sees it, ephemeral messages included."""
        messages: list[Message] = self._get("/client/thread", channel=channel, ts=ts)["messages"]
        return messages

    def channel(self, channel: str) -> list[Message]:
        """The top level of a channel as this person sees it."""
        messages: list[Message] = self._get("/client/channel", channel=channel)["messages"]
        return messages

    def answers(self, channel: str, ts: str) -> list[Message]:
        """The bot's messages in a thread."""
        return [message for message in self.thread(channel, ts) if message.get("bot_id")]

    def sees(self, channel: str, ts: str, *words: str) -> Message:
        """Wait for a message of the bot in the thread that holds all these words."""

        def look() -> Message | None:
            return next((m for m in self.answers(channel, ts) if all(word in text_of(m) for word in words)), None)

        try:
            return wait_for(f"{words} in the thread", look)
        except AssertionError as error:
            shown = "\n---\n".join(text_of(m) for m in self.answers(channel, ts))
            raise AssertionError(f"{error}; the thread says:\n{shown}") from None

    def press(self, channel: str, message: Message, label: str) -> dict[str, Any]:
        """Press the button with this label (or one that starts with it)."""
        button = next((b for b in buttons_of(message) if b["text"]["text"].startswith(label)), None)
        assert button, f"no button {label!r} among {[b['text']['text'] for b in buttons_of(message)]}"
        return self.act(channel, message["ts"], button["block_id"], button["action_id"])

    def act(self, channel: str, ts: str, block_id: str, action_id: str, **more: Any) -> dict[str, Any]:
        """Use one element of a message."""
        fields = {"channel": channel, "message_ts": ts, "block_id": block_id, "action_id": action_id, **more}
        return self._post("/client/action", fields)

    def command(self, channel: str, text: str) -> dict[str, Any]:
        """Type `/cert TEXT`."""
        return self._post("/client/command", {"channel": channel, "command": "/cert", "text": text})

    def shortcut(self, channel: str, ts: str, callback_id: str) -> dict[str, Any]:
        """Choose a message shortcut."""
        return self._post("/client/shortcut", {"channel": channel, "message_ts": ts, "callback_id": callback_id})

    def modal(self, title: str = "") -> View:
        """Wait for a modal to be open; the top one."""

        def look() -> View | None:
            views: list[View] = self._get("/client/views")["views"]
            return views[-1] if views and title in views[-1]["title"]["text"] else None

        return wait_for(f"a modal {title!r}", look)

    def submit(self, view: View, values: dict[str, Any]) -> dict[str, Any]:
        """Send a modal. `values` maps an action id to what Slack's state would hold."""
        state: dict[str, dict[str, Any]] = {}
        for block in view["blocks"]:
            element = block.get("element") or {}
            if element.get("action_id") in values:
                state.setdefault(block["block_id"], {})[element["action_id"]] = {
                    "type": element["type"],
                    **values[element["action_id"]],
                }
        return self._post("/client/view/submit", {"view_id": view["id"], "values": state})

    def ephemerals(self, channel: str, ts: str | None = None) -> list[Message]:
        """What only this person can see."""
        shown = self.thread(channel, ts) if ts else self.channel(channel)
        return [message for message in shown if message.get("is_ephemeral")]

    def told(self, channel: str, words: str, ts: str | None = None, after: int = 0) -> str:
        """Wait for an ephemeral message with these words, leaving out the first `after` ones; returns its text."""

        def look() -> str | None:
            shown = [text_of(message) for message in self.ephemerals(channel, ts)[after:]]
            return next((text for text in shown if words in text), None)

        return wait_for(f"an ephemeral message with {words!r}", look)

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        answer = HTTP.get(self.url + path, params=query, headers={"Authorization": f"Bearer {self.token}"})
        fields: dict[str, Any] = json.loads(answer.text)
        assert fields.get("ok", True), fields
        return fields

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = HTTP.post(self.url + path, json=body, headers={"Authorization": f"Bearer {self.token}"})
        fields: dict[str, Any] = json.loads(answer.text)
        return fields
