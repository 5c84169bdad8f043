"""nbgrader's gradebook as a PostgreSQL database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from nbgrader.api import Gradebook
from sqlalchemy import create_engine, make_url, text

from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.config import course_config, gradebook_url
from lawlab.grading.course import ensure_course
from lawlab.grading.gradebook import change_marker, read_gradebook
from lawlab.hub.trainers import write_config

NAME = "graded"


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str) -> Iterator[Settings]:
    """An installation on a database of its own; it and its gradebook are dropped afterwards."""
    place = postgres_url.partition("host=")[2]
    admin: Any = psycopg.connect(f"host={place} user=lawlab dbname=postgres", autocommit=True)
    with admin:
        admin.execute(f"create database {NAME}")
        url = postgres_url.replace("/postgres?", f"/{NAME}?")
        yield Settings(data=tmp_path, database_url=url)
        for name in (f"{NAME}_law2022", NAME):
            admin.execute(f"drop database if exists {name} with (force)")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the second that asking alembic for nbgrader's version takes."""
    for module in ("nbgrader.api", "lawlab.grading.postgres"):
        monkeypatch.setattr(f"{module}.get_alembic_version", lambda: "some version")


def names(settings: Settings) -> set[str]:
    engine = create_engine(gradebook_url(settings))
    with engine.connect() as connection:
        found = connection.scalars(text("select tablename from pg_tables"))
        tables = set(found)
    engine.dispose()
    return tables


def student(settings: Settings, login: str) -> None:
    with Gradebook(gradebook_url(settings), "law2022") as book:
        book.update_or_create_student(login)


def test_a_course_on_postgresql_has_its_gradebook_there(settings: Settings) -> None:
    ensure_course(settings)
    assert make_url(gradebook_url(settings)).database == f"{NAME}_law2022"
    assert not (settings.nbgrader_course / "gradebook.db").exists()
    student(settings, "s001")
    ensure_course(settings)  # a repeat changes nothing
    with Gradebook(gradebook_url(settings), "law2022") as book:
        assert [one.id for one in book.students] == ["s001"]
    assert {"grade", "alembic_version", "lawlab_answers"} <= names(settings)
    assert course_config(settings).CourseDirectory.db_url == gradebook_url(settings)
    assert read_gradebook(settings) == []
    # Formgrader asks the same, from a file that is nobody else's to read.
    file = write_config(settings) / "nbgrader_config.py"
    assert settings.database_url in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("quick")
def test_whoever_changes_it_is_noticed_and_nobody_else(settings: Settings) -> None:
    ensure_course(settings)
    marker = change_marker(settings)
    assert marker.changed()
    assert not marker.changed()
    student(settings, "s001")
    assert marker.changed()
    read_gradebook(settings)
    assert not marker.changed()
    marker.forget()
    assert marker.changed()
    # Whoever began first and commits last is seen too.
    first, second = (create_engine(gradebook_url(settings)) for _ in range(2))
    with first.connect() as early, second.connect() as late:
        early.execute(text("update student set first_name = 'a'"))
        late.execute(text("insert into student (id) values ('s002')"))
        late.commit()
        assert marker.changed()
        early.commit()
        assert marker.changed()
    for engine in (first, second):
        engine.dispose()
    marker.close()


@pytest.mark.usefixtures("quick")
def test_a_gradebook_whose_making_was_interrupted_is_completed(settings: Settings) -> None:
    ensure_course(settings)
    student(settings, "s001")
    engine = create_engine(gradebook_url(settings))
    with engine.begin() as connection:
        connection.execute(text("drop table alembic_version, comment, lawlab_answers"))
    engine.dispose()
    ensure_course(settings)
    assert {"comment", "alembic_version", "lawlab_answers"} <= names(settings)
    with Gradebook(gradebook_url(settings), "law2022") as book:
        assert [one.id for one in book.students] == ["s001"]


@pytest.mark.usefixtures("quick")
def test_a_gradebook_that_is_there_stays_in_use(settings: Settings) -> None:
    in_file = replace(settings, database_url="")
    ensure_course(in_file)
    student(in_file, "s001")
    ensure_course(settings)
    assert gradebook_url(settings) == gradebook_url(in_file)
    assert settings.database_url not in (write_config(settings) / "nbgrader_config.py").read_text()


@pytest.mark.usefixtures("quick")
def test_a_gradebook_on_postgresql_is_never_begun_anew_in_a_file(settings: Settings) -> None:
    ensure_course(settings)
    with pytest.raises(LawlabError) as error:
        ensure_course(replace(settings, database_url=""))
    assert error.value.code == "no_gradebook"
    assert not (settings.nbgrader_course / "gradebook.db").exists()


def test_an_account_of_the_trainers_own_keeps_the_gradebook_in_a_file(settings: Settings) -> None:
    own = replace(settings, trainers_account="trainers")
    assert gradebook_url(own).startswith("sqlite")


def test_a_database_that_may_not_be_made_is_said_in_one_sentence(
    settings: Settings, postgres_url: str
) -> None:
    place = postgres_url.partition("host=")[2]
    with psycopg.connect(f"host={place} user=lawlab dbname=postgres", autocommit=True) as admin:
        admin.execute("create role weak login")
    weak = replace(settings, database_url=settings.database_url.replace("lawlab@", "weak@"))
    with pytest.raises(LawlabError) as error:
        ensure_course(weak)
    assert f"“{NAME}_law2022”，没有建成" in error.value.sentence
