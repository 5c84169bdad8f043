"""From a draft to what learners see, withdrawing and bringing back; points stay right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from lawlab.errors import Conflict, LawlabError, NotFound
from lawlab.services.content import publish_course, seed
from lawlab.services.desk_overview import overview
from lawlab.services.home import home
from lawlab.services.lesson_desk import course_detail, lesson_detail
from lawlab.services.lesson_drafts import begin_course
from lawlab.services.lesson_publishing import (
    Chosen,
    LessonFaults,
    restore_lesson,
    withdraw_lesson,
)
from lawlab.services.lessons import lesson_state
from lawlab.services.scoring import recompute_lesson_scores
from lawlab.services.search import refresh_index, search
from lawlab.store.content import courses
from lawlab.store.tables import Course, ItemDraft, LessonVersion, Publication, Score

if TYPE_CHECKING:
    from conftest import Desk

FIRST, SECOND, BRIDGES = "01_first", "02_second", "某镇爱护桥梁条例"


@pytest.fixture
def begun(desk: Desk) -> Desk:
    with desk.sessions() as session:
        begin_course(session, desk.files, "bridges")
    return desk


def edit(desk: Desk, stem: str, before: str, after: str) -> None:
    path = desk.folder / f"{stem}.ipynb"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def course(desk: Desk) -> dict[str, Any]:
    with desk.sessions() as session:
        return course_detail(session, desk.files, "bridges", desk.statutes, desk.now)


def detail(desk: Desk, stem: str) -> dict[str, Any]:
    with desk.sessions() as session:
        return lesson_detail(session, desk.files, "bridges", stem, desk.statutes, desk.now)


def shown(desk: Desk) -> list[str]:
    with desk.sessions() as session:
        return [row.lesson for shelf in courses(session) for row in shelf.lessons]


def assert_scores(desk: Desk) -> None:
    with desk.sessions() as session:
        stored = {
            (score.person_id, score.source): score.points
            for score in session.scalars(select(Score))
        }
        assert stored == recompute_lesson_scores(session)


# ---- publishing ---------------------------------------------------------------------------------


def test_only_what_was_chosen_and_changed_becomes_a_version(begun: Desk) -> None:
    edit(begun, FIRST, "桥是大家的。", "桥是大家的，都要爱护。")
    edit(begun, SECOND, "桥是大家的。", "桥归镇里。")
    done = begun.publish(FIRST, reviewer=" 审核人乙 ", note="多写一句")
    assert (done.new, done.changed, done.same) == ((), (FIRST,), ())
    with begun.sessions() as session:
        rows = {
            (row.lesson, row.version): row.reviewer
            for row in session.scalars(select(LessonVersion))
        }
    assert rows == {(FIRST, 1): "审核人甲", (SECOND, 1): "审核人甲", (FIRST, 2): "审核人乙"}
    page = begun.settings.pages / "bridges" / f"{FIRST}.ipynb"
    assert "都要爱护" in page.read_text("utf-8")
    history = detail(begun, FIRST)["history"]
    assert [(e["version"], e["by"], e["reviewer"], e["note"]) for e in history] == [
        (2, "t01", "审核人乙", "多写一句"),
        (1, "命令行", "审核人甲", ""),
    ]
    with pytest.raises(Conflict) as nothing:
        begun.publish(FIRST)
    assert nothing.value.code == "nothing_changed"


def test_a_fault_keeps_everything_back_and_is_said_by_lesson_and_cell(begun: Desk) -> None:
    edit(begun, FIRST, "桥是大家的。", "桥是大家的,都要爱护。")
    edit(begun, SECOND, "桥是大家的。", "桥归镇里。")
    with pytest.raises(LessonFaults) as refused:
        begun.publish(FIRST, SECOND)
    assert list(refused.value.facts["lessons"]) == [FIRST]  # type: ignore[call-overload]
    assert "01_first，第 1 格" in refused.value.sentence
    assert detail(begun, SECOND)["version"] == 1
    for reviewer in ("", " ", "审" * 41):
        with pytest.raises(LawlabError) as nobody:
            begun.publish(SECOND, reviewer=reviewer)
        assert nobody.value.code == "no_reviewer"


def test_a_card_that_is_only_drafted_has_to_be_published_first(begun: Desk) -> None:
    with begun.sessions() as session:
        draft = ItemDraft(
            item="brg-100",
            bank="bridges",
            body={},
            revision=1,
            author="t01",
            changed_at=begun.now,
        )
        session.add(draft)
        session.commit()
    edit(begun, FIRST, "brg-003", "brg-100")
    (fault,) = course(begun)["lessons"][0]["faults"]
    assert "题目 brg-100 还是草稿" in fault["text"]
    assert fault["cell"] > 1


def test_nobody_publishes_what_he_did_not_see(begun: Desk) -> None:
    edit(begun, FIRST, "桥是大家的。", "桥是大家的，都要爱护。")
    line = course(begun)["lessons"][0]
    seen = Chosen(FIRST, line["draft"]["stamp"], line["version"])
    edit(begun, FIRST, "都要爱护", "都要看护")
    with pytest.raises(Conflict, match="刚刚又保存过"):
        begun.publish(seen)
    line = course(begun)["lessons"][0]
    with pytest.raises(Conflict, match="由别人发布了第 1 版"):
        begun.publish(Chosen(FIRST, line["draft"]["stamp"], 0))
    with pytest.raises(Conflict, match="没有草稿"):
        begun.publish(Chosen("99_none"))
    with pytest.raises(Conflict, match="课程说明刚刚又改过"):
        begun.publish(Chosen(FIRST, line["draft"]["stamp"], 1), about="older")
    assert begun.publish(Chosen(FIRST, line["draft"]["stamp"], 1)).changed == (FIRST,)


def test_a_lesson_that_is_not_chosen_or_not_in_the_folder_stays(begun: Desk) -> None:
    (begun.folder / f"{SECOND}.ipynb").unlink()
    notebook = json.loads((begun.folder / f"{FIRST}.ipynb").read_text("utf-8"))
    third = json.loads(json.dumps(notebook).replace("brg-00", "brg-10"))
    begun.write("03_third", third)
    edit(begun, FIRST, "桥是大家的。", "桥归镇里。")
    about = (begun.folder / "course.toml").read_text("utf-8")
    (begun.folder / "course.toml").write_text(
        about.replace(f'"{FIRST}",\n  "{SECOND}"', f'"{FIRST}",\n  "03_third"'), "utf-8"
    )
    begun.publish(FIRST)
    assert shown(begun) == [FIRST, SECOND]


def test_a_new_lesson_takes_its_place_and_an_unlisted_one_is_refused(begun: Desk) -> None:
    text = (begun.folder / f"{SECOND}.ipynb").read_text("utf-8").replace("第二课", "新的课")
    begun.write("00_new", json.loads(text))
    with pytest.raises(LessonFaults, match="一门课里只能用一次"):
        begun.publish("00_new")
    for old, new in (("brg-004", "brg-007"), ("brg-005", "brg-008"), ("brg-006", "brg-009")):
        edit(begun, "00_new", old, new)
    with pytest.raises(LessonFaults, match="还没有列入课程"):
        begun.publish("00_new")
    about = (begun.folder / "course.toml").read_text("utf-8")
    listed = about.replace(f'  "{FIRST}"', f'  "00_new",\n  "{FIRST}"')
    (begun.folder / "course.toml").write_text(listed, "utf-8")
    assert begun.publish("00_new").new == ("00_new",)
    assert shown(begun) == ["00_new", FIRST, SECOND]


def test_a_course_may_only_change_what_it_says_of_itself(begun: Desk) -> None:
    about = (begun.folder / "course.toml").read_text("utf-8")
    text = about.replace('爱护桥梁"', '爱护桥和路"', 1).replace("2022-12-01", "2022-12-04")
    (begun.folder / "course.toml").write_text(text, "utf-8")
    assert course(begun)["about_changed"]
    done = begun.publish()
    assert done == type(done)("bridges")
    with begun.sessions() as session:
        row = session.get_one(Course, "bridges")
        assert (row.title, row.about["checked"]) == ("爱护桥和路", "2022-12-04")
    assert not course(begun)["about_changed"]


def test_points_follow_when_a_new_version_has_other_cards(begun: Desk) -> None:
    for card in (1, 2, 3):
        begun.answer(card)
    begun.answer(1, "对", "s002")
    edit(begun, FIRST, "brg-003", "brg-007")
    begun.publish(FIRST)
    assert_scores(begun)
    with begun.sessions() as session:
        (mine,) = session.scalars(
            select(Score).where(Score.person_id == begun.caller().person_id)
        ).all()
        assert (mine.answered, mine.completed) == (2, False)


def test_a_corrected_picture_is_a_change_and_is_published(begun: Desk) -> None:
    def draw(words: str) -> bytes:
        text = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{words}</text></svg>'
        (begun.folder / "media" / "map.svg").write_text(text, "utf-8")
        return text.encode()

    def relations() -> list[str]:
        return [line["draft"]["relation"] for line in course(begun)["lessons"]]

    (begun.folder / "media").mkdir()
    draw("桥")
    edit(begun, FIRST, "桥是大家的。", "桥是大家的。\\n\\n![桥在哪里](media/map.svg)")
    assert begun.publish(FIRST).changed == (FIRST,)
    assert relations() == ["same", "same"]
    right = draw("木桥")
    assert relations() == ["changed", "same"]
    assert begun.publish(FIRST, SECOND).changed == (FIRST,)
    assert (begun.settings.pages / "bridges" / "media" / "map.svg").read_bytes() == right
    assert relations() == ["same", "same"]
    with begun.sessions() as session:
        last = session.scalars(select(Publication).order_by(Publication.id.desc())).first()
        assert last
        assert (last.kind, last.name, last.by, last.reviewer) == (
            "course",
            "bridges",
            "t01",
            "审核人甲",
        )
    with pytest.raises(Conflict, match="和已发布的一样"):
        begun.publish(FIRST)


# ---- withdrawing --------------------------------------------------------------------------------


def withdraw(desk: Desk, reason: str = "第二条要重写", stem: str = FIRST) -> None:
    with desk.sessions() as session:
        pages = desk.settings.pages
        withdraw_lesson(session, "bridges", stem, reason, pages, desk.now, by="t01")


def restore(desk: Desk, stem: str = FIRST) -> None:
    with desk.sessions() as session:
        restore_lesson(session, "bridges", stem, desk.settings.pages, desk.now, by="t01")


def test_a_withdrawn_lesson_is_nowhere_and_takes_no_points(begun: Desk) -> None:
    for card in (1, 2, 3):
        begun.answer(card)
    caller = begun.caller()
    with begun.sessions() as session:
        before = home(session, caller, begun.now)
        refresh_index(session, begun.statutes, begun.now)
    withdraw(begun)
    assert shown(begun) == [SECOND]
    assert not (begun.settings.pages / "bridges" / f"{FIRST}.ipynb").exists()
    with begun.sessions() as session:
        after = home(session, caller, begun.now)
        assert after["points"] == before["points"] > 0
        refresh_index(session, begun.statutes, begun.now)
        found = search(session, caller, "第一课", (), begun.now)
        assert [hit.ref for hit in found.hits if hit.kind == "lesson"] == []
        with pytest.raises(NotFound) as gone:
            lesson_state(session, caller, "bridges", FIRST, begun.now)
        assert gone.value.code == "lesson_withdrawn"
        with pytest.raises(NotFound):
            lesson_state(session, caller, "bridges", "none", begun.now)
        assert lesson_state(session, caller, "bridges", SECOND, begun.now).next is None
    # An answer that was on its way is kept.
    begun.answer(1, login="s002")
    assert_scores(begun)
    line = course(begun)["lessons"][0]
    assert (line["state"], line["reason"]) == ("withdrawn", "第二条要重写")
    restore(begun)
    assert shown(begun) == [FIRST, SECOND]
    assert (begun.settings.pages / "bridges" / f"{FIRST}.ipynb").exists()
    assert_scores(begun)
    actions = [event["action"] for event in detail(begun, FIRST)["history"]]
    assert actions == ["恢复", "撤下", "发布"]


def test_withdrawing_needs_a_reason_and_happens_once(begun: Desk) -> None:
    for reason in ("", "  ", "长" * 401):
        with pytest.raises(LawlabError) as refused:
            withdraw(begun, reason)
        assert refused.value.code == "no_reason"
    with pytest.raises(NotFound):
        withdraw(begun, stem="99_none")
    with pytest.raises(Conflict):
        restore(begun)
    withdraw(begun)
    with pytest.raises(Conflict):
        withdraw(begun)


def test_publishing_a_withdrawn_lesson_anew_brings_it_back(begun: Desk) -> None:
    withdraw(begun)
    with begun.sessions() as session:
        folder = begun.folder
        publish_course(session, folder, begun.statutes, "审核人甲", begun.settings.pages, begun.now)
    assert shown(begun) == [SECOND]
    edit(begun, FIRST, "桥是大家的。", "桥归镇里。")
    begun.publish(FIRST)
    assert shown(begun) == [FIRST, SECOND]


# ---- after the commit ---------------------------------------------------------------------------


def test_a_sibling_that_cannot_be_read_does_not_fail_a_publication(begun: Desk) -> None:
    edit(begun, FIRST, "桥是大家的。", "桥归镇里。")
    (begun.folder / f"{SECOND}.ipynb").write_bytes(b" " * 1_000_001)
    assert begun.publish(FIRST).changed == (FIRST,)
    assert begun.files.bases("bridges") == {FIRST: 2, SECOND: 1}


def test_a_page_that_cannot_be_written_fails_nothing_and_a_repeat_writes_it(begun: Desk) -> None:
    pages = begun.settings.pages
    page, lock = pages / "bridges" / f"{FIRST}.ipynb", pages / ".lock"
    edit(begun, FIRST, "桥是大家的。", "桥归镇里。")

    def without_pages(step: Callable[[], object]) -> None:
        lock.unlink()
        lock.mkdir()
        step()
        lock.rmdir()

    without_pages(lambda: begun.publish(FIRST))
    assert "桥归镇里" not in page.read_text("utf-8")
    with pytest.raises(Conflict, match="和已发布的一样"):
        begun.publish(FIRST)
    assert "桥归镇里" in page.read_text("utf-8")
    for step, there in ((withdraw, False), (restore, True)):
        without_pages(lambda step=step: step(begun))  # type: ignore[misc]
        assert page.exists() is not there
        with pytest.raises(Conflict):
            step(begun)
        assert page.exists() is there


# ---- seeds, the desk ----------------------------------------------------------------------------


def test_an_upgrade_leaves_the_towns_course_and_adds_new_lessons(
    begun: Desk, tmp_path: Path
) -> None:
    about = (begun.folder / "course.toml").read_text("utf-8")
    (begun.folder / "course.toml").write_text(about.replace('"爱护桥梁"', '"本镇的桥"'), "utf-8")
    edit(begun, FIRST, "桥是大家的。", "桥归本镇。")
    begun.publish(FIRST)
    release = tmp_path / "release"
    shipped = release / "courses" / "bridges"
    shipped.mkdir(parents=True)
    (release / "assessments" / "banks").mkdir(parents=True)
    third = begun.folder / f"{SECOND}.ipynb"
    text = third.read_text("utf-8").replace("brg-004", "brg-007").replace("brg-005", "brg-008")
    old = tmp_path / "shipped" / "bridges"
    for path in old.glob("*.ipynb"):
        (shipped / path.name).write_bytes(path.read_bytes())
    (shipped / "015_new.ipynb").write_text(text.replace("brg-006", "brg-003"), "utf-8")
    order = f'["{FIRST}", "015_new", "{SECOND}"]'
    toml = (old / "course.toml").read_text("utf-8")
    (shipped / "course.toml").write_text(toml.replace(f'["{FIRST}", "{SECOND}"]', order), "utf-8")
    with begun.sessions() as session:
        seed(session, release, begun.settings, begun.now, begun.statutes)
        row = session.get_one(Course, "bridges")
        assert (row.title, row.about["order"]) == ("本镇的桥", [FIRST, "015_new", SECOND])
    page = (begun.settings.pages / "bridges" / f"{FIRST}.ipynb").read_text("utf-8")
    assert "桥归本镇" in page


def test_the_overview_says_what_waits(begun: Desk) -> None:
    edit(begun, FIRST, "桥是大家的。", "桥归镇里。")
    begun.write("03_third", json.loads((begun.folder / f"{FIRST}.ipynb").read_text("utf-8")))
    with begun.sessions() as session:
        found = overview(session, begun.files, begun.statutes, begun.now)
        (line,) = found["courses"]
        assert (line["changed"], line["new"], line["lessons"]) == (1, 1, 2)
        assert (found["unconfirmed"], found["old_courses"], found["awaited"]) == (2, [], [])
    begun.pass_(days=400)
    with begun.sessions() as session:
        row = session.get_one(Course, "bridges")
        row.about = row.about | {"awaits": ["某省桥梁条例"]}
        session.commit()
        found = overview(session, begun.files, begun.statutes, begun.now)
    assert [old["slug"] for old in found["old_courses"]] == ["bridges"]
    assert found["awaited"] == ["某省桥梁条例"]


def test_a_diff_marks_words_and_names_cards_that_came_and_went(begun: Desk) -> None:
    edit(begun, FIRST, "桥是大家的。", "桥是大家的，都要爱护。")
    edit(begun, FIRST, "brg-003", "brg-007")
    changes = [c for c in detail(begun, FIRST)["changes"] if c["state"] != "same"]
    assert [(c["state"], c["kind"]) for c in changes] == [
        ("changed", "课文"),
        ("added", "练习题"),
        ("removed", "练习题"),
    ]
    assert ("new", "，都要爱护") in [tuple(piece) for piece in changes[0]["pieces"]]
    assert changes[1]["about"].startswith("第7座木桥")


def test_publications_are_written_for_lessons_and_the_course(desk: Desk) -> None:
    with desk.sessions() as session:
        rows = session.scalars(select(Publication).order_by(Publication.id)).all()
        kinds = [(row.kind, row.name, row.by) for row in rows if row.kind != "item"]
    assert kinds == [
        ("course", "bridges", "命令行"),
        ("lesson", f"bridges/{FIRST}", "命令行"),
        ("lesson", f"bridges/{SECOND}", "命令行"),
    ]
