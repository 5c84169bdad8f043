"""Imported laws beside those of the package: which version counts, and how soon it is seen."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.statute import Appendix, Article, Law, LawInfo
from lawlab.errors import NotFound
from lawlab.store import statutes as module
from lawlab.store.imported_laws import entries_of, is_imported
from lawlab.store.statutes import TownStatutes, open_statutes, statutes_of, statutes_with
from lawlab.store.tables import ImportedLaw

Sessions = sessionmaker[Session]
BRIDGES = "某镇爱护桥梁条例"
TODAY = dt.date(2026, 11, 24)
V1, V2 = dt.date(2020, 7, 31), dt.date(2024, 5, 1)


def make_law(
    text: str = "为了爱护桥梁，制定本条例。",
    version: dt.date = V1,
    effective: dt.date | None = None,
    name: str = BRIDGES,
) -> Law:
    info = LawInfo("", name, "地方性法规", "某机关", "", version, effective or version, version)
    articles = (
        Article((1, 0), "第一条", text, ("第一章 总则",)),
        Article((1, 1), "第一条之一", "巡查每月不少于二次。", ("第一章 总则",)),
    )
    return Law(info, articles, (Appendix("附件", "桥梁名录"),))


def store(sessions: Sessions, law: Law, now: dt.datetime) -> None:
    info = law.info
    with sessions() as session:
        session.add(
            ImportedLaw(
                name=info.name,
                kind=info.kind,
                issuer=info.issuer,
                published=info.published,
                effective=info.effective,
                version=info.version,
                articles=entries_of(law),
                sha256=law.fingerprint,
                file_name="x.txt",
                imported_by="t01",
                imported_at=now,
            )
        )
        session.commit()


def town(sessions: Sessions) -> TownStatutes:
    return statutes_with(sessions, today=lambda: TODAY)


@pytest.fixture(autouse=True)
def _look_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that wait for a look say so."""
    monkeypatch.setattr(module, "LOOK_EVERY", 3600.0)


def test_an_imported_law_is_read_like_any_other(sessions: Sessions, now: dt.datetime) -> None:
    store(sessions, make_law(), now)
    statutes = town(sessions)
    law = statutes.law(BRIDGES)
    assert (law.articles, law.appendices) == (make_law().articles, make_law().appendices)
    assert law.fingerprint == make_law().fingerprint
    assert statutes.article(BRIDGES, "1之1").number == "第一条之一"
    assert statutes.cited(f"{BRIDGES}#1").path == ("第一章 总则",)
    assert statutes.tree(BRIDGES)[0].title == "第一章 总则"
    assert statutes.find(BRIDGES).status == "本地导入"
    assert BRIDGES in {info.name for info in statutes.laws()}
    assert statutes.find("反电信网络诈骗法").status == "现行有效"


def test_the_package_alone_knows_nothing_of_imports(sessions: Sessions, now: dt.datetime) -> None:
    store(sessions, make_law(), now)
    with pytest.raises(NotFound) as caught:
        open_statutes().find(BRIDGES)
    assert caught.value.code == "no_law"


def test_the_newest_version_in_force_counts(sessions: Sessions, now: dt.datetime) -> None:
    store(sessions, make_law("旧的条文。"), now)
    store(sessions, make_law("新的条文。", V2, dt.date(2027, 1, 1)), now)
    statutes = town(sessions)
    assert statutes.article(BRIDGES, 1).paragraphs == ("旧的条文。",)
    assert statutes.law(BRIDGES, on=dt.date(2027, 1, 1)).at((1, 0)).text == "新的条文。"
    assert statutes.law(BRIDGES, version=V2).at((1, 0)).text == "新的条文。"
    assert [info.version for info in statutes.versions(BRIDGES)] == [V2, V1]


def test_package_and_import_of_a_law_are_its_versions(sessions: Sessions, now: dt.datetime) -> None:
    store(sessions, make_law("编出来的条文。", V2, name="中华人民共和国禁毒法"), now)
    statutes = town(sessions)
    assert [info.version.year for info in statutes.versions("禁毒法")] == [2024, 2007]
    assert statutes.article("禁毒法", 1).paragraphs == ("编出来的条文。",)
    assert len(statutes.law("禁毒法", on=dt.date(2024, 4, 30)).articles) == 71
    assert is_imported(statutes.find("禁毒法"))


