"""Reading a blueprint from its TOML file, with all faults at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any

from lawlab.domain.blueprint import (
    FULL_MARKS,
    Blueprint,
    Candidate,
    Counting,
    Mode,
    Section,
    band,
    section,
)
from lawlab.domain.paper import bank_faults
from lawlab.domain.question import MANUAL, QuestionType
from lawlab.errors import FileFaults

ASSIGNMENT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
"""It is a folder's name, a URL's part and nbgrader's assignment id."""

MOST_MINUTES = 600
MOST_QUESTIONS = 200
MOST_ATTEMPTS = 20
DIFFICULTIES = range(1, 6)


def read_blueprint(
    where: str,
    assignment: str,
    data: Mapping[str, Any],
    questions_of: Callable[[str], Sequence[Candidate]],
    zone: tzinfo = UTC,
) -> Blueprint:
    """The blueprint in a parsed TOML file, checked against the bank it names. A time without a zone
    is one of the town's `zone`.

    Raises FileFaults with every fault of the file.
    """
    faults = [*_name_faults(assignment), *_unknown(data, _FIELDS, "")]
    faults += [fault for name, rule in _FIELDS.items() if (fault := _fault(data, name, rule))]
    tables = data.get("section", [])
    sections = _read_sections(tables, faults) if isinstance(tables, list) and tables else []
    mode = data.get("mode", Mode.FIXED)
    if isinstance(bank := data.get("bank"), str) and bank.strip() and mode in set(Mode):
        faults += bank_faults(bank, sections, questions_of(bank), Mode(mode))
    if not faults:
        faults = _rule_faults(assignment, data, sections, zone)
    if faults:
        raise FileFaults(where, faults)
    times = {name: _aware(data[name], zone) for name in ("opens_at", "closes_at") if name in data}
    given = {name: data[name] for name in _FIELDS if name in data and name != "section"}
    given |= {"title": data["title"].strip(), "pass_mark": float(data["pass_mark"])}
    if "late_points" in given:
        given["late_points"] = float(given["late_points"])
    given |= times | {"mode": Mode(mode), "counting": Counting(given.get("counting", "last"))}
    return Blueprint(sections=tuple(sections), **given)


@dataclass(frozen=True)
class _Rule:
    fits: Callable[[Any], bool]
    wanted: str
    required: bool = False


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _one_of(words: type[StrEnum]) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, str) and v in set(words)


def _words(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) and v for v in value)


