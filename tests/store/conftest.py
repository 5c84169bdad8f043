"""Databases as they were before a revision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from lawlab.store.engine import migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def database_at(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes a database as of a revision, on each engine, and gives its address."""

    def make(revision: str) -> str:
        url = f"sqlite:///{tmp_path / 'old.sqlite'}"
        if request.param == "postgresql":
            server: str = request.getfixturevalue("postgres_url")
            socket, name = server.partition("host=")[2], f"before_{revision}"
            with psycopg.connect(
                f"host={socket} user=lawlab dbname=postgres", autocommit=True
            ) as db:
                db.execute(f"drop database if exists {name}")
                db.execute(f"create database {name}")
            url = server.replace("/postgres?", f"/{name}?")
        migrate(url, revision)
        return url

    return make
