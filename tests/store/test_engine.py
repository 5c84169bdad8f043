"""The database under the tables: migrations, writers, times."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.store.engine import make_engine, migrate, writing
from lawlab.store.search import is_index_table
from lawlab.store.tables import Base, ItemDraft, Person


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


def test_drafts_from_before_there_were_blanks_get_theirs(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:  # the revision changes drafts and no table
        connection.execute(text("update alembic_version set version_num = '0004'"))
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
    migrate(database_url)
    with Session(engine) as session:
        assert {draft.item: draft.body for draft in session.query(ItemDraft)} == {
            "old-001": {"blanks": [], "stem": "题"},
            "new-001": {"blanks": [["三年"]]},
        }
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
