"""The gradebook as a PostgreSQL database of its own, beside the platform's on the same server."""

from __future__ import annotations

from nbgrader.api import Base, Gradebook, get_alembic_version
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.config import course_id, gradebook_url
from lawlab.grading.recording import ANSWERS_TABLE

_NOTE_CHANGES = """
CREATE TABLE IF NOT EXISTS lawlab_changes (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE OR REPLACE FUNCTION lawlab_note_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO lawlab_changes DEFAULT VALUES; RETURN NULL; END $$;
"""
"""A row for each change, whoever made it: formgrader writes past us."""

_NOTE_CHANGES_OF = """
CREATE OR REPLACE TRIGGER lawlab_changed AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION lawlab_note_change()
"""


def ensure_database(settings: Settings, address: str) -> None:
    """Make the empty database of the gradebook at `address`; a repeat changes nothing. Raises
    LawlabError `no_gradebook` when the platform may not."""
    if _is_there(address):
        return
    url = make_url(address)
    engine = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            quoted = engine.dialect.identifier_preparer.quote(url.database or "")
            connection.execute(text(f"CREATE DATABASE {quoted}"))
    except (OperationalError, ProgrammingError) as error:
        reason = str(error.orig).splitlines()[0]
        raise LawlabError(
            "no_gradebook",
            f"成绩册要一个自己的 PostgreSQL 数据库“{url.database}”，没有建成：{reason}。"
            "请让管理数据库的人建好这个空数据库，主人是 database_url 里的账号，然后再试。",
        ) from error
    finally:
        engine.dispose()


def _is_there(address: str) -> bool:
    engine = create_engine(address)
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def ensure_tables(settings: Settings) -> None:
    """Make nbgrader's tables and ours; one whose making was interrupted is completed."""
    url = gradebook_url(settings)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            begun = bool(_tables(connection))
        if not begun:
            with Gradebook(url, course_id(settings)):
                pass
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            if "alembic_version" not in _tables(connection):
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            if not connection.scalar(text("SELECT count(*) FROM alembic_version")):
                version = {"version": get_alembic_version()}
                connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), version)
            connection.execute(text(ANSWERS_TABLE))
            connection.execute(text(_NOTE_CHANGES))
            for table in Base.metadata.sorted_tables:
                connection.execute(text(_NOTE_CHANGES_OF.format(table=f'"{table.name}"')))
            # What was noted before anybody asked says nothing.
            connection.execute(text("DELETE FROM lawlab_changes"))
        with Gradebook(url, course_id(settings)):
            pass  # the course, should that be missing
    finally:
        engine.dispose()


def _tables(connection: Connection) -> set[str]:
    found = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    return set(connection.scalars(found))


class PostgresMarker:
    """Tells whether anybody has written to the gradebook since the last time it was asked."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, pool_pre_ping=True, pool_size=1, max_overflow=0)
        self._seen: tuple[int, int] | None = None

    def changed(self) -> bool:
        """True at the first call, and whenever somebody has written since."""
        # Whoever began first may commit last: the newest number alone would not tell.
        query = text("SELECT count(*), coalesce(max(id), 0) FROM lawlab_changes")
        with self._engine.connect() as connection:
            count, newest = connection.execute(query).one()
        before, self._seen = self._seen, (count, newest)
        return before != self._seen

    def forget(self) -> None:
        """Make the next call say True: what was read did not get stored."""
        self._seen = None

    def close(self) -> None:
        self._engine.dispose()
        self._seen = None
