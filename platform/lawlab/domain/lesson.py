"""The rules of a lesson: a notebook of prose and one-line calls that are read, never executed.

Cells are parsed, not run, so a lesson can do nothing but what the allow-list names. Every fault is
returned at once, as a sentence that names the cell.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from lawlab.domain.citation import is_awaited
from lawlab.domain.picture import pictures_in
from lawlab.domain.statute import ArticleRef, Law, parse_number, short_name
from lawlab.errors import LawlabError

IMPORT = "from lawlab.ui import lesson"
FEWEST_CARDS, MOST_CARDS = 3, 5

_FORMS = {
    "begin": "lesson.begin()",
    "article": 'lesson.article("反电信网络诈骗法", 31)',
    "check": 'lesson.check("atf-012")',
    "steps": 'lesson.steps("第一步", "第二步", …)',
    "takeaway": 'lesson.takeaway("第一句", "第二句", "第三句")',
    "unconfirmed": 'lesson.unconfirmed("内容", source="来源")',
    "staff": 'lesson.staff("给执法人员的内容")',
    "finish": "lesson.finish()",
}
"""Every call a lesson may make, as a trainer is shown it."""

_NO_CONTROLS = "有看不见的控制字符，请删掉重新输入。"
_HEADING = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
_HTML = re.compile(r"<[a-zA-Z/!]")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Control characters and lone surrogates: databases and browsers disagree about them."""
_LINK = re.compile(r"\]\(\s*([^)\n]*)")
_SAFE_LINK = re.compile(r"https://[^\s&]|/[^/\\\s]|#|media/")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:", re.MULTILINE)
_COUNTS = {"steps": (2, 12), "takeaway": (3, 3), "staff": (1, 1), "check": (1, 1)}


@dataclass(frozen=True)
class Unconfirmed:
    """A statement that no installed text supports, with where it comes from."""

    text: str
    source: str


@dataclass(frozen=True)
class Lesson:
    """What a lesson holds besides its prose. `notebook` is its canonical form, for publishing."""

    title: str
    cards: tuple[str, ...]
    articles: tuple[ArticleRef, ...]
    unconfirmed: tuple[Unconfirmed, ...]
    notebook: dict[str, Any]
    pictures: tuple[str, ...] = ()
    """Files of the course's folder `media` that its text shows."""


@dataclass(frozen=True)
class Call:
    """One `lesson.<name>(…)` of a cell; `place` names the cell for a fault."""

    place: str
    name: str
    texts: tuple[str | int, ...]
    source: str = ""


def read_lesson(data: object) -> tuple[Lesson, list[str]]:
    """The lesson in a parsed notebook, and its faults. Use the lesson only when there are none."""
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(cells, list) or not all(map(_is_cell, cells)):
        return Lesson("", (), (), (), {}), ["不是 nbformat 4 的笔记本文件。"]
    calls, faults = _read_calls(cells)
    title, found = _read_title(cells)
    faults = _format_faults(data) + _cell_faults(cells) + found + faults + _order_faults(calls)
    refs, found = _references(calls)
    lesson = Lesson(
        title=title,
        cards=tuple(str(call.texts[0]) for call in calls if call.name == "check"),
        articles=tuple(refs),
        unconfirmed=tuple(
            Unconfirmed(str(call.texts[0]), call.source)
            for call in calls
            if call.name == "unconfirmed"
        ),
        notebook=_canonical(cells, title),
        pictures=tuple(dict.fromkeys(_pictures(cells))),
    )
    return lesson, faults + found


def reference_faults(
    lesson: Lesson,
    cards: Container[str],
    find_law: Callable[[str], Law],
    awaits: Container[str] = (),
) -> list[str]:
    """Cards that are not among the published ones, and articles that no law in force has.
    `find_law` gives a law by its name or raises NotFound with the reason; `awaits` are laws that
    the town imports itself and that may be missing until then."""
    faults = [f"题库里没有题目 {card}。" for card in lesson.cards if card not in cards]
    for ref in dict.fromkeys(lesson.articles):
        try:
            find_law(ref.law).at(ref.key)
        except LawlabError as error:
            if is_awaited(ref.law, error, awaits):
                continue
            faults.append(f"引用的 {ref} 不可用：{error.sentence}")
    return faults


