"""Engines and sessions. SQLite in WAL mode out of the box, PostgreSQL by one setting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK_WAIT_S = 15
"""How long a writer of SQLite waits for the others."""
AT_ONCE = 5
"""So many times a use case is begun again because somebody else was quicker."""
IN_TURN = "lawlab_in_turn"
"""Stands in `info` of the connection whose turn it is."""


def make_engine(url: str) -> Engine:
    """An engine for `url`. SQLite writers wait up to LOCK_WAIT_S for each other instead of
    failing: those of this engine in a queue, those of other processes by trying again."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_S})
    # Without a queue, of forty threads that try again now and then, one may never have its turn.
    queue = threading.Lock()
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_sqlite, queue))
    event.listen(engine, "checkin", partial(_leave_queue, queue))
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


def _begin_sqlite(queue: threading.Lock, connection: Any) -> None:
    # A deferred transaction that turns from read to write fails at once with "database is locked"
    # when another wrote meanwhile. Sessions that write say so: `session.connection(
    # execution_options={"lawlab_write": True})`, see `writing`.
    write = connection.get_execution_options().get("lawlab_write", False)
    if write and not connection.info.get(IN_TURN):
        # Whoever waited in vain tries all the same: the database itself says that it is locked.
        connection.info[IN_TURN] = queue.acquire(timeout=LOCK_WAIT_S)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _leave_queue(queue: threading.Lock, _connection: object, record: Any) -> None:
    # When the connection goes back to the pool, its transaction has ended, however it did.
    if record.info.pop(IN_TURN, False):
        queue.release()


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
