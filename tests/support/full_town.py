"""An installation with something in every table and every folder, to be lost and brought back."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import CheckConstraint, Column, Engine, Table, insert, select

from lawlab.config import Settings
from lawlab.store.tables import Base

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
_CHOICE = re.compile(r"(\w+) in \('(\w+)'")
Rows = dict[str, list[tuple[Any, ...]]]


def fill(engine: Engine, each: int = 3) -> None:
    """So many rows in every table, whatever tables there are: a new one is in the backup too, or
    the test that compares them fails."""
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            for number in range(1, each + 1):
                connection.execute(insert(table), _row(table, number))


def fill_folders(settings: Settings) -> None:
    """A course folder with a gradebook, and whatever else people and the platform leave."""
    data, course = settings.data, settings.nbgrader_course
    for name, content in {
        "lawlab.toml": b'town = "\xe5\xa4\xa7\xe6\xb2\xb3\xe9\x95\x87"\n',
        "pages/law/01_first.ipynb": b"{}",
        "secrets/cookie": b"only for tests",
        "seal.png": b"\x89PNG",
        "templates/annual_report.docx": bytes(range(256)) * 40,
        "trainers/备课/law/draft.ipynb": b'{"cells": []}',
        "trainers/看数据/empty.ipynb": b"",
        "exchange/root/law2022/inbound/s001+quiz-1": b"handed in",
        f"{course.relative_to(data)}/submitted/s001/quiz-1/quiz-1.ipynb": b"submitted",
        f"{course.relative_to(data)}/autograded/s001/quiz-1/quiz-1.ipynb": b"graded",
        f"{course.relative_to(data)}/feedback/s001/quiz-1/quiz-1.html": b"feedback",
        # What is made anew, or is nobody's work.
        "hub.sqlite": b"sessions",
        "logs/lawlab.log": b"line\n",
        "run/serve.json": b"{}",
        "cache/page": b"x",
        "backups/lawlab-2026-11-25.tar.gz": b"older",
        ".bash_history": b"lawlab serve\n",
    }.items():
        file = data / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (data / "secrets" / "cookie").chmod(0o600)
    (data / "exchange").chmod(0o700)
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        gradebook.execute("pragma journal_mode=wal")
        gradebook.execute("create table student (id text)")
        gradebook.execute("insert into student (id) values ('s001')")
        gradebook.commit()


def everything(engine: Engine) -> Rows:
    """Table → all rows, in order."""
    with engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
        }


def _row(table: Table, number: int) -> Mapping[str, Any]:
    checks = [
        match.groups()
        for one in table.constraints
        if isinstance(one, CheckConstraint)
        for match in _CHOICE.finditer(str(one.sqltext))
    ]
    row = {column.name: _value(column, number) for column in table.columns} | dict(checks)
    if table.name == "activities":
        row["ends_at"] = row["starts_at"] + dt.timedelta(hours=2)
    if table.name == "duels":
        row["opponent_id"] = row["challenger_id"] % 3 + 1
    return row


def _value(column: Column[Any], number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _value(key.column, number)
    if "DateTime" in repr(column.type):
        return NOW + dt.timedelta(minutes=number)
    kind = column.type.python_type
    if kind is str:
        return f"字{number}"[: getattr(column.type, "length", None) or 99]
    return {
        int: number,
        float: number / 3,
        bool: bool(number % 2),
        dt.date: NOW.date() + dt.timedelta(days=number),
        bytes: bytes([number, 0, 255]),
        object: {"甲": [number, None]},  # JSON
    }[kind]


def files_of(data: Path) -> dict[str, bytes]:
    """Name → content of every file that is no database."""
    return {
        str(file.relative_to(data)): file.read_bytes()
        for file in sorted(data.rglob("*"))
        if file.is_file() and ".sqlite" not in file.name and ".db" not in file.name
    }
