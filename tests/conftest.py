"""Fixtures that every layer shares: a clock, and migrated databases of both kinds."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import yaml
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import REPOSITORY
from lawlab.domain.statute import number_title
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.statutes import Statutes, open_statutes
from lawlab.store.tables import Base

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Without these it looks for its maker's hosts.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

MakeStatutes = Callable[..., Statutes]

POSTGRES_BIN = Path("/usr/lib/postgresql/15/bin")
"""Debian 12's; `make test` installs it. A missing database is a failure, never a skip."""


@pytest.fixture
def now() -> dt.datetime:
    """A working day of the demo program, 10:00 in the town."""
    return dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of its own on a Unix socket; ends with the test run."""
    folder = Path(tempfile.mkdtemp(prefix="lawlab-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = folder / "data"

    def control(*words: str) -> None:
        subprocess.run(
            [*as_user, str(POSTGRES_BIN / words[0]), *words[1:]],
            check=True,
            capture_output=True,
            cwd=folder,
        )

    control("initdb", "-D", str(data), "-A", "trust", "-U", "lawlab", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c max_connections=60"
    control("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://lawlab@/postgres?host={folder}"
    finally:
        control("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    """One migrated database for the run; `database_url` empties it before each test."""
    socket = postgres_url.partition("host=")[2]
    with psycopg.connect(f"host={socket} user=lawlab dbname=postgres", autocommit=True) as admin:
        admin.execute("create database lawlab")
    url = postgres_url.replace("/postgres?", "/lawlab?")
    migrate(url)
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that each test copies."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.sqlite"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database: once SQLite, once PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "lawlab.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("migrated_postgres")
    engine = make_engine(url)
    with engine.begin() as connection:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        connection.execute(text(f"truncate {tables} restart identity cascade"))
    engine.dispose()
    return url


@pytest.fixture
def sessions(database_url: str) -> Iterator[sessionmaker[Session]]:
    """A sessionmaker on `database_url`; its connections are closed after the test."""
    engine = make_engine(database_url)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def small_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One course of three lessons, and 30 questions, taken from the repository: what a test needs
    that is not about the whole content. Seeding everything takes seconds."""
    root = tmp_path_factory.mktemp("repository")
    slug, lessons = "anti-telecom-fraud", ["01_what-it-is", "02_cards-and-accounts"]
    lessons.append("03_first-ten-minutes")
    course, banks = root / "courses" / slug, root / "assessments" / "banks"
    course.mkdir(parents=True)
    banks.mkdir(parents=True)
    about = (REPOSITORY / "courses" / slug / "course.toml").read_text("utf-8")
    order = f"order = {json.dumps(lessons)}\n"
    about = re.sub(r"order = \[.*?\]\n", order, about, flags=re.DOTALL)
    (course / "course.toml").write_text(about, "utf-8")
    for stem in lessons:
        shutil.copy(REPOSITORY / "courses" / slug / f"{stem}.ipynb", course)
    bank = yaml.safe_load((REPOSITORY / "assessments/banks" / f"{slug}.yaml").read_text("utf-8"))
    bank["items"] = [item for item in bank["items"] if item["id"] <= "atf-030"]
    (banks / f"{slug}.yaml").write_text(yaml.safe_dump(bank, allow_unicode=True), "utf-8")
    shutil.copytree(REPOSITORY / "assessments" / "papers", root / "assessments" / "papers")
    return root


@pytest.fixture
def make_statutes(tmp_path: Path) -> MakeStatutes:
    """Statutes of made-up laws: name → article number → text. Nobody's law, so nobody's text.
    `former` are historical versions of some of them."""

    def make(
        laws: dict[str, dict[int, str]], former: dict[str, dict[int, str]] | None = None
    ) -> Statutes:
        file = tmp_path / f"laws-{len(list(tmp_path.glob('laws-*')))}.db"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(
                "create table laws (law_id, law_name, doc_type, issuing_body, status,"
                " publish_date, effective_date, version_date)"
            )
            connection.execute(
                "create table articles (id integer primary key, law_id, article_no,"
                " article_no_arabic, article_text, chapter, section)"
            )
            versions = [(law, text, "有效", "2022-01-01") for law, text in laws.items()]
            versions += [
                (law, text, "历史版本", "2012-01-01") for law, text in (former or {}).items()
            ]
            for law, articles, status, day in versions:
                facts = (law + day, law, "条例", "某镇", status, day, day, day)
                connection.execute("insert into laws values (?,?,?,?,?,?,?,?)", facts)
                for number, words in articles.items():
                    connection.execute(
                        "insert into articles (law_id, article_no, article_no_arabic,"
                        " article_text) values (?,?,?,?)",
                        (law + day, number_title((number, 0)), number, words),
                    )
            connection.commit()
        return open_statutes(file)

    return make


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, for one module: while Playwright runs, no other test may run a loop."""
    expect.set_options(timeout=15_000)  # retries wait some seconds on purpose
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
