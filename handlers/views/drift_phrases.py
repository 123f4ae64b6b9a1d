"""Words for a gateway that holds something else than is on record; `handlers.views.drift` fills in the facts.

The partner's people read them: no file, folder or socket of ours is named.
"""

from collections.abc import Mapping

from bot.services.drift_facts import Effect
from handlers.views.values import Role

# What differs (bot.services.drift_facts; bot.gateways.condition.Difference).
DIFFERS: Mapping[str, str] = {
    "other_certificate": "The gateway's files hold another certificate than the one on record.",
    "nothing_there": "The gateway's files hold no certificate for this connection.",
    "pins": "The gateway's program accepts other certificates than its files say.",
    "trust": "The gateway's program trusts other CA certificates than its files say.",
    "certificate": "The gateway's program presents another certificate or chain than its files say.",
    "reload_due": "The gateway's program was not told what is in its files, or did not take it.",
    "files": "The gateway's files were changed by another hand: they cannot be read, or contradict each other.",
    "not_loaded": "The gateway's program does not know this connection: its configuration does not name its files.",
}

# What it means for the traffic, by what the endpoint presented when it was found.
EFFECTS: Mapping[tuple[Role, Effect], str] = {
    (Role.ACCEPTS, Effect.GOES_ON): (
        "Traffic goes on: the endpoint presents a certificate that is on record, and the gateway accepts it."
    ),
    (Role.ACCEPTS, Effect.FAILS): (
        ":rotating_light: *Traffic fails*: the endpoint presents what is on record, and the gateway refuses it."
    ),
    (Role.ACCEPTS, Effect.ONLY_THUS): (
        ":warning: The endpoint presents a certificate that is *not* on record, and traffic goes on only because the "
        "gateway was changed. *Putting back would refuse it.* Ask who changed the gateway; then propose a switch to "
        "that certificate, or have the partner go back first."
    ),
    (Role.ACCEPTS, Effect.UNKNOWN_TO_BOTH): (
        ":rotating_light: *Traffic fails*: the endpoint presents a certificate that is neither on record nor accepted "
        "by the gateway. Ask the partner which one is right."
    ),
    (Role.ACCEPTS, Effect.UNSEEN): "Whether traffic still goes on cannot be seen from here.",
    (Role.PRESENTS, Effect.SHOWS_OTHER): (
        ":warning: Our gateway presents a certificate that is *not* on record: a partner that expects the agreed one "
        "refuses us."
    ),
    (Role.PRESENTS, Effect.SHOWS_RECORDED): (
        "Our gateway still presents what is on record. That changes when its program loads its files the next time."
    ),
    (Role.PRESENTS, Effect.UNSEEN): "What our gateway presents could not be seen from here.",
}

BY_THE_FILES = "(By the gateway's files: what the program behind them still remembers cannot be asked.)"

# What a look after a mending showed (empty: as others say it), and what to do then: where the words about a switch, in
# `phrases` and `ways`, do not fit.
TRIES: Mapping[str, tuple[str, str]] = {
    "other_certificate": (
        "another certificate than the one on record",
        "Ask the partner which certificate is right. If its endpoint has moved on, propose a switch to that one.",
    ),
    "untrusted": (
        "the certificate on record, but without a path to the trust anchors on the gateway",
        "Ask the partner to send the intermediates along, or add them to the CA list and try again.",
    ),
    "refused": ("", "Ask the partner whether their side expects another client certificate from us."),
    "no_answer": ("", "Ask the partner whether the service behind it is running."),
    "unreachable": ("", "Check the address and the firewalls on both sides."),
    "timed_out": ("", "Check the address and the firewalls on both sides."),
    "not_tls": ("", "Check the address and port of the connection."),
    "not_passed": ("", "Look at the gateway's log and its way to the partner."),
    "not_answered": ("", "Look at the gateway's listener. `countersign doctor` knocks there."),
    "no_listener": (
        "",
        "Look at the gateway's listener and at `through` in GATEWAYS_FILE. `countersign doctor` knocks there.",
    ),
}
LOOK: str = "Look at the facts above, and at both ends of the connection."

# Why it was not put back (bot.services.mending), beside what a gateway answers (`phrases.GATEWAY`).
NOT_MENDED: Mapping[str, str] = {
    "still_differs": (
        "The gateway took it, and holds something else all the same. `countersign doctor` shows the difference; "
        "somebody or something else may be changing the gateway."
    ),
    "drift_changed": "What is on record has changed meanwhile. Look at it again.",
    "open_switch": "A switch of this connection was under way. Try again once it has ended.",
    "chain_not_complete": (
        "The certificate on record does not lead to an approved root any more. Have its root approved, or bring the "
        "missing issuer, first."
    ),
    "internal_error": "Something broke on our side; the log says what. Try again.",
    "reload_failed": (
        "The gateway's program did not take its files again. Reload it by hand: its own log says what it lacks."
    ),
    "not_taken": "The gateway's program did not take its files again. Its own log says what it lacks.",
    "version_gone": (
        "The files to go back to are gone from the gateway, or were changed there. Propose a switch to the certificate "
        "that you want."
    ),
    "inconsistent": (
        "The gateway's files contradict each other, and not in a way that can be written over. Look at the "
        "connection's folder there, then try again."
    ),
    "unreadable": (
        "The gateway's files cannot be read, and so not written over. Look at the connection's folder there, then try "
        "again."
    ),
}
