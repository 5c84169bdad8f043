"""Publishing to a real database and a real folder, and reading back."""

from __future__ import annotations

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.domain.question import Question
from lawlab.errors import Conflict, FileFaults, LawlabError, NotFound
from lawlab.services.content import (
    Published,
    bank_items,
    courses,
    current_items,
    item_version,
    lesson,
    publish_bank,
    publish_course,
    seed,
    write_pages,
)
from lawlab.store.statutes import Statutes, open_statutes
from lawlab.store.tables import Course, ItemVersion, LessonVersion, Publication

Sessions = sessionmaker[Session]
LATER = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def statutes() -> Statutes:
    return open_statutes()


def make_bank(*numbers: int, slug: str = "test-bank", explanation: str = "法律禁止。") -> str:
    items = "".join(
        f"""
  - id: tst-{number:03}
    type: judge
    stem: 第{number}题，可以非法出租银行账户。
    answer: 错
    explanation: {explanation}
    articles: ["反电信网络诈骗法#31", "刑法#287之2"]
    evidence: 不得提供实名核验帮助
    difficulty: 1
"""
        for number in numbers
    )
    return f"bank: {slug}\nlaw: 反电信网络诈骗法\nitems:{items}"


def make_lesson(title: str = "一课", cards: tuple[int, ...] = (1, 2, 3)) -> str:
    calls = [
        "from lawlab.ui import lesson",
        "lesson.begin()",
        'lesson.article("反电信网络诈骗法", 31)',
        *(f'lesson.check("tst-{card:03}")' for card in cards),
        "lesson.finish()",
    ]
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "t", "metadata": {}, "source": f"# {title}"}
    ]
    cells += [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": call,
            "outputs": [],
            "execution_count": None,
        }
        for n, call in enumerate(calls)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def write_course(root: Path, slug: str = "test-course", **lessons: str) -> Path:
    folder = root / "courses" / slug
    folder.mkdir(parents=True, exist_ok=True)
    for stem, text in lessons.items():
        (folder / f"{stem}.ipynb").write_text(text, "utf-8")
    order = json.dumps(sorted(lessons))
    (folder / "course.toml").write_text(
        f'title = "{slug}"\nlaw = "反电信网络诈骗法"\norder = {order}\n'
        'sources = ["法律"]\nchecked = 2022-12-01\naudience = ["干部职工"]\n',
        "utf-8",
    )
    return folder


def publish_test_bank(
    sessions: Sessions, statutes: Statutes, now: dt.datetime, text: str = make_bank(1, 2, 3)
) -> Published:
    with sessions() as session:
        return publish_bank(session, text, statutes, now)


