"""Home, course pages and whole laws, on real databases and made-up laws."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.chapters import chapters
from lawlab.domain.statement import statement_digest
from lawlab.domain.statute import number_title
from lawlab.errors import NotFound
from lawlab.services import lesson_contents
from lawlab.services.course_page import course_page
from lawlab.services.home import home
from lawlab.services.laws import law_chapter, law_list, law_page, lookup, readable_law
from lawlab.services.sessions import Caller
from lawlab.store.statutes import Statutes, open_statutes
from lawlab.store.tables import (
    Answer,
    Confirmation,
    Course,
    ItemBank,
    ItemVersion,
    LessonVersion,
    Mark,
    Person,
)

Sessions = sessionmaker[Session]
BRIDGES, ROADS, OLD = "某镇爱护桥梁条例", "某镇道路条例", "某镇渡船条例"
CHAPTERS = {"第一章 总则": (1, 2), "第二章 桥面": (3, 4, 5), "第三章 附则": (6,)}


@pytest.fixture
def statutes(tmp_path: Path) -> Statutes:
    """Bridges have chapters, roads have none, and the ferries' law is repealed."""
    file = tmp_path / "laws.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "create table laws (law_id, law_name, doc_type, issuing_body, status, publish_date,"
            " effective_date, version_date)"
        )
        connection.execute(
            "create table articles (id integer primary key, law_id, article_no,"
            " article_no_arabic, article_text, chapter, section)"
        )
        for law, status in {BRIDGES: "现行有效", ROADS: "现行有效", OLD: "已废止"}.items():
            facts = (law, law, "条例", "某镇", status, "2021-05-06", "2022-01-01", "2021-05-06")
            connection.execute("insert into laws values (?,?,?,?,?,?,?,?)", facts)
        rows = [(BRIDGES, chapter, n) for chapter, held in CHAPTERS.items() for n in held]
        rows += [(ROADS, None, n) for n in (1, 2)] + [(OLD, None, 1)]
        for law, chapter, n in rows:
            connection.execute(
                "insert into articles (law_id, article_no, article_no_arabic, article_text,"
                " chapter) values (?,?,?,?,?)",
                (law, number_title((n, 0)), n, f"{law}第{n}条第一款。\n第二款。", chapter),
            )
        connection.commit()
    return open_statutes(file)


