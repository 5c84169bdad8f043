"""Banks and courses looked at together: what no single file shows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.orm import Session, sessionmaker

from lawlab.domain.question import Question, QuestionType
from lawlab.errors import FileFaults
from lawlab.services.content import publish_bank
from lawlab.services.content_state import set_state
from lawlab.services.inspection import (
    Beside,
    InspectedBank,
    InspectedCourse,
    beside_in,
    inspect_banks,
    inspect_courses,
    published_questions,
)
from lawlab.store.statutes import Statutes

MakeStatutes = Callable[..., Statutes]
TODAY = dt.date(2026, 11, 24)
LAW = "某镇爱护桥梁条例"
TEXTS = {
    1: "为了爱护桥梁，方便行人和车辆通行，制定本条例。",
    2: "任何单位和个人不得在桥上堆放柴草、晾晒粮食。",
    3: "违反本条例的，由镇人民政府责令三日内改正。",
}


@pytest.fixture
def statutes(make_statutes: MakeStatutes) -> Statutes:
    return make_statutes({LAW: TEXTS})


def make_item(name: str, **changes: Any) -> dict[str, Any]:
    item = {
        "id": name,
        "type": "judge",
        "stem": f"{name}：桥上可以随便堆放柴草，也可以晒粮食。",
        "answer": "错",
        "explanation": "第二条不准这样做。",
        "articles": [f"{LAW}#2"],
        "evidence": "不得在桥上堆放柴草",
        "difficulty": 1,
    }
    return item | changes


OTHER = {"stem": "镇人民政府发现有人违反条例，可以责令他在几天里改过来。", "answer": "对"}


def write_bank(folder: Path, slug: str, *items: dict[str, Any], **head: Any) -> Path:
    file = folder / f"{slug}.yaml"
    data = {"bank": slug, "law": LAW, **head, "items": list(items)}
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
    return file


def faults_of(found: list[InspectedBank]) -> list[tuple[str, ...]]:
    return [one.faults for one in found]


def test_right_banks_have_no_fault(tmp_path: Path, statutes: Statutes) -> None:
    files = [
        write_bank(tmp_path, "one", make_item("one-1")),
        write_bank(tmp_path, "two", make_item("two-1", **OTHER)),
    ]
    found = inspect_banks(files, statutes, TODAY)
    assert faults_of(found) == [(), ()]
    found[0].raise_faults()


def test_a_question_that_another_file_has_is_named_with_both(
    tmp_path: Path, statutes: Statutes
) -> None:
    files = [
        write_bank(tmp_path, "one", make_item("one-1")),
        write_bank(tmp_path, "two", make_item("two-1", **OTHER), make_item("two-2")),
    ]
    one, two = inspect_banks(files, statutes, TODAY)
    assert one.faults == ()
    (fault,) = two.faults
    assert fault.startswith("two-2：和 one.yaml 的 one-1 问得几乎一样（")
    with pytest.raises(FileFaults, match=r"two\.yaml 有 1 处问题"):
        two.raise_faults()


def test_a_question_that_is_twice_in_a_file_is_named(tmp_path: Path, statutes: Statutes) -> None:
    file = write_bank(tmp_path, "one", make_item("one-1"), make_item("one-2"))
    ((fault,),) = faults_of(inspect_banks([file], statutes, TODAY))
    assert fault.startswith("one-2：和 one-1 问得几乎一样")


def test_an_id_of_another_bank_is_named(tmp_path: Path, statutes: Statutes) -> None:
    files = [
        write_bank(tmp_path, "one", make_item("one-1")),
        write_bank(tmp_path, "two", make_item("one-1", **OTHER)),
    ]
    assert faults_of(inspect_banks(files, statutes, TODAY)) == [
        (),
        ("one-1：这个编号在 one.yaml 里已经用了。",),
    ]


def test_questions_beside_are_compared_and_not_blamed(tmp_path: Path, statutes: Statutes) -> None:
    repository = tmp_path / "repository"
    (repository / "assessments" / "banks").mkdir(parents=True)
    write_bank(repository / "assessments" / "banks", "old", make_item("old-1"), make_item("old-2"))
    file = write_bank(tmp_path, "new", make_item("new-1"))
    ((*faults,),) = faults_of(inspect_banks([file], statutes, TODAY, beside_in(repository, [file])))
    assert len(faults) == 2
    assert all(fault.startswith("new-1：和 old.yaml 的 old-") for fault in faults)


def test_a_draft_of_a_bank_takes_the_place_of_that_bank(tmp_path: Path, statutes: Statutes) -> None:
    old = Question(
        id="one-9",
        type=QuestionType.JUDGE,
        stem=make_item("one-1")["stem"],
        options={},
        answer="错",
        explanation="",
        articles=(),
        evidence="",
        difficulty=1,
    )
    file = write_bank(tmp_path, "one", make_item("one-1"))
    beside = [Beside(old, "one", "已发布的题库 one")]
    assert faults_of(inspect_banks([file], statutes, TODAY, beside)) == [()]


def test_a_bank_that_gives_its_answers_away_is_told(tmp_path: Path, statutes: Statutes) -> None:
    stems = "赶场天的桥上能不能晒粮食堆柴草停牛马摆摊点生火做饭洗衣钓鱼打牌"
    items = [
        make_item(f"one-{n}", stem=f"{stems[n : n + 3]}{chr(0x6000 + n * 9) * 9}。", answer="对")
        for n in range(12)
    ]
    ((fault,),) = faults_of(inspect_banks([write_bank(tmp_path, "one", *items)], statutes, TODAY))
    assert "12 道判断题里有 12 道的答案是“对”" in fault


def test_all_faults_of_all_files_come_together(tmp_path: Path, statutes: Statutes) -> None:
    files = [
        write_bank(
            tmp_path,
            "one",
            make_item("one-1", evidence="不得在桥上钓鱼"),
            make_item("one-2", answer="是"),
        ),
        tmp_path / "none.yaml",
        write_bank(
            tmp_path, "two", make_item("two-1", articles=[f"{LAW}#9"], stem="桥上不能晒谷?")
        ),
    ]
    one, none, two = faults_of(inspect_banks(files, statutes, TODAY))
    assert [fault.partition("：")[0] for fault in one] == ["one-2", "one-1"]
    assert none == ("没有 none.yaml。",)
    assert len(two) == 2


def test_a_copy_from_a_law_that_another_question_cites_is_found(
    tmp_path: Path, make_statutes: MakeStatutes
) -> None:
    other = "赶场天在街上牵牛马的，应当走边道，看管好牲口，不让它踢人。"
    statutes = make_statutes({LAW: TEXTS, "某镇牵牛马规定": {1: other}})
    items = [
        make_item("one-1", explanation=f"别处说：{other}"),
        make_item("one-2", articles=["某镇牵牛马规定#1"], evidence="应当走边道看管好", **OTHER),
    ]
    items[1]["stem"] = "牵牛牵马上街的人，要走边上，管好牲口。"
    ((fault,),) = faults_of(inspect_banks([write_bank(tmp_path, "x", *items)], statutes, TODAY))
    assert fault.startswith("one-1：“赶场天在街上牵牛马的")


def test_an_awaited_law_is_told_and_is_no_fault(
    tmp_path: Path, make_statutes: MakeStatutes
) -> None:
    file = write_bank(tmp_path, "one", make_item("one-1"), awaits=[LAW])
    (found,) = inspect_banks([file], make_statutes({"别的条例": {1: "别的。"}}), TODAY)
    assert (found.faults, found.waiting) == ((), (LAW,))
    (found,) = inspect_banks([file], make_statutes({LAW: {2: "别的文字。"}}), TODAY)
    assert found.waiting == ()
    assert "不在所引条文" in found.faults[0]


def test_published_questions_in_use_are_compared(
    sessions: sessionmaker[Session], tmp_path: Path, statutes: Statutes, now: dt.datetime
) -> None:
    now = now.replace(year=2026)
    file = write_bank(tmp_path, "one", make_item("one-1"), make_item("one-2", **OTHER))
    with sessions() as session:
        publish_bank(session, file, statutes, now)
        set_state(session, "item", "one-2", "withdrawn", "旧了", "t01", now)
        beside = published_questions(session)
    assert [(one.question.id, one.bank) for one in beside] == [("one-1", "one")]
    draft = write_bank(tmp_path, "two", make_item("two-1"))
    ((fault,),) = faults_of(inspect_banks([draft], statutes, TODAY, beside))
    assert "和 已发布的题库 one 的 one-1 问得几乎一样" in fault


# ---- courses ------------------------------------------------------------------------------------

CARDS = {f"tst-{n}" for n in range(1, 10)}


def write_course(folder: Path, head: str = "", **lessons: list[str]) -> Path:
    folder.mkdir()
    order = json.dumps(list(lessons))
    (folder / "course.toml").write_text(
        f'title = "爱护桥梁"\nlaw = "{LAW}"\norder = {order}\nsources = ["{LAW}"]\n'
        f'checked = {TODAY}\naudience = ["法律明白人"]\n{head}',
        "utf-8",
    )
    for stem, calls in lessons.items():
        (folder / f"{stem}.ipynb").write_text(json.dumps(make_notebook(calls)), "utf-8")
    return folder


def make_notebook(calls: list[str]) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "m1", "metadata": {}, "source": "# 桥\n\n桥是大家的。"}
    ]
    for n, source in enumerate(["from lawlab.ui import lesson", *calls], 2):
        cell = {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": source}
        cells.append(cell | {"outputs": [], "execution_count": None})
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def make_calls(first_card: int, *more: str) -> list[str]:
    cards = [f'lesson.check("tst-{first_card + n}")' for n in range(3)]
    return ["lesson.begin()", f'lesson.article("{LAW}", 2)', *cards, *more, "lesson.finish()"]


def inspect(statutes: Statutes, *folders: Path, on: dt.date = TODAY) -> list[InspectedCourse]:
    return inspect_courses(folders, statutes, on, CARDS)


def test_right_courses_run_and_have_no_fault(tmp_path: Path, statutes: Statutes) -> None:
    one = write_course(tmp_path / "one", a=make_calls(1), b=make_calls(4))
    two = write_course(tmp_path / "two", a=make_calls(1))
    found = inspect(statutes, one, two)
    assert [course.faults for course in found] == [(), ()]
    assert list(found[0].lessons) == ["a", "b"]


def test_a_notebook_with_an_error_is_a_fault_that_names_its_cell(
    tmp_path: Path, statutes: Statutes
) -> None:
    # Allowed by the rules of form, refused by the element that draws it.
    calls = make_calls(4, f'lesson.article("《{LAW}》", 2)')
    folder = write_course(tmp_path / "one", a=make_calls(1), b=calls)
    (found,) = inspect(statutes, folder)
    (fault,) = found.faults
    assert fault.startswith("b.ipynb：第 8 格（c8）：运行不了：LawlabError：lesson.article")


def test_what_the_rules_forbid_is_never_run(tmp_path: Path, statutes: Statutes) -> None:
    trace = tmp_path / "trace"
    calls = make_calls(1, f'open("{trace}", "w").close()')
    (found,) = inspect(statutes, write_course(tmp_path / "one", a=calls))
    assert found.faults == ("a.ipynb：第 8 格（c8）：一格只写一句 lesson.…() 调用。",)
    assert not trace.exists()


def test_a_card_is_used_once_in_a_course(tmp_path: Path, statutes: Statutes) -> None:
    folder = write_course(tmp_path / "one", a=make_calls(1), b=make_calls(3))
    (found,) = inspect(statutes, folder)
    assert found.faults == ("练习题 tst-3 在 a、b 里都用了，一门课里只能用一次。",)


def test_a_card_must_exist(tmp_path: Path, statutes: Statutes) -> None:
    (found,) = inspect(statutes, write_course(tmp_path / "one", a=make_calls(8)))
    assert found.faults == ("a.ipynb：题库里没有题目 tst-10。",)


def test_a_course_is_checked_again_after_a_year(tmp_path: Path, statutes: Statutes) -> None:
    folder = write_course(tmp_path / "one", a=make_calls(1))
    (found,) = inspect(statutes, folder, on=TODAY + dt.timedelta(days=366))
    (fault,) = found.faults
    assert fault.startswith("course.toml：checked 是 2026-11-24，已经过了一年")


def test_wording_is_checked_in_every_cell(tmp_path: Path, statutes: Statutes) -> None:
    copy = TEXTS[2].replace("、", "，")
    calls = make_calls(1, f'lesson.staff("{copy}")', 'lesson.steps("看一看,", "报告")')
    (found,) = inspect(statutes, write_course(tmp_path / "one", a=calls))
    assert len(found.faults) == 2
    assert "a.ipynb：第 9 格（c9）里的“看一看,”用了半角标点" in found.faults[0]
    assert (
        f"a.ipynb：第 8 格（c8）：“任何单位和个人不得在桥上堆放柴草晾晒粮食”有 20 个字和《{LAW}》"
        in found.faults[1]
    )


def test_a_copy_from_a_law_that_another_lesson_shows_is_found(
    tmp_path: Path, make_statutes: MakeStatutes
) -> None:
    other = "赶场天在街上牵牛马的，应当走边道，看管好牲口，不让它踢人。"
    statutes = make_statutes({LAW: TEXTS, "某镇牵牛马规定": {1: other}})
    one = make_calls(1, f'lesson.staff("{other}")')
    two = make_calls(4, 'lesson.article("某镇牵牛马规定", 1)')
    (found,) = inspect(statutes, write_course(tmp_path / "one", a=one, b=two))
    (fault,) = found.faults
    assert fault.startswith("a.ipynb：第 8 格（c8）：“赶场天在街上牵牛马的")


def test_a_course_on_an_awaited_law_is_told(tmp_path: Path, make_statutes: MakeStatutes) -> None:
    folder = write_course(tmp_path / "one", f'awaits = ["{LAW}"]\n', a=make_calls(1))
    (found,) = inspect(make_statutes({"别的条例": {1: "别的。"}}), folder)
    assert (found.faults, found.waiting) == ((), (LAW,))
    (found,) = inspect(make_statutes({LAW: {1: "只有一条。"}}), folder)
    assert found.waiting == ()
    assert f"引用的 {LAW}#2 不可用" in found.faults[0]


def test_a_course_that_cannot_be_read_has_faults_and_no_file(
    tmp_path: Path, statutes: Statutes
) -> None:
    folder = write_course(tmp_path / "one", a=make_calls(1))
    (folder / "course.toml").write_text("title = ", "utf-8")
    (folder / "a.ipynb").write_text("{", "utf-8")
    (found,) = inspect(statutes, folder)
    assert found.file is None
    assert {fault.partition("：")[0] for fault in found.faults} == {"course.toml", "a.ipynb"}
    with pytest.raises(FileFaults, match="courses/one 有"):
        found.raise_faults()
