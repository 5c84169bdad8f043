"""How long it takes to choose what somebody practises next: 10,000 questions in the pool, 1,000,000
answers of 200 people in the database. Prints a JSON line for SQLite and one for PostgreSQL: p99, in
milliseconds, of the whole `drill.next_items`, with every query, each in a session of its own.

Asked by people who have met few questions, half of them, and nearly all, each with nothing due, so
that every step has to be gone, and with thousands overdue, while a contest and goals are set; for
one question and for ten, with and without some that the page already holds.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, case, func, insert, literal, select, text
from sqlalchemy.orm import Session, sessionmaker

from lawlab.services.drill import next_items
from lawlab.services.sessions import Caller
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.tables import (
    Answer,
    Course,
    DrillItem,
    DrillPlan,
    ItemVersion,
    Memory,
    Person,
    Score,
)
from lawlab.testing import postgres_server

POOL, COURSES, PEOPLE, ANSWERS = 10_000, 8, 200, 1_000_000
SEEN = (20, 5_000, 9_990)
OF_EACH = 5
"""So many people of each kind are asked about."""
RUNS = 10
NOW = dt.datetime(2026, 12, 1, 2, tzinfo=dt.UTC)
TODAY = NOW.date()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("drill-next-p99", f"sqlite:///{folder}/lawlab.db")
    with postgres_server() as url:
        _measure("drill-next-p99-postgresql", url)


def _measure(metric: str, url: str) -> None:
    migrate(url)
    engine = make_engine(url)
    sessions = make_sessions(engine)
    with sessions() as session:
        _fill(session)
        if engine.dialect.name == "postgresql":  # as its autovacuum does
            session.connection().execute(text("analyze"))
            session.commit()
        assert session.scalar(select(func.count()).select_from(Answer)) == ANSWERS
        assert session.scalar(select(func.count()).select_from(DrillItem)) == POOL
    times = {name: list(_calls(sessions, people)) for name, people in _kinds().items()}
    engine.dispose()
    for name, of_kind in times.items():
        print(f"{metric} {name}: {_p99(of_kind):.1f} ms", file=sys.stderr)
    p99 = round(_p99([one for of_kind in times.values() for one in of_kind]), 1)
    line = {"bench": "drill-next", "metric": metric, "ours": p99, "theirs": None, "ratio": None}
    print(json.dumps({**line, "unit": "ms"}), flush=True)


def _p99(times: list[float]) -> float:
    return 1000 * sorted(times)[int(len(times) * 0.99) - 1]


def _kinds() -> dict[str, range]:
    """Kind → ids of its people."""
    names = [f"{seen} seen, {due}" for seen in SEEN for due in ("nothing due", "half due")]
    return {name: range(1 + n * OF_EACH, 1 + (n + 1) * OF_EACH) for n, name in enumerate(names)}


def _calls(sessions: sessionmaker[Session], people: range) -> Iterator[float]:
    """Seconds of each call."""
    for person in people:
        caller = Caller(person, f"s{person:03}", f"干部{person:03}", frozenset({"learner"}))
        for count in (1, 10):
            held: list[str] = []
            for run in range(RUNS):
                with sessions() as session:
                    begun = time.perf_counter()
                    asked = next_items(session, caller, NOW, count, held)
                    yield time.perf_counter() - begun
                assert len(asked) == count
                held = [one.item for one in asked] if run % 2 else []


def _fill(session: Session) -> None:
    session.add_all(
        Person(login=f"s{n:03}", full_name=f"干部{n:03}", created_at=NOW, password_hash="x")
        for n in range(1, PEOPLE + 1)
    )
    slugs = [f"course-{n}" for n in range(COURSES)]
    session.add_all(
        Course(slug=slug, title=slug, law="法", position=n, about={})
        for n, slug in enumerate(slugs)
    )
    rest = [{"from": "2026-12-05", "to": "2026-12-07", "name": "假日"}]
    goals = {slug: str(TODAY + dt.timedelta(days=20 + n)) for n, slug in enumerate(slugs)}
    contest = TODAY + dt.timedelta(days=60)
    session.add(DrillPlan(contest=contest, holidays=rest, goals=goals, by="t01", at=NOW))
    session.flush()
    session.execute(insert(ItemVersion), [_version(n) for n in range(POOL)])
    session.execute(insert(DrillItem), [_item(n, slugs) for n in range(POOL)])
    everybody = select(
        literal("key-") + DrillItem.item,
        Person.id,
        DrillItem.item_version_id,
        literal("drill:daily"),
        literal({}, Answer.response.type),
        _day(_mixed(), NOW - dt.timedelta(days=90), 60),
    ).join(DrillItem, DrillItem.item_version_id <= ANSWERS // PEOPLE)
    into = ["key", "person_id", "item_version_id", "place", "response", "received_at"]
    session.execute(insert(Answer).from_select(into, everybody))
    for n, (_, people) in enumerate(_kinds().items()):
        _remember(session, people, SEEN[n // 2], overdue=n % 2 == 1)
    others = range(1 + OF_EACH * len(_kinds()), PEOPLE + 1)
    _remember(session, others, 2_000, overdue=True)
    session.add_all(
        Score(person_id=person, source=f"lesson:{slug}/01", phase="learn", points=1, changed_at=NOW)
        for person in range(1, PEOPLE + 1)
        for slug in slugs[2:4]
    )
    session.commit()


def _version(n: int) -> dict[str, Any]:
    return {
        "id": n + 1,
        "item": f"item-{n:05}",
        "version": 1,
        "bank": "bench",
        "type": "single",
        "body": {},
        "sha256": "",
        "article_prints": {},
        "published_at": NOW,
    }


def _item(n: int, slugs: list[str]) -> dict[str, Any]:
    return {
        "item": f"item-{n:05}",
        "item_version_id": n + 1,
        "course": slugs[n % COURSES],
        "position": n // COURSES,
        "type": "single",
        "made": n % 2 == 1,
        "chapter": f"第{n % 20}章",
        "article": f"法#{n // 4}",
        "articles": [f"法#{n // 4}"],
        "characters": 80,
    }


def _remember(session: Session, people: range, seen: int, *, overdue: bool) -> None:
    """The first `seen` questions of every course, half of them due within the last month when
    `overdue`; one in 5,000 got wrong today."""
    today = case((_mixed() % 5_000 == 7, True), else_=False)
    due = _day(_mixed(), TODAY + dt.timedelta(days=-30 if overdue else 1), 60)
    rows = select(
        Person.id,
        DrillItem.item,
        literal(1.0) + _mixed() % 40,
        literal(1.0) + _mixed() % 9,
        literal(2),
        case((today, literal(TODAY)), else_=_day(_mixed(), TODAY - dt.timedelta(days=61), 60)),
        case((today, literal(TODAY + dt.timedelta(days=1))), else_=due),
        literal(3),
        literal(0),
        literal(TODAY - dt.timedelta(days=61)),
        literal(1),
        literal(0),
        today,
        ~today,
    ).join(DrillItem, DrillItem.item_version_id <= seen)
    into = [
        *("person_id", "item", "stability", "difficulty", "state", "last", "due", "reviews"),
        *("lapses", "first", "wrongs", "rights_since", "in_book", "last_right"),
    ]
    session.execute(insert(Memory).from_select(into, rows.where(Person.id.in_(people))))


def _mixed() -> ColumnElement[int]:
    """A number of person and question that looks like chance."""
    return (DrillItem.item_version_id * 7919 + Person.id * 104_729) % 10_007


def _day(number: ColumnElement[int], first: dt.date, days: int) -> ColumnElement[Any]:
    """One of `days` days (or the same moment of one) from `first` on."""
    ahead = {n: literal(first + dt.timedelta(days=n)) for n in range(days)}
    return case(ahead, value=number % days)


if __name__ == "__main__":
    main()
