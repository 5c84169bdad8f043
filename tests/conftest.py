"""Fixtures that every layer shares: a clock, and migrated databases of both kinds."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import REPOSITORY
from lawlab.domain.question import Question, QuestionType
from lawlab.domain.statute import number_title
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.statutes import Statutes, open_statutes
from lawlab.store.tables import (
    Answer,
    Base,
    CohortMembership,
    Grade,
    ItemVersion,
    Job,
    Person,
    Quiz,
    Role,
    Sitting,
    Unit,
    UnitMembership,
)
from lawlab.testing import postgres_server

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


@pytest.fixture
def now() -> dt.datetime:
    """A working day of the demo program, 10:00 in the town."""
    return dt.datetime(2022, 12, 5, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of its own on a Unix socket; ends with the test run."""
    with postgres_server() as url:
        yield url


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


@pytest.fixture
def take_quiz() -> Callable[[Session, dt.datetime], None]:
    """Fills a database: `quiz-1`, open, and people of every kind; see TAKEN."""
    return _take_quiz


BLUEPRINT: dict[str, Any] = {
    "title": "爱桥测验",
    "bank": "bridges",
    "minutes": 30,
    "pass_mark": 60,
    "seed": 1,
    "sections": [],
}

TAKEN: dict[str, tuple[float | None, ...]] = {
    "s001": (30, 0, 20, 18),
    "s002": (30, 0, 20, 16),
    "s003": (30, 0, 20, None),  # waits for a trainer's mark
    "s004": (0, 30, 20, 4),  # at the second attempt
    "v001": (0, 30, 20, 2),
    "v002": (30, 0, 20, 20),
    "t01": (30, 30, 20, 20),  # a trainer, who does not count
}
"""Points of those who are graded. v003 is answering, the grading of v004 failed, v005 is not there.
The second question tells people apart the wrong way round, the third is too easy."""


def _take_quiz(session: Session, now: dt.datetime) -> None:
    units = {"s": Unit(name="司法所", kind="department"), "v": Unit(name="河口村", kind="village")}
    people = {
        login: _learner(login, units[login[0]], now)
        for login in ("s001", "s002", "s003", "s004", "v001", "v002", "v003", "v004", "v005")
    }
    people["t01"] = Person(login="t01", full_name="教员01", created_at=now, password_hash="x")
    people["t01"].roles = [Role(role="trainer")]
    session.add_all(people.values())
    questions = [_question(n) for n in (1, 2, 3, 4)]
    versions = [
        ItemVersion(
            item=question.id,
            version=1,
            bank="brg",
            type=question.type.value,
            body=question.to_json(),
            sha256="",
            article_prints={},
            published_at=now,
        )
        for question in questions
    ]
    session.add_all(versions)
    points = (30, 30, 20, 20)
    paper = [
        {"slot": f"q0{n}", "item": f"brg-00{n}", "version": 1, "points": points[n - 1]}
        for n in (1, 2, 3, 4)
    ]
    quiz = Quiz(assignment="quiz-1", title="爱桥测验", minutes=30, pass_mark=60, state="open")
    quiz.blueprint, quiz.paper, quiz.built_at, quiz.opened_at = BLUEPRINT, paper, now, now
    session.add(quiz)
    session.flush()

    def sit(login: str, *, handed_in: bool = True, **facts: Any) -> Sitting:
        sitting = Sitting(
            assignment="quiz-1",
            person_id=people[login].id,
            started_at=now,
            deadline=now + dt.timedelta(minutes=30),
            **facts,
        )
        if handed_in:
            sitting.handed_in_at, sitting.receipt = now + dt.timedelta(minutes=9), "7K2M-QX9D"
        session.add(sitting)
        session.flush()
        return sitting

    for login, earned in TAKEN.items():
        second = login == "s004"
        if second:
            # It was graded while it still counted.
            first = sit(login, counts=False, responses={})
            session.add(_grade(first, (0, 0, 0, 0), points, now))
        chosen = zip(["q01", "q02", "q03"], earned, ("A", "A", "对"), strict=False)
        responses: dict[str, Any] = {
            slot: {"chosen": [right if mark else "B"]} for slot, mark, right in chosen
        }
        sitting = sit(login, responses=responses, attempt=1 + second)
        session.add(_grade(sitting, earned, points, now))
    answering = sit("v003", handed_in=False, left_page=3)
    session.add(
        Answer(
            key="k" * 16,
            person_id=answering.person_id,
            item_version_id=versions[0].id,
            place="quiz:quiz-1",
            response={"chosen": ["A"]},
            received_at=now + dt.timedelta(minutes=1),
        )
    )
    broken = sit("v004", responses={})
    job = Job(kind="hand_in", subject=str(broken.id), state="failed", created_at=now)
    job.error = "成绩册打不开。"
    session.add(job)
    session.commit()


def _grade(
    sitting: Sitting, earned: Sequence[float | None], most: Sequence[int], now: dt.datetime
) -> Grade:
    slots = {
        f"q0{n}": {"points": one, "max_points": float(most[n - 1]), "comment": None}
        for n, one in enumerate(earned, 1)
    }
    grade = Grade(sitting_id=sitting.id, max_score=100.0, slots=slots, read_at=now)
    grade.score, grade.needs_manual = float(sum(one or 0 for one in earned)), None in earned
    return grade


def _learner(login: str, unit: Unit, now: dt.datetime) -> Person:
    word, cohort = {"s": ("干部", "staff"), "v": ("明白人", "villager")}[login[0]]
    person = Person(login=login, full_name=word + login[1:], created_at=now, password_hash="x")
    since = now.date() - dt.timedelta(days=100)
    person.roles = [Role(role="learner")]
    person.units = [UnitMembership(unit=unit, since=since)]
    person.cohorts = [CohortMembership(cohort=cohort, since=since)]
    return person


def _question(n: int) -> Question:
    kind = {3: QuestionType.JUDGE, 4: QuestionType.CASE}.get(n, QuestionType.SINGLE)
    return Question(
        id=f"brg-00{n}",
        type=kind,
        stem=f"第 {n} 题：村民甲想把一车石料卸在桥上过夜，行不行？",
        options={"A": "不行", "B": "行"} if kind is QuestionType.SINGLE else {},
        answer={3: "对", 4: "不行，桥上不能堆放石料。"}.get(n, "A"),
        explanation="",
        articles=("某镇爱护桥梁条例#3",),
        evidence="",
        difficulty=1,
    )
