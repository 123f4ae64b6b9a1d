"""Files, reactions and pins: how each documented error is met."""

from tests.workspace.contract import DRY, LOCKED, STAFF, Office
from tests.workspace.place import ADA, GENERAL, OLIVIA, QUIET, SAM, SECRET, SHARED, Json
from tests.workspace.refusals.case import BAD, archive_again, case, deleted, many, received, stamped, then, uploaded

FILES = [
    case("files.getUploadURLExternal", "alt_txt_too_large", filename="a.pem", length=3, alt_txt="x" * 1001),
    case("files.getUploadURLExternal", "file_upload_size_restricted", filename="a.pem", length=10**9),
    case("files.getUploadURLExternal", "missing_argument", filename="a.pem", length=0),
    case("files.getUploadURLExternal", "snippet_too_large", filename="a", length=1_000_001, snippet_type="text"),
    case("files.getUploadURLExternal", "unknown_snippet_type", filename="a", length=3, snippet_type="runes"),
    case("files.getUploadURLExternal", "file_type_not_allowed", filename="a.exe", length=3),
    case("files.getUploadURLExternal", "storage_limit_reached", filename="a.pem", length=4, place="tight"),
    case("files.getUploadURLExternal", "file_uploads_except_images_disabled", filename="a", length=3, place="images"),
    case("files.getUploadURLExternal", "file_uploads_disabled", filename="a", length=3, place="closed"),
    case("files.completeUploadExternal", "file_not_found", files='[{"id": "F0"}]'),
    case("files.completeUploadExternal", "access_denied", received(who=OLIVIA)),
    case("files.completeUploadExternal", "channel_not_found", received(), channel_id=SECRET),
    case("files.completeUploadExternal", "invalid_channel", received(), channels=f"{GENERAL},{SECRET}"),
    case("files.completeUploadExternal", "not_in_channel", received(), channel_id=QUIET),
    case("files.completeUploadExternal", "posting_to_channel_denied", received(), channel_id=DRY),
    case("files.completeUploadExternal", "channels_limit_exceeded", received(), channels=",".join(["C"] * 101)),
    case("files.completeUploadExternal", "invalid_blocks", received(), channel_id=GENERAL, blocks=BAD),
    case("files.info", "file_not_found", file="F0"),
    case("files.info", "file_deleted", then(uploaded(channel_id=GENERAL), deleted)),
    case("files.info", "access_denied", uploaded(channel_id=GENERAL), who=ADA),
    case("files.info", "not_visible", uploaded(), who=SAM),
    case("files.delete", "file_not_found", file="F0"),
    case("files.delete", "file_deleted", then(uploaded(channel_id=GENERAL), deleted)),
    case("files.delete", "cant_delete_file", uploaded(channel_id=GENERAL)),
    case("files.delete", "file_deleting_disabled", uploaded(channel_id=GENERAL), who=OLIVIA, place="tight"),
    case("files.list", "user_not_found", user="UNOBODY"),
    case("files.list", "unknown_type", types="all,runes"),
]


def react(office: Office, made: Json, name: str) -> None:
    """The bot's reaction."""
    office.bot.reactions_add(name=name, **made)


def everyone_reacts(office: Office, made: Json) -> None:
    """Fifty different reactions, which takes three people."""
    for number in range(50):
        web = (office.olivia.web, office.sam.web, office.bot)[number // 20]
        web.reactions_add(name=f"emoji{number}", **made)


def _locked_thread(office: Office) -> Json:
    """A message in a thread of a channel whose threads are locked: the seed's rule came after the thread."""
    return {"channel": LOCKED, "timestamp": office.thread_in(LOCKED)}


def _staff_message(office: Office) -> Json:
    return {"timestamp": office.thread_in(STAFF)}


MESSAGES = [
    case("reactions.add", "already_reacted", then(stamped(), lambda o, made: react(o, made, "eyes")), name="eyes"),
    case("reactions.add", "bad_timestamp", channel=GENERAL, timestamp="now", name="eyes"),
    case("reactions.add", "channel_not_found", channel=SECRET, timestamp="1.1", name="eyes"),
    case("reactions.add", "invalid_name", stamped(), name="not a name"),
    case("reactions.add", "is_archived", then(stamped(GENERAL), archive_again), name="eyes", place="closed"),
    case("reactions.add", "message_not_found", channel=GENERAL, timestamp="1.1", name="eyes"),
    case("reactions.add", "no_item_specified", channel=GENERAL, name="eyes"),
    case("reactions.add", "too_many_emoji", then(stamped(), everyone_reacts), name="one_more"),
    case(
        "reactions.add",
        "too_many_reactions",
        many(23, lambda o, made, n: react(o, made, f"own{n}"), stamped()),
        name="one_more",
    ),
    case("reactions.remove", "bad_timestamp", channel=GENERAL, timestamp="now", name="eyes"),
    case("reactions.remove", "channel_not_found", channel=SECRET, timestamp="1.1", name="eyes"),
    case("reactions.remove", "file_not_found", file="F0", name="eyes"),
    case("reactions.remove", "file_comment_not_found", file_comment="Fc0", name="eyes"),
    case("reactions.remove", "invalid_name", stamped(), name="not a name"),
    case("reactions.remove", "message_not_found", channel=GENERAL, timestamp="1.1", name="eyes"),
    case("reactions.remove", "no_item_specified", name="eyes"),
    case("reactions.remove", "no_reaction", stamped(), name="eyes"),
    case("pins.add", "already_pinned", then(stamped(), lambda o, made: o.bot.pins_add(**made) and None)),
    case("pins.add", "bad_timestamp", channel=GENERAL, timestamp="now"),
    case("pins.add", "channel_not_found", channel=SECRET, timestamp="1.1"),
    case("pins.add", "message_not_found", channel=GENERAL, timestamp="1.1"),
    case("pins.add", "no_item_specified", channel=GENERAL),
    case("pins.add", "not_in_channel", lambda o: {"timestamp": o.olivia.say(QUIET, "x")}, channel=QUIET),
    case("pins.add", "restricted_action", _staff_message, channel=STAFF),
    case(
        "pins.add",
        "too_many_pins",
        many(100, lambda o, _made, _n: o.bot.pins_add(**stamped(SHARED)(o)), stamped(SHARED)),
    ),
    case("reactions.add", "thread_locked", _locked_thread, name="eyes"),
    case("reactions.remove", "thread_locked", _locked_thread, name="eyes"),
]
