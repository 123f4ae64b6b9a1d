"""The store: one door to the database. It is the truth; a Slack message is a projection of it (design, decision 2)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlmodel import Session

from storage.audit import AuditLog
from storage.ca_certificates import CaCertificates
from storage.certificates import Certificates
from storage.channels import Channels
from storage.connections import Connections
from storage.conversation import Notices, Places, Prompts, Uploads
from storage.drifts import Drifts
from storage.engine import open_engine, reading
from storage.migrate import migrate
from storage.overview import Overview
from storage.partners import Partners
from storage.switches import Switches


class Transaction:
    """One unit of work: everything done through it is committed together, or not at all."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.partners = Partners(session)
        self.certificates = Certificates(session)
        self.ca_certificates = CaCertificates(session)
        self.connections = Connections(session)
        self.switches = Switches(session)
        self.drifts = Drifts(session)
        self.uploads = Uploads(session)
        self.prompts = Prompts(session)
        self.places = Places(session)
        self.notices = Notices(session)
        self.audit = AuditLog(session)
        self.overview = Overview(session)
        self.channels = Channels(session)

    def alone(self, subject: str) -> None:
        """Wait until no other transaction that asked for the same subject is under way, and keep it out until the end.

        For decisions that rest on many rows: an issuer and the certificate that waits for it, taken in by two replicas
        at once, would else each miss the other. On SQLite every transaction is alone from its first word.
        """
        connection = self._session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(subject))))


class Store:
    """A database with its migrations run.

    Args:
        url: an SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://...`.
    """

    def __init__(self, url: str) -> None:
        self.engine: sa.Engine = open_engine(url)
        migrate(self.engine)
        # Called after a commit that left something for the messages or the roll-outs to follow; the wiring sets it.
        self.on_notice: Callable[[], None] = lambda: None

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction. On SQLite it takes the write lock at once: nothing gets between a check and its write."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            # SQLAlchemy begins at the first statement; the lock is wanted before anything else is locked or read.
            session.connection()
            transaction = Transaction(session)
            yield transaction
            transaction.audit.seal()
        if transaction.notices.added:
            self.on_notice()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One view of everything, however long it takes to look at it: nobody waits for it, and it changes nothing.

        On SQLite a snapshot beside the writers (sqlite.org/isolation.html), on PostgreSQL REPEATABLE READ.

        Raises:
            sqlalchemy.exc.DBAPIError: for a write.
        """
        with Session(reading(self.engine), expire_on_commit=False) as session, session.begin():
            session.connection()
            yield Transaction(session)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