def count(sessions: Sessions, table: type[Any]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


class Publisher:
    """Publishes the course folders of one test."""

    def __init__(
        self, sessions: Sessions, statutes: Statutes, root: Path, now: dt.datetime
    ) -> None:
        self.sessions, self.statutes, self.root, self.now = sessions, statutes, root, now
        self.pages = root / "pages"

    def __call__(self, slug: str = "test-course", **lessons: str) -> Published:
        folder = write_course(self.root, slug, **lessons)
        for old in folder.glob("*.ipynb"):
            if old.stem not in lessons:
                old.unlink()
        with self.sessions() as session:
            return publish_course(session, folder, self.statutes, "审核人甲", self.pages, self.now)


@pytest.fixture
def publish(sessions: Sessions, statutes: Statutes, tmp_path: Path, now: dt.datetime) -> Publisher:
    publish_test_bank(sessions, statutes, now)
    return Publisher(sessions, statutes, tmp_path, now)


# ---- banks --------------------------------------------------------------------------------------


def test_a_bank_is_stored_with_the_fingerprints_of_its_articles(
    sessions: Sessions, statutes: Statutes, now: dt.datetime
) -> None:
    done = publish_test_bank(sessions, statutes, now)
    assert done == Published("test-bank", new=("tst-001", "tst-002", "tst-003"))
    with sessions() as session:
        row = session.scalars(select(ItemVersion).where(ItemVersion.item == "tst-001")).one()
    assert (row.version, row.bank, row.type, row.published_at) == (1, "test-bank", "judge", now)
    assert row.article_prints == {
        "反电信网络诈骗法#31": statutes.law("反电信网络诈骗法").article(31).fingerprint,
        "刑法#287之2": statutes.law("刑法").article("287之2").fingerprint,
    }


def test_only_a_changed_item_gets_a_new_version(
    sessions: Sessions, statutes: Statutes, now: dt.datetime
) -> None:
    publish_test_bank(sessions, statutes, now)
    again = publish_test_bank(sessions, statutes, now + LATER)
    assert (again.new, again.changed, len(again.same)) == ((), (), 3)
    text = make_bank(1, 2).replace("第2题", "第二题") + make_bank(4).partition("items:")[2]
    done = publish_test_bank(sessions, statutes, now + LATER, text)
    assert (done.new, done.changed, done.same) == (("tst-004",), ("tst-002",), ("tst-001",))
    assert count(sessions, ItemVersion) == 5


def test_reading_gives_the_newest_version_and_keeps_the_old(
    sessions: Sessions, statutes: Statutes, now: dt.datetime
) -> None:
    publish_test_bank(sessions, statutes, now)
    publish_test_bank(sessions, statutes, now, make_bank(1, explanation="后来改的。"))
    with sessions() as session:
        found = current_items(session, ["tst-003", "tst-001", "nothing-1"])
        assert list(found) == ["tst-003", "tst-001"]
        row, version, question = found["tst-001"]
        assert (version, question.explanation) == (2, "后来改的。")
        assert isinstance(question, Question)
        assert item_version(session, "tst-001", 2) == (row, question)
        old = item_version(session, "tst-001", 1)
        assert old is not None
        assert old[0] != row
        assert old[1].explanation == "法律禁止。"
        assert item_version(session, "tst-001", 3) is None
        assert current_items(session, []) == {}
        assert [v for _, v, _ in bank_items(session, "test-bank").values()] == [2, 1, 1]
        assert bank_items(session, "other") == {}


def test_a_faulty_bank_writes_nothing(
    sessions: Sessions, statutes: Statutes, now: dt.datetime
) -> None:
    text = make_bank(1, 2, 3).replace("#287之2", "#999", 1).replace("answer: 错", "answer: x", 1)
    with pytest.raises(FileFaults):
        publish_test_bank(sessions, statutes, now, text)
    assert count(sessions, ItemVersion) == 0


def test_an_item_of_another_bank_is_not_taken_over(
    sessions: Sessions, statutes: Statutes, now: dt.datetime
) -> None:
    publish_test_bank(sessions, statutes, now)
    with pytest.raises(FileFaults, match="tst-003：这个编号已经在题库 test-bank 里用了"):
        publish_test_bank(sessions, statutes, now, make_bank(3, 4, slug="other-bank"))
    assert count(sessions, ItemVersion) == 3


def test_two_who_publish_at_once_make_no_version_twice(
    sessions: Sessions, statutes: Statutes, now: dt.datetime
) -> None:
    statutes.law("反电信网络诈骗法"), statutes.law("刑法")
    publish_test_bank(sessions, statutes, now)
    text = make_bank(1, 2, 3, explanation="改过。")

    def go(_n: int) -> str:
        try:
            publish_test_bank(sessions, statutes, now, text)
        except Conflict as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(go, range(4)))
    assert "done" in outcomes
    assert set(outcomes) <= {"done", "published_meanwhile"}
    assert count(sessions, ItemVersion) == 6


# ---- courses ------------------------------------------------------------------------------------


def test_a_course_is_stored_and_its_pages_are_written(publish: Publisher) -> None:
    done = publish(a=make_lesson("甲课"), b=make_lesson("乙课", (3, 2, 1)))
    assert done == Published("test-course", new=("a", "b"))
    with publish.sessions() as session:
        (course,) = courses(session)
        assert (course.slug, course.law) == ("test-course", "反电信网络诈骗法")
        assert [(row.lesson, row.title, row.position) for row in course.lessons] == [
            ("a", "甲课", 1),
            ("b", "乙课", 2),
        ]
        found = lesson(session, "test-course", "b")
        assert found == course.lessons[1]
        assert found.cards == ("tst-003", "tst-002", "tst-001")
        row = session.scalars(select(LessonVersion)).first()
        assert row is not None
        assert (row.reviewer, row.published_at) == ("审核人甲", publish.now)
        assert (publish.pages / "test-course" / "a.ipynb").read_text("utf-8") == row.notebook
    page = json.loads((publish.pages / "test-course" / "b.ipynb").read_text("utf-8"))
    assert page["metadata"]["lawlab"] == {"page": "once", "title": "乙课"}


