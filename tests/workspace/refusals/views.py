"""views.* and blocks.validate: how each documented error is met."""

from tests.workspace.place import OLIVIA, modal
from tests.workspace.refusals.case import (
    BAD,
    EMPTY_HOME,
    HUGE_HOME,
    HUGE_VIEW,
    case,
    inner,
    named,
    trigger,
    with_taken_name,
)

VIEWS = [
    case("views.open", "invalid_trigger_id", trigger_id="1.2.3", view=modal()),
    case("views.open", "expired_trigger_id", trigger(modal(), late=True)),
    case("views.open", "exchanged_trigger_id", trigger(modal(), spent=True)),
    case("views.open", "duplicate_external_id", with_taken_name(trigger(modal()))),
    case("views.open", "view_too_large", trigger(HUGE_VIEW)),
    case("views.push", "invalid_trigger_id", trigger_id="1.2.3", view=modal()),
    case("views.push", "expired_trigger_id", inner(modal(), late=True)),
    case("views.push", "exchanged_trigger_id", inner(modal(), spent=True)),
    case("views.push", "not_found", inner(modal(), closed=True)),
    case("views.push", "push_limit_reached", inner(modal(), full=True)),
    case("views.push", "duplicate_external_id", with_taken_name(inner(modal()))),
    case("views.push", "view_too_large", inner(HUGE_VIEW)),
    case("views.update", "not_found", view_id="V0", view=modal()),
    case("views.update", "hash_conflict", lambda o: {"view_id": o.modal()["id"]}, view=modal(), hash="1.old"),
    case(
        "views.update",
        "duplicate_external_id",
        lambda o: {"view_id": o.modal()["id"], "view": modal(external_id=named(o))},
    ),
    case("views.update", "view_too_large", lambda o: {"view_id": o.modal()["id"]}, view=HUGE_VIEW),
    case("views.publish", "view_too_large", user_id=OLIVIA, view=HUGE_HOME),
    case(
        "views.publish",
        "hash_conflict",
        lambda o: {"user_id": o.bot.views_publish(user_id=OLIVIA, view=EMPTY_HOME) and OLIVIA},
        view=EMPTY_HOME,
        hash="1.old",
    ),
    case("views.publish", "not_enabled", user_id=OLIVIA, view=EMPTY_HOME, place="tight"),
    case("views.publish", "not_allowed_token_type", user_id=OLIVIA, view=EMPTY_HOME, who=OLIVIA),
    case(
        "views.publish",
        "duplicate_external_id",
        lambda o: {"view": {**EMPTY_HOME, "external_id": named(o)}},
        user_id=OLIVIA,
    ),
    case("blocks.validate", "invalid_arguments", who="nobody"),
    case("blocks.validate", "invalid_blocks", who="nobody", blocks=BAD),
    case("blocks.validate", "invalid_view", who="nobody", view={"type": "modal"}),
    case("blocks.validate", "invalid_message", who="nobody", message={"blocks": BAD}),
]
