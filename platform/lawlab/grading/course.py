"""The nbgrader course folder: made once, and used by one process at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nbgrader.api import Gradebook

from lawlab.accounts import share_course
from lawlab.config import REPOSITORY, Settings
from lawlab.grading.config import ON_POSTGRESQL, course_id, gradebook_url, on_postgresql
from lawlab.grading.postgres import ensure_database, ensure_tables
from lawlab.grading.recording import ANSWERS_TABLE


def ensure_course(settings: Settings) -> None:
    """Make the course folder with its config and gradebook; a repeat changes nothing."""
    course = settings.nbgrader_course
    for folder in (course, settings.data / "exchange", settings.data / "grading"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    with course_lock(settings):
        config = course / "nbgrader_config.py"
        seed = REPOSITORY / "assessments" / "nbgrader_config.py"
        if not config.exists() or config.read_bytes() != seed.read_bytes():
            shutil.copyfile(seed, config)
        _ensure_gradebook(settings)
        share_course(settings)


@contextmanager
def course_lock(settings: Settings) -> Iterator[None]:
    """Hold the course folder; others wait. The system lets go when the holder dies."""
    with locked(settings.data / "grading" / "course.lock"):
        yield


@contextmanager
def locked(file: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock file. Raises BlockingIOError when another process has it and `wait` is False."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def _ensure_gradebook(settings: Settings) -> None:
    if on_postgresql(settings):
        with _own_commands():
            ensure_database(settings, gradebook_url(settings))
            ensure_tables(settings)
        note = "成绩册在 PostgreSQL 里，这个文件说明这一点，请不要删。\n"
        (settings.nbgrader_course / ON_POSTGRESQL).write_text(note, "utf-8")
        return
    path = settings.nbgrader_course / "gradebook.db"
    if not path.exists() or not _complete(path):
        path.unlink(missing_ok=True)
        with _own_commands(), Gradebook(gradebook_url(settings), course_id(settings)):
            pass
        with closing(sqlite3.connect(path)) as connection:
            # Readers (formgrader, our polling) and the grader do not wait for each other.
            connection.execute("PRAGMA journal_mode=WAL")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(ANSWERS_TABLE)


@contextmanager
def _own_commands() -> Iterator[None]:
    """Making a gradebook runs `alembic`, which a service's PATH need not have. (nbgrader's own
    `setenv` loses the old value.)"""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _complete(path: Path) -> bool:
    """False for a gradebook whose making was interrupted; nothing can be in it yet."""
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in tables:
            return False
        return bool(connection.execute("SELECT count(*) FROM alembic_version").fetchone()[0])