def notebook(*calls: str) -> str:
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "id": "t", "source": "# 一课"}]
    sources = ["from lawlab.ui import lesson", "lesson.begin()", *calls, "lesson.finish()"]
    cells += [
        {"cell_type": "code", "id": f"c{n}", "source": source} for n, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


class Town:
    """One learner and the courses that a test publishes."""

    def __init__(self, sessions: Sessions, now: dt.datetime) -> None:
        self.sessions, self.now = sessions, now
        with sessions() as session:
            person = Person(login="v001", full_name="明白人001", created_at=now)
            session.add(person)
            session.commit()
            self.caller = Caller(person.id, "v001", "明白人001", frozenset({"learner"}))

    def course(
        self, slug: str, law: str, *lessons: str, position: int = 1000, **about: Any
    ) -> None:
        """A course of lessons `l1`, `l2` …, each given by its notebook; each has one card."""
        stems = [f"l{n}" for n in range(1, len(lessons) + 1)]
        with self.sessions() as session:
            facts = {"sources": ["法律"], "checked": "2022-12-01", "audience": ["干部职工"]}
            session.add(
                Course(
                    slug=slug,
                    title=slug,
                    law=law,
                    position=position,
                    about={"order": stems, "awaits": []} | facts | about,
                )
            )
            session.flush()
            for number, (stem, text) in enumerate(zip(stems, lessons, strict=True), 1):
                session.add(
                    LessonVersion(
                        course_slug=slug,
                        lesson=stem,
                        version=1,
                        position=number,
                        title=f"{slug}的第{number}课",
                        cards=[f"{slug}-{number}"],
                        notebook=text,
                        sha256=f"{slug} {stem} {hash(text)}",
                        reviewer="审核人甲",
                        published_at=self.now,
                    )
                )
            session.commit()

    def answer(self, slug: str, number: int) -> None:
        with self.sessions() as session:
            item = ItemVersion(
                item=f"{slug}-{number}",
                version=1,
                bank=slug,
                type="judge",
                body={},
                sha256="",
                article_prints={},
                published_at=self.now,
            )
            session.add(item)
            session.flush()
            answer = Answer(
                key=f"{slug}-{number}-key-0000",
                person_id=self.caller.person_id,
                item_version_id=item.id,
                place=f"lesson:{slug}/l{number}",
                response={},
                received_at=self.now,
            )
            session.add(answer)
            session.flush()
            mark = Mark(answer_id=answer.id, key_version=1, marker="auto", points=1, max_points=1)
            mark.marked_at = self.now
            session.add(mark)
            session.commit()

    def home(self) -> dict[str, Any]:
        with self.sessions() as session:
            return home(session, self.caller, self.now)


@pytest.fixture
def town(sessions: Sessions, now: dt.datetime) -> Town:
    return Town(sessions, now)


# ---- home ---------------------------------------------------------------------------------------


def test_courses_come_by_position_then_by_name_and_laws_to_read_apart(town: Town) -> None:
    town.course("later", ROADS, notebook())
    town.course("early", BRIDGES, notebook(), notebook(), position=2)
    town.course("another", ROADS, notebook())
    town.course("reading-1", ROADS, reading=True, position=1)
    found = town.home()
    assert [course["slug"] for course in found["courses"]] == ["early", "another", "later"]
    assert found["reading"] == [
        {"title": "reading-1", "law": ROADS, "url": f"/services/learn/law/{ROADS}"}
    ]
    assert found["courses"][0] == {
        "slug": "early",
        "title": "early",
        "law": BRIDGES,
        "url": "/services/learn/course/early",
        "lessons": 2,
        "done": 0,
        "begun": False,
        "next": {"number": 1, "title": "early的第1课"},
    }


def test_the_next_lesson_of_a_course_that_was_begun_is_due_first(town: Town) -> None:
    town.course("one", ROADS, notebook(), position=1)
    town.course("two", BRIDGES, notebook(), notebook(), position=2)
    assert [due["title"] for due in town.home()["due"]] == ["one的第1课", "two的第1课"]
    town.answer("two", 1)
    first, second = town.home()["due"]
    assert (first["title"], first["place"]) == ("two的第2课", "two · 第 2 课")
    assert second["title"] == "one的第1课"
    course = town.home()["courses"][1]
    assert (course["done"], course["begun"], course["next"]["number"]) == (1, True, 2)
    town.answer("two", 2)
    assert town.home()["courses"][1]["next"] is None


# ---- a course -----------------------------------------------------------------------------------


def test_the_map_says_for_each_chapter_which_lessons_and_articles_treat_it(
    town: Town, statutes: Statutes
) -> None:
    town.course(
        "bridges",
        BRIDGES,
        notebook(f'lesson.article("{BRIDGES}", 4)', f'lesson.article("{BRIDGES}", 3)'),
        notebook(f'lesson.article("{BRIDGES}", 4)', f'lesson.article("{ROADS}", 2)'),
        notebook(f'lesson.article("{BRIDGES}", 99)'),
    )
    town.answer("bridges", 1)
    with town.sessions() as session:
        page = course_page(session, town.caller, statutes, "bridges")
    assert page["map"] == {
        "articles": 6,
        "treated": 2,
        "outline": [
            {
                "title": "第一章 总则",
                "articles": 2,
                "treated": 0,
                "chapter": 1,
                "numbers": [],
                "lessons": [],
            },
            {
                "title": "第二章 桥面",
                "articles": 3,
                "treated": 2,
                "chapter": 2,
                "numbers": ["3", "4"],
                "lessons": [1, 2],
            },
            {
                "title": "第三章 附则",
                "articles": 1,
                "treated": 0,
                "chapter": 3,
                "numbers": [],
                "lessons": [],
            },
        ],
    }
    assert page["others"] == [
        {"law": ROADS, "url": f"/services/learn/law/{ROADS}", "numbers": ["2"]}
    ]
    assert (page["done"], page["checked"], page["audience"]) == (1, "2022-12-01", ["干部职工"])
    assert [lesson["complete"] for lesson in page["lessons"]] == [True, False, False]
    assert page["lessons"][0]["url"] == "/services/learn/lesson/bridges/l1"


def test_a_course_counts_what_nobody_has_confirmed(town: Town, statutes: Statutes) -> None:
    town.course(
        "bridges",
        BRIDGES,
        notebook(
            'lesson.unconfirmed("打电话问。", source="镇里")',
            'lesson.unconfirmed("每年一次。", source="习惯")',
        ),
    )
    with town.sessions() as session:
        digest = statement_digest("打电话问。", "镇里")
        confirmed = Confirmation(digest=digest, text="", source="", by="t01", at=town.now)
        session.add(confirmed)
        session.commit()
        page = course_page(session, town.caller, statutes, "bridges")
    assert page["lessons"][0]["unconfirmed"] == 1


def test_a_course_whose_law_is_awaited_or_missing_says_so_and_works(
    town: Town, statutes: Statutes
) -> None:
    town.course("awaited", "某镇码头条例", notebook(), awaits=["某镇码头条例"])
    town.course("missing", "某镇码头条例", notebook())
    with town.sessions() as session:
        page = course_page(session, town.caller, statutes, "awaited")
        assert (page["map"], page["waiting"]) == (None, "导入官方文本后，这里会列出各章。")
        assert len(page["lessons"]) == 1
        page = course_page(session, town.caller, statutes, "missing")
        assert page["map"] is None
        assert "没有找到“某镇码头条例”" in page["waiting"]
        with pytest.raises(NotFound) as refused:
            course_page(session, town.caller, statutes, "nothing")
    assert refused.value.code == "no_course"


def test_a_lesson_is_read_once_and_a_new_version_is_read_again(
    town: Town, statutes: Statutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_contents, "_kept", {})
    town.course("bridges", BRIDGES, notebook(f'lesson.article("{BRIDGES}", 1)'))
    asked: list[str] = []
    with town.sessions() as session:
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))

        def treated() -> list[str]:
            page = course_page(session, town.caller, statutes, "bridges")
            numbers: list[str] = page["map"]["outline"][0]["numbers"]
            return numbers

        assert treated() == ["1"]
        asked.clear()
        assert treated() == ["1"]
        assert not [sql for sql in asked if "notebook" in sql]
        newer = LessonVersion(
            course_slug="bridges",
            lesson="l1",
            version=2,
            position=1,
            title="第一课",
            cards=[],
            notebook=notebook(f'lesson.article("{BRIDGES}", 2)'),
            sha256="newer",
            reviewer="审核人甲",
            published_at=town.now,
        )
        session.add(newer)
        session.flush()
        assert treated() == ["2"]


