"""Reading uploads: every certificate in a file, or the named reason why the file is refused."""

from bot.pki.parsing.refusal import Refusal, Refused
from bot.pki.parsing.upload import BlockProblem, Reading, read_upload

__all__ = ["BlockProblem", "Reading", "Refusal", "Refused", "read_upload"]
