"""Settings, from the environment and `.env`: each is explained in `.env.example`, none is needed for `make run`."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SLACK_API = "https://slack.com/api/"
EVENTS_PORT = 3000  # Bolt's customary one

Names = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """What a team can set. Unknown variables are left alone; a wrong value stops the start with its name."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = SLACK_API

    http_host: str = "127.0.0.1"
    http_port: int | None = Field(default=None, ge=0, le=65535)

    operators: Names = ("*",)
    approvers: Names = ()
    trust_admins: Names = ()

    data_dir: Path = Path("data")
    database_url: str = ""
    jobs_database_url: str = ""
    executor_id: str = ""

    gateways_file: Path | None = None
    files_gateway_root: Path | None = None
    files_gateway_reload: Annotated[tuple[str, ...], NoDecode] = ()
    files_gateway_truststore_password: str = "changeit"  # noqa: S105 - Java's customary one; it guards no secret

    fetch_issuers: bool = True
    fetch_allow_loopback: bool = False

    proposal_days: int = Field(default=14, ge=1, le=365)
    probe_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    watch_seconds: float = Field(default=5.0, ge=0.1, le=600)
    drift_seconds: float = Field(default=60.0, ge=0.1, le=24 * 60 * 60)
    overlap_settle_minutes: float = Field(default=10.0, gt=0, le=7 * 24 * 60)

    demo_envoy: bool = True
    demo_request_seconds: float = Field(default=2.0, ge=0.1, le=600)

    workspace_port: int = Field(default=8765, ge=0, le=65535)
    log_level: str = "INFO"

    @field_validator("operators", "approvers", "trust_admins", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("files_gateway_reload", mode="before")
    @classmethod
    def _split_command(cls, value: object) -> object:
        # Word by word and without a shell: nothing that a certificate brings can become a command.
        return tuple(value.split()) if isinstance(value, str) else value

    @property
    def on_real_slack(self) -> bool:
        """Whether the bot token and the secret of a transport are set."""
        return self.slack_bot_token is not None and (self.socket_mode or self.slack_signing_secret is not None)

    @property
    def socket_mode(self) -> bool:
        """Whether Slack's payloads come over Socket Mode (an app token is set), else to the request URL."""
        return self.slack_app_token is not None

    @property
    def half_set(self) -> str | None:
        """What is missing, by name, when Slack is set up by half only."""
        if self.slack_bot_token is None:
            return "SLACK_BOT_TOKEN" if self.slack_app_token or self.slack_signing_secret else None
        return None if self.on_real_slack else "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"

    @property
    def listening_port(self) -> int | None:
        """The port of the HTTP side: always there without Socket Mode, with it only where one is set."""
        if self.http_port is None and not self.socket_mode:
            return EVENTS_PORT
        return self.http_port

    @property
    def store_url(self) -> str:
        """The database of the store; SQLite in the data folder unless set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'countersign.sqlite'}"

    @property
    def jobs_url(self) -> str:
        """The database of the durable jobs: the store's own PostgreSQL, or a second SQLite file beside the store."""
        if self.jobs_database_url:
            return self.jobs_database_url
        if self.database_url.startswith("postgresql"):
            return self.database_url
        return f"sqlite:///{self.data_dir.resolve() / 'jobs.sqlite'}"

    @property
    def gateways_in_use(self) -> Path | None:
        """The file that names the gateways: the one set; on the local workspace also the demo world's."""
        demo = self.data_dir / "lab" / "gateways.toml"
        return self.gateways_file or (demo if not self.on_real_slack and demo.is_file() else None)

    @property
    def files_gateway(self) -> dict[str, object]:
        """The settings of the files gateway that is there where no file names gateways."""
        return {
            "root": str(self.gateway_root),
            "reload": self.files_gateway_reload,
            "truststore_password": self.files_gateway_truststore_password,
        }

    @property
    def gateway_root(self) -> Path:
        """Where the files gateway writes."""
        return (self.files_gateway_root or self.data_dir / "gateway").resolve()

    @property
    def proposal_lives(self) -> timedelta:
        """How long a proposal can be approved."""
        return timedelta(days=self.proposal_days)

    @property
    def overlap_settles(self) -> timedelta:
        """How long only the new certificate must have been seen before an overlap ends by itself."""
        return timedelta(minutes=self.overlap_settle_minutes)
