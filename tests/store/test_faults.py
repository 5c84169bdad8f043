"""What a database cannot do now is told apart from what we did wrong."""

from __future__ import annotations

import errno
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from lawlab.store import engine as engines
from lawlab.store.engine import make_engine, make_sessions, migrate, writing
from lawlab.store.faults import AWAY, BUSY, FULL, database_fault


def code_of(act: Callable[[], object]) -> str | None:
    try:
        act()
    except (OSError, SQLAlchemyError) as error:
        fault = database_fault(error)
        return fault.code if fault else None
    raise AssertionError("it worked")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LOCK_WAIT_S", 0.2)
    monkeypatch.setattr(engines, "BRIEF_WAIT_S", 0.1)


@pytest.mark.usefixtures("quick")
def test_a_locked_database_is_busy_and_free_again_afterwards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'lawlab.sqlite'}"
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with sessions() as session:
        session.execute(text("create table kept (n integer)"))
        session.commit()
    holder = sqlite3.connect(tmp_path / "lawlab.sqlite", isolation_level=None)
    holder.execute("begin exclusive")

    def write() -> None:
        with sessions() as session:
            writing(session).execute(text("insert into kept values (1)"))
            session.commit()

    assert code_of(write) == code_of(write) == BUSY
    with sessions() as session:  # readers go on
        assert session.scalar(text("select count(*) from kept")) == 0
    holder.execute("rollback")
    holder.close()
    write()
    with sessions() as session:
        assert session.scalar(text("select count(*) from kept")) == 1
    engine.dispose()


def test_a_file_that_may_not_grow_is_a_full_disk(tmp_path: Path) -> None:
    """In a process of its own, whose files may not grow: the kernel refuses as a full disk does."""
    url = f"sqlite:///{tmp_path / 'lawlab.sqlite'}"
    migrate(url)
    code = f"""
import resource
from sqlalchemy import text
from lawlab.store.engine import make_engine, make_sessions, writing
from lawlab.store.faults import database_fault
sessions = make_sessions(make_engine({url!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with sessions() as session:
        writing(session).execute(text("create table big as select zeroblob(100000) as one"))
        session.commit()
except Exception as error:
    print(database_fault(error).code)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == FULL


def test_a_database_that_may_only_be_read_is_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").touch()
    engine = create_engine(f"sqlite:///file:{tmp_path}/a.sqlite?mode=ro&uri=true")

    def write() -> None:
        with engine.begin() as connection:
            connection.execute(text("create table kept (n integer)"))

    assert code_of(write) == FULL
    engine.dispose()


def test_a_server_that_is_not_there_is_away_and_said_at_once(tmp_path: Path) -> None:
    engine = make_engine(f"postgresql+psycopg://lawlab@/postgres?host={tmp_path}")
    assert code_of(engine.connect) == AWAY
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select pg_terminate_backend(pg_backend_pid())", AWAY),
        ("set statement_timeout = 20; select pg_sleep(5)", BUSY),
        ("set default_transaction_read_only = on; commit; create table kept (n integer)", AWAY),
        ("select 1 / 0", None),
        ("select nothing", None),
    ],
)
def test_what_a_server_refuses(postgres_url: str, statement: str, code: str | None) -> None:
    engine = make_engine(postgres_url)

    def ask() -> None:
        with engine.connect() as connection:
            for one in statement.split(";"):
                connection.exec_driver_sql(one)

    assert code_of(ask) == code
    engine.dispose()


def test_a_connection_says_how_long_it_waits(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    with engine.connect() as connection:
        shown = [
            connection.exec_driver_sql(f"show {name}").scalar()
            for name in ("lock_timeout", "statement_timeout")
        ]
    assert shown == ["10s", "1min"]
    engine.dispose()


def wrapped(error: BaseException) -> DBAPIError:
    return OperationalError("select 1", {}, error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PoolTimeout("no connection"), BUSY),
        (OSError(errno.ENOSPC, "no space"), FULL),
        (ConnectionResetError("hung up"), None),
        (wrapped(psycopg.errors.DiskFull("no space")), FULL),
        (wrapped(psycopg.errors.TooManyConnections("no slot")), BUSY),
        (wrapped(psycopg.errors.LockNotAvailable("waited")), BUSY),
        (wrapped(psycopg.errors.CannotConnectNow("starting up")), AWAY),
        (IntegrityError("insert", {}, sqlite3.IntegrityError("twice")), None),
        (wrapped(sqlite3.OperationalError("no such table: kept")), None),
        (ValueError("a mistake of ours"), None),
    ],
)
def test_every_fault_has_its_code(error: Exception, code: str | None) -> None:
    fault = database_fault(error)
    assert (fault.code if fault else None) == code
    if fault:
        assert fault.status == 503
        assert fault.facts["retry_after"]
        assert fault.sentence.endswith("再试。")
