"""Switches that make the local Slack behave as badly as the real one sometimes does."""

from dataclasses import dataclass

from bot.workspace.shapes import Json, Refusal

ACK_SECONDS = 3.0  # docs.slack.dev/interactivity/handling-user-interaction, "Acknowledgment response"
RETRY_DELAYS = (1.0, 60.0, 300.0)  # docs.slack.dev/apis/events-api, "Retries": nearly at once, one minute, five minutes
MAX_COPIES = 20


@dataclass
class Faults:
    """`deliver_times`: copies of each event; `ack_timeout` and `retry_delays` in seconds.

    `check_file_info`: files in events of shared channels are mere references, as Slack Connect sends them.
    `hold_files`: downloads get no answer until it is switched off.
    """

    deliver_times: int = 1
    ack_timeout: float = ACK_SECONDS
    retry_delays: tuple[float, ...] = RETRY_DELAYS
    check_file_info: bool = False
    hold_files: bool = False

    def change(self, wanted: Json) -> None:
        """Applies the switches named in `wanted`; refuses an unknown name or a value outside its range."""
        for name, value in wanted.items():
            match name, value:
                case "deliver_times", int() if 1 <= value <= MAX_COPIES:
                    self.deliver_times = value
                case "ack_timeout", int() | float() if 0 < value <= 60:
                    self.ack_timeout = float(value)
                case "retry_delays", list() if len(value) <= 3 and all(isinstance(d, (int, float)) for d in value):
                    self.retry_delays = tuple(float(delay) for delay in value)
                case "check_file_info", bool():
                    self.check_file_info = value
                case "hold_files", bool():
                    self.hold_files = value
                case _:
                    raise Refusal("invalid_arguments", [f"[ERROR] unusable fault: {name}"])

    def as_json(self) -> Json:
        """The present settings."""
        return {
            "deliver_times": self.deliver_times,
            "ack_timeout": self.ack_timeout,
            "retry_delays": list(self.retry_delays),
            "check_file_info": self.check_file_info,
            "hold_files": self.hold_files,
        }
