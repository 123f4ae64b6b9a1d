"""Settings from outside, read strictly; a fault is named without its value, which may be a secret or a command."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.gateways.errors import GatewayMisconfigured

S = TypeVar("S", bound=BaseModel)


def read_settings(model: type[S], settings: Mapping[str, object]) -> S:
    """The settings as the model has them.

    Raises:
        GatewayMisconfigured: `bad_settings`: each field that is wrong, with pydantic's word for why.
    """
    try:
        return model.model_validate(dict(settings))
    except ValidationError as error:
        faults = {".".join(map(str, fault["loc"])): fault["type"] for fault in error.errors(include_input=False)}
        raise GatewayMisconfigured("bad_settings", faults) from error
