"""A backup made while people write, and what comes back: every row, every file, or nothing."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from full_town import NOW, everything, files_of, fill, fill_folders
from saved_town import bring, create_database, parts, refused, small
from sqlalchemy import Engine, insert
from sqlalchemy.engine import make_url

from lawlab.backup import databases, restoring, saving
from lawlab.backup.restoring import restore
from lawlab.backup.saving import save
from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError
from lawlab.store.engine import make_engine, migrate
from lawlab.store.tables import Answer, Base, Mark

LEFT = {
    "hub.sqlite",
    "logs/lawlab.log",
    "run/serve.json",
    "cache/page",
    "backups/lawlab-2026-11-25.tar.gz",
    ".bash_history",
    "grading/course.lock",
}
"""What a backup leaves out."""


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Settings:
    """A full installation on either database."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    if database_url.startswith("sqlite"):
        shutil.move(make_url(database_url).database or "", data / "lawlab.sqlite")
    settings = Settings(
        data=data, database_url="" if database_url.startswith("sqlite") else database_url
    )
    fill_folders(settings)
    return settings


@pytest.fixture
def engine(town: Settings) -> Iterator[Engine]:
    made = make_engine(town.database)
    fill(made)
    yield made
    made.dispose()


@pytest.fixture
def elsewhere(town: Settings) -> Callable[[Path], Settings]:
    """Settings of the machine onto which a backup comes: the same kind of database, and empty."""
    if not town.database_url:
        return lambda data: load_settings({}, data=data)
    url = create_database(town.database_url, "elsewhere")
    return lambda data: load_settings({"LAWLAB_DATABASE_URL": url}, data=data)


def test_every_row_and_every_file_come_back_while_others_write(
    town: Settings,
    engine: Engine,
    elsewhere: Callable[[Path], Settings],
    backup: Path,
    tmp_path: Path,
) -> None:
    before = everything(engine)
    assert [name for name, rows in before.items() if not rows] == []
    ended, began = threading.Event(), threading.Event()

    def write() -> None:
        number = 100
        while not ended.is_set():
            number += 1
            facts = {"key": f"key-{number}", "person_id": 1, "item_version_id": 1, "place": "x"}
            answer = facts | {"id": number, "response": {}, "received_at": NOW}
            mark = {"answer_id": number, "key_version": 1, "marker": "auto", "points": 1.0}
            with engine.begin() as connection:
                connection.execute(insert(Answer.__table__), answer)
                connection.execute(
                    insert(Mark.__table__),
                    mark | {"id": number, "max_points": 1.0, "marked_at": NOW},
                )
            if number == 120:
                began.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert began.wait(20)
        made = save(town, backup, NOW)
    finally:
        ended.set()
        writer.join()

    found, settings = restore(backup, tmp_path / "new", elsewhere)
    assert found == made
    other = make_engine(settings.database)
    rows, after = everything(other), everything(engine)
    other.dispose()
    for name in before:
        if name in ("answers", "marks"):
            # As of one moment: the beginning of what was written, and not all of it.
            assert rows[name] == after[name][: len(rows[name])]
            assert len(before[name]) + 20 <= len(rows[name]) <= len(after[name])
        else:
            assert rows[name] == before[name], name
        assert made.tables[name] == len(rows[name])
    assert [row[0] for row in rows["answers"][3:]] == [row[1] for row in rows["marks"][3:]]
    assert {*rows} == {table.name for table in Base.metadata.sorted_tables}

    kept = {name: text for name, text in files_of(town.data).items() if name not in LEFT}
    assert files_of(settings.data) == kept
    with closing(sqlite3.connect(settings.nbgrader_course / "gradebook.db")) as gradebook:
        assert gradebook.execute("select id from student").fetchall() == [("s001",)]
    for name, mode in (("secrets/cookie", 0o600), ("exchange", 0o700)):
        assert stat.S_IMODE((settings.data / name).stat().st_mode) == mode
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert settings.town == "大河镇"
    assert not [one.name for one in settings.data.iterdir() if one.name.startswith(".")]
    # A second one meets what the first brought.
    assert refused(lambda: restore(backup, tmp_path / "new", elsewhere)).code == "restore_place"
    if town.database_url:
        again = refused(lambda: restore(backup, tmp_path / "newer", elsewhere))
        assert again.code == "restore_place"
        assert not (tmp_path / "newer").exists()