def read_call(source: str, place: str) -> tuple[Call | None, str]:
    """The call in a code cell, or the fault that there is instead."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None, f"{place}：不是有效的 Python 语句，请检查引号和括号。"
    expression = body[0].value if len(body) == 1 and isinstance(body[0], ast.Expr) else None
    match expression:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="lesson"), attr=name), args=args):
            if name not in _FORMS:
                return None, f"{place}：没有 lesson.{name}。可用的有：{'、'.join(_FORMS)}。"
            texts: list[Any] = [arg.value for arg in args if isinstance(arg, ast.Constant)]
            named = {
                word.arg: word.value.value
                for word in expression.keywords
                if isinstance(word.value, ast.Constant)
            }
            literal = len(texts) == len(args) and len(named) == len(expression.keywords)
            if any(map(_UNWRITABLE.search, map(str, [*texts, *named.values()]))):
                return None, f"{place}：{_NO_CONTROLS}"
            if literal and _fits(name, texts, named):
                return Call(place, name, tuple(texts), str(named.get("source", ""))), ""
            return None, f"{place}：应写成 {_FORMS[name]}，内容直接写在引号里。"
    return None, f"{place}：一格只写一句 lesson.…() 调用。"


def hidden_because(number: int, cell: dict[str, Any]) -> str:
    """Why a cell (in canonical form) must not be shown, or nothing: it holds what no lesson may."""
    place, source = _place(number, cell), _source(cell)
    if cell["cell_type"] == "markdown":
        return next((f"{place}：{fault}" for fault in _text_faults(source)), "")
    if cell["cell_type"] != "code":
        return f"{place}：只能用文字格和代码格。"
    return "" if source.strip() == IMPORT else read_call(source, place)[1]


def _fits(name: str, texts: list[Any], named: dict[str | None, Any]) -> bool:
    def written(*values: object) -> bool:
        return all(isinstance(value, str) and value.strip() for value in values)

    if name == "unconfirmed":
        return len(texts) == 1 and set(named) == {"source"} and written(*texts, named["source"])
    if named:
        return False
    if name == "article":
        return len(texts) == 2 and written(texts[0]) and type(texts[1]) in (int, str)
    fewest, most = _COUNTS.get(name, (0, 0))
    return fewest <= len(texts) <= most and written(*texts)


def _read_calls(cells: list[dict[str, Any]]) -> tuple[list[Call], list[str]]:
    code = [(n, cell) for n, cell in enumerate(cells, 1) if cell["cell_type"] == "code"]
    faults = []
    if not code or _source(code[0][1]).strip() != IMPORT:
        faults.append(f"第一个代码格应只写 {IMPORT}。")
    calls = []
    for number, cell in code:
        if _source(cell).strip() == IMPORT and cell is code[0][1]:
            continue
        call, fault = read_call(_source(cell), _place(number, cell))
        if call:
            calls.append(call)
        else:
            faults.append(fault)
    return calls, faults


def _read_title(cells: list[dict[str, Any]]) -> tuple[str, list[str]]:
    first = _source(cells[0]) if cells and cells[0]["cell_type"] == "markdown" else ""
    heading = _HEADING.search(first)
    if heading is None:
        return "", ["第一格应为文字格，以“# 标题”开头。"]
    return heading[1], ["标题不能超过 80 个字。"] if len(heading[1]) > 80 else []


def _format_faults(data: dict[str, Any]) -> list[str]:
    faults = []
    if (data.get("nbformat"), data.get("nbformat_minor", 0)) < (4, 5):
        faults.append("笔记本格式应为 nbformat 4.5 以上，请用 JupyterLab 另存一次。")
    metadata = data.get("metadata") or {}
    kernel = (metadata.get("kernelspec") or {}).get("name")
    if kernel != "python3":
        faults.append(f"内核应为 python3，现在是 {kernel or '空的'}。")
    if (metadata.get("lawlab") or {}).get("page", "once") != "once":
        faults.append("课文的 lawlab.page 应为 once。")
    return faults


def _cell_faults(cells: list[dict[str, Any]]) -> list[str]:
    faults = []
    ids = Counter(cell.get("id") for cell in cells)
    for number, cell in enumerate(cells, 1):
        place = _place(number, cell)
        if not cell.get("id"):
            faults.append(f"{place}：缺少格子的 id，请用 JupyterLab 另存一次。")
        elif ids[cell["id"]] > 1:
            faults.append(f"{place}：id 重复。")
        if cell["cell_type"] not in ("markdown", "code"):
            faults.append(f"{place}：只能用文字格和代码格。")
        if cell.get("outputs") or cell.get("execution_count"):
            faults.append(f"{place}：带有运行结果，请清除所有输出后再保存。")
        if cell["cell_type"] == "markdown":
            found = [*_text_faults(_source(cell)), *pictures_in(_source(cell))[1]]
            faults += [f"{place}：{fault}" for fault in found]
    return faults


def _text_faults(text: str) -> list[str]:
    """What no text cell may hold, whoever is to see it."""
    links = [link.strip() for link in _LINK.findall(text)]
    odd = [f"“{link[:40]}”" for link in links if not _SAFE_LINK.match(link)]
    return [
        sentence
        for sentence, found in (
            (_NO_CONTROLS, _UNWRITABLE.search(text)),
            ("文字里不能写 HTML 标签。", _HTML.search(text)),
            (f"链接 {'、'.join(odd)} 不能用，地址应以 https:// 或 / 开头。", odd),
            ("链接请写成 [文字](地址)，不要把地址另写一行。", _DEFINITION.search(text)),
        )
        if found
    ]


def _pictures(cells: list[dict[str, Any]]) -> list[str]:
    texts = [_source(cell) for cell in cells if cell["cell_type"] == "markdown"]
    return [picture.name for text in texts for picture in pictures_in(text)[0]]


def _order_faults(calls: list[Call]) -> list[str]:
    faults = []
    names = [call.name for call in calls]
    if names.count("begin") != 1 or names[0] != "begin":
        faults.append("lesson.begin() 应有且只有一次，放在其他调用之前。")
    if names.count("finish") != 1 or names[-1] != "finish":
        faults.append("lesson.finish() 应有且只有一次，放在最后。")
    cards = [call.texts[0] for call in calls if call.name == "check"]
    if not FEWEST_CARDS <= len(cards) <= MOST_CARDS:
        faults.append(f"一课应有 {FEWEST_CARDS} 到 {MOST_CARDS} 道练习题，现在有 {len(cards)} 道。")
    faults += [f"练习题 {card} 用了 {n} 次。" for card, n in Counter(cards).items() if n > 1]
    return faults


def _references(calls: list[Call]) -> tuple[list[ArticleRef], list[str]]:
    refs, faults = [], []
    for call in calls:
        if call.name == "article":
            law, number = call.texts
            try:
                refs.append(ArticleRef(short_name(str(law)), parse_number(number)))
            except LawlabError as error:
                faults.append(f"{call.place}：{error.sentence}")
    return refs, faults


def _canonical(cells: list[dict[str, Any]], title: str) -> dict[str, Any]:
    """The notebook without what editors leave behind: equal lessons have equal forms."""

    def cell(given: dict[str, Any]) -> dict[str, Any]:
        kept = {
            "cell_type": given["cell_type"],
            "id": given.get("id"),
            "metadata": {},
            "source": _source(given),
        }
        return kept | (
            {"execution_count": None, "outputs": []} if given["cell_type"] == "code" else {}
        )

    return {
        "cells": [cell(given) for given in cells],
        "metadata": {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "lawlab": {"page": "once", "title": title},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _is_cell(cell: object) -> bool:
    return (
        isinstance(cell, dict)
        and isinstance(cell.get("cell_type"), str)
        and isinstance(cell.get("source"), str | list)
    )


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(map(str, source))


def _place(number: int, cell: dict[str, Any]) -> str:
    return f"第 {number} 格" + (f"（{cell['id']}）" if cell.get("id") else "")
