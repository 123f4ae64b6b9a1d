"""Runs a sample unchanged: `python -m tests.workspace.run_sample FILE TRANSPORT`; see `samples`."""

import os
import runpy
import sys
import threading

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.web.base_client import BaseClient

from tests.workspace.endpoint import served


def use_local_slack(url: str) -> None:
    """Makes this address the default of every client: samples name none, and slack-sdk reads none from outside."""
    defaults = BaseClient.__init__.__defaults__ or ()
    assert BaseClient.BASE_URL in defaults
    BaseClient.__init__.__defaults__ = tuple(url if value == BaseClient.BASE_URL else value for value in defaults)


def main() -> None:
    """Runs the file, and serves its `app` over the transport, for ever."""
    path, transport = sys.argv[1:]
    use_local_slack(os.environ["SLACK_API_URL"])
    app = runpy.run_path(path, run_name="sample").get("app")
    if transport == "none":
        return
    assert isinstance(app, App)
    if transport == "HTTP":
        with served(app) as url:
            sys.stdout.write(f"request URL: {url}\n")
            threading.Event().wait()
    SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
