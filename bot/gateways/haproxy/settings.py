"""The settings of one HAProxy in the gateways' file."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.gateways.haproxy.runtime import SAFE_PATH
from bot.gateways.haproxy.uses import TABLE


def _safe(path: Path) -> Path:
    if not SAFE_PATH.fullmatch(str(path)):
        raise ValueError("an absolute path of letters, digits and ._/+@- is needed")
    return path


class HaproxySettings(BaseModel):
    """The settings of one HAProxy. Paths are absolute and spelled as in HAProxy's own configuration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: Annotated[Path, AfterValidator(_safe)]
    socket: Annotated[Path, AfterValidator(_safe)]  # `stats socket ... level admin`
    master_socket: Annotated[Path, AfterValidator(_safe)] | None = None  # `haproxy -W -S ...`; needed for `presents`
    config: Path | None = None  # haproxy.cfg, for `countersign doctor` alone
    uses: Annotated[str, Field(pattern=TABLE)] | None = None  # stick table that counts requests by certificate
    timeout_s: float = Field(default=5.0, gt=0, le=60)  # one command
    reload_timeout_s: float = Field(default=30.0, gt=0, le=600)
