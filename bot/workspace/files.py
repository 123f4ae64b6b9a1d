"""Files: the external upload, who may read them, and their download with a bearer token."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from bot.workspace import mishaps
from bot.workspace.core import Slack
from bot.workspace.disk import MAX_FILE_BYTES, TooLarge
from bot.workspace.shapes import Json, Refusal
from bot.workspace.state import World
from bot.workspace.tokens import bearer, caller_of

MAX_NAME = 255
HOLD_LOOK_SECONDS = 0.02
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": ("png", "image/png", "PNG"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg", "JPEG"),
    b"GIF8": ("gif", "image/gif", "GIF"),
}
_SNIFFED = 4096
SIGN_IN_PAGE = """<!DOCTYPE html><html lang="en-US"><head><title>Sign in to the local workspace</title></head>
<body><h1>Sign in</h1><p>This file needs a token with <code>files:read</code>.</p></body></html>
"""
"""What Slack answers, with status 200, where the token is missing or lacks the scope (documented; see facts)."""


def announce_upload(slack: Slack, user_id: str, name: str, length: int, alt_txt: str | None) -> tuple[str, str]:
    """Reserves a file id and a one-time upload token for `length` bytes."""
    if length > MAX_FILE_BYTES:
        raise Refusal("file_upload_size_restricted")
    token, file_id = secrets.token_urlsafe(24), slack.world.new_id("F")
    upload: Json = {"file": file_id, "user": user_id, "name": name[:MAX_NAME], "length": length, "alt_txt": alt_txt}
    slack.world.uploads[token] = {**upload, "received": False}
    slack.world.touch(("uploads", token))
    return token, file_id


async def take_upload(request: Request, slack: Slack) -> Response:
    """Receives the bytes at the one-time address; raw, whatever the content type, or as the one part of a form."""
    upload = slack.world.uploads.get(request.path_params["token"])
    if upload is None or upload["received"]:
        return PlainTextResponse("upload URL unknown or used", 404)
    upload["received"] = True
    in_a_form = request.headers.get("content-type", "").startswith("multipart/form-data")
    size = -1
    try:
        size = await (_take_part if in_a_form else _take_raw)(request, slack, upload)
    finally:  # also where the form could not be read: the address is good for another try
        if size != upload["length"]:
            upload["received"] = False
            slack.disk.forget(upload["file"])
    if size != upload["length"]:
        return PlainTextResponse("length differs from the one announced", 400)
    slack.world.touch(("uploads", request.path_params["token"]))
    await slack.saver.settled()
    return PlainTextResponse(f"OK - {size}")


async def _take_raw(request: Request, slack: Slack, upload: Json) -> int:
    try:
        return await slack.disk.take(upload["file"], request.stream(), upload["length"])
    except (TooLarge, ClientDisconnect):
        return -1


async def _take_part(request: Request, slack: Slack, upload: Json) -> int:
    async with request.form(max_files=1, max_part_size=MAX_FILE_BYTES) as form:
        part = next((part for part in form.values() if isinstance(part, UploadFile)), None)
        if part is None:
            return -1
        try:
            return await slack.disk.take(upload["file"], _one(await part.read(upload["length"] + 1)), upload["length"])
        except TooLarge:
            return -1


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content


def describe(slack: Slack, user_id: str, item: Json) -> Json:
    """The record of an uploaded file, made when its upload is completed by the one who began it."""
    world = slack.world
    found = next(((t, u) for t, u in world.uploads.items() if u["file"] == item.get("id")), None)
    if found is None or not found[1]["received"]:
        raise Refusal("file_not_found")
    if found[1]["user"] != user_id:
        raise Refusal("access_denied")
    token, upload = found
    del world.uploads[token]
    filetype, mimetype, pretty, is_text = _kind(slack.disk.head(upload["file"], _SNIFFED))
    file: Json = {
        "id": upload["file"],
        "user": user_id,
        "name": upload["name"],
        "title": str(item.get("title") or upload["name"])[:MAX_NAME],
        "url_name": re.sub(r"[^a-z0-9._-]+", "_", upload["name"].lower()) or "file",
        "alt_txt": upload["alt_txt"],
        "size": upload["length"],
        "created": int(world.clock()),
        "filetype": filetype,
        "mimetype": mimetype,
        "pretty_type": pretty,
        "is_text": is_text,
        "shares": [],
    }
    world.files[file["id"]] = file
    world.touch(("uploads", token), ("files", file["id"]))
    return file


def _kind(head: bytes) -> tuple[str, str, str, bool]:
    """Slack knows no certificates: a PEM is text to it, a DER binary (facts, "File intake")."""
    for magic, (filetype, mimetype, pretty) in _IMAGES.items():
        if head.startswith(magic):
            return filetype, mimetype, pretty, False
    try:
        text = head.decode("utf-8") if len(head) < _SNIFFED else head[:-4].decode("utf-8", "strict")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return "binary", "application/octet-stream", "Binary", False
    return "text", "text/plain", "Plain Text", True


def may_read(world: World, file: Json, user_id: str) -> bool:
    """The uploader, the app for files handed to it in a modal, and who may see a conversation that it is shared in."""
    if file["user"] == user_id or user_id in file.get("readers", ()):
        return True
    places = (world.channels.get(place["channel"]) for place in file["shares"])
    if user_id == world.bot_user:
        return any(channel is not None and world.is_member(channel, user_id) for channel in places)
    return any(channel is not None and world.may_see(channel, user_id) for channel in places)


async def download(request: Request, slack: Slack) -> Response:
    """`url_private` and `url_private_download`. Without a fitting token: the sign-in page, status 200, as on Slack."""
    team_id, _, file_id = request.path_params["place"].partition("-")
    try:
        caller = caller_of(slack.world, bearer(request.headers.get("authorization")))
        await mishaps.before_download(slack, caller)
    except Refusal:
        return HTMLResponse(SIGN_IN_PAGE)
    except mishaps.Unavailable as mishap:
        return mishaps.response(mishap)
    file = slack.world.files.get(file_id)
    if not caller.may("files:read") or caller.kind == "app":
        return HTMLResponse(SIGN_IN_PAGE)
    known = file is not None and not file.get("deleted") and team_id == slack.world.team["id"]
    if file is None or not known or not may_read(slack.world, file, caller.user_id):
        return PlainTextResponse("not found", 404)
    while slack.faults.hold_files and not await request.is_disconnected():
        await asyncio.sleep(HOLD_LOOK_SECONDS)
    return FileResponse(
        slack.disk.path(file["id"]),
        media_type=file["mimetype"],
        filename=file["name"],
        headers={"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"},
    )
