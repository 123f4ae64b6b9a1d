"""Files about a switch that cannot be made: whoever asked for them is told, where they were to come."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS
from slack_sdk import WebClient

from bot.services import open_services
from bot.services.outbox import Outbox
from bot.workspace.server import WorkspaceServer
from handlers.jobs import JobSettings, open_jobs_database
from handlers.paper_jobs import PaperJobs
from handlers.parcels import Parcels
from tests.databases import Database
from tests.handlers.slack import BOT, person_of
from tests.patience import eventually
from tests.services.by_hand import by_hand
from tests.services.switch_world import World


@pytest.fixture
def world(quick_database: Database) -> Iterator[World]:
    """A connection with its certificates."""
    made = World(quick_database)
    yield made
    made.store.close()


@pytest.fixture
def papers(world: World, bot: WebClient, tmp_path: Path) -> Iterator[PaperJobs]:
    """The durable delivery over it."""
    services = open_services(world.store, lambda _: world.gateway, world.clock)
    open_jobs_database(JobSettings(f"sqlite:///{tmp_path / 'jobs.sqlite'}"))
    made = PaperJobs(services, Outbox(world.store, world.clock), Parcels(bot))
    DBOS.launch()
    made.open()
    yield made
    DBOS.destroy()


def test_evidence_that_cannot_be_made_is_said_where_it_was_announced(
    papers: PaperJobs, world: World, workspace: WorkspaceServer
) -> None:
    """The database is damaged: the page cannot be made, and the direct message no longer promises it."""
    public_id = world.propose().public_id
    by_hand(world.store, "update audit set data = '\"nothing of ours\"'")
    papers.give_evidence(public_id, "UOLIVIA")
    olivia = person_of(workspace, "UOLIVIA")
    direct = str(olivia.conversations_open(users=BOT)["channel"]["id"])

    def told() -> bool:
        return "could not be sent" in str(olivia.conversations_history(channel=direct)["messages"])

    eventually(told, "the apology")
