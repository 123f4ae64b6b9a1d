"""The one place that wires everything: settings in, a running bot out. Nothing runs at import."""

import logging
import warnings
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from cryptography.utils import CryptographyDeprecationWarning
from pydantic import SecretStr
from slack_bolt import App
from slack_sdk import WebClient

import handlers
from bot.config import Settings
from bot.gateways.configuration import Gateways
from bot.gateways.errors import GatewayMisconfigured
from bot.http_server import HttpServer, Report
from bot.obstacles import CannotStart, setting, slack
from bot.readiness import Readiness, store_trouble
from bot.replica import Replica
from bot.services import Services, open_services
from bot.services.fetching import FetchSettings, IssuerFetcher
from bot.services.outbox import Outbox
from bot.services.people import PersonRole
from bot.slack_client import open_client
from bot.socket_mode import SocketMode
from handlers.desk import Desk
from handlers.downloads import Downloads
from handlers.home.homes import Homes
from handlers.home.pages import Pages
from handlers.home.whereabouts import Whereabouts
from handlers.jobs import Jobs, JobSettings, open_jobs_database
from handlers.messenger import Messenger
from handlers.parcels import Parcels
from handlers.people import People, RoleRules
from handlers.pictures.gallery import Gallery
from handlers.watch import DRIFT_DUTY, USE_DUTY, Watchman
from storage.engine import use_write_ahead_log
from storage.seats import open_seats
from storage.store import Store


def now() -> datetime:
    """The product's clock; passed to whatever needs the time."""
    return datetime.now(UTC)


class Core:
    """Store, gateways and services, without Slack."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        gateways = open_gateways(settings)
        self.store = open_store(settings)
        self.services: Services = open_services(
            self.store,
            gateways,
            clock,
            proposal_lives=settings.proposal_lives,
            probe_timeout=settings.probe_timeout_seconds,
            fetcher=_fetcher(settings),
            overlap_settles=settings.overlap_settles,
            gateway_names=gateways.names,
            listeners=gateways.through,
        )

    def close(self) -> None:
        """Give the database back."""
        self.store.close()


class Countersign:
    """The running bot: a Core, the Slack listeners over Socket Mode or signed HTTP, and the durable jobs."""

    def __init__(self, settings: Settings, core: Core, clock: Callable[[], datetime] = now) -> None:
        if settings.slack_bot_token is None or not settings.on_real_slack:
            msg = f"{settings.half_set or 'SLACK_BOT_TOKEN'} is needed"
            raise CannotStart(msg)
        client = open_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
        with slack("SLACK_BOT_TOKEN", settings.slack_api_url):
            home_team = str(client.auth_test()["team_id"])
        people = People(client, home_team, _rules(settings))
        outbox = Outbox(core.store, clock)
        with setting("JOBS_DATABASE_URL"):
            use_write_ahead_log(settings.jobs_url)
            seats = open_seats(settings.jobs_url)
            self._replica = Replica(seats, settings.executor_id)
            open_jobs_database(JobSettings(settings.jobs_url, self._replica.name))
        self._jobs = Jobs(
            core.services,
            outbox,
            Messenger(client, outbox),
            Downloads(client),
            people,
            Gallery(client),
            Parcels(client),
        )
        self._watchmen = (
            Watchman(core.services.watch, seats.take, settings.watch_seconds),
            Watchman(core.services.first_use, seats.take, settings.watch_seconds, duty=USE_DUTY),
            Watchman(core.services.drifts, seats.take, settings.drift_seconds, duty=DRIFT_DUTY, at_once=True),
        )
        app = _bolt(settings, client)
        whereabouts = Whereabouts(client)
        self._homes = Homes(client, Pages(core.services, people, whereabouts))
        handlers.register(app, Desk(core.services, people, self._jobs, self._homes, whereabouts))
        self._socket = _socket(settings, app)
        self._http = _http(settings, None if self._socket else app, self.report)
        self._readiness = Readiness(
            {
                "store": lambda: store_trouble(core.store),
                "jobs": lambda: None if self._jobs.running else "not running",
                "slack": self._slack_trouble,
            }
        )
        core.store.on_notice = self._follow

    @property
    def url(self) -> str | None:
        """Where the HTTP side listens, if there is one."""
        return self._http.url if self._http else None

    def report(self) -> Report:
        """Whether each part that the bot needs is `ok`, or what is wrong with it; how long Slack has been silent."""
        heard = {"seconds_since_slack": round(self._socket.silent_seconds)} if self._socket else {}
        return {**self._readiness.report(), **heard}

    def _slack_trouble(self) -> str | None:
        transport = self._socket or self._http
        return transport.trouble() if transport else "no transport"

    def start(self) -> None:
        """Take up what was left, then listen."""
        with setting("JOBS_DATABASE_URL"):
            self._jobs.start()
        self._replica.start()
        for watchman in self._watchmen:
            watchman.start()
        self._homes.start()
        try:
            for part in (self._http, self._socket):
                if part:
                    part.start()
        except CannotStart:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop listening first, then working; what is being handled is still acknowledged."""
        # What came too late to be taken finds its socket closed; Slack delivers it again, so it is nothing to report.
        logging.getLogger("slack_bolt.App").setLevel(logging.CRITICAL)
        for part in (self._socket, self._http):
            if part:
                part.stop()
        self._homes.stop()
        for watchman in self._watchmen:
            watchman.stop()
        self._jobs.stop()
        self._replica.stop()

    def _follow(self) -> None:
        self._jobs.wake()
        self._homes.follow()