# ---- laws ---------------------------------------------------------------------------------------


def test_a_law_says_what_it_is_and_which_lessons_treat_its_articles(
    town: Town, statutes: Statutes
) -> None:
    town.course("roads", ROADS, notebook(f'lesson.article("{BRIDGES}", 3)'), position=2)
    town.course("bridges", BRIDGES, notebook(f'lesson.article("{BRIDGES}", 3)'), position=1)
    with town.sessions() as session:
        page = law_page(session, statutes, f"《{BRIDGES}》")
    assert page["dates"] == "2021年5月6日公布，2022年1月1日起施行。"
    assert (page["short"], page["version"], page["note"]) == (BRIDGES, "2021-05-06", "")
    assert page["outline"] == [
        {"title": title, "chapter": n, "numbers": [str(number) for number in held]}
        for n, (title, held) in enumerate(CHAPTERS.items(), 1)
    ]
    assert [lesson["course"] for lesson in page["lessons"]["3"]] == ["bridges", "roads"]
    assert list(page["lessons"]) == ["3"]


def test_a_chapter_has_the_text_of_its_articles_and_no_other(
    town: Town, statutes: Statutes
) -> None:
    with town.sessions() as session:
        found = law_chapter(session, statutes, BRIDGES, 2)
        whole = law_chapter(session, statutes, ROADS, 1)
        for number in (0, -1, 4, 10**30):
            with pytest.raises(NotFound) as refused:
                law_chapter(session, statutes, BRIDGES, number)
            assert refused.value.code == "no_chapter"
            assert "一共分成 3 部分" in refused.value.sentence
    assert [article["number"] for article in found["articles"]] == ["3", "4", "5"]
    assert found["articles"][0]["title"] == "第三条"
    assert len(found["articles"][0]["paragraphs"]) == 2
    assert (whole["title"], len(whole["articles"])) == ("全文", 2)