def test_only_a_changed_lesson_gets_a_new_version_and_a_new_page(publish: Publisher) -> None:
    publish(a=make_lesson("甲课"), b=make_lesson("乙课"))
    page = publish.pages / "test-course" / "b.ipynb"
    before = page.stat()
    done = publish(a=make_lesson("甲课改"), b=make_lesson("乙课").replace("{", "{ ", 1))
    assert (done.changed, done.same) == (("a",), ("b",))
    assert (page.stat().st_ino, page.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    with publish.sessions() as session:
        assert [row.version for row in courses(session)[0].lessons] == [2, 1]
        assert lesson(session, "test-course", "a").title == "甲课改"


def test_a_lesson_taken_out_is_not_shown_but_stays_known(publish: Publisher) -> None:
    publish(a=make_lesson("甲课"), b=make_lesson("乙课"))
    publish(b=make_lesson("乙课"))
    with publish.sessions() as session:
        assert [(r.lesson, r.position) for r in courses(session)[0].lessons] == [("b", 1)]
        assert lesson(session, "test-course", "a").title == "甲课"
    assert [path.name for path in publish.pages.glob("*/*")] == ["b.ipynb"]


def test_courses_without_a_position_come_by_their_slugs(publish: Publisher) -> None:
    publish("z-course", a=make_lesson())
    publish("a-course", a=make_lesson())
    publish("z-course", a=make_lesson("改"))
    with publish.sessions() as session:
        assert [course.slug for course in courses(session)] == ["a-course", "z-course"]


@pytest.mark.parametrize("stem", ["nothing", "a' or 1=1"])
def test_an_unknown_lesson_is_not_found(publish: Publisher, stem: str) -> None:
    publish(a=make_lesson())
    with publish.sessions() as session, pytest.raises(NotFound) as caught:
        lesson(session, "test-course", stem)
    assert caught.value.code == "no_lesson"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (make_lesson(cards=(1, 2, 9)), "a.ipynb：题库里没有题目 tst-009。"),
        (make_lesson().replace("begin", "exec"), "a.ipynb：第 3 格（c1）：没有 lesson.exec"),
        (make_lesson().replace(", 31)", ", 131)"), "反电信网络诈骗法共 50 条，没有第 131 条"),
    ],
)
def test_a_faulty_course_writes_nothing(publish: Publisher, text: str, fault: str) -> None:
    with pytest.raises(FileFaults, match=r"没有保存任何内容") as caught:
        publish(a=text, b=make_lesson())
    assert any(fault in found for found in caught.value.faults), caught.value.faults
    assert count(publish.sessions, Course) == count(publish.sessions, LessonVersion) == 0
    assert not publish.pages.exists()


@pytest.mark.parametrize("reviewer", ["", "  ", "名" * 41])
def test_nothing_is_published_without_a_reviewer(publish: Publisher, reviewer: str) -> None:
    folder = write_course(publish.root, a=make_lesson())
    with publish.sessions() as session, pytest.raises(LawlabError) as caught:
        publish_course(session, folder, publish.statutes, reviewer, publish.pages, publish.now)
    assert caught.value.code == "no_reviewer"


# ---- pages and seed -----------------------------------------------------------------------------


def test_the_folder_of_pages_is_made_again_from_the_database_alone(publish: Publisher) -> None:
    publish(a=make_lesson("甲课"), b=make_lesson("乙课"))
    page = publish.pages / "test-course" / "a.ipynb"
    published = page.read_bytes()
    page.write_text("{}", "utf-8")
    (publish.pages / "test-course" / "b.ipynb").unlink()
    (publish.pages / "test-course" / "c.ipynb").write_text("{}", "utf-8")
    with publish.sessions() as session:
        assert write_pages(session, publish.pages) == 2
        assert write_pages(session, publish.pages) == 0
    assert page.read_bytes() == published
    assert sorted(path.name for path in publish.pages.glob("*/*")) == ["a.ipynb", "b.ipynb"]


