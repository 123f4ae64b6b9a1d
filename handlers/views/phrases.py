"""The table from codes to words for people. `handlers.views.sentences` fills in the facts; nobody else writes them.

`{name}` stands for a fact of the code's data. What is said of files stands in `upload_phrases`.
"""

from collections.abc import Mapping

# Findings (bot.pki.findings.FindingCode).
FINDINGS: Mapping[str, str] = {
    "expired": "It expired on {date}.",
    "not_yet_valid": "It is not valid before {date}.",
    "expires_soon": "It expires soon, in {days} days.",
    "outlives_chain": "A certificate above it ends earlier, on {chain_ends}; from then on it is not trusted either.",
    "weak_key": "Its key is weak by today's standards: {key}.",
    "weak_signature": "Its signature uses a weak algorithm: {algorithm}.",
    "ca_as_end_entity": "It is a CA certificate, used here as the partner's own.",
    "same_key_as_before": "Same key as the one in use: it was not renewed.",
    "changed_key": "New key ({now}), not the one in use.",
    "changed_issuer": "Another issuer: {now}, before {before}.",
    "missing_client_auth": (
        "It is not meant for TLS clients (extended key usage {found}): strict servers will refuse it."
    ),
    "missing_server_auth": (
        "It is not meant for TLS servers (extended key usage {found}): strict clients will refuse it."
    ),
    "host_not_in_san": "It does not name the connection's host {host}; its fingerprint is pinned all the same.",
    "self_signed": "Self-signed: trusted by its fingerprint alone (a pin); no CA stands behind it.",
    "unreadable_extension": "Its extension {extension} cannot be read.",
    "not_a_ca": "It signed a certificate but is not marked as a CA.",
    "path_length": "It allows {allowed} CAs below it, and there are {found}.",
    "no_cert_sign": "It signed a certificate, but its key usage does not allow that.",
    "unknown_critical_extension": "It has a critical extension that is not understood here: {extension}.",
    "name_not_allowed": "It may not issue for the name {name}.",
    "misplaced_name_constraints": "It has name constraints, which only a CA certificate may have.",
    "purpose_not_allowed": "It may not issue for the purpose {purpose}.",
    "unchecked_signature": "Its own signature could not be checked here ({algorithm}): compare the whole certificate.",
    "off_profile": "It departs from the letter of RFC 5280: {rule}.",
    "key_id_mismatch": "Its authority key id does not fit its issuer's key id; the signature is right.",
}

# Why a candidate is not the missing issuer (NearMiss.reason).
NEAR_MISSES: Mapping[str, str] = {
    "same_name_other_key": "same name, but another key: you have {have}, {whose} uses {uses}",
    "same_key_other_name": "right key, but under another name",
    "name_encoding": "right key, but its name is written in another way: other order, or other characters",
    "leads_nowhere": "right name, but there is no way up from it to a trust anchor",
    "bad_signature": "right name, but its key did not make the signature",
    "unsupported_algorithm": "right name, but the signature's algorithm cannot be checked here",
    "expired": "right name and key, but expired",
    "not_yet_valid": "right name and key, but not valid yet",
    "not_a_ca": "right name and key, but not marked as a CA",
    "path_length": "right name and key, but it allows no further CA below it",
    "no_cert_sign": "right name and key, but its key usage does not allow signing certificates",
    "unreadable_extension": "right name and key, but one of its extensions cannot be read",
    "unknown_critical_extension": "right name and key, but it has a critical extension that is not understood here",
    "name_not_allowed": "right name and key, but it may not issue for this name",
    "purpose_not_allowed": "right name and key, but it may not issue for this purpose",
    "weak_signature": "right name and key, but signed with a weak algorithm",
    "off_profile": "right name and key, but it departs from the letter of RFC 5280",
}

# What a chain comes to (bot.pki.chain.Verdict).
VERDICTS: Mapping[str, str] = {
    "complete": "Chain complete",
    "unapproved_root": "Chain complete, but its root is not approved",
    "self_signed": "Self-signed: trusted by its fingerprint (a pin)",
    "incomplete": "Chain incomplete: an issuer is missing",
    "unusable": "Chain unusable: there is a path, but it breaks a rule",
    "budget_exhausted": "Chain not decided: too many possible paths",
}

