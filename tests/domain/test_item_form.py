"""Forms of questions: to a bank item and back, the next id, what changed, what is wrong."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from lawlab.domain.bank import read_item
from lawlab.domain.item_faults import Fault, check_form
from lawlab.domain.item_form import LABELS, blank, changes, file_item, form_of, item_of, next_id
from lawlab.domain.question import Question
from lawlab.domain.statute import Article, Law, LawInfo
from lawlab.errors import NotFound

DAY = dt.date(2022, 1, 1)
TEXTS = {
    3: "任何人不得在桥面上堆放石料、木料和其他重物。",
    4: "发现桥面有裂缝的，应当在二日内告知镇人民政府。",
    5: "违反本条例第三条规定的，由镇人民政府责令改正。",
}
LAW = Law(
    LawInfo("1", "某镇爱护桥梁条例", "条例", "某镇", "有效", DAY, DAY, DAY),
    tuple(Article((n, 0), f"第{'零一二三四五'[n]}条", text) for n, text in TEXTS.items()),
)


def find_law(name: str) -> Law:
    if name != LAW.info.name:
        raise NotFound("no_law", f"没有找到“{name}”。")
    return LAW


def form(**changed: Any) -> dict[str, Any]:
    whole = {
        "stem": "村民甲想把一车石料卸在桥上过夜，行不行？",
        "options": {
            "A": "可以，天亮前搬走就行",
            "B": "不行，桥面不能堆重物",
            "C": "交了押金就可以",
        },
        "answer": "B",
        "explanation": "第三条不许在桥面堆重物，过一夜也不行。",
        "why_wrong": {"A": "时间短也是堆放。", "C": "条例没有押金的说法。"},
        "articles": ["某镇爱护桥梁条例#3"],
        "evidence": "不得在桥面上堆放石料",
        "difficulty": 1,
    }
    return blank() | whole | changed


def case(**changed: Any) -> dict[str, Any]:
    whole = {
        "type": "case",
        "options": {},
        "why_wrong": {},
        "answer": "请他马上搬走，并告诉他为什么。",
        "rubric": [{"text": "说明桥面不能堆重物", "points": 12}, {"text": "请他搬走", "points": 8}],
    }
    return form() | whole | changed


def fill(**changed: Any) -> dict[str, Any]:
    whole = {
        "type": "fill",
        "stem": "桥面有裂缝的，应当在____内告知____。",
        "options": {},
        "why_wrong": {},
        "answer": "",
        "blanks": [["二日", "2日"], ["镇人民政府"]],
        "articles": ["某镇爱护桥梁条例#4"],
        "evidence": "发现桥面有裂缝",
    }
    return form() | whole | changed


def order(**changed: Any) -> dict[str, Any]:
    steps = {"A": "告知镇人民政府", "B": "发现裂缝", "C": "派人来修"}
    return form(type="order", options=steps, answer="BAC", why_wrong={}) | changed


def faults(of: dict[str, Any]) -> list[Fault]:
    return check_form("brg-001", of, find_law)[1]


# ---- forms and items ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "of",
    [
        *(form(), case(), fill(), order()),
        case(type="short", rubric=[{"text": "说明不能堆", "points": 5}]),
        form(tags=["桥梁"], derived="算的", unconfirmed="问过"),
    ],
)
def test_a_form_becomes_a_question_and_the_question_the_same_form(of: dict[str, Any]) -> None:
    question, found = check_form("brg-001", of, find_law)
    assert found == []
    assert question is not None
    assert form_of(question) == of
    assert read_item(file_item(question), "")[0] == question


def test_what_a_type_does_not_have_is_left_out_of_its_item() -> None:
    kept = form(type="judge", answer="错", rubric=[{"text": "要点", "points": 20}])
    item = item_of("brg-001", kept)
    assert not {"options", "why_wrong", "rubric"} & set(item)
    assert not {"options", "answer"} & set(item_of("brg-001", fill(options={"A": "甲"})))
    assert not {"blanks", "why_wrong"} & set(item_of("brg-001", order(blanks=[["甲"]])))
    assert item_of("brg-001", form(why_wrong={"A": "甲", "B": "乙", "C": "丙"}))["why_wrong"] == {
        "A": "甲",
        "C": "丙",
    }


@pytest.mark.parametrize(
    ("of_bank", "taken", "expected"),
    [
        ([], [], "brg-001"),
        (["brg-001", "brg-007", "brg-x"], [], "brg-008"),
        (["brg-050"], ["brg-051", "brg-052"], "brg-053"),
        (["brg-999"], [], "brg-1000"),
    ],
)
def test_the_next_id_is_the_first_free_one_after_the_highest(
    of_bank: list[str], taken: list[str], expected: str
) -> None:
    assert next_id("brg", of_bank, [*of_bank, *taken]) == expected


# ---- what changed -------------------------------------------------------------------------------


def test_changes_name_the_field_and_mark_the_words() -> None:
    after = form(
        stem="村民甲想把两车石料卸在桥上过夜，行不行？",
        answer="A",
        why_wrong={"B": "写反了。", "C": "条例没有押金的说法。"},
        difficulty=2,
    )
    found = {change.field: change for change in changes(form(), after)}
    assert list(found) == ["stem", "answer", "why_wrong/A", "why_wrong/B", "difficulty"]
    assert found["stem"].pieces == [
        ("same", "村民甲想把"),
        ("gone", "一"),
        ("new", "两"),
        ("same", "车石料卸在桥上过夜，行不行？"),
    ]
    assert found["why_wrong/B"].label == "选项 B 为什么错"
    assert changes(form(), form()) == []
    assert {change.field for change in changes(None, form())} >= {"type", "stem", "options/A"}


def test_a_form_stored_before_there_were_blanks_still_compares() -> None:
    old = form()
    del old["blanks"]
    assert changes(old, form()) == []
    assert faults(old) == []
    (change,) = changes(fill(blanks=[["二日"], ["镇人民政府"]]), fill())
    assert (change.field, change.label) == ("blanks", "每空的答案")


def test_an_option_added_or_taken_away_is_a_change() -> None:
    after = form(options=form()["options"] | {"D": "问过村干部就可以"})
    (change,) = changes(form(why_wrong={}), after | {"why_wrong": {}})
    assert (change.field, change.label) == ("options/D", "选项 D")


def test_every_field_has_a_label() -> None:
    assert set(LABELS) == set(blank())


# ---- what is wrong ------------------------------------------------------------------------------


def test_an_empty_form_says_what_is_missing_beside_each_field() -> None:
    assert {fault.field for fault in faults(blank())} == {
        "stem",
        "options/A",
        "options/B",
        "options/C",
        "options/D",
        "answer",
        "explanation",
        "articles",
        "evidence",
        "difficulty",
    }


@pytest.mark.parametrize(
    ("of", "field", "words"),
    [
        (form(type="multiple"), "answer", "至少有两个正确"),
        (form(answer="BC"), "answer", "只能有一个正确"),
        (form(options={"A": "甲"}, answer="A"), "options", "至少要有两个"),
        (form(why_wrong={"A": "短也不行。"}), "why_wrong/C", "选项 C 为什么错"),
        (form(type="judge", answer=""), "answer", "是对还是错"),
        (case(rubric=[]), "rubric", "合计 20"),
        (case(rubric=[{"text": "要点", "points": 15}]), "rubric", "现在合计 15"),
        (case(rubric=[{"text": " ", "points": None}]), "rubric", "还没有写"),
        (case(answer=" "), "answer", "参考答案"),
        (case(type="short", rubric=[]), "rubric", "写明每点的分数"),
        (case(type="short", rubric=[{"text": "要点", "points": 101}]), "rubric", "最多 100"),
        (fill(blanks=[]), "blanks", "每个空的答案"),
        (fill(blanks=[["二日"], [" "]]), "blanks", "第 2 空的答案还没有写"),
        (fill(blanks=[["二日"]]), "blanks", "应一样多"),
        (fill(blanks=[["二日", "二 日"], ["镇人民政府"]]), "blanks", "判起来一样"),
        (fill(blanks=[["九日"], ["镇人民政府"]]), "derived", "9日"),
        (order(answer=""), "answer", "按正确的顺序"),
        (order(answer="BA"), "answer", "各写一次"),
        (order(answer="ABC"), "options", "已经是正确的顺序"),
        (order(options={"A": "报告", "B": "修"}, answer="BA"), "options", "至少要有 3 步"),
        (order(options={"A": "报告", "B": " ", "C": "修"}), "options/B", "还没有写"),
        (form(articles=["某镇爱护桥梁条例#9"]), "articles", "没有第 9 条"),
        (form(articles=["没有的条例#1"]), "articles", "没有找到"),
        (form(articles=["桥"]), "articles", "不是条文引用"),
        (form(evidence="桥面"), "evidence", "不足 6 个字"),
        (form(evidence="桥面下不得堆放石料"), "evidence", "不在所引条文"),
        (form(stem="村民甲可以吗,行不行?"), "stem", "半角标点"),
        (form(options={"A": "以上都不对", "B": "不行", "C": "行"}), "options/A", "要靠别的选项"),
        (form(options={"A": "堆", "B": "不堆", "C": "堆"}), "options", "内容相同"),
        (form(explanation="见选项里的 C 那一项"), "explanation", "选项字母"),
        (form(why_wrong={"A": "短也不行.", "C": "没有。"}), "why_wrong/A", "半角标点"),
        (form(options={"A": "行", "B": "不行，要等 9 日", "C": "交钱"}), "derived", "9日"),
        (
            form(explanation="条例写了，任何人不得在桥面上堆放石料、木料和其他重物。"),
            "explanation",
            "换成自己的话",
        ),
    ],
)
def test_a_fault_stands_beside_its_field_in_the_words_of_the_form(
    of: dict[str, Any], field: str, words: str
) -> None:
    found = [fault for fault in faults(of) if words in fault.text]
    assert [fault.field for fault in found] == [field]
    for fault in faults(of):
        assert not re.search(r"[a-z_]{3,}|brg-001", fault.text), fault


def test_law_and_evidence_are_asked_of_a_form_that_is_not_whole() -> None:
    found = faults(form(stem="", evidence="这句话条文里没有"))
    assert [fault.field for fault in found] == ["stem", "evidence"]


def test_a_law_that_the_town_has_yet_to_import_is_no_fault() -> None:
    awaited = form(articles=["待来的条例#1"], evidence="还看不到的一句话")
    assert check_form("brg-001", awaited, find_law, ["待来的条例"])[1] == []
    assert check_form("brg-001", awaited | {"stem": ""}, find_law, ["待来的条例"])[1] == [
        Fault("stem", "请写题干。")
    ]


def test_only_a_whole_form_is_a_question() -> None:
    question, _ = check_form("brg-001", form(difficulty=None), find_law)
    assert question is None
    assert isinstance(check_form("brg-001", form(), find_law)[0], Question)


def test_what_is_missing_hides_nothing_that_is_wrong() -> None:
    half = form(
        stem="选项A说得对吗?",
        options={"A": "以上都对", "B": "按条例办", "C": "按条例办"},
        why_wrong={"A": "条例不是这样说的。", "C": ""},
        explanation="",
        difficulty=None,
    )
    found = faults(half)
    fields = [fault.field for fault in found]
    assert fields.count("why_wrong/C") == fields.count("explanation") == 1
    assert "difficulty" in fields
    assert any("以上" in fault.text for fault in found), found
    assert any("半角标点" in fault.text for fault in found), found
    assert any("内容相同" in fault.text for fault in found), found


@pytest.mark.parametrize("gap", [{"explanation": ""}, {"difficulty": None}, {"why_wrong": {}}])
def test_a_gap_is_the_only_fault_of_a_question_that_is_right_besides(gap: dict[str, Any]) -> None:
    assert {fault.field.partition("/")[0] for fault in faults(form(**gap))} == {*gap}


def test_letters_that_are_no_options_are_a_fault_and_no_crash() -> None:
    strange = form(answer="F", why_wrong={"A": "甲。", "B": "乙。", "C": "丙。"})
    assert "不是选项" in faults(strange)[0].text
