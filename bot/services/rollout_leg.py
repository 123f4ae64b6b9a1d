"""One time that a switch passes through `switching`: into use, into an overlap, or out of it."""

from dataclasses import dataclass
from datetime import datetime

from storage.switch_records import Switch, SwitchState


@dataclass(frozen=True, slots=True)
class Leg:
    """What the steps of one roll-out are for; whoever holds an earlier one changes nothing any more."""

    public_id: str
    since: datetime  # when the switch came to `switching`; aware


def leg_of(switch: Switch) -> Leg | None:
    """The leg that the switch is on; None where it is not `switching`."""
    return Leg(switch.public_id, switch.changed_at) if switch.state is SwitchState.SWITCHING else None