def test_an_old_text_that_is_imported_does_not_count(sessions: Sessions, now: dt.datetime) -> None:
    old = dt.date(1990, 12, 28)
    store(sessions, make_law("编出来的旧条文。", old, name="禁毒法"), now)
    statutes = town(sessions)
    assert len(statutes.law("中华人民共和国禁毒法").articles) == 71
    assert statutes.law("禁毒法", version=old).at((1, 0)).text == "编出来的旧条文。"


def test_a_repealed_law_that_is_imported_anew_can_be_cited(
    sessions: Sessions, now: dt.datetime
) -> None:
    with pytest.raises(NotFound):
        town(sessions).find("环境保护法")
    store(sessions, make_law("编出来的条文。", dt.date(2026, 9, 1), name="环境保护法"), now)
    assert town(sessions).article("环境保护法", 1).paragraphs == ("编出来的条文。",)


def test_statutes_of_a_session_belong_to_its_database(sessions: Sessions, now: dt.datetime) -> None:
    store(sessions, make_law(), now)
    with sessions() as session:
        assert statutes_of(session).find(BRIDGES).version == V1


@contextmanager
def counted(sessions: Sessions) -> Iterator[list[str]]:
    engine: Any = sessions.kw["bind"]
    asked: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lower().startswith("select"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_reading_articles_asks_the_database_next_to_nothing(
    sessions: Sessions, now: dt.datetime
) -> None:
    store(sessions, make_law(), now)
    statutes = town(sessions)
    with counted(sessions) as asked:
        for _ in range(500):
            statutes.article(BRIDGES, 1)
            statutes.article("禁毒法", 1)
    assert len(asked) == 3  # what is there, their names, and one text


def test_one_small_query_finds_that_nothing_is_new(
    sessions: Sessions, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    statutes = town(sessions)
    statutes.find("禁毒法")
    monkeypatch.setattr(module, "LOOK_EVERY", -1.0)
    with counted(sessions) as asked:
        statutes.find("禁毒法")
    assert len(asked) == 1
    assert "count" in asked[0]


def test_what_another_imports_is_seen_after_a_look(
    sessions: Sessions, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    statutes = town(sessions)
    statutes.find("禁毒法")
    store(sessions, make_law(), now)
    with pytest.raises(NotFound):
        statutes.find(BRIDGES)
    statutes.refresh()
    assert statutes.find(BRIDGES).version == V1
    store(sessions, make_law("新。", V2), now)
    assert statutes.find(BRIDGES).version == V1
    monkeypatch.setattr(module, "LOOK_EVERY", -1.0)
    assert statutes.find(BRIDGES).version == V2


def test_threads_read_while_laws_are_imported(
    sessions: Sessions, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", -1.0)
    store(sessions, make_law("第 0 版。", dt.date(2020, 1, 1)), now)
    statutes = town(sessions)

    def read(_: int) -> set[str]:
        return {statutes.article(BRIDGES, 1).paragraphs[0] for _ in range(60)}

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(read, n) for n in range(6)]
        for n in range(1, 6):
            store(sessions, make_law(f"第 {n} 版。", dt.date(2020, 1, 1 + n)), now)
        seen = set().union(*(job.result(30) for job in jobs))
    assert seen <= {f"第 {n} 版。" for n in range(6)}
    assert statutes.article(BRIDGES, 1).paragraphs == ("第 5 版。",)


def test_another_process_imports_and_this_one_sees_it(
    sessions: Sessions, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statutes = town(sessions)
    statutes.find("禁毒法")
    monkeypatch.setattr(module, "LOOK_EVERY", 0.05)
    file = tmp_path / "bridges.txt"
    file.write_text(
        f"{BRIDGES}\n（2020年7月31日某镇人民代表大会通过）\n"
        "第一条 为了爱护桥梁，制定本条例。\n第二条 本条例自2020年9月1日起施行。\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "lawlab.cli", "statutes", "import", str(file), "--yes"],
        env={
            "PATH": os.defpath,
            "LAWLAB_DATA": str(tmp_path),
            "LAWLAB_DATABASE_URL": database_url,
            "LC_ALL": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and BRIDGES not in {i.short for i in statutes.laws()}:
        time.sleep(0.02)
    assert statutes.article(BRIDGES, 1).paragraphs == ("为了爱护桥梁，制定本条例。",)
