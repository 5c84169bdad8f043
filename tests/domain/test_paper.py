"""Blueprints: every fault at once and in Chinese. Papers: the same seed draws the same."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.blueprint import Blueprint, Candidate
from lawlab.domain.blueprint_file import read_blueprint
from lawlab.domain.paper import TooFew, draw, draw_own, plan, pools, shuffled
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


# ---- papers of one's own ------------------------------------------------------------------------

DRAWN = GOOD.replace("seed = 2022", 'seed = 2022\nmode = "drawn"')


def graded_bank() -> list[Candidate]:
    """Thirty single, twelve judge and eight case questions of difficulties 1 to 3, two topics."""
    bank = make_bank(30, 12, 8)
    return [
        replace(
            one,
            question=replace(
                one.question, difficulty=1 + n % 3, tags=("电话卡",) if n % 2 else ("账户",)
            ),
            chapters=frozenset({"第二章 电信治理" if n % 2 else "第三章 金融治理"}),
        )
        for n, one in enumerate(bank)
    ]


def own(blueprint: Blueprint, bank: list[Candidate], person: str) -> list[dict[str, Any]]:
    return draw_own(blueprint, plan(blueprint, bank), pools(blueprint.sections, bank), person)


def test_everybodys_own_paper_has_the_same_points_and_difficulties() -> None:
    bank = graded_bank()
    blueprint = read(DRAWN, bank)
    level = {one.question.id: one.question.difficulty for one in bank}
    papers = [own(blueprint, bank, f"s{n:03}") for n in range(124)]
    assert len({tuple(slot["item"] for slot in paper) for paper in papers}) > 100
    for paper in papers:
        assert len({slot["item"] for slot in paper}) == len(paper) == 16
        assert sum(slot["points"] for slot in paper) == 100
        assert [level[slot["item"]] for slot in paper] == [level[s["item"]] for s in papers[0]]
        assert [slot["slot"] for slot in paper] == [slot["slot"] for slot in papers[0]]
    assert own(blueprint, bank, "s001") == papers[1]


@given(st.text(min_size=1, max_size=8), st.permutations(range(50)))
def test_an_own_paper_depends_on_the_person_alone(person: str, order: list[int]) -> None:
    bank = graded_bank()
    blueprint = read(DRAWN, bank)
    assert own(blueprint, [bank[n] for n in order], person) == own(blueprint, bank, person)


def test_options_are_shown_in_an_own_order_and_keep_their_letters() -> None:
    bank = graded_bank()
    blueprint = read(DRAWN, bank)
    orders = {slot.get("options") for n in range(20) for slot in own(blueprint, bank, f"p{n}")}
    assert orders == {"AB", "BA", None}  # a judgement and a case have none


def test_shuffled_papers_hold_the_same_in_another_order_within_sections() -> None:
    bank = graded_bank()
    blueprint = read(GOOD.replace("seed = 2022", 'seed = 2022\nmode = "shuffled"'), bank)
    paper = draw(blueprint, bank)
    questions = {one.question.id: one.question for one in bank}
    by_slot = {slot["slot"]: questions[slot["item"]] for slot in paper}
    mine = shuffled(blueprint, paper, by_slot, "s001")
    assert [{slot["item"] for slot in part} for part in (mine[:10], mine[10:14], mine[14:])] == [
        {slot["item"] for slot in part} for part in (paper[:10], paper[10:14], paper[14:])
    ]
    assert mine != shuffled(blueprint, paper, by_slot, "s002")
    assert {slot["slot"]: slot["item"] for slot in mine} == {s["slot"]: s["item"] for s in paper}


@pytest.mark.parametrize(
    ("setting", "fits"),
    [
        ('tags = ["电话卡"]', lambda one: "电话卡" in one.question.tags),
        ('chapters = ["第二章"]', lambda one: "第二章 电信治理" in one.chapters),
        ('chapters = ["第二章 电信治理"]', lambda one: "第二章 电信治理" in one.chapters),
        ("difficulty = [1, 3]", lambda one: one.question.difficulty in (1, 3)),
        ("difficulty = 2", lambda one: one.question.difficulty == 2),
    ],
)
def test_a_section_takes_only_what_it_asks_for(
    setting: str, fits: Callable[[Candidate], bool]
) -> None:
    bank = graded_bank()
    allowed = {one.question.id for one in bank if fits(one)}
    text = GOOD.replace("count = 10\npoints = 4", f"count = 10\npoints = 4\n{setting}")
    blueprint = read(text, bank)
    assert {slot["item"] for slot in draw(blueprint, bank)[:10]} <= allowed
    blueprint = read(text.replace("seed = 2022", 'seed = 2022\nmode = "drawn"'), bank)
    assert {slot["item"] for slot in own(blueprint, bank, "s001")[:10]} <= allowed
    assert Blueprint.from_json(json.loads(json.dumps(blueprint.to_json()))) == blueprint


def test_a_narrow_section_that_cannot_be_filled_is_named() -> None:
    bank = graded_bank()
    text = DRAWN.replace("count = 10", 'tags = ["没有这个"]\ncount = 10')
    [fault] = faults(text, bank)
    assert fault == "第 1 个大题（单选题，知识点 没有这个）要 10 道，够条件的只有 0 道。"
    # Two sections that ask for the same few questions: each could be filled, both cannot.
    twice = DRAWN.replace(
        '[[section]]\ntype = "single"\ncount = 10',
        '[[section]]\ntype = "single"\ncount = 10\ntags = ["账户"]\npoints = 2\n'
        '[[section]]\ntype = "single"\ncount = 10\ntags = ["账户"]',
    ).replace("points = 4", "points = 2")
    assert all("可能只剩" in fault for fault in faults(twice, bank))
    assert faults(twice, bank)


def test_a_bank_that_has_shrunk_is_told() -> None:
    bank = graded_bank()
    blueprint = read(DRAWN, bank)
    slots = plan(blueprint, bank)
    left = pools(blueprint.sections, bank[:8] + bank[30:])
    with pytest.raises(TooFew, match="第 1 个大题（单选题，难度 "):
        draw_own(blueprint, slots, left, "s001")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            "opens_at = 2022-11-24T10:00:00\ncloses_at = 2022-11-24T09:00:00",
            "“closes_at”应在“opens_at”之后",
        ),
        ("late_minutes = 10", "就要写“closes_at”"),
        ("closes_at = 2022-11-24T09:00:00\nlate_points = 5", "就要写“late_minutes”"),
        ('counting = "best"', "不能取最高一次"),
        ("show_score = true", "不能交卷后马上显示得分"),
        ('mock = true\nmakeup_of = "other"', "补考不能是模拟考试"),
        ('makeup_of = "quiz-1"', "不能是这个测验自己"),
        ("attempts = 0", "“attempts”的值 0 不对：应为1 到 20 的整数"),
        ('mode = "random"', "“mode”的值 'random' 不对"),
        ('closes_at = "2022-11-24"', "应为日期和时间"),
    ],
)
def test_rules_that_do_not_go_together_are_said(lines: str, says: str) -> None:
    found = faults(GOOD.replace("seed = 2022", f"seed = 2022\n{lines}"))
    assert any(says in fault for fault in found), found


def test_times_without_a_zone_are_the_towns() -> None:
    text = GOOD.replace("seed = 2022", "seed = 2022\nopens_at = 2022-11-24T09:00:00")
    china = dt.timezone(dt.timedelta(hours=8))
    blueprint = read_blueprint("q.toml", "q", tomllib.loads(text), lambda _: make_bank(), china)
    assert blueprint.opens_at == dt.datetime(2022, 11, 24, 1, tzinfo=dt.UTC)
    assert Blueprint.from_json(blueprint.to_json()) == blueprint
