"""Consistent copies of databases that others are writing to, and the way back for PostgreSQL."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Connection, Engine, create_engine, func, inspect, select, table, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from lawlab.errors import LawlabError
from lawlab.store.search import is_index_table

WAIT_S = 60
"""How long a copy waits for whoever holds a SQLite file alone."""
POSTGRESQL = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version, which it does not put on the path."""
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Snapshot:
    """A copy of the platform's database: its revision, and the rows of each table in it."""

    file: Path
    revision: str | None
    tables: dict[str, int]


def is_sqlite(file: Path) -> bool:
    """Whether a file is a SQLite database, whatever its name."""
    with file.open("rb") as content:
        return content.read(len(_SQLITE)) == _SQLITE


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database in one step, as it is at one moment, while others go on writing to it.

    Raises LawlabError `broken_database` when it is damaged: a backup that cannot be restored must
    not push out an older one that can.
    """
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", WAIT_S, uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
            [found] = new.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, str(error)) from error
        found = str(error)
    if found != "ok":
        raise LawlabError(
            "broken_database",
            f"数据库 {source} 读不完整（{found}），没有备份。请看最近的一份备份能不能用，"
            "再照管理员手册第 12 节恢复。",
        )


def snapshot_sqlite(source: Path, target: Path) -> Snapshot:
    """`copy_sqlite`, and what is in it."""
    copy_sqlite(source, target)
    with _opened(f"sqlite:///{target}") as engine, engine.connect() as connection:
        return Snapshot(target, _revision(connection), rows_of(connection))


def snapshot_postgresql(url: str, target: Path) -> Snapshot:
    """Dump a PostgreSQL database; what is counted is what the dump holds, whoever writes meanwhile.

    Raises LawlabError `no_pg_dump` without the program, `dump_failed` when it fails.
    """
    with _opened(url) as engine:
        try:
            reading = engine.connect().execution_options(isolation_level="REPEATABLE READ")
            with reading as connection:
                name = connection.scalar(text("select pg_export_snapshot()"))
                found = Snapshot(target, _revision(connection), rows_of(connection))
                _dump(url, target, f"--snapshot={name}")
        except SQLAlchemyError as error:
            raise _unreachable(error) from error
    return found


def restore_postgresql(url: str, dump: Path) -> None:
    """Bring a dump into an empty database: all of it or nothing.

    Raises LawlabError `no_pg_dump` or `restore_failed`.
    """
    words = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(dump)]
    fault = _run("pg_restore", url, words)
    if fault:
        raise LawlabError("restore_failed", f"PostgreSQL 没有接受备份：{fault}")


def objects_in(url: str) -> list[str]:
    """What would drop each thing that a dump could bring into a database, in an order that works.
    Raises LawlabError `no_database` when it cannot be reached."""
    with _opened(url) as engine:
        try:
            with engine.connect() as connection:
                return list(connection.scalars(text(_OBJECTS)))
        except SQLAlchemyError as error:
            raise _unreachable(error) from error


def take_back(url: str, before: Collection[str]) -> None:
    """Drop what `restore_postgresql` brought into a database; `before` are the `objects_in` it that
    were there already. Raises LawlabError `no_database` when it cannot be reached, or refuses."""
    drops = [drop for drop in objects_in(url) if drop not in before]
    with _opened(url) as engine:
        try:
            with engine.begin() as connection:
                for drop in drops:
                    connection.exec_driver_sql(drop)
        except SQLAlchemyError as error:
            raise _unreachable(error) from error


# What belongs to an extension comes and goes with it.
_OBJECTS = """
select 'drop ' || kind || ' if exists ' || name || ' cascade' from (
    select oid, relnamespace as place, 1 as turn, 'table' as kind, oid::regclass::text as name
        from pg_class where relkind in ('r', 'p')
    union all
    select oid, pronamespace, 2, 'routine', oid::regprocedure::text from pg_proc
    union all
    select oid, typnamespace, 3, 'type', oid::regtype::text from pg_type where typtype in ('e', 'd')
    union all
    select oid, oid, 4, 'schema', quote_ident(nspname) from pg_namespace
) as found
where place not in (select oid from pg_namespace where nspname ~ '^(pg_|information_schema$)')
    and not exists (select from pg_depend where objid = found.oid and deptype = 'e')
order by turn, oid
"""


def tables_in(url: str) -> list[str]:
    """Tables of a database. Raises LawlabError `no_database` when it cannot be reached."""
    with _opened(url) as engine:
        try:
            return sorted(inspect(engine).get_table_names())
        except SQLAlchemyError as error:
            raise _unreachable(error) from error


def rows_in(url: str) -> dict[str, int]:
    """Table → rows, of a whole database."""
    with _opened(url) as engine, engine.connect() as connection:
        return rows_of(connection)


def rows_of(connection: Connection) -> dict[str, int]:
    """Table → rows. The search index's own tables are the database's business."""
    names = sorted(inspect(connection).get_table_names())
    counts = {
        name: connection.scalar(select(func.count()).select_from(table(name)))
        for name in names
        if not is_index_table(name)
    }
    return {name: count or 0 for name, count in counts.items()}


def _dump(url: str, target: Path, *words: str) -> None:
    fault = _run("pg_dump", url, ["--format=custom", f"--file={target}", *words])
    if fault:
        raise LawlabError("dump_failed", f"PostgreSQL 的数据没有备份成：{fault}")


def _run(program: str, url: str, words: Sequence[str]) -> str:
    """Run a PostgreSQL program on a database; returns what it complained of when it failed."""
    address = make_url(url).set(drivername="postgresql")
    # Where the account keeps its passwords for PostgreSQL, if it does; nothing else of our own.
    environment = {"PATH": os.defpath, "HOME": str(Path.home()), "LC_ALL": "C.UTF-8"}
    if address.password:  # never in the list of processes
        environment["PGPASSWORD"] = str(address.password)
    plain = URL.create(
        "postgresql",
        address.username,
        host=address.host,
        port=address.port,
        database=address.database,
        query=address.query,
    )
    command = [_program(program), f"--dbname={plain.render_as_string()}", *words]
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, errors="replace"
    )
    return "" if ended.returncode == 0 else ended.stderr.strip() or f"退出码 {ended.returncode}"


def _program(name: str) -> str:
    """The newest that is installed: it understands every older server."""
    places = (path for path in POSTGRESQL.glob("*/bin") if path.parent.name.isdecimal())
    for place in sorted(places, key=lambda path: int(path.parent.name), reverse=True):
        if found := shutil.which(name, path=str(place)):
            return found
    if found := shutil.which(name):
        return found
    raise LawlabError(
        "no_pg_dump",
        f"没有找到 {name}，它随 PostgreSQL 一起装。请输入 sudo apt-get install -y "
        "postgresql-client，再试一次。",
    )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _unreachable(error: SQLAlchemyError) -> LawlabError:
    return LawlabError("no_database", f"数据库打不开：{str(error).splitlines()[0]}")


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    # Not `make_engine`: that would turn a copy into one with a journal beside it.
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
