"""How long a search takes over everything: every course, every question, every law of a course.

Prints the slowest median of many queries in milliseconds, for a trainer, who finds every
explanation, and for a learner who has answered every card, of whom it must be found out which.
LAWLAB_DATABASE_URL names an empty PostgreSQL database to measure instead of SQLite.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.config import REPOSITORY, Settings
from lawlab.domain.search import Everyday
from lawlab.services.answers import Submission, record_answer
from lawlab.services.content import seed
from lawlab.services.search import everyday_words, refresh_index, search
from lawlab.services.sessions import Caller
from lawlab.store.content import courses, newest_items
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.statutes import open_statutes
from lawlab.store.tables import Person, Role, SearchDocument

ASKED = (
    "彩礼",
    "打麻将赌钱",
    "刷单",
    "村民",
    "的",
    "公安机关应当",
    "借钱不还怎么办",
    "民法典667条",
    "没有这样的词龘",
    "狗咬人要不要赔钱",
    "罚款 听证",
    "人",
)
RUNS = 15


def slowest(
    session: Session, caller: Caller, table: tuple[Everyday, ...], now: dt.datetime
) -> float:
    """Seconds of the query that takes longest, as the median of its runs."""
    medians = []
    for asked in ASKED:
        times = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            search(session, caller, asked, table, now)
            times.append(time.perf_counter() - begun)
        medians.append(statistics.median(times))
    return max(medians)


def diligent(session: Session, now: dt.datetime) -> Caller:
    """A learner who has answered every card of every lesson."""
    person = Person(login="v001", full_name="明白人001", created_at=now, password_hash="x")
    person.roles = [Role(role="learner")]
    session.add(person)
    session.commit()
    caller = Caller(person.id, person.login, person.full_name, frozenset({"learner"}))
    newest = newest_items(session)
    for shelf in courses(session):
        for lesson in shelf.lessons:
            for card in lesson.cards:
                kind, letters = newest[card].body["type"], list(newest[card].body["answer"])
                response = {"text": "见解析。"} if kind == "case" else {"chosen": letters}
                place = f"lesson:{lesson.course}/{lesson.lesson}"
                key = f"bench-{lesson.course}-{lesson.lesson}-{card}"
                given = Submission(key, "v001", card, newest[card].version, place, response)
                record_answer(session, caller, given, now)
    return caller


def main() -> None:
    now, statutes = dt.datetime.now(dt.UTC), open_statutes()
    table = everyday_words(REPOSITORY)
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("LAWLAB_DATABASE_URL", f"sqlite:///{folder}/lawlab.db")
        migrate(url)
        engine = make_engine(url)
        with make_sessions(engine)() as session:
            seed(session, REPOSITORY, Settings(data=Path(folder)), now, statutes)
            begun = time.perf_counter()
            refresh_index(session, statutes, now, table)
            built = time.perf_counter() - begun
            documents = session.scalar(select(func.count(SearchDocument.id)))
            trainer = Caller(0, "t01", "教员001", frozenset({"trainer"}))
            for_trainer = slowest(session, trainer, table, now)
            for_learner = slowest(session, diligent(session, now), table, now)
        engine.dispose()
    for metric, ours, unit in (
        ("search", round(max(for_trainer, for_learner) * 1000, 1), "ms"),
        ("search-trainer", round(for_trainer * 1000, 1), "ms"),
        ("search-learner", round(for_learner * 1000, 1), "ms"),
        ("search-documents", documents, "documents"),
        ("search-index", round(built, 2), "s"),
    ):
        print(json.dumps({"bench": "search", "metric": metric, "ours": ours, "unit": unit}))


main()
