"""The durable fetch of a missing issuer: a click is kept, then the CA's server is asked, then the store tells the rest.

What came of it, good or bad, is in the store, and the messages follow the store; so nothing is posted from here, but
that a request is told to say so while it takes long.
Workflow arguments and results hold ids only.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import structlog
from dbos import DBOS, DBOSConfiguredInstance, SetEnqueueOptions, SetWorkflowID

from bot.services.errors import ServiceError
from bot.services.fetching import Fetching
from bot.services.outbox import Outbox
from bot.services.people import Person
from bot.services.prompts import subject_of
from handlers.intake_jobs import StepFailed
from handlers.people import People
from handlers.progress import late

log = structlog.get_logger(__name__)

FETCHES = "fetches"
# A fetch waits for strangers' servers, up to 15 s; clicks of one impatient person must not hold every thread.
AT_ONCE = 2
QUEUE_POLL_SECONDS = 0.2
STEP_TRIES = 3
STEP_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One click: ids only."""

    prompt_id: int
    user_id: str
    team_id: str


@DBOS.dbos_class("countersign-fetches")
class FetchJobs(DBOSConfiguredInstance):
    """Fetches issuers, one click after the other. Build it before the engine is launched, then `open`."""

    def __init__(self, fetching: Fetching, outbox: Outbox, people: People) -> None:
        super().__init__("fetches")
        self._fetching = fetching
        self._outbox = outbox
        self._people = people
        self._slow: set[str] = set()

    @property
    def under_way(self) -> Collection[str]:
        """The requests whose CA this process has been asking for a while."""
        return frozenset(self._slow)

    def open(self) -> None:
        """Once the engine is launched: let waiting clicks run."""
        DBOS.register_queue(
            FETCHES,
            worker_concurrency=AT_ONCE,
            polling_interval_sec=QUEUE_POLL_SECONDS,
            on_conflict="always_update",
        )

    def start(self, request: FetchRequest, click: str) -> None:
        """Once for each click (`click` tells one from another); returns as soon as that is on disk.

        While a request's issuer is being fetched another click on the same request adds nothing.
        """
        with (
            SetWorkflowID(f"fetch:{request.prompt_id}:{request.user_id}:{click}"),
            SetEnqueueOptions(deduplication_id=f"prompt:{request.prompt_id}", duplication_policy="return-existing"),
        ):
            DBOS.enqueue_workflow(FETCHES, self.fetch_issuer, asdict(request))

    @DBOS.workflow()
    def fetch_issuer(self, fields: dict[str, object]) -> None:
        """Fetch and take in; where that breaks on our side the request says so."""
        try:
            self.fetch(fields)
        except Exception as error:
            log.error("fetch_failed", prompt=fields["prompt_id"], error=type(error).__name__)
            self.give_up(fields)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def fetch(self, fields: dict[str, object]) -> int | None:
        """The number of the upload that came of it; None where it was refused, which the request shows."""
        request = FetchRequest(**fields)  # type: ignore[arg-type]
        try:
            with self._shown_as_slow(subject_of(request.prompt_id)):
                person = self._people.person(request.user_id, request.team_id)
                return self._fetching.fetch_issuer(person, request.prompt_id)
        except ServiceError as refused:
            log.info("fetch_refused", prompt=request.prompt_id, code=refused.code, reason=refused.data.get("reason"))
            return None
        except Exception as error:
            # The engine keeps what a step raised, with all that it holds.
            raise StepFailed(type(error).__name__) from None

    @contextmanager
    def _shown_as_slow(self, subject: str) -> Iterator[None]:
        """The request says that its CA is being asked, where that takes a while; and in the end that it is not.

        A process that died over it has left that word in the message, so the end is told whatever came of it.
        """

        def tell() -> None:
            self._slow.add(subject)
            self._outbox.touch(subject)

        try:
            with late(tell):
                yield
        finally:
            self._slow.discard(subject)
            self._outbox.touch(subject)

    @DBOS.step(retries_allowed=True, max_attempts=STEP_TRIES, interval_seconds=STEP_PAUSE_SECONDS)
    def give_up(self, fields: dict[str, object]) -> None:
        """Without asking Slack who it is: that may be what broke."""
        request = FetchRequest(**fields)  # type: ignore[arg-type]
        self._fetching.give_up(Person(request.user_id, request.team_id, request.user_id), request.prompt_id)
