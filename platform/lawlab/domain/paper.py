"""Blueprints and papers: how many questions of which type, and which ones a seed draws.

A draw depends only on the seed and the items' ids, so it can be repeated anywhere; the drawn paper
is stored all the same, and marking uses the stored one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lawlab.domain.question import MANUAL, TYPE_NAMES, Question, QuestionType
from lawlab.errors import FileFaults

ASSIGNMENT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
"""It is a folder's name, a URL's part and nbgrader's assignment id."""

FULL_MARKS = 100
MOST_MINUTES = 600
MOST_QUESTIONS = 200


@dataclass(frozen=True)
class Candidate:
    """A published question in its current version."""

    question: Question
    version: int


@dataclass(frozen=True)
class Section:
    """`count` questions of one type, `points` each."""

    type: QuestionType
    count: int
    points: float


@dataclass(frozen=True)
class Blueprint:
    """What a quiz consists of. `pass_mark` is out of 100; `partial` is for multiple choice."""

    title: str
    bank: str
    minutes: int
    pass_mark: float
    seed: int | str
    sections: tuple[Section, ...]
    partial: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def read_blueprint(
    where: str,
    assignment: str,
    data: Mapping[str, Any],
    questions_of: Callable[[str], Sequence[Candidate]],
) -> Blueprint:
    """The blueprint in a parsed TOML file, checked against the bank it names.

    Raises FileFaults with every fault of the file.
    """
    faults = [*_name_faults(assignment), *_unknown(data, _FIELDS, "")]
    faults += [fault for name, rule in _FIELDS.items() if (fault := _fault(data, name, rule))]
    tables = data.get("section", [])
    sections = _read_sections(tables, faults) if isinstance(tables, list) and tables else []
    if isinstance(bank := data.get("bank"), str) and bank.strip():
        faults += _bank_faults(bank, sections, questions_of(bank))
    if faults:
        raise FileFaults(where, faults)
    return Blueprint(
        title=data["title"].strip(),
        bank=data["bank"],
        minutes=data["minutes"],
        pass_mark=float(data["pass_mark"]),
        seed=data["seed"],
        sections=tuple(sections),
        partial=data.get("partial", False),
    )


def draw(
    blueprint: Blueprint, candidates: Sequence[Candidate], person: str = ""
) -> list[dict[str, Any]]:
    """The paper: slots in order, each with its item, version and points. The same seed, person and
    candidates always give the same paper; options keep their order."""
    seed = f"{blueprint.seed}/{person}"
    drawn: list[tuple[Candidate, float]] = []
    used: set[str] = set()
    for section in blueprint.sections:
        pool = [
            one
            for one in candidates
            if one.question.type is section.type and one.question.id not in used
        ]
        # Ordering by hash, unlike random.sample, is the same in every version of Python.
        chosen = sorted(pool, key=lambda one: _order(seed, one.question.id))[: section.count]
        used.update(one.question.id for one in chosen)
        drawn += [(one, section.points) for one in chosen]
    width = max(2, len(str(len(drawn))))
    return [
        {"slot": f"q{n:0{width}}", "item": c.question.id, "version": c.version, "points": points}
        for n, (c, points) in enumerate(drawn, 1)
    ]


def _order(seed: str, item: str) -> bytes:
    return hashlib.sha256(f"{seed}/{item}".encode()).digest()


