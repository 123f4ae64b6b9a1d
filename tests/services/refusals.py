"""What use cases refuse when several people use them at the same moment."""

from collections.abc import Callable
from functools import partial

from bot.services.errors import ServiceError
from tests.at_once import at_once


def refusals(*acts: Callable[[], object]) -> list[ServiceError | None]:
    """All at the same moment; what each was refused with."""

    def refusal(act: Callable[[], object]) -> ServiceError | None:
        try:
            act()
        except ServiceError as refused:
            return refused
        return None

    return at_once([partial(refusal, act) for act in acts])
