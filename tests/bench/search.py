"""How long a search takes over everything: every course, every question, every law of a course.

Prints one JSON object: the slowest median of many queries, in milliseconds.
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from lawlab.config import REPOSITORY, Settings
from lawlab.services.content import seed
from lawlab.services.search import everyday_words, refresh_index, search
from lawlab.services.sessions import Caller
from lawlab.store.engine import make_engine, make_sessions, migrate
from lawlab.store.statutes import open_statutes
from lawlab.store.tables import SearchDocument

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


def main() -> None:
    now, statutes = dt.datetime.now(dt.UTC), open_statutes()
    table = everyday_words(REPOSITORY)
    trainer = Caller(0, "t01", "教员001", frozenset({"trainer"}))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/lawlab.db"
        migrate(url)
        engine = make_engine(url)
        with make_sessions(engine)() as session:
            seed(session, REPOSITORY, Settings(data=Path(folder)), now, statutes)
            begun = time.perf_counter()
            refresh_index(session, statutes, now, table)
            built = time.perf_counter() - begun
            documents = session.scalar(select(func.count(SearchDocument.id)))
            slowest = 0.0
            for asked in ASKED:
                times = []
                for _ in range(RUNS):
                    begun = time.perf_counter()
                    search(session, trainer, asked, table, now)
                    times.append(time.perf_counter() - begun)
                slowest = max(slowest, statistics.median(times))
        engine.dispose()
    for metric, ours, unit in (
        ("search", round(slowest * 1000, 1), "ms"),
        ("search-documents", documents, "documents"),
        ("search-index", round(built, 2), "s"),
    ):
        print(json.dumps({"bench": "search", "metric": metric, "ours": ours, "unit": unit}))


main()
