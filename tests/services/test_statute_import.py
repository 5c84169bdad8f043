"""Importing a law, what becomes of the items that cite it, and the law as a course for reading."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.statute_diff import changes
from lawlab.domain.statute_text import Given
from lawlab.errors import Conflict, FileFaults, LawlabError, NotFound
from lawlab.services.content import publish_bank
from lawlab.services.content_state import set_state, states
from lawlab.services.freshness import mark_stale
from lawlab.services.law_changes import law_in_file, law_named, touched_items
from lawlab.services.reading import (
    make_reading_course,
    reading_courses,
    withdraw_reading_course,
)
from lawlab.services.statute_files import StatuteFile, read_statute_file
from lawlab.services.statute_import import Imported, import_statute, look_at
from lawlab.store.content import bank_items, courses
from lawlab.store.engine import writing
from lawlab.store.statutes import TownStatutes, statutes_with
from lawlab.store.tables import Course, ImportedLaw, ItemVersion, Publication

Sessions = sessionmaker[Session]
BRIDGES = "某镇爱护桥梁条例"
FIRST = "为了爱护桥梁，保障通行，制定本条例。"
LOADS = "三吨以上的车辆不得通过木桥。"
CHECKS = "镇人民政府每月巡查桥梁不少于二次。"
V1, V2 = dt.date(2020, 7, 31), dt.date(2022, 5, 1)


def make_file(*articles: str, day: dt.date = V1, name: str = BRIDGES) -> StatuteFile:
    """An official file with these articles and one that says when the law begins."""
    texts = [*(articles or (FIRST, LOADS, CHECKS)), f"本条例自{_date(day)}起施行。"]
    numbers = "一二三四五六七八九"
    body = "\n".join(f"第{numbers[n]}条 {text}" for n, text in enumerate(texts))
    text = f"{name}\n（{_date(day)}某镇人民代表大会通过）\n{body}\n"
    return read_statute_file("bridges.txt", text.encode())


def _date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def make_bank(awaits: str = "") -> str:
    def item(number: int, stem: str, article: int, evidence: str) -> str:
        return f"""
  - id: brg-{number:03}
    type: judge
    stem: {stem}
    answer: 对
    explanation: 条例这样规定，目的是让桥梁用得更久。
    articles: ["{BRIDGES}#{article}"]
    evidence: {evidence}
    difficulty: 1
