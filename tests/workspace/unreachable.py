"""Documented errors that the local workspace never answers, and why. Reviewed; a reason is one of these classes."""

ENTERPRISE = "Enterprise Grid, or an admin's policy that only its customers have"
FEATURE = "belongs to a feature that is not modelled: drafts, canvases, lists, streaming, Salesforce channels, profiles"
INTERNAL = "a failure inside Slack; nothing that a caller does leads there"
LARGE = "needs more members or users than a local workspace has"
LEGACY = "of an argument that the schema no longer names, or of a token form that apps no longer get"
RATE = "answered as 429 `ratelimited`, as the rate limits page has it; claimed in test_rate_limits"
SAME = "the same condition is answered with another documented word of the method, named in the comment"
UNPUBLISHED = "Slack does not publish when it says so"

_POSTING = {
    "message_limit_exceeded": ENTERPRISE,
    "invalid_metadata_schema": FEATURE,  # schemas are declared in a manifest of Slack's own platform
    "slack_connect_file_link_sharing_blocked": ENTERPRISE,
}

UNREACHABLE: dict[str, dict[str, str]] = {
    "apps.connections.open": {
        "forbidden_team": ENTERPRISE,
        "internal_error": INTERNAL,
        "missing_args": SAME,  # not_authed, as of every method called without a token
    },
    "auth.revoke": {"internal_error": INTERNAL},
    "auth.test": {"internal_error": INTERNAL},
    "blocks.validate": {"ratelimited": RATE},
    "bots.info": {"bots_not_found": LEGACY},
    "chat.deleteScheduledMessage": {"bad_token": SAME},  # invalid_auth
    "chat.postEphemeral": {"message_limit_exceeded": ENTERPRISE},
    "chat.postMessage": {
        **_POSTING,
        "app_access_restricted": ENTERPRISE,
        "draft_already_deleted": FEATURE,
        "draft_already_sent": FEATURE,
        "draft_has_conflict": FEATURE,
        "draft_not_found": FEATURE,
        "duplicate_channel_not_found": LEGACY,
        "duplicate_message_not_found": LEGACY,
        "ekm_access_denied": ENTERPRISE,
        "missing_file_data": LEGACY,
        "rate_limited": RATE,
        "send_on_behalf_not_allowed": FEATURE,
        "slack_connect_canvas_sharing_blocked": ENTERPRISE,
        "slack_connect_lists_sharing_blocked": ENTERPRISE,
        "team_not_found": ENTERPRISE,
        "too_many_contact_cards": FEATURE,
    },
    "chat.scheduleMessage": {**_POSTING, "invalid_token": SAME, "rate_limited": RATE},  # invalid_auth
    "chat.update": {
        **_POSTING,
        "blocked_file_type": ENTERPRISE,
        "external_channel_migrating": INTERNAL,
        "file_is_deleted": SAME,  # file_deleted
        "file_share_limit_reached": UNPUBLISHED,
        "max_file_sharing_exceeded": UNPUBLISHED,
        "slack_connect_blocked_file_type": ENTERPRISE,
        "slack_connect_canvas_sharing_blocked": ENTERPRISE,
        "slack_connect_clip_sharing_blocked": ENTERPRISE,
        "slack_connect_file_upload_sharing_blocked": ENTERPRISE,
        "streaming_state_conflict": FEATURE,
        "team_not_found": ENTERPRISE,
        "unable_to_share_files": INTERNAL,
        "update_failed": INTERNAL,
    },
    "conversations.history": {"channel_is_limited_access": FEATURE},
    "conversations.info": {"channel_is_limited_access": FEATURE},
    "conversations.join": {"channel_is_limited_access": FEATURE, "too_many_members": LARGE},
    "conversations.list": {
        "method_not_supported_for_channel_type": SAME,  # invalid_types
        "missing_argument": ENTERPRISE,  # team_id with an org token
    },
    "conversations.members": {
        "fetch_members_failed": INTERNAL,
        "method_not_supported_for_channel_type": UNPUBLISHED,
    },
    "conversations.open": {"not_enough_users": UNPUBLISHED},
    "conversations.replies": {
        "list_record_comment_fetch_failed": FEATURE,
        "method_not_supported_for_channel_type": UNPUBLISHED,
    },
    "files.completeUploadExternal": {
        "file_type_not_allowed": SAME,  # files.getUploadURLExternal has refused it before
        "file_update_failed": INTERNAL,
        "file_uploads_except_images_disabled": SAME,  # the same
    },
    "files.delete": {"delete_not_allowed": FEATURE},
    "files.getUploadURLExternal": {"unknown_subtype": LEGACY},
    "files.info": {
        "canvas_disabled_file_team": FEATURE,
        "canvas_disabled_user_team": FEATURE,
        "canvas_globally_disabled": FEATURE,
        "slack_connect_canvas_sharing_blocked": FEATURE,
        "template_not_visible": FEATURE,
    },
    "files.list": {"missing_argument": ENTERPRISE, "slack_connect_canvas_sharing_blocked": FEATURE},
    "pins.add": {
        "external_channel_migrating": INTERNAL,
        "file_not_found": LEGACY,
        "file_not_shared": LEGACY,
        "not_pinnable": UNPUBLISHED,
    },
    "reactions.add": {"external_channel_migrating": INTERNAL, "no_access": FEATURE, "not_reactable": LEGACY},
    "reactions.remove": {"external_channel_migrating": INTERNAL, "no_access": FEATURE},
    "team.info": {
        "enterprise_not_found": ENTERPRISE,
        "fail_to_get_teams_for_restricted_user": ENTERPRISE,
        "missing_user": ENTERPRISE,
        "org_not_found": ENTERPRISE,
        "team_not_on_enterprise": ENTERPRISE,
        "user_not_found": ENTERPRISE,
    },
    "usergroups.list": {
        "invalid_cursor": LEGACY,  # the method takes no cursor
        "missing_argument": ENTERPRISE,
        "users_not_found": INTERNAL,
    },
    "usergroups.users.list": {"invalid_cursor": LEGACY},  # the method takes no cursor
    "users.info": {"too_many_users": LEGACY},
    "users.list": {"limit_required": LARGE, "missing_argument": ENTERPRISE},
    "users.lookupByEmail": {"enterprise_is_restricted": ENTERPRISE},
    "views.publish": {"missing_profile_id": FEATURE, "not_implemented": FEATURE},
}
