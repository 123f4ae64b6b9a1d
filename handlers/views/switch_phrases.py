"""Words for what cannot be in the forms around a switch: its moment, the policy behind it, a connection's change."""

from collections.abc import Mapping

# Why a moment, a mode or a policy is refused (bot.services.timing, bot.services.policies).
BAD_INPUT: Mapping[str, str] = {
    "missing": "Choose date and time.",
    "in_past": "That moment has passed. Choose one that is still to come.",
    "too_far": "That is too far off: at most {days} days ahead.",
    "old_ends_before": "The certificate in use ends before that, on {not_after}.",
    "new_not_valid_yet": "The new certificate is not valid before {not_before}. Choose a later moment.",
    "new_has_ended": "The new certificate has ended by then, on {not_after}. Choose an earlier moment.",
    "no_endpoint": "The partner comes to us, so there is no endpoint at which the new certificate could be seen first.",
    "nothing_to_see": (
        "That is for certificates that the partner presents. On this connection our own gateway presents it, so choose "
        "a moment instead."
    ),
    "nothing_to_overlap": "This connection has no certificate yet that the new one could be accepted beside.",
    "not_alike": (
        "It cannot be switched together with the other one: certificate in use, role and partner have to be the same."
    ),
    "out_of_range": "Choose a number from {least} to {most}.",
    "not_a_number": "Give a whole number, or nothing.",
    "unknown_zone": "There is no time zone {zone}. Use a name such as Europe/Berlin.",
    "half_quiet": "Give both the beginning and the end, or neither.",
}
