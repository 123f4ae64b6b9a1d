"""What the lab answers when it is asked for something that is not there."""


class LabError(Exception):
    """Base and only kind. Codes: `unknown_partner`, `unknown_value`, `not_open`, `not_started`."""

    def __init__(self, code: str, **data: str) -> None:
        super().__init__(code)
        self.code = code
        self.data = data
