"""conversations.*, people, apps and tokens: how each documented error is met."""

from tests.workspace.contract import ARCHIVED, GONE
from tests.workspace.place import ADA, GENERAL, OLIVIA, QUIET, SAM, SECRET
from tests.workspace.refusals.case import case, posted

CONVERSATIONS = [
    *(
        case(f"conversations.{name}", "channel_not_found", None, channel=SECRET, **more)
        for name, more in (
            ("history", {}), ("info", {}), ("join", {}), ("members", {}), ("open", {}), ("replies", {"ts": "1.1"}),
        )
    ),
    *(
        case(f"conversations.{name}", "missing_scope", channel=GENERAL, place="powerless")
        for name in ("info", "join", "list", "members", "open", "replies")
    ),
    case("conversations.history", "not_in_channel", channel=QUIET),
    case("conversations.history", "invalid_cursor", channel=GENERAL, cursor="x"),
    case("conversations.history", "invalid_ts_latest", channel=GENERAL, latest="x"),
    case("conversations.history", "invalid_ts_oldest", channel=GENERAL, oldest="x"),
    case("conversations.history", "invalid_metadata_filter_keys", channel=GENERAL, metadata_keys_to_include="x"),
    case("conversations.replies", "thread_not_found", channel=GENERAL, ts="1.1"),
    case("conversations.replies", "invalid_cursor", posted(), cursor="x"),
    case("conversations.replies", "invalid_ts_latest", posted(), latest="x"),
    case("conversations.replies", "invalid_ts_oldest", posted(), oldest="x"),
    case("conversations.replies", "invalid_metadata_filter_keys", posted(), metadata_keys_to_include='{"a": 1}'),
    case("conversations.join", "is_archived", channel=ARCHIVED),
    case("conversations.join", "method_not_supported_for_channel_type", channel=SECRET, who=SAM),
    case("conversations.list", "invalid_cursor", cursor="x"),
    case("conversations.list", "invalid_limit", limit="1001"),
    case("conversations.list", "invalid_types", types="public_channel,secret"),
    case("conversations.members", "invalid_cursor", channel=GENERAL, cursor="x"),
    case("conversations.members", "invalid_limit", channel=GENERAL, limit="0"),
    case("conversations.open", "users_list_not_supplied"),
    case("conversations.open", "too_many_users", users=",".join(f"U{n}" for n in range(9))),
    case("conversations.open", "user_not_found", users="UNOBODY"),
    case("conversations.open", "user_disabled", users=GONE),
    case("conversations.open", "user_not_visible", users=SAM, who=ADA),
    case("conversations.open", "invalid_user_combination", users=f"{OLIVIA},{ADA}", who=SAM),
    case("conversations.open", "method_not_supported_for_channel_type", channel=GENERAL),
]  # fmt: skip

PEOPLE = [
    case("users.info", "user_not_found", user="UNOBODY"),
    case("users.info", "user_not_visible", user=SAM, who=ADA),
    case("users.list", "invalid_cursor", cursor="x"),
    case("users.lookupByEmail", "users_not_found", email="nobody@home.example"),
    case("usergroups.list", "plan_upgrade_required", place="tight"),
    case("usergroups.list", "invalid_team", team_id="TELSEWHERE"),
    case("usergroups.users.list", "plan_upgrade_required", usergroup="SADMINS", place="tight"),
    case("usergroups.users.list", "no_such_subteam", usergroup="SNONE"),
    case("team.info", "team_not_found", team="TELSEWHERE"),
    case("bots.info", "bot_not_found", bot="B0"),
    case("bots.info", "missing_argument"),
    case("bots.info", "team_not_found", bot="B0", team_id="TELSEWHERE"),
    case("auth.test", "invalid_auth", who="stranger"),
    case("auth.revoke", "not_bearer_token", who="app"),
    case("apps.connections.open", "invalid_auth", who="stranger"),
    case("apps.connections.open", "insecure_request", who="app", verb="GET"),
]
