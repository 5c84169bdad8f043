"""Each rule of a bank file, with an item that breaks it."""

from __future__ import annotations

from typing import Any

import pytest

from lawlab.domain.bank import read_bank
from lawlab.domain.question import Question, QuestionType, RubricPoint


def make_item(**changes: Any) -> dict[str, Any]:
    item = {
        "id": "tst-001",
        "type": "single",
        "stem": "可以出租银行账户吗？",
        "options": {"A": "可以", "B": "不可以"},
        "answer": "B",
        "explanation": "法律禁止出租。",
        "why_wrong": {"A": "法律没有允许。"},
        "articles": ["试验法#2"],
        "evidence": "不得非法出租账户",
        "difficulty": 2,
        "tags": ["账户"],
    }
    return {key: value for key, value in {**item, **changes}.items() if value is not None}


def make_judge(**changes: Any) -> dict[str, Any]:
    return make_item(
        **{"type": "judge", "options": None, "why_wrong": None, "answer": "对", **changes}
    )


def make_case(**changes: Any) -> dict[str, Any]:
    rubric = [{"text": "指出违法", "points": 12}, {"text": "说出后果", "points": 8}]
    fields = {
        "type": "case",
        "options": None,
        "why_wrong": None,
        "answer": "违法。",
        "rubric": rubric,
    }
    return make_item(**{**fields, **changes})


def make_short(**changes: Any) -> dict[str, Any]:
    return make_case(**{"type": "short", "rubric": [{"text": "指出违法", "points": 5}], **changes})


def make_fill(**changes: Any) -> dict[str, Any]:
    fields = {
        "type": "fill",
        "stem": "应当在____内向____报告。",
        "options": None,
        "why_wrong": None,
        "answer": None,
        "blanks": [["三十日", "30日"], ["公安机关"]],
    }
    return make_item(**{**fields, **changes})


def make_order(**changes: Any) -> dict[str, Any]:
    fields = {
        "type": "order",
        "options": {"A": "决定", "B": "立案", "C": "执行"},
        "why_wrong": None,
        "answer": "BAC",
    }
    return make_item(**{**fields, **changes})


def make_bank(*items: Any, **changes: Any) -> dict[str, Any]:
    return {"bank": "test-bank", "law": "试验法", "items": list(items), **changes}


def faults_of(*items: Any) -> list[str]:
    return read_bank(make_bank(*items))[1]


