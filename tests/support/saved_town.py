"""Installations to be saved, and other machines onto which they come."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from lawlab.backup.manifest import Manifest
from lawlab.backup.restoring import restore
from lawlab.config import Settings, load_settings
from lawlab.errors import LawlabError


def small(tmp_path: Path, migrated_sqlite: Path) -> Settings:
    """An installation with little in it, for what does not depend on the database."""
    data = tmp_path / "data"
    (data / "pages").mkdir(parents=True)
    (data / "pages" / "one.ipynb").write_text("一" * 2000, "utf-8")
    (data / "pages" / "two.ipynb").write_text("二", "utf-8")
    shutil.copy(migrated_sqlite, data / "lawlab.sqlite")
    return Settings(data=data)


def refused(act: Callable[[], object]) -> LawlabError:
    with pytest.raises(LawlabError) as caught:
        act()
    return caught.value


def bring(file: Path, data: Path) -> tuple[Manifest, Settings]:
    return restore(file, data, lambda folder: load_settings({}, data=folder))


def create_database(beside: str, name: str) -> str:
    """The address of a new, empty database on the server of another; it ends with the server."""
    address = make_url(beside)
    with psycopg.connect(**parts(beside), autocommit=True) as admin:
        admin.execute(f"drop database if exists {name}")
        admin.execute(f"create database {name}")
    return address.set(database=name).render_as_string(hide_password=False)


def parts(url: str) -> dict[str, Any]:
    """An address as psycopg takes it."""
    address = make_url(url)
    host = address.query["host"]
    return {"host": host, "user": address.username, "dbname": address.database}
