"""The common Chinese question sheet: one row a question, headers with many names.

Reading an .xlsx is left to the services; here are rows as they lie in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lawlab.domain.exchange.answers import blanks_text, plain
from lawlab.domain.exchange.build import Draft, build, types_faults
from lawlab.domain.exchange.model import (
    LETTERS,
    MOST_ITEMS,
    TYPE_NAMES,
    Found,
    ImportedItem,
    ImportResult,
    Remark,
    refused,
    short,
)
from lawlab.domain.exchange.text import UNFINISHED, csv_rows
from lawlab.domain.roster_cells import cell_text

HEADER_WITHIN = 15
"""A title and notes may stand above the headers."""
MOST_COLUMNS = 60
HEADERS: Mapping[str, tuple[str, ...]] = {
    "number": ("题号", "编号", "序号", "试题编号"),
    "bank": ("题库", "科目", "题库名称"),
    "chapter": ("章节", "分类", "章", "所属章节"),
    "type": ("题型", "类型", "试题类型", "题目类型"),
    "stem": ("题干", "题目", "内容", "题目内容", "试题内容", "问题"),
    "answer": ("答案", "正确答案", "标准答案", "参考答案"),
    "explanation": ("解析", "答案解析", "试题解析", "整体解析"),
    "difficulty": ("难度", "难度等级", "试题难度"),
    "points": ("分值", "分数"),
    "topics": ("知识点", "考点"),
    "tags": ("标签",),
}
_FIELD_OF = {
    **{name: key for key, names in HEADERS.items() for name in names},
    **{
        name: letter
        for letter in LETTERS
        for name in (f"选项{letter}", letter, f"OPTION{letter}", f"{letter}选项")
    },
}
_IGNORED = ("number", "bank")
_OPTIONS = tuple(f"选项{letter}" for letter in LETTERS)
COLUMNS = ("题号", "章节", "题型", "题干", *_OPTIONS, "答案", "解析", "难度", "标签", "分值")
"""The headers that `sheet_rows` writes."""


def read_csv(text: str, types: Mapping[str, str] | None = None) -> ImportResult:
    """A CSV of the common layout. Rows count as a sheet program shows them."""
    try:
        rows = csv_rows(text)
    except ValueError as error:
        return refused(str(error))
    result = read_sheet(rows, types)
    if not (rows and result.items) or text.endswith("\n"):
        return result
    place, head = f"第 {len(rows)} 行", max(map(len, rows[:HEADER_WITHIN]))
    if len(rows[-1]) < head:
        cut = Remark(place, f"只有 {len(rows[-1])} 格，表头有 {head} 格，文件可能不完整。")
        return replace(result, faults=(*result.faults, cut))
    return replace(result, warnings=(*result.warnings, Remark(place, UNFINISHED)))


def read_sheet(
    rows: Sequence[Sequence[Any]], types: Mapping[str, str] | None = None
) -> ImportResult:
    """Check a sheet; `rows[0]` is row 1. `types` says what unknown 题型 codes mean."""
    types = types or {}
    found = Found()
    types_faults(types, found)
    if len(rows) > MOST_ITEMS * 2:
        return refused(f"行数太多，一次最多导入 {MOST_ITEMS} 道题，请分成几个文件。")
    head, columns = _find_header(rows)
    if head is None:
        return refused(
            f"前 {HEADER_WITHIN} 行里没有找到表头。表头应有：题型、题干、选项A、选项B、答案、解析。"
        )
    _check_header(rows[head], head + 1, columns, found)
    if found.faults:
        return found.result()
    for number, cells in enumerate(rows[head + 1 :], start=head + 2):
        said = {key: cell_text(cells[i]) for i, key in columns.items() if i < len(cells)}
        if any(text for key, text in said.items() if key not in _IGNORED):
            build(_draft(f"第 {number} 行", said), found, types)
    if not (found.items or found.faults or found.asks):
        found.fault(f"第 {head + 1} 行", "表头下面没有题目。")
    return found.result()


def sheet_rows(items: Iterable[ImportedItem]) -> list[list[str]]:
    """Header and rows that `read_sheet` reads back."""
    rows = [list(COLUMNS)]
    for number, item in enumerate(items, 1):
        answer = blanks_text(item.blanks) if item.type == "fill" else item.answer
        difficulty = "" if item.difficulty is None else str(item.difficulty)
        points = "" if item.points is None else f"{item.points!r}".removesuffix(".0")
        rows.append(
            [
                *(str(number), item.chapter, TYPE_NAMES[item.type], item.stem),
                *(item.options.get(letter, "") for letter in LETTERS),
                *(answer, item.explanation, difficulty, "、".join(item.tags), points),
            ]
        )
    return rows


def _find_header(rows: Sequence[Sequence[Any]]) -> tuple[int | None, dict[int, str]]:
    for number, cells in enumerate(rows[:HEADER_WITHIN]):
        columns = {
            index: key
            for index, cell in enumerate(cells[:MOST_COLUMNS])
            if (key := _FIELD_OF.get(_header_key(cell))) is not None
        }
        if len({*columns.values()} & {"stem", "answer", "type", "A", "B"}) >= 2:
            return number, columns
    return None, {}


def _header_key(cell: Any) -> str:
    key = re.sub(r"[\s*:_]|\(必填\)|\(选填\)", "", plain(cell_text(cell)))
    return key.upper()


def _check_header(
    cells: Sequence[Any], number: int, columns: Mapping[int, str], found: Found
) -> None:
    place, keys = f"第 {number} 行", list(columns.values())
    for key in ("stem", "answer"):
        if key not in keys:
            names = HEADERS[key]
            also = "、".join(names[1:])
            found.fault(place, f"表头里没有“{names[0]}”这一列（{also} 也可以）。")
    for key in dict.fromkeys(keys):
        names = tuple(cell_text(cells[i]) for i, known in columns.items() if known == key)
        if len(names) > 1:
            found.fault(place, f"“{'”和“'.join(names)}”是同一个意思的列，请只留一列。")
    if "type" not in keys:
        found.warn(place, "没有“题型”这一列，题型由选项和答案推断，请核对。")
    unknown = [
        f"“{short(cell_text(cell))}”"
        for index, cell in enumerate(cells)
        if index not in columns and cell_text(cell)
    ]
    if unknown:
        found.warn(place, f"不认识的列没有导入：{'、'.join(unknown[:20])}。")


def _draft(place: str, said: Mapping[str, str]) -> Draft:
    tags = "、".join(said.get(key, "") for key in ("topics", "tags"))
    return Draft(
        place=place,
        stem=said.get("stem", ""),
        type_word=said.get("type", ""),
        options={letter: said[letter] for letter in LETTERS if said.get(letter)},
        answer=said.get("answer", ""),
        explanation=said.get("explanation", ""),
        difficulty=said.get("difficulty", ""),
        chapter=said.get("chapter", ""),
        tags=tuple(re.split(r"[、,，;；\n]", tags)),
        points=said.get("points", ""),
    )