@dataclass(frozen=True)
class _Rule:
    fits: Callable[[Any], bool]
    wanted: str
    required: bool = True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_FIELDS = {
    "title": _Rule(lambda v: isinstance(v, str) and 0 < len(v.strip()) <= 80, "1 到 80 个字的标题"),
    "bank": _Rule(lambda v: isinstance(v, str) and bool(v.strip()), "题库的名字"),
    "minutes": _Rule(
        lambda v: _is_whole(v) and 1 <= v <= MOST_MINUTES, f"1 到 {MOST_MINUTES} 的整数（分钟）"
    ),
    "pass_mark": _Rule(
        lambda v: _is_number(v) and 0 <= v <= FULL_MARKS, f"0 到 {FULL_MARKS} 的数（及格线）"
    ),
    "seed": _Rule(lambda v: _is_whole(v) or (isinstance(v, str) and bool(v)), "整数或一串字"),
    "partial": _Rule(lambda v: isinstance(v, bool), "true 或 false（多选题是否部分给分）", False),
    "section": _Rule(lambda v: isinstance(v, list) and bool(v), "至少一个 [[section]] 大题"),
}
_SECTION_FIELDS = {
    "type": _Rule(lambda v: isinstance(v, str) and v in set(QuestionType), "、".join(QuestionType)),
    "count": _Rule(
        lambda v: _is_whole(v) and 1 <= v <= MOST_QUESTIONS, f"1 到 {MOST_QUESTIONS} 的整数"
    ),
    "points": _Rule(lambda v: _is_number(v) and 0 < v <= FULL_MARKS, "大于 0 的数（每题分值）"),
}


def _name_faults(assignment: str) -> list[str]:
    if ASSIGNMENT.fullmatch(assignment):
        return []
    return [f"文件名“{assignment}”不能用作测验编号：只能用小写字母、数字和连字符，最多 60 个。"]


def _unknown(data: Mapping[str, Any], fields: Mapping[str, _Rule], where: str) -> list[str]:
    return [
        f"{where}不认识“{name}”，可用的有：{'、'.join(fields)}。"
        for name in data
        if name not in fields
    ]


def _fault(data: Mapping[str, Any], name: str, rule: _Rule, where: str = "") -> str | None:
    if name not in data:
        return f"{where}缺少“{name}”：应为{rule.wanted}。" if rule.required else None
    if rule.fits(data[name]):
        return None
    return f"{where}“{name}”的值 {data[name]!r:.60} 不对：应为{rule.wanted}。"


def _read_sections(tables: list[Any], faults: list[str]) -> list[Section]:
    sections = []
    for n, table in enumerate(tables, 1):
        where = f"第 {n} 个大题："
        if not isinstance(table, Mapping):
            faults.append(f"{where}应写成 [[section]] 表。")
            continue
        found = _unknown(table, _SECTION_FIELDS, where)
        found += [
            fault
            for name, rule in _SECTION_FIELDS.items()
            if (fault := _fault(table, name, rule, where))
        ]
        if not found:
            sections.append(
                Section(QuestionType(table["type"]), table["count"], float(table["points"]))
            )
        faults += found
    if len(sections) == len(tables):
        faults += _size_faults(sections)
    return sections


def _size_faults(sections: Sequence[Section]) -> list[str]:
    faults = []
    if (count := sum(section.count for section in sections)) > MOST_QUESTIONS:
        faults.append(f"一份试卷最多 {MOST_QUESTIONS} 道题，这里共 {count} 道。")
    total = sum(section.count * section.points for section in sections)
    if abs(total - FULL_MARKS) > 1e-9:
        faults.append(f"各大题的分值合计 {total:g} 分，应为 {FULL_MARKS} 分。")
    return faults


def _bank_faults(
    bank: str, sections: Sequence[Section], candidates: Sequence[Candidate]
) -> list[str]:
    if not candidates:
        return [f"题库“{bank}”里没有已发布的题。请先导入并发布这个题库，或改正名字。"]
    faults = []
    for kind in dict.fromkeys(section.type for section in sections):
        wanted = sum(section.count for section in sections if section.type is kind)
        held = sum(one.question.type is kind for one in candidates)
        if wanted > held:
            faults.append(f"{TYPE_NAMES[kind]}要 {wanted} 道，题库“{bank}”里只有 {held} 道。")
    for kind, points in dict.fromkeys((s.type, s.points) for s in sections if s.type in MANUAL):
        faults += [
            f"{TYPE_NAMES[kind]} {question.id} 的评分要点合计 {question.rubric_points:g} 分，"
            f"与这里的每题 {points:g} 分不符。"
            for question in (one.question for one in candidates)
            if question.type is kind and abs(question.rubric_points - points) > 1e-9
        ]
    return faults