_TIME = _Rule(lambda v: isinstance(v, datetime), "日期和时间，例如 2022-11-24T09:00:00")
_FIELDS = {
    "title": _Rule(
        lambda v: isinstance(v, str) and 0 < len(v.strip()) <= 80, "1 到 80 个字的标题", True
    ),
    "bank": _Rule(lambda v: isinstance(v, str) and bool(v.strip()), "题库的名字", True),
    "minutes": _Rule(
        lambda v: _is_whole(v) and 1 <= v <= MOST_MINUTES,
        f"1 到 {MOST_MINUTES} 的整数（分钟）",
        True,
    ),
    "pass_mark": _Rule(
        lambda v: _is_number(v) and 0 <= v <= FULL_MARKS, f"0 到 {FULL_MARKS} 的数（及格线）", True
    ),
    "seed": _Rule(lambda v: _is_whole(v) or (isinstance(v, str) and bool(v)), "整数或一串字", True),
    "partial": _Rule(_is_flag, "true 或 false（多选题是否部分给分）"),
    "mode": _Rule(_one_of(Mode), "fixed（同卷）、shuffled（乱序）或 drawn（一人一卷）"),
    "opens_at": _TIME,
    "closes_at": _TIME,
    "late_minutes": _Rule(
        lambda v: _is_whole(v) and 0 <= v <= MOST_MINUTES, f"0 到 {MOST_MINUTES} 的整数（分钟）"
    ),
    "late_points": _Rule(
        lambda v: _is_number(v) and 0 <= v <= FULL_MARKS, f"0 到 {FULL_MARKS} 的数（迟交扣分）"
    ),
    "attempts": _Rule(
        lambda v: _is_whole(v) and 1 <= v <= MOST_ATTEMPTS, f"1 到 {MOST_ATTEMPTS} 的整数（次）"
    ),
    "counting": _Rule(_one_of(Counting), "last（取最后一次）或 best（取最高一次）"),
    "show_score": _Rule(_is_flag, "true 或 false（交卷后是否马上显示得分）"),
    "mock": _Rule(_is_flag, "true 或 false（是否模拟考试）"),
    "makeup_of": _Rule(
        lambda v: isinstance(v, str) and bool(ASSIGNMENT.fullmatch(v)), "要补考的测验的编号"
    ),
    "section": _Rule(lambda v: isinstance(v, list) and bool(v), "至少一个 [[section]] 大题", True),
}
_SECTION_FIELDS = {
    "type": _Rule(
        lambda v: isinstance(v, str) and v in set(QuestionType), "、".join(QuestionType), True
    ),
    "count": _Rule(
        lambda v: _is_whole(v) and 1 <= v <= MOST_QUESTIONS, f"1 到 {MOST_QUESTIONS} 的整数", True
    ),
    "points": _Rule(
        lambda v: _is_number(v) and 0 < v <= FULL_MARKS, "大于 0 的数（每题分值）", True
    ),
    "difficulty": _Rule(
        lambda v: bool(band(v)) and all(_is_whole(d) and d in DIFFICULTIES for d in band(v)),
        "1 到 5 的整数，或者几个这样的整数，例如 [1, 2]",
    ),
    "chapters": _Rule(_words, '章的名字，例如 ["第二章"]'),
    "tags": _Rule(_words, '知识点，例如 ["电话卡"]'),
}


def _name_faults(assignment: str) -> list[str]:
    if ASSIGNMENT.fullmatch(assignment):
        return []
    return [f"文件名“{assignment}”不能用作测验编号：只能用小写字母、数字和连字符，最多 60 个。"]


def _unknown(data: Mapping[str, Any], known: Mapping[str, _Rule], where: str) -> list[str]:
    return [
        f"{where}不认识“{name}”，可用的有：{'、'.join(known)}。"
        for name in data
        if name not in known
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
            sections.append(section(table))
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


def _rule_faults(
    assignment: str, data: Mapping[str, Any], sections: Sequence[Section], zone: tzinfo
) -> list[str]:
    """Settings that are well formed and do not go together."""
    opens, closes = (
        _aware(data[name], zone) if name in data else None for name in ("opens_at", "closes_at")
    )
    manual = any(section.type in MANUAL for section in sections)
    wrong = {
        "“closes_at”应在“opens_at”之后。": opens and closes and closes <= opens,
        "写了“late_minutes”，就要写“closes_at”：迟交从那时算起。": data.get("late_minutes")
        and not closes,
        "写了“late_points”，就要写“late_minutes”：过了时间还收多久的卷。": data.get("late_points")
        and not data.get("late_minutes"),
        '有要人评分的题时，不能取最高一次（counting = "best"），只能取最后一次。': manual
        and data.get("counting") == Counting.BEST,
        "有要人评分的题时，不能交卷后马上显示得分（show_score）。": manual
        and data.get("show_score")
        and not data.get("mock"),
        "补考不能是模拟考试：请去掉“mock”或者“makeup_of”。": data.get("mock")
        and data.get("makeup_of"),
        "模拟考试没有迟交：请去掉“late_minutes”。": data.get("mock") and data.get("late_minutes"),
        "“makeup_of”不能是这个测验自己。": data.get("makeup_of") == assignment,
    }
    return [sentence for sentence, is_so in wrong.items() if is_so]


def _aware(time: datetime, zone: tzinfo) -> datetime:
    return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
