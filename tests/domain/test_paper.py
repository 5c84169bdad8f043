"""Blueprints: every fault at once and in Chinese. Papers: the same seed draws the same."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.blueprint import Blueprint, Candidate
from lawlab.domain.blueprint_file import read_blueprint
from lawlab.domain.paper import draw
from lawlab.domain.question import Question, QuestionType, RubricPoint
from lawlab.errors import FileFaults

GOOD = """
title = "测验一"
bank = "atf"
minutes = 30
pass_mark = 60
seed = 2022
[[section]]
type = "single"
count = 10
points = 4
[[section]]
type = "judge"
count = 4
points = 5
[[section]]
type = "case"
count = 2
points = 20
"""


def make_candidate(type: str, n: int, *, rubric: float = 20, version: int = 1) -> Candidate:
    case = type in ("case", "short")
    return Candidate(
        Question(
            id=f"{type}-{n:03}",
            type=QuestionType(type),
            stem="题干",
            options={} if case or type == "judge" else {"A": "甲", "B": "乙"},
            answer={"judge": "对", "case": "答"}.get(type, "A"),
            explanation="",
            articles=(),
            evidence="",
            difficulty=1,
            rubric=(RubricPoint("要点", rubric),) if case else (),
        ),
        version,
    )


def make_bank(single: int = 12, judge: int = 6, case: int = 3) -> list[Candidate]:
    counts = {"single": single, "judge": judge, "case": case}
    return [make_candidate(type, n) for type, held in counts.items() for n in range(held)]


def read(text: str, bank: list[Candidate] | None = None, name: str = "quiz-1") -> Blueprint:
    held = make_bank() if bank is None else bank
    return read_blueprint("quiz-1.toml", name, tomllib.loads(text), lambda _: held)


def faults(text: str, bank: list[Candidate] | None = None, name: str = "quiz-1") -> list[str]:
    with pytest.raises(FileFaults) as caught:
        read(text, bank, name)
    return caught.value.faults


def test_a_good_blueprint_is_read() -> None:
    blueprint = read(GOOD)
    assert (blueprint.title, blueprint.minutes, blueprint.pass_mark) == ("测验一", 30, 60.0)
    assert [section.count for section in blueprint.sections] == [10, 4, 2]
    assert blueprint.partial is False


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("minutes = 30", "minutes = 0", "“minutes”的值 0 不对：应为1 到 600 的整数（分钟）。"),
        ("minutes = 30", 'minutes = "30"', "“minutes”的值 '30' 不对"),
        ("minutes = 30", "minutes = true", "“minutes”的值 True 不对"),
        ("minutes = 30", "minuten = 30", "不认识“minuten”"),
        ("minutes = 30", "", "缺少“minutes”"),
        ("pass_mark = 60", "pass_mark = 101", "“pass_mark”的值 101 不对"),
        ("pass_mark = 60", "pass_mark = nan", "“pass_mark”的值 nan 不对"),
        ('title = "测验一"', 'title = " "', "“title”的值"),
        ('title = "测验一"', f'title = "{"长" * 81}"', "“title”的值"),
        ("seed = 2022", "", "缺少“seed”"),
        ("seed = 2022", "seed = 20.22", "“seed”的值 20.22 不对"),
        ("seed = 2022", "seed = 2022\npartial = 1", "“partial”的值 1 不对"),
        ('type = "single"', 'type = "choice"', "第 1 个大题：“type”的值 'choice' 不对"),
        ('type = "single"', "type = [1]", "第 1 个大题：“type”的值 [1] 不对"),
        ("count = 10", "count = 10\nchapter = 2", "第 1 个大题：不认识“chapter”"),
        ("count = 10", "count = 0", "第 1 个大题：“count”的值 0 不对"),
        ("count = 10", "count = 13", "单选题要 13 道，题库“atf”里只有 12 道。"),
        ("points = 4", "points = -4", "第 1 个大题：“points”的值 -4 不对"),
        ("points = 4", "points = inf", "第 1 个大题：“points”的值 inf 不对"),
        ("points = 4", "points = 3", "合计 90 分，应为 100 分"),
        (
            "points = 20",
            "points = 15",
            "案例分析题 case-000 的评分要点合计 20 分，与这里",
        ),
    ],
)
def test_each_fault_has_one_clear_message(old: str, new: str, says: str) -> None:
    found = faults(GOOD.replace(old, new, 1))
    assert any(says in fault for fault in found), found


def test_all_faults_come_together() -> None:
    text = GOOD.replace("minutes = 30", "minutes = -1").replace("pass_mark = 60", "pas = 6")
    text = text.replace('type = "judge"', 'type = "true"').replace("count = 10", "count = 99")
    found = faults(text, name="Quiz_1")
    assert len(found) == 6, found
    for part in ("Quiz_1", "pas", "pass_mark", "minutes", "第 2 个大题", "单选题要 99 道"):
        assert any(part in fault for fault in found), part


def test_an_empty_bank_and_a_missing_section_are_named() -> None:
    assert faults(GOOD, bank=[]) == [
        "题库“atf”里没有已发布的题。请先导入并发布这个题库，或改正名字。"
    ]
    head = GOOD[: GOOD.index("[[section]]")]
    assert faults(head) == ["缺少“section”：应为至少一个 [[section]] 大题。"]
    assert faults(head + "section = [1]") == ["第 1 个大题：应写成 [[section]] 表。"]
    assert any("section" in fault for fault in faults(head + "section = 1"))


def test_two_sections_of_one_type_share_the_bank() -> None:
    text = GOOD.replace('type = "judge"', 'type = "single"')
    assert "单选题要 14 道，题库“atf”里只有 12 道。" in faults(text)
    paper = draw(read(text, make_bank(single=14)), make_bank(single=14))
    assert len({slot["item"] for slot in paper}) == 16


def test_a_draw_is_pinned_by_its_seed() -> None:
    paper = draw(read(GOOD), make_bank())
    assert [slot["slot"] for slot in paper] == [f"q{n:02}" for n in range(1, 17)]
    assert [slot["item"] for slot in paper[:4]] == GOLDEN
    assert [slot["points"] for slot in paper] == [4.0] * 10 + [5.0] * 4 + [20.0] * 2
    assert draw(read(GOOD), make_bank()[::-1]) == paper
    assert draw(read(GOOD.replace("2022", "2023")), make_bank()) != paper
    assert draw(read(GOOD), make_bank(), "s001") != paper


GOLDEN = ["single-006", "single-010", "single-002", "single-005"]


def test_a_slot_names_the_version_that_was_current() -> None:
    bank = [*make_bank(single=11), make_candidate("single", 11, version=3)]
    versions = {
        slot["item"]: slot["version"]
        for seed in range(9)
        for slot in draw(read(GOOD.replace("2022", str(seed)), bank), bank)
    }
    assert versions["single-011"] == 3
    assert versions["single-001"] == 1


@given(st.text(min_size=1, max_size=8), st.integers(0, 3))
def test_any_seed_draws_distinct_questions_of_the_right_types(seed: str, spare: int) -> None:
    bank = make_bank(single=10 + spare, judge=4 + spare, case=2 + spare)
    blueprint = read(GOOD)
    paper = draw(Blueprint(**{**vars(blueprint), "seed": seed}), bank)
    types = [slot["item"].split("-")[0] for slot in paper]
    assert types == ["single"] * 10 + ["judge"] * 4 + ["case"] * 2
    assert len({slot["item"] for slot in paper}) == len(paper)


def test_a_short_question_is_worth_what_its_rubric_says() -> None:
    text = GOOD.replace('type = "case"', 'type = "short"')
    other = make_candidate("case", 9, rubric=7)
    bank = [*make_bank(), other, *(make_candidate("short", n) for n in range(2))]
    assert read(text, bank).sections[2].type == "short"
    bank[-1] = make_candidate("short", 1, rubric=12)
    (fault,) = faults(text, bank)
    assert fault.startswith("简答题 short-001 的评分要点合计 12 分")
