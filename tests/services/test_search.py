"""Search on real databases: what is found, what a learner must not find, and how fast."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import REPOSITORY, Settings
from lawlab.services.answers import Submission, record_answer
from lawlab.services.content import seed
from lawlab.services.content_state import clear_state, set_state
from lawlab.services.search import (
    Found,
    content_mark,
    everyday_words,
    lesson_prose,
    refresh_index,
    search,
    words_faults,
)
from lawlab.services.sessions import Caller
from lawlab.store.engine import writing
from lawlab.store.search import Document, put
from lawlab.store.statutes import Statutes, open_statutes
from lawlab.store.tables import Course, ItemVersion, Person, SearchDocument

NOW = dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC)
TRAINER = Caller(0, "t01", "教员001", frozenset({"trainer"}))
TABLE = everyday_words(REPOSITORY)


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes()


@pytest.fixture
def session(
    sessions: sessionmaker[Session],
    statutes: Statutes,
    small_repository: Path,
    tmp_path: Path,
) -> Iterator[Session]:
    with sessions() as session:
        seed(session, small_repository, Settings(data=tmp_path), NOW, statutes)
        session.add(Person(login="v001", full_name="明白人001", created_at=NOW))
        session.commit()
        refresh_index(session, statutes, NOW)
        yield session


def refs(found: Found, kind: str) -> list[str]:
    return [hit.ref for hit in found.hits if hit.kind == kind]


def learner(session: Session) -> Caller:
    person = session.scalars(select(Person).where(Person.login == "v001")).one()
    return Caller(person.id, "v001", "明白人001", frozenset({"learner"}))


@pytest.mark.parametrize(
    ("asked", "kind", "first"),
    [
        ("银行卡", "lesson", "anti-telecom-fraud/02_cards-and-accounts"),
        ("卖银行卡", "article", "反电信网络诈骗法#31"),
        ("被骗了钱怎么办", "article", "反电信网络诈骗法#20"),
        ("反电信网络诈骗法第31条", "article", "反电信网络诈骗法#31"),
        ("申诉", "lesson", "anti-telecom-fraud/03_first-ten-minutes"),
    ],
)
def test_two_character_words_everyday_words_and_numbers_find_what_people_mean(
    session: Session, asked: str, kind: str, first: str
) -> None:
    assert refs(search(session, TRAINER, asked, TABLE, NOW), kind)[0] == first


def test_a_result_carries_its_address_and_its_highlights(session: Session) -> None:
    found = search(session, TRAINER, "银行账户", TABLE, NOW)
    article = next(hit for hit in found.hits if hit.ref == "反电信网络诈骗法#31")
    assert article.url == "/services/learn/law/反电信网络诈骗法#31"
    assert "银行账户" in [piece.text for piece in article.excerpt if piece.hit]
    lesson = next(hit for hit in found.hits if hit.kind == "lesson")
    assert lesson.url.startswith("/services/learn/lesson/anti-telecom-fraud/")


def test_nothing_is_found_for_nonsense_and_nothing_breaks(session: Session) -> None:
    for asked in ("qqzzxx", "", "，", '"', "' or ''='", "*", "a AND (", "龘龘龘", "\x00"):
        assert search(session, TRAINER, asked, TABLE, NOW).hits == ()


def test_a_learner_finds_the_explanation_of_a_question_only_after_answering_it(
    session: Session,
) -> None:
    asked = "租给网友"
    caller = learner(session)
    assert "atf-006" in refs(search(session, TRAINER, asked, TABLE, NOW), "item")
    assert refs(search(session, caller, asked, TABLE, NOW), "item") == []
    place = "lesson:anti-telecom-fraud/02_cards-and-accounts"
    given = Submission("key-0000000000000001", "v001", "atf-006", 1, place, {"chosen": ["A"]})
    record_answer(session, caller, given, NOW)
    assert refs(search(session, caller, asked, TABLE, NOW), "item") == ["atf-006"]


def test_an_explanation_of_a_newer_version_waits_for_a_new_answer(session: Session) -> None:
    caller = learner(session)
    place = "lesson:anti-telecom-fraud/02_cards-and-accounts"
    given = Submission("key-0000000000000001", "v001", "atf-006", 1, place, {"chosen": ["A"]})
    record_answer(session, caller, given, NOW)
    row = session.scalars(select(ItemVersion).where(ItemVersion.item == "atf-006")).one()
    columns = {column.key: getattr(row, column.key) for column in ItemVersion.__table__.columns}
    session.add(ItemVersion(**(columns | {"id": None, "version": 2})))
    session.commit()
    assert refs(search(session, caller, "租给网友", TABLE, NOW), "item") == []


def test_an_endless_article_is_indexed_by_its_beginning(session: Session) -> None:
    body = "".join(map(chr, range(0x4E00, 0x9FA0))) * 6  # every pair once: nothing repeats
    put(session, {"long": Document("article", "长法#1", "《长法》第一条", "", body)})
    session.commit()
    assert refs(search(session, TRAINER, "长法", TABLE, NOW), "article") == ["长法#1"]


def test_what_is_withdrawn_is_not_found_and_comes_back(
    session: Session, statutes: Statutes
) -> None:
    before = content_mark(session, NOW)
    set_state(session, "item", "atf-006", "withdrawn", "有歧义", "t01", NOW)
    session.commit()
    assert content_mark(session, NOW) != before
    assert refresh_index(session, statutes, NOW) == 1
    assert "atf-006" not in refs(search(session, TRAINER, "租给网友", TABLE, NOW), "item")
    clear_state(session, "item", "atf-006", "t01", NOW)
    session.commit()
    refresh_index(session, statutes, NOW)
    assert "atf-006" in refs(search(session, TRAINER, "租给网友", TABLE, NOW), "item")


def test_a_repeat_of_the_refresh_changes_nothing(session: Session, statutes: Statutes) -> None:
    before = session.scalars(select(SearchDocument.id).order_by(SearchDocument.id)).all()
    assert before
    assert refresh_index(session, statutes, NOW) == 0
    assert session.scalars(select(SearchDocument.id).order_by(SearchDocument.id)).all() == before


def test_a_search_takes_less_than_fifty_milliseconds(session: Session) -> None:
    def seconds(asked: str) -> float:
        runs = []
        for _ in range(5):
            start = time.perf_counter()
            search(session, TRAINER, asked, TABLE, NOW)
            runs.append(time.perf_counter() - start)
        return min(runs)

    assert max(map(seconds, ["银行卡", "的", "被骗了钱怎么办", "公安机关应当", "zzz"])) < 0.05


def test_the_law_bears_out_every_everyday_word(statutes: Statutes) -> None:
    assert words_faults(REPOSITORY, statutes, NOW.date()) == []


def test_pictures_of_a_lesson_are_found_by_their_text_alone() -> None:
    cell = {"cell_type": "markdown", "source": "看图：\n\n![报警的六步](media/steps.svg)\n\n完。"}
    assert lesson_prose(json.dumps({"cells": [cell]})) == "看图： 报警的六步 完。"


def test_a_table_is_found_by_its_cells_alone() -> None:
    table = "先看：\n\n| 什么事 | 找谁 |\n|---|:--|\n| 被偷 | 公安机关 |\n"
    cell = {"cell_type": "markdown", "source": table}
    assert lesson_prose(json.dumps({"cells": [cell]})) == "先看： 什么事 找谁 被偷 公安机关"


def test_what_only_resembles_the_question_is_marked(session: Session) -> None:
    assert not search(session, TRAINER, "银行账户", TABLE, NOW).loose
    found = search(session, TRAINER, "银行龘龘龘账户", TABLE, NOW)
    assert found.hits
    assert found.loose


def test_nobody_waits_long_while_the_index_is_built(
    sessions: sessionmaker[Session], statutes: Statutes, small_repository: Path, tmp_path: Path
) -> None:
    """Whoever signs in writes too, and must not meet a database that is locked for seconds."""
    waits, done = list[float](), threading.Event()

    def sign_in_again_and_again() -> None:
        while not done.is_set():
            with sessions() as session:
                begun = time.perf_counter()
                writing(session)
                session.rollback()
                waits.append(time.perf_counter() - begun)
            time.sleep(0.01)

    with sessions() as session:
        seed(session, small_repository, Settings(data=tmp_path), NOW, statutes)
        session.add(
            Course(slug="all", title="民法典", law="民法典", position=9, about={"order": []})
        )
        session.commit()
        other = threading.Thread(target=sign_in_again_and_again)
        other.start()
        assert refresh_index(session, statutes, NOW) > 1500
        done.set()
        other.join()
    assert max(waits) < 1.0


def test_two_at_once_build_one_index(
    sessions: sessionmaker[Session], statutes: Statutes, small_repository: Path, tmp_path: Path
) -> None:
    def build(_: int) -> int:
        with sessions() as session:
            return refresh_index(session, statutes, NOW)

    with sessions() as session:
        seed(session, small_repository, Settings(data=tmp_path), NOW, statutes)
    with ThreadPoolExecutor(2) as pool:
        changed = sum(pool.map(build, range(2)))
    with sessions() as session:
        assert changed == session.scalar(select(func.count(SearchDocument.id)))