# What one handshake showed (bot.gateways.handshake.ProofVerdict), and what to do when that was not it.
HANDSHAKES: Mapping[str, tuple[str, str]] = {
    "matched": ("the expected certificate, trusted and in date; a request was answered", ""),
    "seen": ("answered", ""),
    "other_certificate": (
        "another certificate than the new one",
        "Ask the partner to put the new certificate live, then propose the switch again.",
    ),
    "untrusted": (
        "the new certificate, but without a path to the trust anchors on the gateway",
        "Ask the partner to send the intermediates along, or add them to the CA list.",
    ),
    "expired": ("a certificate outside its validity", "Ask the partner for a certificate that is valid now."),
    "refused": (
        "the endpoint refused the connection",
        "Ask the partner whether their side expects another client certificate from us.",
    ),
    "no_answer": ("TLS was fine, but no HTTP answer came", "Ask the partner whether the service behind it is running."),
    "unreachable": ("the endpoint cannot be reached", "Check the address and the firewalls on both sides."),
    "timed_out": ("no answer in time", "Check the address and the firewalls on both sides."),
    "not_tls": ("the endpoint does not speak TLS", "Check the address and port of the connection."),
}

# What a gateway answered instead of doing its work (bot.gateways.errors).
GATEWAY: Mapping[str, str] = {
    "internal_error": "something broke on our side, see the log; so the old state was put back",
    "bad_connection_name": "the connection's name cannot be used on the gateway",
    "no_key": "there is no private key for this connection on the gateway. Put it there first, then propose again",
    "key_unreadable": "the private key on the gateway cannot be read",
    "key_does_not_fit": "the private key on the gateway does not belong to this certificate",
    "reload_failed": "the gateway did not accept the new files, so the old ones were put back",
    "version_gone": "the files to go back to are gone from the gateway",
    "bad_material": "the gateway cannot use this certificate",
    "disk_full": "the gateway's disk is full",
    "unwritable": "the gateway's folder cannot be written",
    "unreadable": "the gateway's files cannot be read",
    "inconsistent": "the gateway's files contradict each other",
    "drifted": (
        "the gateway's program runs with something else than its files hold, so there is no safe way back. A message "
        "in the partner's channel, and App Home, say what differs; there an approver can put back what is on record"
    ),
    "not_loaded": "the gateway's program does not know this connection's files. Add them to its configuration first",
    "program_refused": "the gateway's program refused the change",
    "not_taken": "the gateway's program did not take the new state, so the old one was put back",
    "busy": "somebody else has an unfinished change open at the gateway",
    "unreachable": "the gateway's program does not answer",
    "unknown_kind": "the connection names a gateway that is not set up",
    "bad_settings": "the gateway's settings are incomplete",
    "too_long": "the address is too long",
    "bad_characters": "the address has characters that do not belong there",
    "not_https": "the address must begin with `https://`",
    "userinfo": "the address must not hold a user name or password",
    "fragment": "the address must not hold a `#`",
    "no_host": "the address names no host",
    "bad_host": "the host in the address cannot be",
    "bad_port": "the port in the address cannot be",
    "bad_header": "a choreography's name cannot be sent in a request",
}

# Why a switch may not go on (bot.services.preflight.Obstacle).
OBSTACLES: Mapping[str, str] = {
    "same_as_current": "That certificate is in use on this connection already.",
    "other_partner": "That certificate belongs to another partner.",
    "expired": "That certificate has expired. Bring one that is valid.",
    "not_yet_valid": "That certificate is not valid yet.",
    "chain_not_complete": (
        "The chain of that certificate is not complete yet. Bring the missing issuer, or have its root approved, first."
    ),
    "open_switch": "There is an open switch for this connection already. Finish or cancel that one first.",
    "overdue": "Nobody decided in time, so the proposal has expired. Propose it again.",
    "never_seen": "The partner's endpoint was not seen with the new certificate in time. Nothing was changed.",
    "abandoned": "The overlap was given up, so the new certificate is not accepted any more.",
    "not_seen": (
        "The endpoint was not seen with the new certificate last, so traffic would break. Wait until the partner has "
        "put it live."
    ),
    "drift_changed": "What differs at the gateway is not what was shown any more. Look at the message again.",
    "certificate_gone": "The new certificate was removed from the partner's list meanwhile. Propose another one.",
    "connection_changed": "The connection was changed after this was proposed. Propose it again.",
    "current_changed": "The certificate in use is not the one that was shown any more. Propose it again.",
    "gateway_differs": (
        "The gateway holds another certificate than the one on record, so there is no safe way back. A message in the "
        "partner's channel, and App Home, say what differs; there an approver can put back what is on record."
    ),
}