"""

    return (
        f"bank: bridges\nlaw: {BRIDGES}\n{awaits}items:"
        + item(1, "满载的大货车要绕开木桥走。", 2, "车辆不得通过木桥")
        + item(2, "政府要定期派人查看桥梁。", 3, "镇人民政府每月巡查桥梁")
    )


class Town:
    """One installation, its statutes, and what a trainer does with them."""

    def __init__(self, sessions: Sessions, now: dt.datetime) -> None:
        self.sessions, self.now = sessions, now
        self.statutes: TownStatutes = statutes_with(sessions, today=lambda: self.now.date())

    def imports(self, file: StatuteFile | None = None, given: Given | None = None) -> Imported:
        with self.sessions() as session:
            return import_statute(
                session, file or make_file(), given or Given(), self.statutes, "t01", self.now
            )

    def publishes(self, text: str) -> None:
        with self.sessions() as session:
            publish_bank(session, text, self.statutes, self.now)

    def marks(self) -> list[str]:
        with self.sessions() as session:
            return mark_stale(session, self.statutes, self.now)

    @property
    def in_use(self) -> set[str]:
        with self.sessions() as session:
            return set(bank_items(session, "bridges"))

    @property
    def reasons(self) -> dict[str, str]:
        with self.sessions() as session:
            return {item: row.reason for item, row in states(session, "item").items()}

    @property
    def history(self) -> list[tuple[str, str, str, str]]:
        with self.sessions() as session:
            rows = session.scalars(select(Publication).order_by(Publication.id))
            return [(row.kind, row.name, row.action, row.by) for row in rows]

    def count(self, table: type[Any]) -> int:
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def town(sessions: Sessions, now: dt.datetime) -> Town:
    return Town(sessions, now)


# ---- importing -----------------------------------------------------------------------------------


def test_a_statute_is_stored_with_its_history(town: Town) -> None:
    done = town.imports()
    assert (done.first, done.stale) == (True, [])
    assert (done.info.short, done.info.version) == (BRIDGES, V1)
    assert town.statutes.article(BRIDGES, 2).paragraphs == (LOADS,)
    assert town.history == [("law", f"{BRIDGES}@2020-07-31", "import", "t01")]
    with town.sessions() as session:
        row = session.scalars(select(ImportedLaw)).one()
    assert (row.file_name, row.imported_by) == ("bridges.txt", "t01")
    assert row.sha256 == town.statutes.law(BRIDGES).fingerprint


def test_the_same_again_changes_nothing(town: Town) -> None:
    town.imports()
    assert town.imports() == Imported(town.statutes.find(BRIDGES), False, [])
    assert (town.count(ImportedLaw), len(town.history)) == (1, 1)
    assert "已经导入过，文字相同" in look_at(make_file(), Given(), town.statutes).known


def test_the_same_day_with_another_text_is_refused(town: Town) -> None:
    town.imports()
    other = make_file(FIRST, LOADS.replace("三吨", "五吨"), CHECKS)
    assert look_at(other, Given(), town.statutes).differs == ["第二条"]
    with pytest.raises(Conflict) as caught:
        town.imports(other)
    assert caught.value.code == "other_text"
    assert "文字不同：第二条。没有保存任何内容" in caught.value.sentence
    assert "写明它自己的版本日期" in caught.value.sentence
    assert town.count(ImportedLaw) == 1
    # As the sentence says: with a day of its own it is another version.
    assert town.imports(other, Given(version=V2)).first


def test_a_text_of_the_package_is_not_imported_again(town: Town) -> None:
    name = "中华人民共和国禁毒法"
    day = dt.date(2007, 12, 29)
    there = town.statutes.law(name)
    lines = [f"{article.title} {article.text}" for article in there.articles]
    text = "\n".join([name, f"（{_date(day)}某机关通过）", *lines])
    assert not town.imports(read_statute_file("a.txt", text.encode())).first
    with pytest.raises(Conflict, match="平台已经收有，但文字不同"):
        town.imports(make_file(day=day, name=name))
    assert town.count(ImportedLaw) == 0


def test_every_fault_is_said_and_nothing_is_stored(town: Town) -> None:
    file = read_statute_file("x.txt", "第一条\n第三条 丙。".encode())
    with pytest.raises(FileFaults) as caught:
        town.imports(file)
    assert len(caught.value.faults) == 5
    assert caught.value.faults[-1].startswith("第 2 行“第三条 丙。”：缺第二条")
    assert (town.count(ImportedLaw), town.history) == (0, [])


def test_two_who_import_the_same_at_once_make_one_version(town: Town) -> None:
    def work(_: int) -> bool:
        return Town(town.sessions, town.now).imports().first

    def outcome(number: int) -> object:
        try:
            return work(number)
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(outcome, range(4)))
    assert done.count(True) == 1
    assert set(done) <= {True, False, "imported_meanwhile"}
    assert town.count(ImportedLaw) == 1


# ---- items whose law changed ---------------------------------------------------------------------


def test_items_of_a_changed_article_leave_and_come_back(town: Town) -> None:
    town.imports()
    town.publishes(make_bank())
    assert town.in_use == {"brg-001", "brg-002"}
    done = town.imports(make_file(FIRST, LOADS.replace("三吨", "五吨"), CHECKS, day=V2))
    assert done.stale == ["brg-001"]
    assert town.in_use == {"brg-002"}
    assert town.reasons == {"brg-001": f"《{BRIDGES}》第二条的条文变了"}
    assert town.history[-1] == ("item", "brg-001", "stale", "系统")
    # Nothing new: nothing is written.
    assert town.marks() == []
    assert town.history[-1] == ("item", "brg-001", "stale", "系统")
    # The text is again the one that the item was checked with.
    town.imports(make_file(day=dt.date(2022, 6, 1)))
    assert (town.in_use, town.reasons) == ({"brg-001", "brg-002"}, {})
    assert town.history[-1] == ("item", "brg-001", "fresh", "系统")


def test_a_new_version_of_the_item_brings_it_back(town: Town) -> None:
    town.imports()
    town.publishes(make_bank())
    town.imports(make_file(FIRST, LOADS.replace("三吨", "五吨"), CHECKS, day=V2))
    town.publishes(make_bank().replace("满载的大货车", "装满货的大货车"))
    assert (town.in_use, town.reasons) == ({"brg-001", "brg-002"}, {})
    assert town.marks() == []


def test_punctuation_makes_nothing_stale(town: Town) -> None:
    town.imports()
    town.publishes(make_bank())
    town.imports(make_file(FIRST, LOADS.replace("。", "；"), CHECKS, day=V2))
    assert town.reasons == {}


def test_an_article_that_is_gone_and_one_that_is_another_now(town: Town) -> None:
    town.imports()
    town.publishes(make_bank())
    town.imports(make_file(FIRST, day=V2))
    assert town.reasons == {
        "brg-001": f"《{BRIDGES}》第二条的条文变了",
        "brg-002": f"《{BRIDGES}》里没有第三条",
    }


def test_what_a_trainer_withdrew_stays_his(town: Town) -> None:
    town.imports()
    town.publishes(make_bank())
    with town.sessions() as session:
        writing(session)
        set_state(session, "item", "brg-001", "withdrawn", "不用了", "t01", town.now)
        session.commit()
    town.imports(make_file(FIRST, "另一条。", CHECKS, day=V2))
    assert town.reasons == {"brg-001": "不用了"}
    assert town.marks() == []


def test_a_version_makes_items_stale_only_when_it_begins(town: Town) -> None:
    town.imports()
    town.publishes(make_bank())
    later = town.now.date() + dt.timedelta(days=10)
    file = make_file(FIRST, "另一条。", CHECKS, day=V2)
    assert town.imports(file, Given(effective=later)).stale == []
    town.now += dt.timedelta(days=10)
    assert town.marks() == ["brg-001"]


def test_an_awaited_law_fills_the_fingerprints(town: Town) -> None:
    town.publishes(make_bank(f"awaits: [{BRIDGES}]\n"))
    assert (town.in_use, town.marks()) == ({"brg-001", "brg-002"}, [])
    done = town.imports(make_file(FIRST, LOADS, "镇里每月查两次桥。"))
    assert done.stale == ["brg-002"]
    assert list(town.reasons) == ["brg-002"]
    assert town.reasons["brg-002"].startswith(
        "和导入的条文对不上：evidence“镇人民政府每月巡查桥梁”"
    )
    with town.sessions() as session:
        prints = dict(session.execute(select(ItemVersion.item, ItemVersion.article_prints)).all())
    article = town.statutes.law(BRIDGES).at((2, 0))
    assert prints == {"brg-001": {f"{BRIDGES}#2": article.fingerprint}, "brg-002": {}}
    assert town.marks() == []


def test_an_awaited_law_is_compared_with_the_numbers_too(town: Town) -> None:
    bank = make_bank(f"awaits: [{BRIDGES}]\n").replace("满载的大货车", "载重30吨的大货车")
    town.publishes(bank)
    assert town.imports().stale == ["brg-001"]
    assert "正确答案里的 30" in town.reasons["brg-001"]


def test_six_hundred_items_are_compared_in_no_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.imports()
    town.publishes(make_bank())
    with town.sessions() as session:
        row = session.scalars(select(ItemVersion)).first()
        assert row is not None
        for number in range(600):
            kept = {key: getattr(row, key) for key in ("type", "article_prints", "published_at")}
            body = row.body | {"id": f"all-{number:03}"}
            session.add(
                ItemVersion(item=body["id"], version=1, bank="all", body=body, sha256="x", **kept)
            )
        session.commit()
    with town.sessions() as session:
        asked: list[str] = []
        monkeypatch.setattr(
            session, "commit", lambda: asked.append("commit")
        )  # nothing is new, so nothing is written
        began = dt.datetime.now(dt.UTC)
        assert mark_stale(session, town.statutes, town.now) == []
        took = (dt.datetime.now(dt.UTC) - began).total_seconds()
    assert asked == []
    assert took < 1.5  # alone some 0.05 s


# ---- comparing versions --------------------------------------------------------------------------


def test_touched_items_cite_an_article_that_changed(town: Town) -> None:
    town.imports()
    town.publishes(make_bank())
    new = law_in_file(make_file(FIRST, LOADS.replace("三吨", "五吨"), CHECKS, day=V2))
    old = law_named(f"{BRIDGES}@2020-07-31", town.statutes)
    with town.sessions() as session:
        (item,) = touched_items(session, BRIDGES, changes(old, new))
    assert (item.item, item.bank, item.articles, item.state) == (
        "brg-001",
        "bridges",
        ("第二条",),
        "",
    )


def test_a_file_without_dates_can_be_compared_and_a_faulty_one_not(town: Town) -> None:
    assert (
        len(law_in_file(read_statute_file("a.txt", "桥梁条例\n第一条 甲。".encode())).articles) == 1
    )
    with pytest.raises(FileFaults, match="缺第一条"):
        law_in_file(read_statute_file("a.txt", "桥梁条例\n第二条 甲。".encode()))
    with pytest.raises(LawlabError, match="版本日期应写成"):
        law_named("宪法@去年", town.statutes)


# ---- a law as a course ---------------------------------------------------------------------------


def test_a_reading_course_is_made_once_and_can_be_withdrawn(town: Town) -> None:
    town.imports()

    def make() -> tuple[str, bool]:
        with town.sessions() as session:
            return make_reading_course(session, BRIDGES, town.statutes, "t01", town.now)

    slug, new = make()
    assert new
    assert make() == (slug, False)
    with town.sessions() as session:
        (course,) = courses(session)
        assert (course.slug, course.title, course.law) == (slug, BRIDGES, BRIDGES)
        assert (course.about["reading"], course.about["order"], course.lessons) == (True, [], ())
        assert reading_courses(session) == {BRIDGES: slug}
        withdraw_reading_course(session, f"《{BRIDGES}》", "t01", town.now)
        assert courses(session) == []
        with pytest.raises(NotFound, match="没有做成阅读课程"):
            withdraw_reading_course(session, BRIDGES, "t01", town.now)
    assert [row[2] for row in town.history if row[0] == "course"] == ["publish", "withdraw"]
    assert make() == (slug, True)
    assert town.count(Course) == 1


def test_a_reading_course_made_by_several_at_once_is_made_once(town: Town) -> None:
    town.imports()

    def make(_: int) -> bool:
        with town.sessions() as session:
            statutes = Town(town.sessions, town.now).statutes
            return make_reading_course(session, BRIDGES, statutes, "t01", town.now)[1]

    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert sorted(pool.map(make, range(4))) == [False, False, False, True]
            with town.sessions() as session:
                withdraw_reading_course(session, BRIDGES, "t01", town.now)


def test_a_law_that_is_not_there_makes_no_course(town: Town) -> None:
    with town.sessions() as session, pytest.raises(NotFound):
        make_reading_course(session, BRIDGES, town.statutes, "t01", town.now)
