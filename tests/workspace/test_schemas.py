"""Claims about conformance: arguments, wire forms, scopes and answers are those that Slack publishes."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.workspace.methods import METHODS
from tests.workspace.contract import Office
from tests.workspace.place import BOT, GENERAL, OLIVIA, QUIET, Json, modal
from tests.workspace.published import described, lacking, methods, needs_the_collection, output_schema

pytestmark = needs_the_collection

UNPUBLISHED = {
    "conversations.archive": "cause of is_archived; no schema in the collection",
    "conversations.invite": "a near neighbour for tests; no schema in the collection",
    "conversations.inviteShared": "cause of channel_shared and channel_id_changed; no schema in the collection",
    "conversations.kick": "a near neighbour for tests; no schema in the collection",
    "conversations.leave": "cause of channel_left; no schema in the collection",
    "conversations.rename": "cause of channel_rename; no schema in the collection",
    "conversations.unarchive": "undoes conversations.archive; no schema in the collection",
    "users.conversations": "a near neighbour; no schema in the collection",
}
NOT_MODELLED = {
    "functions.completeError": "custom workflow steps: the workspace runs no workflows",
    "functions.completeSuccess": "custom workflow steps: the workspace runs no workflows",
    "oauth.v2.access": "the workspace comes with the app installed; there is no install page to get a code from",
}
ABSENT = {
    r"/(members/0|user)/profile/(image_\w+|avatar_hash)": "no avatars",
    r"/(members/0|user)/has_2fa": "for admins only, by the user object's page",
    r"/files?(/0)?/(thumb_\w+|original_.|deanimate_gif|pjpeg|image_exif_rotation)": "no thumbnails are made",
    r"/file/alt_txt": "only where the uploader gave one",
    r"/file/shares/public/C0T8SE4AU": "its keys are channel ids",
    r"/(bot/icons|team/icon)/image_\w+": "no icons",
    r"/team/enterprise_\w+": "Enterprise Grid only",
    r"/channel/properties": "not included where empty, by the example's own text",
    r"/message/(username|subtype)": "of legacy bots; an app's message carries user and bot_profile",
    r"/messages/0/(last_read|subscribed|unread_count)": "of a thread that the caller follows; an app follows none",
    r"/response_metadata": "only with a next page, or with warnings",
    r"/warning": "only where the example's caller was in the channel already",
    r"/view/(title|submit)/emoji": "a text object comes back as the app sent it",
}
"""Keys of published examples that answers here lack, and why."""


@pytest.fixture(scope="module")
def office(janitor: ThreadPoolExecutor) -> Iterator[Office]:
    """One workspace for all of these."""
    office = Office()
    yield office
    office.stop(janitor)


def good_calls(office: Office) -> dict[str, Callable[[], Any]]:
    """One good call of each method, in an order in which they can be made."""
    bot, olivia = office.bot, office.olivia
    ts = olivia.say(GENERAL, "hello")
    olivia.say(GENERAL, "reply", thread_ts=ts)
    file_id = olivia.upload(b"PEM", channel_id=GENERAL)
    attached = [{"text": "an attachment"}]
    own = bot.chat_postMessage(
        channel=GENERAL, text="x", attachments=attached, metadata={"event_type": "e", "event_payload": {}}
    )
    later = int(office.clock()) + 3600
    place = bot.files_getUploadURLExternal(filename="a.pem", length=3)
    office.http.post(place["upload_url"], content=b"PEM")
    scheduled = bot.chat_scheduleMessage(channel=GENERAL, post_at=later, text="later", attachments=attached)
    home = {"type": "home", "blocks": []}
    section = [{"type": "section", "text": {"type": "plain_text", "text": "x"}}]
    return {
        "api.test": bot.api_test,
        "auth.test": bot.auth_test,
        "apps.connections.open": lambda: bot.apps_connections_open(app_token=office.workspace.app_token),
        "blocks.validate": lambda: bot.api_call("blocks.validate", json={"blocks": section}),
        "bots.info": lambda: bot.bots_info(bot=bot.auth_test()["bot_id"]),
        "team.info": bot.team_info,
        "chat.postMessage": lambda: own,
        "chat.update": lambda: bot.chat_update(channel=GENERAL, ts=own["ts"], text="y"),
        "chat.postEphemeral": lambda: bot.chat_postEphemeral(channel=GENERAL, user=OLIVIA, text="x"),
        "chat.getPermalink": lambda: bot.chat_getPermalink(channel=GENERAL, message_ts=ts),
        "chat.scheduleMessage": lambda: scheduled,
        "chat.deleteScheduledMessage": lambda: bot.chat_deleteScheduledMessage(
            channel=GENERAL, scheduled_message_id=scheduled["scheduled_message_id"]
        ),
        "chat.delete": lambda: bot.chat_delete(channel=GENERAL, ts=own["ts"]),
        "conversations.info": lambda: bot.conversations_info(channel=GENERAL),
        "conversations.list": bot.conversations_list,
        "conversations.members": lambda: bot.conversations_members(channel=GENERAL),
        "conversations.history": lambda: bot.conversations_history(channel=GENERAL),
        "conversations.replies": lambda: bot.conversations_replies(channel=GENERAL, ts=ts),
        "conversations.open": lambda: bot.conversations_open(users=OLIVIA, return_im=True),
        "conversations.join": lambda: bot.conversations_join(channel=QUIET),
        "files.getUploadURLExternal": lambda: place,
        "files.completeUploadExternal": lambda: bot.files_completeUploadExternal(
            files=[{"id": place["file_id"], "title": "A"}], channel_id=GENERAL, initial_comment="here"
        ),
        "files.info": lambda: bot.files_info(file=file_id),
        "files.list": bot.files_list,
        "pins.add": lambda: bot.pins_add(channel=GENERAL, timestamp=ts),
        "reactions.add": lambda: bot.reactions_add(channel=GENERAL, timestamp=ts, name="eyes"),
        "reactions.remove": lambda: bot.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes"),
        "files.delete": lambda: olivia.web.files_delete(file=file_id),
        "users.info": lambda: bot.users_info(user=OLIVIA),
        "users.list": bot.users_list,
        "users.lookupByEmail": lambda: bot.users_lookupByEmail(email="olivia@home.example"),
        "usergroups.list": lambda: bot.usergroups_list(include_count=True, include_users=True),
        "usergroups.users.list": lambda: bot.usergroups_users_list(usergroup="SADMINS"),
        "views.open": lambda: bot.views_open(trigger_id=office.trigger(), view=modal()),
        "views.push": lambda: bot.views_push(trigger_id=office.inner_trigger(office.modal()), view=modal()),
        "views.publish": lambda: bot.views_publish(user_id=OLIVIA, view=home),
        "views.update": lambda: bot.views_update(view_id=office.modal()["id"], view=modal()),
        "auth.revoke": lambda: bot.auth_revoke(test=True),
    }


def test_every_published_method_is_here_or_declared() -> None:
    """And no method of our own making."""
    assert set(methods()) - set(METHODS) == set(NOT_MODELLED)
    assert set(METHODS) - set(methods()) == set(UNPUBLISHED)


def test_arguments_scopes_and_wire_forms_are_the_published_ones() -> None:
    """Nothing demanded that Slack does not demand; what it demands is refused where missing (claimed elsewhere)."""
    for name in sorted(set(methods()) & set(METHODS)):
        method, published = METHODS[name], described(name)
        required = set(published["args"].get("required") or ()) - {"token"}
        assert set(method.required) <= required, name
        assert set(method.scopes) == set(published["scope"].get("bot", ())), name
        assert method.json == bool(published.get("json_input_supported")), name


def test_every_answer_has_the_published_shape(office: Office) -> None:
    """JSON Schema for all, and every key of the published examples; declared exceptions are all still needed."""
    calls = good_calls(office)
    assert set(calls) == set(METHODS) - set(UNPUBLISHED)
    wrong: Json = {}
    needed: set[str] = set()
    for name, call in calls.items():
        answer = dict(call().data)
        errors = [error.message for error in Draft202012Validator(output_schema(name)).iter_errors(answer)]
        examples = described(name).get("examples", {})
        example = examples.get("success", {}).get("example", {})
        for path in lacking(example, answer):
            reasons = [pattern for pattern in ABSENT if re.fullmatch(pattern, path)]
            needed.update(reasons)
            errors += [] if reasons else [f"lacks {path}"]
        if errors:
            wrong[name] = errors
    assert wrong == {}
    assert set(ABSENT) - needed == set(), "exceptions that are no longer needed"


def test_a_missing_required_argument_is_refused(office: Office) -> None:
    """Whichever it is; with its name where Slack has no word of its own."""
    for name in sorted(set(methods()) & set(METHODS)):
        published = described(name)
        for argument in set(published["args"].get("required") or ()) - {"token"}:
            others = {other: GENERAL for other in published["args"]["required"] if other not in {argument, "token"}}
            answer = office.http.post(
                f"{office.workspace.api_url}{name}",
                data=others,
                headers={"Authorization": f"Bearer {office.bot.token}"},
            ).json()
            own_words = {*published["errors"], "invalid_arguments"}
            assert not answer["ok"], (name, argument)
            assert answer["error"] in own_words, (name, argument, answer)


def test_the_same_call_counts_in_every_wire_form(office: Office) -> None:
    """JSON, a form with booleans as 1 and blocks as a string, and the query with the token in it."""
    url, token = f"{office.workspace.api_url}conversations.info", office.bot.token
    bearer = {"Authorization": f"Bearer {token}"}
    arguments = {"channel": GENERAL, "include_num_members": "1"}
    answers = [
        office.http.post(url, data=arguments, headers=bearer).json(),
        office.http.get(url, params=arguments, headers=bearer).json(),
        office.http.post(url, data={**arguments, "token": str(token)}).json(),
        office.http.get(url, params={**arguments, "token": str(token)}).json(),
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["channel"]["num_members"] == 3
    posts = [
        office.bot.api_call("chat.postMessage", json={"channel": GENERAL, "text": "x", "unfurl_links": True}),
        office.bot.api_call("chat.postMessage", params={"channel": GENERAL, "text": "x", "unfurl_links": "1"}),
    ]
    assert [post["message"]["user"] for post in posts] == [BOT, BOT]
