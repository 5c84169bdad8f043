"""Engines and sessions. SQLite in WAL mode out of the box, PostgreSQL by one setting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.store.faults import BUSY, database_fault

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK_WAIT_S = 10
"""How long a writer waits for the others: a browser gives up after 15 s, and is told before."""
BRIEF_WAIT_S = 1
"""The same as long as the last one waited in vain: else, while something holds the database, all
threads of a server would wait for it, and nobody could even read."""
POOL_WAIT_S = 5
"""How long a request waits until another gives back its connection."""
POSTGRES = {
    "connect_timeout": 3,  # a server that is there answers in milliseconds
    # A server whose machine is gone says nothing: the line is given up after some 10 s.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    # No statement of ours takes seconds; what takes a minute never ends.
    "options": f"-c lock_timeout={LOCK_WAIT_S}s -c statement_timeout=60s",
}
"""So that a request ends, whatever becomes of the server; an address may say otherwise."""
AT_ONCE = 5
"""So many times a use case is begun again because somebody else was quicker."""
IN_TURN = "lawlab_in_turn"
"""Stands in `info` of the connection whose turn it is."""


def make_engine(url: str) -> Engine:
    """An engine for `url`. SQLite writers wait up to LOCK_WAIT_S for each other instead of
    failing: those of this engine in a queue, those of other processes by trying again."""
    if not url.startswith("sqlite"):
        said = make_url(url).query
        given = {name: value for name, value in POSTGRES.items() if name not in said}
        return create_engine(
            url,
            connect_args=given,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=20,
            pool_timeout=POOL_WAIT_S,
        )
    engine = create_engine(
        url,
        connect_args={"timeout": LOCK_WAIT_S},
        # Who waits for his turn to write holds a connection: readers need further ones.
        max_overflow=45,
        pool_timeout=POOL_WAIT_S,
    )
    queue = Queue()
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, queue))
    event.listen(engine, "checkin", queue.leave)
    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; a repeat changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transactions begin too late for a read that is followed by a write.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


class Queue:
    """The writers of one engine, one after another: without it, of forty threads that try again now
    and then, one may never have its turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_vain = False

    def begin(self, connection: Any) -> None:
        """Begin to write when it is this one's turn, or raise that the database is locked."""
        end = time.monotonic() + (BRIEF_WAIT_S if self._in_vain else LOCK_WAIT_S)
        if not connection.info.get(IN_TURN):
            # Whoever waited in vain tries all the same: the database itself says that it is locked.
            connection.info[IN_TURN] = self._lock.acquire(timeout=end - time.monotonic())
        driver = connection.connection.driver_connection
        left = max(0, int(1000 * (end - time.monotonic())))
        driver.execute(f"PRAGMA busy_timeout={left}").close()
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            fault = database_fault(error)
            self._in_vain |= fault is not None and fault.code == BUSY
            raise
        finally:
            driver.execute(f"PRAGMA busy_timeout={1000 * LOCK_WAIT_S}").close()
        self._in_vain = False

    def leave(self, _connection: object, record: Any) -> None:
        """When the connection goes back to the pool, its transaction has ended, however it did."""
        if record.info.pop(IN_TURN, False):
            self._lock.release()


def _begin_sqlite(queue: Queue, connection: Any) -> None:
    # A deferred transaction that turns from read to write fails at once with "database is locked"
    # when another wrote meanwhile. Sessions that write say so: `session.connection(
    # execution_options={"lawlab_write": True})`, see `writing`.
    if connection.get_execution_options().get("lawlab_write", False):
        queue.begin(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def writing(session: Session) -> Session:
    """Open the session's transaction as a writer, before its first read. A use case that reads,
    decides and writes begins with this, so that what it read still holds when it commits.

    A transaction that only read so far (who is calling?) is ended first.
    """
    if session.in_transaction():
        if session.new or session.dirty or session.deleted:
            raise RuntimeError("writing() must come before the first change")
        session.commit()
    session.connection(execution_options={"lawlab_write": True})
    return session


P = ParamSpec("P")
R = TypeVar("R")


def looking_again(
    act: Callable[Concatenate[Session, P], R],
) -> Callable[Concatenate[Session, P], R]:
    """For a use case that makes something once, however often it is asked: of several who begin it
    at once, on PostgreSQL, each after the first looks again, and finds what the others made."""

    @wraps(act)
    def again(session: Session, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(AT_ONCE):
            try:
                return act(session, *args, **kwargs)
            except IntegrityError:
                session.rollback()
        return act(session, *args, **kwargs)

    return again
