"""The headers of question sheets: their many names, and which of three layouts they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lawlab.domain.exchange.answers import plain
from lawlab.domain.exchange.model import LETTERS, Found, short
from lawlab.domain.roster_cells import cell_text

HEADER_WITHIN = 15
"""A title and notes may stand above the headers."""
MOST_COLUMNS = 60
Layout = Literal["common", "option_rows", "option_columns"]
"""A row to a question, with its letters in 答案; a row to an option; a row to a question, with a
column 是否正确 to each option."""
HEADERS: Mapping[str, tuple[str, ...]] = {
    "number": ("题号", "编号", "序号", "试题编号", "题目序号"),
    "bank": ("题库", "科目", "题库名称", "所属题库"),
    "chapter": ("章节", "分类", "章", "所属章节"),
    "type": ("题型", "类型", "试题类型", "题目类型"),
    "stem": ("题干", "题目", "内容", "题目内容", "试题内容", "问题"),
    "answer": ("答案", "正确答案", "标准答案", "参考答案"),
    "explanation": ("解析", "答案解析", "试题解析", "整体解析"),
    "difficulty": ("难度", "难度等级", "试题难度"),
    "points": ("分值", "分数"),
    "topics": ("知识点", "考点"),
    "tags": ("标签",),
    "option": ("选项内容",),
    "right": ("是否正确项", "是否正确", "是否正确选项"),
    "said": ("选项解析",),
}
IGNORED = ("number", "bank")
MEDIA = "media/"
"""How the keys of columns with pictures, sound and films begin."""
RIGHT = "right/"
"""How the keys of an option's own 是否正确 begin; its letter follows."""
_ROW_KEYS = {"option", "right", "said"}
_FIELD_OF = {
    **{name: key for key, names in HEADERS.items() for name in names},
    **{
        name: letter
        for n, letter in enumerate(LETTERS, 1)
        for name in (
            *(f"选项{letter}", letter, f"OPTION{letter}", f"{letter}选项"),
            *(f"选项{letter}内容", f"选项{n}内容"),
        )
    },
    **{
        f"选项{mark}是否正确": RIGHT + letter
        for n, letter in enumerate(LETTERS, 1)
        for mark in (letter, n)
    },
}
_MEDIA = re.compile(r"\w*(图片|视频|音频)(地址|链接)?")
_NOTE = re.compile(r"[\s*:_]|\((必填|选填|可选|[01][^()]*)\)")


@dataclass(frozen=True)
class Header:
    """Where the headers stand and which column holds what; columns of other layouts are left out.
    `names`: the key of a column → what its header says."""

    row: int
    layout: Layout
    columns: Mapping[int, str]
    names: Mapping[str, str]


def find_header(rows: Sequence[Sequence[Any]]) -> Header | None:
    """The first row that names two of the things a question sheet is about."""
    for number, cells in enumerate(rows[:HEADER_WITHIN]):
        columns = {
            index: key
            for index, cell in enumerate(cells[:MOST_COLUMNS])
            if (key := _key_of(cell)) is not None
        }
        keys = set(columns.values())
        if len(keys & {"stem", "answer", "type", "A", "B", "option", "right"}) >= 2:
            layout = _layout(keys)
            used = {index: key for index, key in columns.items() if _belongs(key, layout)}
            names = {key: cell_text(cells[index]) for index, key in used.items()}
            return Header(number, layout, used, names)
    return None


def check_header(cells: Sequence[Any], header: Header, found: Found) -> None:
    """What is missing, double or not known in the row of headers."""
    place, keys = f"第 {header.row + 1} 行", list(header.columns.values())
    for key in _needed(header):
        if key not in keys:
            found.fault(place, f"表头里没有{_name(key)}。")
    for key in dict.fromkeys(keys):
        names = tuple(cell_text(cells[i]) for i, known in header.columns.items() if known == key)
        if len(names) > 1:
            found.fault(place, f"“{'”和“'.join(names)}”是同一个意思的列，请只留一列。")
    if "type" not in keys:
        found.warn(place, "没有“题型”这一列，题型由选项和答案推断，请核对。")
    unknown = [
        f"“{short(cell_text(cell))}”"
        for index, cell in enumerate(cells)
        if index not in header.columns and cell_text(cell)
    ]
    if unknown:
        found.warn(place, f"不认识的列没有导入：{'、'.join(unknown[:20])}。")


def _key_of(cell: Any) -> str | None:
    key = _NOTE.sub("", plain(cell_text(cell))).upper()
    return _FIELD_OF.get(key) or (MEDIA + key if _MEDIA.fullmatch(key) else None)


def _layout(keys: set[str]) -> Layout:
    if any(key.startswith(RIGHT) for key in keys):
        return "option_columns"
    marks, others = keys & {"option", "right"}, keys & {"answer", *LETTERS}
    return "option_rows" if len(marks) == 2 or (marks and not others) else "common"


def _belongs(key: str, layout: Layout) -> bool:
    if key in LETTERS:
        return layout != "option_rows"
    return layout == "option_rows" if key in _ROW_KEYS else True


def _needed(header: Header) -> Iterator[str]:
    yield "stem"
    if header.layout == "common":
        yield "answer"
    elif header.layout == "option_rows":
        yield from ("number", "right", "option")
    else:
        keys = header.columns.values()
        for letter in LETTERS:
            if letter in keys or RIGHT + letter in keys:
                yield from (letter, RIGHT + letter)


def _name(key: str) -> str:
    if names := HEADERS.get(key):
        also = f"（{'、'.join(names[1:])} 也可以）" if names[1:] else ""
        return f"“{names[0]}”这一列{also}"
    number = LETTERS.index(key[-1]) + 1
    return f"“选项{number}{'是否正确' if key.startswith(RIGHT) else '内容'}”这一列"
