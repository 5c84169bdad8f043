"""What each reader takes, and the sentences it has for what it does not take."""

from __future__ import annotations

from typing import Any

import pytest

from lawlab.domain.exchange.aiken import read_aiken
from lawlab.domain.exchange.gift import read_gift
from lawlab.domain.exchange.html_text import html_to_text
from lawlab.domain.exchange.model import ImportResult
from lawlab.domain.exchange.moodle_xml import read_moodle_xml
from lawlab.domain.exchange.plain import read_plain
from lawlab.domain.exchange.sheet import read_csv, read_sheet
from lawlab.domain.exchange.text import decode

HEAD = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "解析"]


def sheet(kind: Any, answer: Any, options: str = "一 二 三 四", stem: str = "甲") -> ImportResult:
    cells = [*options.replace("-", " ").split(" "), "", "", "", ""][:4]
    return read_sheet([HEAD, [kind, stem, *cells, answer, ""]])


def said(result: ImportResult) -> str:
    return "\n".join(map(str, (*result.faults, *result.warnings, *result.questions)))


@pytest.mark.parametrize(
    ("answer", "letters"),
    [
        ("ABD", "ABD"),
        ("A,B,D", "ABD"),
        ("A、B", "AB"),
        ("A|B", "AB"),
        ("ACB", "ABC"),
        ("ab", "AB"),
        ("1,3", "AC"),
        ("ＡＢ", "AB"),
        ("１，３", "AC"),
        ("A；B", "AB"),
    ],
)
def test_spellings_of_several_letters(answer: str, letters: str) -> None:
    assert sheet("多选题", answer).items[0].answer == letters


@pytest.mark.parametrize("answer", ["对", "正确", "√", "T", "true", True, "ＴＲＵＥ", "A"])
def test_spellings_of_right(answer: Any) -> None:
    assert sheet("判断", answer, "").items[0].answer == "对"


@pytest.mark.parametrize("answer", ["错", "错误", "×", "F", "FALSE", False, "B"])
def test_spellings_of_wrong(answer: Any) -> None:
    assert sheet("判断题", answer, "").items[0].answer == "错"


def test_a_letter_of_a_judge_question_means_its_option() -> None:
    assert sheet("判断", "A", "错误 正确").items[0].answer == "错"
    assert "请核对" in said(sheet("判断", "A", ""))


@pytest.mark.parametrize(
    ("kind", "answer", "options", "stem", "sentence"),
    [
        ("单选", "E", "一 二", "甲", "第 2 行：答案里的 E 不是选项（选项有 A、B）"),
        ("单选", "A", "一 二", "", "第 2 行：没有写题干"),
        ("单选", "A", "一", "甲", "至少要有两个选项，现在有 1 个"),
        ("单选", "AB", "一 二", "甲", "单选题有 2 个答案（AB）"),
        ("多选", "A", "一 二", "甲", "多选题只有一个答案"),
        ("判断", "也许", "", "甲", "判断题的答案“也许”看不懂"),
        ("单选", "A", "一  三", "甲", "选项有 A、C，中间缺 B"),
        ("单选", "", "一 二", "甲", "没有写答案"),
        ("多选", "AAB", "一 二", "甲", "重复的字母"),
        ("排序", "AB", "一 二 三", "甲", "各写一次"),
        ("填空", "", "", "甲____", "填空题没有写答案"),
    ],
)
def test_faults_name_the_row(
    kind: str, answer: str, options: str, stem: str, sentence: str
) -> None:
    result = sheet(kind, answer, options, stem)
    assert sentence in said(result)
    assert not result.ready


def test_all_faults_come_together_with_their_rows() -> None:
    rows = [
        ["标题"],
        HEAD,
        ["单选", "", "一", "", "", "", "", ""],
        [],
        ["判断", "乙", *[""] * 4, "?", ""],
    ]
    text = said(read_sheet(rows))
    assert "第 3 行：没有写题干" in text
    assert "第 3 行：单选题至少" in text
    assert "第 5 行：判断题的答案" in text
    assert "第 4 行" not in text


def test_an_unknown_code_is_asked_once_and_never_guessed() -> None:
    rows = [HEAD, *([1.0, "甲", "一", "二", "", "", "A", ""] for _ in range(2))]
    result = read_sheet(rows)
    assert said(result).startswith(
        "第 2 行的题型写着“1”，不同系统含义不同，请用 --type 1=single 说明"
    )
    assert len(result.questions) == 1
    assert not result.ready
    assert [i.type for i in read_sheet(rows, {"1": "single"}).items] == ["single"] * 2
    assert "不能说明为“radio”" in said(read_sheet(rows, {"1": "radio"}))


def test_types_are_inferred_and_unknown_columns_warned() -> None:
    text = (
        "编号,题目,A,B,optionC,正确答案,考点,备注\n"
        "1,甲,一,二,三,AC,法,x\n2,乙,一,二,,b,,\n3,丙,,,,错误,,\n4,丁____,,,,戊|己；庚,,\n5,辛,对,错,,A,,\n"
        "6,论述甲,,,,要点,,\n"
    )
    result = read_csv(text)
    assert [i.type for i in result.items] == [
        "multiple",
        "single",
        "judge",
        "fill",
        "judge",
        "short",
    ]
    assert result.items[3].blanks == (("戊", "己"), ("庚",))
    assert result.items[0].tags == ("法",)
    assert "“备注”" in said(result)
    assert "没有“题型”这一列" in said(result)
    assert "题干里有 1 个空，答案里有 2 个" in said(result)