NOT_ALLOWED: Mapping[str, str] = {
    "not_operator": "Only operators can do that. Ask an operator of our team.",
    "not_approver": "Only approvers can decide this. Ask an approver of our team.",
    "not_trust_admin": "Only trust admins can decide about roots. Ask a trust admin of our team.",
    "own_request": "You proposed this switch, so somebody else has to approve it.",
    "own_approval": "You decided for one side already, so somebody else of our team decides for the other.",
    "own_upload": "You brought this root, so another trust admin has to approve it.",
    "guest": "Guests cannot do that. Ask a full member of the team.",
    "bot": "Apps and bots cannot do that.",
    "stranger": "That is for our team, and for the people of this partner, only.",
    "wrong_side": "That decision belongs to the other side.",
    "partner_side_only": "Only the partner's people can confirm for the partner. You can record their word instead.",
    "bot_not_here": "I am not in this channel, so I cannot answer here. Invite me with `/invite`, then try again.",
    "shared_channel": (
        "The partner's people would read that answer here. Type the same as a slash command instead: then only you "
        "see it."
    ),
}

BAD_INPUT: Mapping[str, str] = {
    "empty": "Please fill this in.",
    "required": "Please fill this in.",
    "no_file": "That message has no file. Use this on the message that carries the certificate file.",
    "too_long": "That is too long: at most {limit} characters.",
    "not_a_key": "A partner's key has 1 to 40 lower-case letters, digits and hyphens, such as `acme-b2b`.",
    "not_a_slack_id": "That is no Slack id. Choose the channel from Slack's list; a team id begins with T.",
    "bad_slug": "Use lower-case letters, digits and hyphens only, such as `acme-https`.",
    "ambiguous": "Several fit. Say which one: {options}",
    "unknown": "That is not one of the choices: {known}",
    "too_many": "Those are too many: at most {limit}.",
    "has_certificate": "That connection has a certificate already; changing it takes a switch.",
    "in_future": "That moment has not come yet.",
    "naive": "Give date and time.",
    "no_partner": "There is no partner yet. Add one first.",
    "too_short_to_search": "Type at least {least} characters to search for.",
    "other_partners_channel": (
        "This is another partner's channel, and its people would read it. Do it in the partner's own channel, or "
        "in one that belongs to no partner."
    ),
    "too_short": "That is too short to tell one certificate from another: give at least 8 digits of a fingerprint.",
}

THINGS: Mapping[str, str] = {
    "partner": "partner",
    "certificate": "certificate",
    "partner_certificate": "certificate",
    "ca_certificate": "CA certificate",
    "connection": "connection",
    "choreography": "choreography",
    "switch": "switch",
    "drift": "difference at a gateway",
    "upload": "upload",
    "prompt": "request",
    "display_name": "certificate with this name",
    "name": "certificate with this name",
    "key": "partner with this key",
    "channel": "partner for this channel",
    "open_switch": "open switch for this connection",
    "approval": "decision for this side",
}

STATES: Mapping[str, str] = {
    "proposed": "waits for approvals",
    "approved": "approved",
    "scheduled": "approved and scheduled",
    "switching": "being switched now",
    "overlap": "accepting old and new",
    "proven": "switched and proven",
    "rejected": "rejected",
    "cancelled": "cancelled",
    "expired": "expired",
    "rolled_back": "rolled back",
    "failed": "failed",
    "open": "still open",
    "mending": "being put back now",
    "mended": "put back",
    "gone": "over",
    "answered": "answered",
    "withdrawn": "no longer needed",
    "link": "an intermediate",
    "requested": "waiting for a trust admin",
    "declined": "declined",
    "needs_partner": "waiting for a partner to be chosen",
    "stored": "stored",
    "refused": "refused",
    "has_certificate": "a connection with a certificate, and changing that takes a switch",
}