def test_nothing_that_is_there_is_overwritten(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    (settings.data / "lawlab.toml").write_text('town = "旧镇"\n', "utf-8")
    save(settings, backup, NOW)
    assert refused(lambda: bring(backup, settings.data)).code == "restore_place"
    new = tmp_path / "new"
    (new / "pages").mkdir(parents=True)
    error = refused(lambda: bring(backup, new))
    assert "已经有：pages" in error.sentence
    assert sorted(one.name for one in new.iterdir()) == ["pages"]
    (new / "pages").rmdir()
    # A home folder with its own hidden files, settings of the new machine, and a killed attempt.
    (new / ".bashrc").touch()
    (new / ".lawlab-restore-x").mkdir()
    (new / "lawlab.toml").write_text('town = "新镇"\n', "utf-8")
    _, found = bring(backup, new)
    assert found.town == "新镇"
    assert sorted(one.name for one in new.iterdir()) == [
        ".bashrc",
        "lawlab.sqlite",
        "lawlab.toml",
        "pages",
    ]


def test_an_older_database_is_brought_up_to_date(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    file = settings.data / "lawlab.sqlite"
    file.unlink()
    migrate(f"sqlite:///{file}", "0012")
    made = save(settings, backup, dt.datetime.now(dt.UTC))
    assert (made.revision, "audit_entries" in made.tables) == ("0012", False)
    _, found = bring(backup, tmp_path / "new")
    assert "audit_entries" in databases.rows_in(found.database)


def test_the_kind_of_database_must_be_the_same(
    tmp_path: Path, migrated_sqlite: Path, backup: Path
) -> None:
    save(small(tmp_path, migrated_sqlite), backup, NOW)
    address = {"LAWLAB_DATABASE_URL": "postgresql+psycopg://lawlab@127.0.0.1:1/lawlab"}
    error = refused(
        lambda: restore(
            backup, tmp_path / "new", lambda folder: load_settings(address, data=folder)
        )
    )
    assert error.code == "restore_place"
    assert "去掉" in error.sentence
    assert not (tmp_path / "new").exists()


def test_a_gradebook_in_a_database_of_its_own_comes_back(
    tmp_path: Path,
    migrated_sqlite: Path,
    migrated_postgres: str,
    backup: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = small(tmp_path, migrated_sqlite)
    (settings.data / "trainers").mkdir()
    where = {settings.data: create_database(migrated_postgres, "marks_old")}
    for module in (saving, restoring):
        monkeypatch.setattr(
            module, "gradebook_url", lambda settings: where.get(settings.data, "sqlite:///x")
        )
    with psycopg.connect(**parts(where[settings.data])) as connection:
        connection.execute("create schema nbgrader")
        connection.execute("create table nbgrader.student as select 's001' as id")
    assert "postgresql/gradebook.dump" in save(settings, backup, NOW).members
    new = tmp_path / "new"

    def load(folder: Path) -> Settings:
        return load_settings({}, data=new if folder.name == "data" else folder)

    error = refused(lambda: restore(backup, new, load))
    assert (error.code, "成绩册" in error.sentence) == ("restore_place", True)
    assert not new.exists()
    where[new] = create_database(migrated_postgres, "marks_new")
    restore(backup, new, load)
    with psycopg.connect(**parts(where[new])) as connection:
        assert connection.execute("select id from nbgrader.student").fetchall() == [("s001",)]


KINDS = (
    "type mood as enum ('好')",
    "table more.marks (mood mood, id bigint generated always as identity)",
    "aggregate sum_it(int) (sfunc = int4pl, stype = int)",
)


@pytest.fixture
def rich(tmp_path: Path, migrated_sqlite: Path, migrated_postgres: str, backup: Path) -> str:
    """A backup of a PostgreSQL database with something of every kind; the address of an empty one
    that has a function of its own."""
    with psycopg.connect(**parts(migrated_postgres)) as connection:
        for kind in ("function one() returns int language sql return 1", "schema more", *KINDS):
            connection.execute(f"create {kind}".encode())
    settings = small(tmp_path, migrated_sqlite)
    try:
        save(Settings(data=settings.data, database_url=migrated_postgres), backup, NOW)
    finally:  # the database is one for several tests
        with psycopg.connect(**parts(migrated_postgres)) as connection:
            connection.execute("drop schema more cascade; drop type mood; drop routine one, sum_it")
    url = create_database(migrated_postgres, "failed")
    with psycopg.connect(**parts(url)) as connection:
        connection.execute("create function theirs() returns int language sql return 2")
    return url


def test_a_failed_restore_takes_back_what_it_wrote_and_nothing_else(
    tmp_path: Path, rich: str, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(data: Path) -> Settings:
        return load_settings({"LAWLAB_DATABASE_URL": rich}, data=data)

    def fail(*_: object) -> None:
        raise LawlabError("damaged_backup", "不对。")

    before = databases.objects_in(rich)
    assert len(before) == 2  # its schema, and the function
    for step in ("_compare_rows", "migrate", "sync_folder"):
        with monkeypatch.context() as broken:
            broken.setattr(restoring, step, fail)
            assert refused(lambda: restore(backup, tmp_path / "new", load)).sentence == "不对。"
        assert databases.objects_in(rich) == before
        assert not (tmp_path / "new").exists()
    manifest, _ = restore(backup, tmp_path / "new", load)
    assert databases.rows_in(rich) == manifest.tables
    assert set(before) < set(databases.objects_in(rich))


def test_tables_that_another_made_meanwhile_stay(
    tmp_path: Path, rich: str, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(data: Path) -> Settings:
        return load_settings({"LAWLAB_DATABASE_URL": rich}, data=data)

    def restore_late(url: str, dump: Path) -> None:
        with psycopg.connect(**parts(url)) as connection:
            connection.execute("create table people (id int)")
        databases.restore_postgresql(url, dump)

    monkeypatch.setattr(restoring, "restore_postgresql", restore_late)
    assert refused(lambda: restore(backup, tmp_path / "new", load)).code == "restore_failed"
    assert databases.tables_in(rich) == ["people"]
