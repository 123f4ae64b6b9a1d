"""Image blocks that show a file of the workspace (docs.slack.dev, "Slack file object").

"This file must be an image [...] the user posting these blocks must have access to this file." Shown in a message, it
may be read by whoever may see the message.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.workspace.core import Slack
from bot.workspace.files import may_read
from bot.workspace.shapes import Json, Refusal

_TYPES = frozenset({"png", "jpg", "gif"})


def check(slack: Slack, author: str, blocks: Sequence[Json] | None) -> None:
    """Refuses with `invalid_blocks` an image block whose file is none that its author may show."""
    faults = [
        f"[ERROR] invalid slack file [json-pointer:{where}/slack_file]"
        for where, named in _named(blocks)
        if not _is_shown(slack, author, _file(slack, named))
    ]
    if faults:
        raise Refusal("invalid_blocks", faults)


def share(slack: Slack, channel: Json, message: Json) -> None:
    """Lets the readers of a message read the pictures in its blocks."""
    place = {"channel": channel["id"], "ts": message["ts"], "thread_ts": message.get("thread_ts")}
    for _, named in _named(message.get("blocks")):
        file = _file(slack, named)
        if file is not None and place not in file["shares"]:
            file["shares"].append(place)
            slack.world.touch(("files", file["id"]))


def _named(blocks: Sequence[Json] | None) -> Iterator[tuple[str, Json]]:
    for number, block in enumerate(blocks or ()):
        accessory = block.get("accessory")
        elements = block.get("elements") if block.get("type") == "context" else None
        places = [(f"/blocks/{number}", block), (f"/blocks/{number}/accessory", accessory)]
        places += [(f"/blocks/{number}/elements/{at}", one) for at, one in enumerate(elements or ())]
        for where, spec in places:
            if isinstance(spec, dict) and spec.get("type") == "image" and isinstance(spec.get("slack_file"), dict):
                yield where, spec["slack_file"]


def _file(slack: Slack, named: Json) -> Json | None:
    """By its id, or by its `url_private` or `permalink`; exactly one of both may be given."""
    file_id: Any = named.get("id")
    url = named.get("url")
    if bool(file_id) == bool(url):
        return None
    if url:
        parts = re.split(r"[/-]", str(url))
        return next((slack.world.files[part] for part in parts if part in slack.world.files), None)
    return slack.world.files.get(str(file_id))


def _is_shown(slack: Slack, author: str, file: Json | None) -> bool:
    return (
        file is not None
        and not file.get("deleted")
        and file["filetype"] in _TYPES
        and may_read(slack.world, file, author)
    )
