"""What a service refuses, as data. Sentences for people are written in `handlers/views` alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that still needs what was to be deleted.

    `kind` is "connection", "switch" or "certificate"; `name` is the connection's name, the switch's public id or the
    certificate's display name.
    """

    kind: str
    name: str


class ServiceError(Exception):
    """The base of all refusals; `code` is stable, `data` says what the sentence needs."""

    code: ClassVar[str]

    def __init__(self, **data: object) -> None:
        super().__init__(self.code)
        self.data: Mapping[str, object] = data


class NotFound(ServiceError):
    """There is no such thing. `what` is its kind, `name` as asked for, `nearest` holds names that are close to it."""

    code = "not_found"

    def __init__(self, what: str, name: str, nearest: Sequence[str] = ()) -> None:
        super().__init__(what=what, name=name, nearest=tuple(nearest))


class NotAllowed(ServiceError):
    """This person may not do this.

    Reasons: not_operator, not_approver, not_trust_admin, own_request, own_approval, own_upload, guest, bot, stranger
    (neither our team nor the partner's), wrong_side, partner_side_only.
    """

    code = "not_allowed"

    def __init__(self, reason: str, **data: object) -> None:
        super().__init__(reason=reason, **data)
        self.reason = reason


class AlreadyThere(ServiceError):
    """It exists already. `what` is its kind."""

    code = "already_there"

    def __init__(self, what: str, **data: object) -> None:
        super().__init__(what=what, **data)
        self.what = what


class Outdated(ServiceError):
    """What was shown when the button was made is not what is there now."""

    code = "outdated"


class InUse(ServiceError):
    """It cannot be deleted while these refer to it."""

    code = "in_use"

    def __init__(self, references: Sequence[Reference]) -> None:
        super().__init__(references=tuple(references))
        self.references = tuple(references)


class BadInput(ServiceError):
    """An input is not usable: `field` is its name, `reason` a stable code."""

    code = "bad_input"

    def __init__(self, field: str, reason: str, **data: object) -> None:
        super().__init__(field=field, reason=reason, **data)
        self.field = field
        self.reason = reason


class WrongState(ServiceError):
    """It was decided already, or is not in the state that this needs. `state` is the state that it is in."""

    code = "wrong_state"

    def __init__(self, state: str, **data: object) -> None:
        super().__init__(state=state, **data)
        self.state = state