def test_a_repealed_law_can_be_read_with_a_warning(town: Town, statutes: Statutes) -> None:
    with town.sessions() as session:
        page = law_page(session, statutes, OLD)
        assert "已经废止" in page["note"]
        assert law_chapter(session, statutes, OLD, 1)["articles"]
        marks = {one["law"]: one.get("mark") for one in law_list(session, statutes)["laws"]}
    assert marks == {BRIDGES: None, ROADS: None, OLD: "已废止"}


def test_a_missing_law_is_awaited_or_unknown(town: Town, statutes: Statutes) -> None:
    town.course("bridges", BRIDGES, notebook(), awaits=["某镇码头条例"])
    with town.sessions() as session:
        session.add(ItemBank(slug="b", law=BRIDGES, prefix="brg", awaits=["某镇集市条例"]))
        session.commit()
        for law in ("某镇码头条例", "《某镇集市条例》"):
            with pytest.raises(NotFound) as refused:
                law_page(session, statutes, law)
            assert refused.value.code == "law_not_imported"
            name = law.strip("《》")
            assert refused.value.sentence == (
                f"本镇还没有导入《{name}》的官方文本，导入后这里能看到条文。"
            )
        with pytest.raises(NotFound) as refused:
            law_page(session, statutes, "爱护桥梁条例")
        assert (refused.value.code, refused.value.facts["near"]) == ("no_law", [BRIDGES])
        with pytest.raises(NotFound) as refused, lookup(session, statutes, BRIDGES):
            statutes.article(BRIDGES, 99)
        assert refused.value.code == "no_article"


def test_the_list_of_laws_begins_with_those_of_the_courses(town: Town, statutes: Statutes) -> None:
    town.course("roads", ROADS, notebook(), position=2)
    town.course("more", ROADS, notebook(), position=3)
    town.course("harbour", "某镇码头条例", notebook(), awaits=["某镇码头条例"], position=1)
    town.course("reading-1", BRIDGES, reading=True, position=4)
    with town.sessions() as session:
        found = law_list(session, statutes)
    assert [(one["law"], one["courses"], one["imported"]) for one in found["courses"]] == [
        ("某镇码头条例", ["harbour"], False),
        (ROADS, ["roads", "more"], True),
        (BRIDGES, [], True),
    ]
    assert sorted(one["law"] for one in found["laws"]) == sorted([BRIDGES, ROADS, OLD])


def test_every_law_of_the_package_can_be_read_to_its_last_article() -> None:
    statutes = open_statutes()
    names = {info.short for info in statutes.laws()}
    assert len(names) > 350
    for name in names:
        law = readable_law(statutes, name).law
        found = chapters(law)
        assert [article for chapter in found for article in chapter.articles] == list(law.articles)
        assert max(len(chapter.articles) for chapter in found) < 60, name