def test_a_right_file_gives_its_questions() -> None:
    items = [
        make_item(),
        make_item(id="tst-002", type="multiple", answer="AB", why_wrong=None),
        make_judge(id="tst-003", answer="错"),
        make_case(id="tst-004", derived=" 推算 ", unconfirmed="来源：某单位"),
        make_fill(id="tst-005"),
        make_order(id="tst-006"),
        make_short(id="tst-007"),
    ]
    bank, faults = read_bank(make_bank(*items, law="中华人民共和国试验法"))
    assert faults == []
    assert (bank.slug, bank.law) == ("test-bank", "试验法")
    assert [q.type for q in bank.questions] == list(QuestionType)
    assert bank.questions[0] == Question(
        id="tst-001",
        type=QuestionType.SINGLE,
        stem="可以出租银行账户吗？",
        options={"A": "可以", "B": "不可以"},
        answer="B",
        explanation="法律禁止出租。",
        articles=("试验法#2",),
        evidence="不得非法出租账户",
        difficulty=2,
        tags=("账户",),
        why_wrong={"A": "法律没有允许。"},
    )
    assert bank.questions[3].rubric == (RubricPoint("指出违法", 12), RubricPoint("说出后果", 8))
    assert bank.questions[3].derived == "推算"
    assert bank.questions[4].blanks == (("三十日", "30日"), ("公安机关",))
    assert bank.questions[4].answer == "三十日；公安机关"
    assert bank.questions[5].answer == "BAC"
    assert bank.questions[6].rubric_points == 5


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ("文字", "第 1 题：应为一组"),
        (make_item(id=None), "第 1 题：缺少 id"),
        (make_item(id=7), "第 1 题：id 应为文字"),
        (make_item(id="ATF 1"), "编号应形如 atf-001"),
        (make_item(id="a" * 61 + "-1"), "编号应形如 atf-001"),
        (make_item(type="blank"), "type“blank”不对，可用 single、multiple、judge、case"),
        (make_item(stem=""), "缺少 stem"),
        (make_item(explanation=None), "缺少 explanation"),
        (make_item(evidence=None), "缺少 evidence"),
        (make_item(answr="B"), "不认识的项目“answr”"),
        (make_item(answer=True), "answer 应为文字"),
        (make_item(options={"A": "以上都对", "B": "不可以"}), "要靠别的选项才能判断"),
        (make_item(explanation="所以选B。"), "提到了选项字母"),
        (make_item(stem="可以出租银行账户吗?"), "stem里的“出租银行账户吗?”用了半角标点"),
        (make_item(difficulty="2"), "difficulty 应为 1 到 5 的整数"),
        (make_item(difficulty=True), "difficulty 应为 1 到 5 的整数"),
        (make_item(difficulty=6), "现在是 6"),
        (make_item(difficulty=0), "现在是 0"),
        (make_item(articles="试验法#2"), "articles 应为文字列表"),
        (make_item(articles=[]), "缺少 articles"),
        (make_item(articles=["试验法第二条"]), "应写成“法律简称#条号”"),
        (make_item(articles=["试验法#二百条条"]), "不是条号"),
        (make_item(tags=[1]), "tags 应为文字列表"),
        (make_item(options={"A": 30, "B": "六十"}), "options 应为“字母：文字”"),
        (make_item(options={"B": "不可以"}, why_wrong=None), "至少要有两个选项"),
        (make_item(options=None, why_wrong=None), "至少要有两个选项"),
        (make_item(options={"A": "可以", "C": "不可以"}, answer="C"), "选项应从 A 起依次编号"),
        (make_item(options={"A": "可以", "B": "可以。"}), "有两个选项内容相同"),
        (make_item(answer="D"), "answer 里的 D 不是选项（选项有 A、B）"),
        (make_item(answer="AB", why_wrong=None), "单选题的 answer 应为一个字母"),
        (make_item(type="multiple"), "多选题的 answer 至少两个字母"),
        (make_item(type="multiple", answer="BA", why_wrong=None), "应按字母顺序写"),
        (make_item(type="multiple", answer="ABB", why_wrong=None), "应按字母顺序写"),
        (make_item(why_wrong=None), "why_wrong 应说明每个错误选项（A）"),
        (make_item(why_wrong={"A": "错", "B": "对"}), "不多也不少"),
        (make_item(rubric=[{"text": "x", "points": 20}]), "只有案例题和简答题写 rubric"),
        (make_judge(answer="是"), "应为“对”或“错”，现在是“是”"),
        (make_judge(options={"A": "对", "B": "错"}), "判断题不写 options"),
        (make_case(rubric=None), "合计 20，现在合计 0"),
        (make_case(rubric=[{"text": "x", "points": 15}]), "合计 20，现在合计 15"),
        (make_case(rubric=[{"text": "x", "points": 25}, {"text": "y", "points": -5}]), "大于 0"),
        (make_case(rubric=["写对"]), "rubric 应为得分点列表"),
        (make_case(rubric=[{"text": "x", "points": "20"}]), "rubric 应为得分点列表"),
        (make_short(rubric=None), "大于 0、不超过 100，现在合计 0"),
        (make_short(rubric=[{"text": "x", "points": 101}]), "不超过 100，现在合计 101"),
        (make_short(options={"A": "可以", "B": "不可以"}), "简答题不写 options"),
        (make_short(answer=None), "缺少 answer"),
        (make_fill(blanks=None), "缺少 blanks"),
        (make_fill(answer="三十日"), "填空题不写 answer"),
        (make_fill(blanks=[["三十日"]]), "blanks 写了 1 个空的答案，stem 里有 2 个空"),
        (make_fill(stem="应当在___内报告。"), "stem 里有 0 个空"),
        (make_fill(blanks=["三十日", "公安机关"]), "blanks 应为每个空的写法列表"),
        (make_fill(blanks=[[30], ["公安机关"]]), "blanks 应为每个空的写法列表"),
        (make_fill(blanks=[[], ["公安机关"]]), "blanks 应为每个空的写法列表"),
        (make_fill(blanks={"A": "三十日"}), "blanks 应为每个空的写法列表"),
        (make_fill(blanks=[["30日", "３０ 日"], ["公安机关"]]), "判起来一样"),
        (make_fill(blanks=[["，"], ["公安机关"]]), "只有标点"),
        (make_fill(blanks=[["字" * 201], ["公安机关"]]), "最多 200 个字"),
        (make_fill(options={"A": "甲", "B": "乙"}), "填空题不写 options"),
        (make_item(blanks=[["三十日"]]), "只有填空题写 blanks"),
        (make_order(options={"A": "决定", "B": "立案"}, answer="BA"), "至少要有 3 个"),
        (make_order(answer="ABC"), "已经是正确的顺序"),
        (make_order(answer="BA"), "各写一次"),
        (make_order(answer="BAA"), "各写一次"),
        (make_order(answer="BAD"), "各写一次"),
        (make_order(why_wrong={"A": "错"}), "排序题不写 why_wrong"),
        (make_order(options={"A": "决定", "B": "立案", "C": "决定。"}), "内容相同"),
    ],
)
def test_a_faulty_item_is_named_with_its_fault(item: Any, fault: str) -> None:
    faults = faults_of(item)
    assert len(faults) == 1, faults
    assert fault in faults[0]
    if isinstance(item, dict) and isinstance(item.get("id"), str):
        assert faults[0].startswith(item["id"])


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (["x"], "文件应以 bank、law、items 三项开头"),
        (None, "文件应以 bank、law、items 三项开头"),
        (make_bank(), "items 应为题目列表"),
        (make_bank(make_item(), bank="题库"), "bank 应为小写字母"),
        (make_bank(make_item(), law=""), "law 应写明法律名称"),
        (make_bank(make_item(), title="x"), "不认识的项目“title”"),
        (make_bank(make_item(), awaits="某条例"), "awaits 应为法律名称的列表"),
        (make_bank(make_item(), awaits=[3]), "awaits 应为法律名称的列表"),
    ],
)
def test_a_faulty_file_is_refused(data: Any, fault: str) -> None:
    faults = read_bank(data)[1]
    assert len(faults) == 1, faults
    assert fault in faults[0]


def test_an_id_is_used_once() -> None:
    assert faults_of(make_item(), make_judge()) == ["tst-001：编号重复。"]


def test_all_faults_of_a_file_come_together() -> None:
    faults = faults_of(make_item(answer="D", difficulty=9), make_judge(id="tst-002", answer="是"))
    assert [fault.partition("：")[0] for fault in faults] == ["tst-001", "tst-001", "tst-002"]


def test_awaited_laws_are_known_by_their_short_names() -> None:
    bank, faults = read_bank(make_bank(make_item(), awaits=["《某镇爱护桥梁条例》"]))
    assert (bank.awaits, faults) == (("某镇爱护桥梁条例",), [])


def test_a_faulty_wording_does_not_keep_the_law_from_being_asked() -> None:
    bank, faults = read_bank(
        make_bank(make_item(explanation="所以选B。"), make_judge(id="tst-002"))
    )
    assert len(faults) == 1
    assert [question.id for question in bank.questions] == ["tst-001", "tst-002"]
