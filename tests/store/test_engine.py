"""The database under the tables: migrations, writers, times."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.store.engine import make_engine, make_sessions, migrate, writing
from lawlab.store.search import is_index_table
from lawlab.store.tables import Base, ItemDraft, Person, Quiz, Sitting, Unit


def person(login: str, now: dt.datetime) -> Person:
    return Person(login=login, full_name="干部001", created_at=now)


def test_migrations_build_exactly_the_tables_of_the_code(database_url: str) -> None:
    migrate(database_url)
    engine = make_engine(database_url)
    options = {
        "compare_type": True,
        "include_name": lambda name, kind, _: not (kind == "table" and is_index_table(name or "")),
    }
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_drafts_from_before_there_were_blanks_get_theirs(database_at: Callable[[str], str]) -> None:
    url = database_at("0004")
    engine = make_engine(url)
    with Session(engine) as session:
        for item, body in (("old-001", {"stem": "题"}), ("new-001", {"blanks": [["三年"]]})):
            session.add(
                ItemDraft(
                    item=item,
                    bank="sample",
                    body=body,
                    revision=1,
                    author="t01",
                    changed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
                )
            )
        session.commit()
    migrate(url)
    with Session(engine) as session:
        assert {draft.item: draft.body for draft in session.query(ItemDraft)} == {
            "old-001": {"blanks": [], "stem": "题"},
            "new-001": {"blanks": [["三年"]]},
        }
    engine.dispose()


def test_sittings_from_before_there_were_attempts_are_first_ones_that_count(
    database_at: Callable[[str], str],
) -> None:
    url = database_at("0005")
    engine = make_engine(url)
    at = "2026-01-01 00:00:00+00:00"
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into people (id, login, full_name, active, must_change_password,"
                " created_at) values (1, 's001', 's001', true, false, :at)"
            ),
            {"at": at},
        )
        connection.execute(
            text(
                "insert into quizzes (assignment, title, minutes, pass_mark, state, blueprint,"
                " paper, built_at) values ('q', 'q', 20, 60, 'open', '{}', '[]', :at)"
            ),
            {"at": at},
        )
        connection.execute(
            text(
                "insert into sittings (id, assignment, person_id, started_at, deadline)"
                " values (1, 'q', 1, :at, :at)"
            ),
            {"at": at},
        )
    migrate(url)
    with Session(engine) as session:
        [sitting] = session.query(Sitting)
        assert (sitting.attempt, sitting.counts, sitting.paper, sitting.left_page) == (
            1,
            True,
            None,
            0,
        )
        session.add(
            Sitting(
                id=2,
                assignment="q",
                person_id=1,
                attempt=2,
                started_at=sitting.started_at,
                deadline=sitting.deadline,
            )
        )
        session.commit()
        assert session.get_one(Quiz, "q").corrections == {}
    engine.dispose()


def test_times_come_back_aware_and_equal(sessions: sessionmaker[Session], now: dt.datetime) -> None:
    with sessions() as session:
        session.add(person("s001", now.astimezone(dt.timezone(dt.timedelta(hours=8)))))
        session.commit()
    with sessions() as session:
        assert session.query(Person).one().created_at == now


def test_a_naive_time_is_refused(sessions: sessionmaker[Session], now: dt.datetime) -> None:
    with sessions() as session:
        session.add(person("s001", now.replace(tzinfo=None)))
        with pytest.raises(StatementError, match="naive time"):
            session.commit()


def test_two_writers_at_once_wait_for_each_other(
    sessions: sessionmaker[Session], now: dt.datetime
) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def write(number: int) -> None:
        start.wait()
        try:
            for step in range(5):
                with sessions() as session:
                    writing(session)
                    session.query(Person).count()
                    session.add(person(f"s{number}{step}", now))
                    session.commit()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with sessions() as session:
        assert session.query(Person).count() == 40


def test_writers_of_sqlite_wait_in_a_queue_and_leave_it_however_they_end(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'queue.sqlite'}")
    Base.metadata.create_all(engine)
    sessions = make_sessions(engine)
    begun: list[str] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: begun.append(statement),
    )
    arrived = threading.Event()

    def second() -> None:
        with sessions() as session:
            arrived.set()
            writing(session)
            session.add(Unit(name="平安法治办公室", kind="department"))
            session.commit()

    with sessions() as session:
        writing(session)
        thread = threading.Thread(target=second)
        thread.start()
        arrived.wait(5)
        thread.join(0.1)
        # Whoever asks the database again and again may never be the one who is lucky.
        assert begun.count("BEGIN IMMEDIATE") == 1
        session.rollback()
        thread.join(5)
        assert begun.count("BEGIN IMMEDIATE") == 2
        # The first may write again, and leaves the queue also when it is closed in the middle.
        writing(session)
    with sessions() as session:
        writing(session)
        assert session.scalars(select(Unit.name)).all() == ["平安法治办公室"]
        session.commit()
    engine.dispose()