def open_gateways(settings: Settings) -> Gateways:
    """The gateways of the file that names them, or the embedded files gateway; no program is asked for anything.

    Raises:
        CannotStart: the file or a gateway's settings cannot be used; no value of theirs is repeated.
    """
    file = settings.gateways_in_use
    try:
        return Gateways.read(file) if file else Gateways.only_files(settings.files_gateway)
    except GatewayMisconfigured as error:
        msg = f"GATEWAYS_FILE cannot be used: {error}"
        raise CannotStart(msg) from None


def open_store(settings: Settings) -> Store:
    """The store with its migrations run.

    Raises:
        CannotStart: the data folder or the database cannot be used.
    """
    with setting("DATA_DIR"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    with setting("DATABASE_URL" if settings.database_url else "DATA_DIR"):
        return Store(settings.store_url)


def set_up_logging(level: str) -> None:
    """JSON lines on stderr when nobody watches, readable lines on a terminal. Never a certificate, file or token."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # Bolt warns at every start that it was given a client beside the token in the environment; it is the same token.
    logging.getLogger("slack_bolt.App").addFilter(lambda record: "will be unused" not in record.getMessage())
    # What is odd in a partner's file (a serial number of zero, BER instead of DER) is no news to whoever runs the bot.
    warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning)
    warnings.filterwarnings("ignore", message="PKCS#7 certificates could not be parsed as DER")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level.upper(), 20)),
    )


def _bolt(settings: Settings, client: WebClient) -> App:
    # Persist before the ack: a listener only enqueues, and one that fails is not acked, so Slack delivers again.
    return App(
        client=client,
        signing_secret=_secret(settings.slack_signing_secret),
        process_before_response=True,
        token_verification_enabled=False,
    )


def _socket(settings: Settings, app: App) -> SocketMode | None:
    token = _secret(settings.slack_app_token)
    return SocketMode(app, token, settings.slack_api_url) if token else None


def _http(settings: Settings, app: App | None, report: Callable[[], Report]) -> HttpServer | None:
    port = settings.listening_port
    return None if port is None else HttpServer(settings.http_host, port, report, app)


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _fetcher(settings: Settings) -> IssuerFetcher | None:
    if not settings.fetch_issuers:
        return None
    return IssuerFetcher(FetchSettings(allow_loopback=settings.fetch_allow_loopback))


def _rules(settings: Settings) -> RoleRules:
    return RoleRules(
        {
            PersonRole.OPERATOR: settings.operators,
            PersonRole.APPROVER: settings.approvers,
            PersonRole.TRUST_ADMIN: settings.trust_admins,
        }
    )