def test_headers_that_are_missing_or_double() -> None:
    assert "没有找到表头" in said(read_sheet([["甲", "乙"]]))
    assert "没有“答案”这一列" in said(read_sheet([["题型", "题干"]]))
    assert "同一个意思的列" in said(read_sheet([["题干", "题目", "答案"]]))
    assert "表头下面没有题目" in said(read_sheet([HEAD]))


@pytest.mark.parametrize(
    "raw", ["答案".encode("gbk"), "\ufeff\ufeff答案".encode(), "答案".encode()]
)
def test_encodings(raw: bytes) -> None:
    assert decode(raw) == ("答案", "")


def test_plain_text() -> None:
    result = read_plain(
        "一、单项选择题（每题 1 分）\n1．甲（ ）。\nＡ．一\nB、二\n【答案】A\n解析：见\n第一条\n"
        "2、乙\nA. 一 B. 二\n答案：B\n\n二、多选题\n3. 丙\\ans:AB\nA. 一\nB. 二\n\n"
        "【判断题】丁\n正确答案：×\n难度：易\n考点：甲、乙\n"
    )
    assert said(result) == ""
    first, second, third, fourth = result.items
    assert (first.type, first.stem, first.answer) == ("single", "甲（ ）。", "A")
    assert first.explanation == "见\n第一条"
    assert dict(second.options) == {"A": "一", "B": "二"}
    assert (third.type, third.stem, third.answer) == ("multiple", "丙", "AB")
    assert (fourth.type, fourth.stem, fourth.answer) == ("judge", "丁", "错")
    assert (fourth.difficulty, fourth.tags, fourth.place) == (1, ("甲", "乙"), "第 17 行")
    assert "第 1 行：没有写答案" in said(read_plain("1. 甲\nA. 一\nB. 二\n2. 乙\n答案：对\n"))


def test_aiken() -> None:
    result = read_aiken("甲\n乙\nA) 一\nB. 二\nANSWER: B\n")
    assert result.items[0].stem == "甲\n乙"
    assert result.items[0].answer == "B"
    assert "第 1 行：“甲”没有 ANSWER: 行" in said(read_aiken("甲\nA. 一\nB. 二\n"))
    assert "不是选项" in said(read_aiken("甲\nA. 一\nB. 二\nANSWER: D\n"))


def test_gift() -> None:
    result = read_gift(
        "// 说明\n$CATEGORY: $course$/top/总则\n\n::名::[html]<p>甲 &lt;1&gt;</p>{=一#好 ~二 "
        "####见第一条}\n\n"
        "乙\\: a\\=b{\n~%50%一\n~%50%二\n~%-100%三\n}\n\n"
        "丙{TRUE#错了#对了}\n\n丁在{=北京 =Beijing}。\n\n戊{}\n"
    )
    assert not result.faults
    first, second, third, fourth, fifth = result.items
    assert (first.stem, first.answer, first.chapter) == ("甲 <1>", "A", "总则")
    assert first.explanation == "见第一条\nA：好"
    assert (second.stem, second.type, second.answer) == ("乙: a=b", "multiple", "AB")
    assert (third.answer, third.explanation) == ("对", "答错：错了\n答对：对了")
    assert (fourth.stem, fourth.blanks) == ("丁在 ____ 。", (("北京", "Beijing"),))
    assert fifth.type == "short"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("甲{#3:1}", "数值题"),
        ("甲{=一 -> 二 =三 -> 四}", "配对题"),
        ("甲{=一 ~二", "第 1 行：“甲{=一 ~二”后面应有一对花括号"),
        ("甲{一}", "每个答案前应有 ="),
        ("甲{~一 ~二}", "没有写答案"),
    ],
)
def test_gift_faults(text: str, sentence: str) -> None:
    assert sentence in said(read_gift(text))


def test_moodle_xml() -> None:
    result = read_moodle_xml(
        '<?xml version="1.0" encoding="GBK"?><quiz>'
        '<question type="category"><category><text>$course$/top/总则</text></category></question>'
        '<question type="multichoice"><questiontext format="html"><text>'
        '<![CDATA[<p>甲</p><p>乙<img src="x"></p>]]>'
        "</text></questiontext><defaultgrade>2.0000000</defaultgrade><single>false</single>"
        '<answer fraction="50"><text>&lt;b&gt;一&lt;/b&gt;</text></answer>'
        '<answer fraction="-50"><text>二</text></answer>'
        '<answer fraction="50"><text>三</text></answer>'
        "<tags><tag><text>法</text></tag></tags></question></quiz>"
    )
    (item,) = result.items
    assert (item.stem, item.type, item.answer) == ("甲\n乙", "multiple", "AC")
    assert (dict(item.options)["A"], item.points, item.tags) == ("一", 2.0, ("法",))
    assert item.chapter == "总则"
    assert "图片" in said(result)
    assert "配对题不能导入" in said(read_moodle_xml('<quiz><question type="matching"/></quiz>'))
    assert "最外层应为 <quiz>" in said(read_moodle_xml("<html/>"))


def test_feedback_to_wrong_options_says_why_they_are_wrong() -> None:
    moodle = (
        '<quiz><question type="multichoice"><questiontext><text>甲</text></questiontext>'
        '<answer fraction="100"><text>一</text><feedback><text>好</text></feedback></answer>'
        '<answer fraction="0"><text>二</text><feedback><text>不好</text></feedback></answer>'
        "</question></quiz>"
    )
    for result in (read_gift("甲{=一#好 ~二#不好}"), read_moodle_xml(moodle)):
        (item,) = result.items
        assert (item.explanation, dict(item.why_wrong)) == ("A：好", {"B": "不好"})


def test_html_to_text() -> None:
    assert html_to_text("<script>x()</script>a<br>b&amp;<!-- <p> -->c 1 < 2") == "a\nb&c 1 < 2"
