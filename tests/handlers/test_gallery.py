"""Pictures on their way into Slack: over the real wire, with and without the scope for it."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from handlers.pictures.gallery import Gallery, PictureRefused
from handlers.pictures.paint import draw
from handlers.slack_calls import SlackUnavailable
from handlers.views.chain_picture import ChainPicture, chain_picture
from tests.handlers.slack import SEED, bot_of, running
from tests.lab.builders import NOW, Ca
from tests.pki.values import chain


@pytest.fixture(scope="module")
def picture() -> ChainPicture:
    """A chain of two."""
    root = Ca.root("Root")
    made = chain_picture(chain(root.leaf("leaf"), anchors=[root]), "leaf", NOW)
    assert made is not None
    return made


def test_a_picture_is_a_private_file_with_its_words_once_it_is_finished(picture: ChainPicture) -> None:
    """Finishing twice, as after a crash, is finishing once; removing twice is removing."""
    with running() as server:
        bot = bot_of(server)
        gallery = Gallery(bot)
        file_id = gallery.put(picture, draw(picture))
        with pytest.raises(SlackApiError, match="file_not_found"):
            bot.files_info(file=file_id)
        gallery.finish(file_id, "Chain")
        gallery.finish(file_id, "Chain")
        file: dict[str, Any] = bot.files_info(file=file_id)["file"]
        assert (file["mimetype"], file["alt_txt"], file["shares"]) == ("image/png", picture.in_words, {})
        gallery.remove(file_id)
        gallery.remove(file_id)
        with pytest.raises(SlackApiError, match=r"file_deleted|file_not_found"):
            bot.files_info(file=file_id)


def test_without_the_scope_there_is_no_picture_and_no_second_try(picture: ChainPicture) -> None:
    """An app that was installed before the manifest asked for `files:write`."""
    seed = {**SEED, "app": {**SEED["app"], "scopes": ["chat:write", "files:read"]}}
    with running(seed) as server, pytest.raises(PictureRefused, match="missing_scope"):
        Gallery(bot_of(server)).put(picture, b"png")


def test_bytes_go_to_slacks_own_hosts_only(picture: ChainPicture) -> None:
    """Whatever address the ticket names; and while Slack is away the job is told to come back."""
    with running() as server:
        bot = bot_of(server)
        gallery = Gallery(bot)
        with pytest.raises(PictureRefused, match="foreign_upload_url"):
            gallery._send("https://files.slack.com.evil.example/upload/v1/x", b"png")
    with pytest.raises(SlackUnavailable):
        gallery.put(picture, b"png")
