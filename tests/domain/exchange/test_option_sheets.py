"""The layouts in which each option is marked as right or not: what they say, and their faults."""

from __future__ import annotations

from typing import Any

import pytest

from lawlab.domain.exchange.model import MOST_ITEMS, MOST_ROWS, ImportResult
from lawlab.domain.exchange.sheet import read_sheet

ROWS_HEAD = [
    "题目序号",
    "题目类型",
    "题目内容",
    "整体解析",
    "题目图片",
    "题目视频",
    "所属题库",
    "是否正确项",
    "选项内容",
    "选项解析",
    "选项图片",
]
COLUMNS_HEAD = [
    "试题类型",
    "题干",
    "选项1内容",
    "选项2内容",
    "选项3内容",
    "解析",
    "选项1是否正确(0/1)",
    "选项2是否正确(0/1)",
    "选项3是否正确(0/1)",
    "题干图片",
    "选项1图片",
]


def row(
    number: Any, kind: Any, stem: str, mark: Any, text: str, said: str = "", **more: str
) -> list[Any]:
    media = [more.get("picture", ""), more.get("film", "")]
    explanation = more.get("explanation", "")
    return [number, kind, stem, explanation, *media, "", mark, text, said, more.get("option", "")]


def column(kind: Any, stem: str, texts: str, marks: list[Any], picture: str = "") -> list[Any]:
    return [kind, stem, *[*texts.split(), "", "", ""][:3], "", *marks, picture, ""]


def rows(*cells: list[Any], types: dict[str, str] | None = None) -> ImportResult:
    return read_sheet([ROWS_HEAD, *cells], types)


def columns(*cells: list[Any], types: dict[str, str] | None = None) -> ImportResult:
    return read_sheet([COLUMNS_HEAD, *cells], types)


def said(result: ImportResult) -> list[str]:
    return [str(one) for one in (*result.faults, *result.questions)]


WHOLE = [
    row(1.0, "单选题", "甲", 0, "一", "一不对。", explanation="见第一条。"),
    row(1.0, "单选题", "甲", 1, "二", "二是对的。"),
    row("2", "多选题", "乙", "是", "一"),
    row("", "", "", "否", "二", "二不对。"),
    row("", "", "", "√", "三"),
    row(3, "判断题", "丙", True, "错误", "错在这里。"),
    row(3, "判断题", "丙", False, "正确"),
]
WIDE = [
    column("单选题", "甲", "一 二", [0, 1, 0]),
    column("多选题", "乙", "一 二 三", ["1", "0", "1"]),
    column("判断题", "丙", "正确 错误", ["0", "1", ""]),
]


def test_rows_of_options_become_questions() -> None:
    result = rows(*WHOLE)
    assert said(result) == []
    first, second, third = result.items
    assert (first.type, first.stem, first.answer) == ("single", "甲", "B")
    assert (dict(first.options), dict(first.why_wrong)) == (
        {"A": "一", "B": "二"},
        {"A": "一不对。"},
    )
    assert first.explanation == "见第一条。\nB：二是对的。"
    assert (second.type, second.answer, dict(second.why_wrong)) == (
        "multiple",
        "AC",
        {"B": "二不对。"},
    )
    assert (third.type, third.answer, dict(third.options)) == ("judge", "错", {})
    assert third.explanation == "错误：错在这里。"
    assert [item.place for item in result.items] == ["第 2 行", "第 4 行", "第 7 行"]
    assert result.warnings == ()


def test_a_mark_to_each_option_gives_the_answer() -> None:
    result = columns(*WIDE)
    assert said(result) == []
    assert [(item.type, item.answer) for item in result.items] == [
        ("single", "B"),
        ("multiple", "AC"),
        ("judge", "错"),
    ]
    assert result.warnings == ()