def test_pages_written_at_once_are_whole(publish: Publisher) -> None:
    publish(a=make_lesson("甲课"))
    page = publish.pages / "test-course" / "a.ipynb"

    def restore(_n: int) -> None:
        page.unlink(missing_ok=True)
        with publish.sessions() as session:
            write_pages(session, publish.pages)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(restore, range(8)))
    with publish.sessions() as session:
        write_pages(session, publish.pages)
    assert json.loads(page.read_text("utf-8"))["metadata"]["lawlab"]["title"] == "甲课"
    assert [path.name for path in page.parent.iterdir()] == ["a.ipynb"]


def write_repository(root: Path, explanation: str = "法律禁止。") -> Path:
    banks = root / "assessments" / "banks"
    banks.mkdir(parents=True, exist_ok=True)
    (banks / "test.yaml").write_text(make_bank(1, 2, 3, explanation=explanation), "utf-8")
    write_course(root, a=make_lesson("甲课"))
    return root


def test_seeding_again_changes_nothing(
    sessions: Sessions, statutes: Statutes, tmp_path: Path, now: dt.datetime
) -> None:
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    write_repository(tmp_path)
    with sessions() as session:
        first = seed(session, tmp_path, settings, now, statutes)
        again = seed(session, tmp_path, settings, now + LATER, statutes)
    assert [done.name for done in first] == ["test-bank", "test-course"]
    assert [done.new + done.changed for done in again] == [(), ()]
    assert (settings.pages / "test-course" / "a.ipynb").exists()


def test_what_came_with_the_program_says_so_in_its_history(
    sessions: Sessions, statutes: Statutes, tmp_path: Path, now: dt.datetime
) -> None:
    write_repository(tmp_path)
    with sessions() as session:
        seed(session, tmp_path, Settings(data=tmp_path), now, statutes)
    with sessions() as session:
        assert set(session.scalars(select(ItemVersion.reviewer))) == {"随程序附带"}
        rows = session.scalars(select(Publication).where(Publication.kind == "item"))
        assert [(row.name, row.version, row.by, row.reviewer) for row in rows] == [
            (f"tst-00{n}", 1, "随程序附带", "随程序附带") for n in (1, 2, 3)
        ]


def test_seeding_never_brings_back_what_a_trainer_replaced(
    sessions: Sessions, statutes: Statutes, tmp_path: Path, now: dt.datetime
) -> None:
    settings = Settings(data=tmp_path)
    write_repository(tmp_path)
    with sessions() as session:
        seed(session, tmp_path, settings, now, statutes)
        publish_bank(session, make_bank(1, explanation="教员改的。"), statutes, now)
        seed(session, tmp_path, settings, now, statutes)
        assert current_items(session, ["tst-001"])["tst-001"][2].explanation == "教员改的。"
        write_repository(tmp_path, explanation="新版程序带来的。")
        seed(session, tmp_path, settings, now, statutes)
        assert current_items(session, ["tst-001"])["tst-001"][1] == 3


def test_a_faulty_repository_seeds_nothing(
    sessions: Sessions, statutes: Statutes, tmp_path: Path, now: dt.datetime
) -> None:
    write_repository(tmp_path)
    write_course(tmp_path, a=make_lesson(cards=(1, 2, 9)))
    with sessions() as session, pytest.raises(FileFaults):
        seed(session, tmp_path, Settings(data=tmp_path), now, statutes)
    assert count(sessions, ItemVersion) == 0


# ---- cost ---------------------------------------------------------------------------------------


def test_each_read_is_one_query(publish: Publisher) -> None:
    publish(a=make_lesson("甲课"), b=make_lesson("乙课"))
    asked: list[str] = []
    with publish.sessions() as session:
        engine = session.get_bind()

        def note(*details: Any) -> None:
            if details[2] != "BEGIN":
                asked.append(details[2])

        event.listen(engine, "before_cursor_execute", note)
        try:
            for read in (
                lambda: current_items(session, ["tst-001", "tst-002", "tst-003"]),
                lambda: item_version(session, "tst-001", 1),
                lambda: courses(session),
                lambda: lesson(session, "test-course", "a"),
            ):
                asked.clear()
                read()
                assert len(asked) == 1
        finally:
            event.remove(engine, "before_cursor_execute", note)