def test_unknown_codes_are_asked_once_and_beside_all_faults() -> None:
    cells = [
        row(1, "1", "甲", 1, "一"),
        row(1, "1", "甲", "?", "二"),
        row(2, "1", "", 1, "一"),
        row(2, "1", "", 0, "二"),
    ]
    assert said(rows(*cells)) == [
        "第 3 行：“是否正确项”写着“?”，看不懂，应为 1 或 0（是/否、√/× 也可以）。",
        "第 4 行：没有写题干。",
        "第 2 行的题型写着“1”，不同系统含义不同，请用 --type 1=single 说明"
        "（可用 single、multiple、judge、fill、order、short、case）。",
    ]
    wide = columns(column(2, "甲", "一 二", [0, 1, 0]))
    assert "--type 2=single" in said(wide)[0]
    meant = columns(column(2, "甲", "一 二", [1, 1, 0]), types={"2": "multiple"})
    assert (meant.items[0].type, meant.items[0].answer) == ("multiple", "AB")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ([row("", "单选题", "甲", 1, "一")], "第 2 行：没有写题号，不知道这是哪一题的选项。"),
        (
            [*WHOLE, row(1, "单选题", "甲", 0, "三")],
            "第 9 行：题号 1 在第 2 行已经有了，同一题的选项应写在相连的几行。",
        ),
        (
            [row(1, "单选题", "甲", 1, "一"), row(1, "单选题", "乙", 0, "二")],
            "第 3 行：“题目内容”和第 2 行的不一样，题号却相同。不同的题应有不同的题号。",
        ),
        (
            [row(1, "单选题", "甲", 0, "一"), row(1, "", "", "", "二")],
            "第 2 行：没有一个选项标为正确。",
        ),
        (
            [row(1, "单选题", "甲", 0, "一"), row(1, "", "", 1, "")],
            "第 3 行：“是否正确项”标着正确，这个选项却没有内容。",
        ),
        (
            [row(1, "单选题", "甲", 1, "一"), row(1, "", "", 1, "二")],
            "第 2 行：单选题有 2 个答案（AB）。请改成一个，或把题型改为多选题。",
        ),
        (
            [row(1, "单选题", "甲", 1, "一")],
            "第 2 行：单选题至少要有两个选项，现在有 1 个。",
        ),
        (
            [row(1, "多选题", "甲", 1, str(n)) for n in range(27)],
            "第 2 行：有 27 个选项，最多 26 个。",
        ),
        (
            [row(1, "填空题", "甲____", 1, "一"), row(1, "", "", 1, "二")],
            "第 2 行：填空题没有写答案。各空之间用“；”，同一空的几种写法之间用“|”。",
        ),
        (
            [row(1, "排序题", "甲", 1, "一"), row(1, "", "", 1, "二")],
            "第 2 行：没有写答案，排序题应写选项字母，如 A 或 AB。",
        ),
        (
            [row(1, "单选题", "甲", 1, "一"), row(1, "", "", 0, "二", option="a.png")],
            "第 3 行：“选项图片”里有内容，图片、视频和音频不能导入。请改成文字，或把这一格清空。",
        ),
        (
            [row(1, "单选题", "甲", 1, "一", film="a.mp4"), row(1, "", "", 0, "二")],
            "第 2 行：“题目视频”里有内容，图片、视频和音频不能导入。请改成文字，或把这一格清空。",
        ),
        ([row(7, "", "", "", "")], "第 1 行：表头下面没有题目。"),
    ],
)
def test_faults_of_rows_name_row_and_reason(cells: list[list[Any]], sentence: str) -> None:
    result = rows(*cells)
    assert said(result) == [sentence]
    assert not result.ready


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (column("单选题", "甲", "一 二", [0, 0, 0]), "没有一个选项标为正确。"),
        (
            column("单选题", "甲", "一 二", [0, 0, 1]),
            "“选项3是否正确(0/1)”标着正确，这个选项却没有内容。",
        ),
        (column("单选题", "甲", "一 二", ["x", 1, 0]), "“选项1是否正确(0/1)”写着“x”，看不懂"),
        (column("判断题", "甲", "行 不行", [1, 0, 0]), "判断题的答案“A”看不懂"),
        (column("单选题", "甲", "一 二", [1, 0, 0], "a.png"), "“题干图片”里有内容"),
    ],
)
def test_faults_of_columns_name_row_and_reason(cells: list[Any], sentence: str) -> None:
    (fault,) = said(columns(WIDE[0], cells))
    assert fault.startswith("第 3 行：")
    assert sentence in fault


def test_all_faults_come_together_in_the_order_of_their_rows() -> None:
    result = rows(
        row(1, "单选题", "", 1, "一"),
        row(1, "", "", "也许", "二", option="图"),
        row(2, "单选题", "乙", 0, "一"),
        row(2, "单选题", "乙", 0, "二"),
        row(1, "单选题", "丙", 0, "三"),
    )
    places = [fault.place for fault in result.faults]
    assert places == [f"第 {n} 行" for n in (2, 3, 3, 4, 6)]


def test_a_number_without_a_question_takes_no_options_of_others() -> None:
    result = rows(*WHOLE[:2], row(2, "", "", "", ""), row("", "多选题", "乙", 1, "一"))
    assert said(result) == ["第 5 行：没有写题号，不知道这是哪一题的选项。"]


def test_a_column_of_answers_beside_the_marks_has_to_agree() -> None:
    head = [*COLUMNS_HEAD, "答案"]
    wide = [[*WIDE[0], "B"], [*WIDE[1], "C、A"], [*WIDE[2], "×"], [*WIDE[0], ""]]
    assert said(read_sheet([head, *wide])) == []
    fill = column("填空题", "丁____", "", ["", "", ""])
    assert read_sheet([head, [*fill, "三日|3日"]]).items[0].blanks == (("三日", "3日"),)
    for cells, answer in ((WIDE[0], "A"), (WIDE[1], "AB"), (WIDE[2], "对")):
        (fault,) = said(read_sheet([head, [*cells, answer]]))
        assert f"“答案”写着“{answer}”，标为正确的选项却是" in fault


@pytest.mark.parametrize(
    ("head", "missing"),
    [
        ([name for name in ROWS_HEAD if name != "题目序号"], "没有“题号”这一列"),
        ([name for name in ROWS_HEAD if name != "选项内容"], "没有“选项内容”这一列"),
        ([name for name in ROWS_HEAD if name != "是否正确项"], "没有“是否正确项”这一列"),
        (COLUMNS_HEAD[:8], "没有“选项3是否正确”这一列"),
        ([*COLUMNS_HEAD, "选项4是否正确"], "没有“选项4内容”这一列"),
        ([*COLUMNS_HEAD, "选项A"], "“选项1内容”和“选项A”是同一个意思的列"),
    ],
)
def test_a_header_without_what_its_layout_needs_is_refused(head: list[str], missing: str) -> None:
    assert missing in said(read_sheet([head, ["1"] * 12]))[0]


def test_the_common_layout_says_that_columns_of_others_are_not_taken() -> None:
    head = ["题型", "题干", "选项A", "选项B", "答案", "选项解析", "是否正确"]
    result = read_sheet([head, ["单选题", "甲", "一", "二", "A", "x", "1"]])
    assert result.ready
    assert "不认识的列没有导入：“选项解析”、“是否正确”" in str(result.warnings[0])


def test_a_long_sheet_of_option_rows_is_read_and_a_longer_one_refused() -> None:
    long = [row(n, "单选题", "甲", int(m == 0), str(m)) for n in range(3000) for m in range(4)]
    assert len(rows(*long).items) == 3000
    assert f"最多导入 {MOST_ITEMS} 道题" in said(rows(*[WHOLE[0]] * MOST_ROWS))[0]
