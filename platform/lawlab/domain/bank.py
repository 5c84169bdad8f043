"""The rules of a question bank: what a file and each of its items must hold.

Every fault is returned at once, as a sentence that names the item. Reading YAML is left to others,
and what the cited law must say to `lawlab.domain.citation`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lawlab.domain.marking import BLANK_LIMIT, same_spelling
from lawlab.domain.question import (
    GAP,
    MANUAL,
    TYPE_NAMES,
    Question,
    QuestionType,
    RubricPoint,
    joined,
)
from lawlab.domain.statute import ArticleRef, normalised, short_name
from lawlab.domain.wording import question_wording_faults
from lawlab.errors import LawlabError

CASE_POINTS = 20
"""What the rubric of a case question adds up to; a paper may scale it."""
MOST_POINTS = 100
"""What the rubric of a short question may add up to."""
FEWEST_STEPS = 3
"""Of an order question: two steps are a guess between two."""
ITEM_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
BANK_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_HEAD = ("bank", "law", "awaits", "items")
_CHOICE = (QuestionType.SINGLE, QuestionType.MULTIPLE)
_NEEDED = ("id", "type", "stem", "answer", "explanation", "articles", "evidence", "difficulty")
_KNOWN = (*_NEEDED, "options", "why_wrong", "blanks", "tags", "rubric", "derived", "unconfirmed")


@dataclass(frozen=True)
class Bank:
    """A bank file that was read; `questions` are the items whose form is right, so that the law
    can be asked about them although their wording may be faulty."""

    slug: str
    law: str
    questions: tuple[Question, ...]
    awaits: tuple[str, ...] = ()
    """Laws that the town imports itself; until then references to them are no faults."""


def read_bank(data: object) -> tuple[Bank, list[str]]:
    """The bank in parsed YAML, and all its faults. Use the bank only when there are none."""
    if not isinstance(data, dict):
        return Bank("", "", ()), ["文件应以 bank、law、items 三项开头。"]
    faults = [f"不认识的项目“{key}”。" for key in data if key not in _HEAD]
    slug, law, items = data.get("bank"), data.get("law"), data.get("items")
    awaits = data.get("awaits", [])
    if not _texts(awaits):
        faults.append("awaits 应为法律名称的列表，如 [信访工作条例]；没有就不写。")
        awaits = []
    if not isinstance(slug, str) or not BANK_SLUG.fullmatch(slug):
        faults.append(f"bank 应为小写字母、数字和连字符的题库名，现在是“{slug}”。")
    if not isinstance(law, str) or not law.strip():
        faults.append("law 应写明法律名称，如 反电信网络诈骗法。")
    if not isinstance(items, list) or not items:
        faults.append("items 应为题目列表，至少一题。")
        items = []
    questions: list[Question] = []
    seen: set[str] = set()
    for place, item in enumerate(items, 1):
        question, found = read_item(item, f"第 {place} 题")
        if question and question.id in seen:
            found.append(f"{question.id}：编号重复。")
        elif question and not question_faults(question):
            questions.append(question)
        faults += found
        if question:
            seen.add(question.id)
    return Bank(
        str(slug or ""),
        short_name(str(law or "")),
        tuple(questions),
        tuple(map(short_name, awaits)),
    ), faults


def read_item(item: object, place: str) -> tuple[Question | None, list[str]]:
    """One item and its faults, each beginning with the item's id, or with `place` without one."""
    if not isinstance(item, dict):
        return None, [f"{place}：应为一组“名称：内容”。"]
    name = item["id"] if isinstance(item.get("id"), str) else place
    faults = _shape_faults(item)
    if faults:
        return None, [f"{name}：{fault}" for fault in faults]
    question = _question(item)
    faults = question_faults(question) + question_wording_faults(question)
    return question, [f"{name}：{fault}" for fault in faults]


def question_faults(question: Question) -> list[str]:
    """What is wrong with a question by itself, without looking at the law."""
    faults = []
    if not ITEM_ID.fullmatch(question.id) or len(question.id) > 60:
        faults.append("编号应形如 atf-001。")
    if not 1 <= question.difficulty <= 5:
        faults.append(f"difficulty 应为 1 到 5，现在是 {question.difficulty}。")
    if not question.articles:
        faults.append("articles 至少写一条依据。")
    for ref in question.articles:
        try:
            ArticleRef.parse(ref)
        except LawlabError as error:
            faults.append(error.sentence)
    if question.type in _CHOICE:
        faults += _choice_faults(question)
    elif question.type is QuestionType.ORDER:
        faults += _order_faults(question)
    elif question.options or question.why_wrong:
        faults.append(f"{TYPE_NAMES[question.type]}不写 options 和 why_wrong。")
    if question.type is QuestionType.FILL:
        faults += _blank_faults(question)
    elif question.blanks:
        faults.append("只有填空题写 blanks。")
    if question.type is QuestionType.JUDGE and question.answer not in ("对", "错"):
        faults.append(f"判断题的 answer 应为“对”或“错”，现在是“{question.answer}”。")
    return faults + _rubric_faults(question)


def _choice_faults(question: Question) -> list[str]:
    letters, options = list(question.answer), list(question.options)
    if len(options) < 2:
        return ["至少要有两个选项。"]
    faults = _option_faults(question)
    outside = [letter for letter in letters if letter not in options]
    if outside:
        faults.append(f"answer 里的 {'、'.join(outside)} 不是选项（选项有 {'、'.join(options)}）。")
    if letters != sorted(set(letters)):
        faults.append(f"answer“{question.answer}”应按字母顺序写，不重复。")
    if question.type is QuestionType.SINGLE and len(letters) != 1:
        faults.append(f"单选题的 answer 应为一个字母，现在是“{question.answer}”。")
    if question.type is QuestionType.MULTIPLE and len(letters) < 2:
        faults.append(f"多选题的 answer 至少两个字母，现在是“{question.answer}”。")
    wrong = [letter for letter in options if letter not in letters]
    if not outside and sorted(question.why_wrong) != sorted(wrong):
        faults.append(f"why_wrong 应说明每个错误选项（{'、'.join(wrong) or '无'}），不多也不少。")
    return faults


def _option_faults(question: Question) -> list[str]:
    options, faults = list(question.options), []
    if options != [chr(ord("A") + n) for n in range(len(options))]:
        faults.append(f"选项应从 A 起依次编号，现在是 {'、'.join(options)}。")
    if len({normalised(text) for text in question.options.values()}) < len(options):
        faults.append("有两个选项内容相同。")
    return faults


def _order_faults(question: Question) -> list[str]:
    options = list(question.options)
    faults = ["排序题不写 why_wrong。"] if question.why_wrong else []
    if len(options) < FEWEST_STEPS:
        return [*faults, f"排序题的 options 至少要有 {FEWEST_STEPS} 个。"]
    faults += _option_faults(question)
    if sorted(question.answer) != sorted(options):
        faults.append(
            f"排序题的 answer“{question.answer}”应把 {'、'.join(options)} 各写一次，按正确的顺序。"
        )
    elif list(question.answer) == options:
        faults.append("排序题的 options 已经是正确的顺序，请打乱后再写 answer。")
    return faults


def _blank_faults(question: Question) -> list[str]:
    gaps, faults = len(GAP.findall(question.stem)), []
    if gaps != len(question.blanks):
        faults.append(
            f"blanks 写了 {len(question.blanks)} 个空的答案，"
            f"stem 里有 {gaps} 个空（四条下划线算一个空），应一样多。"
        )
    for n, spellings in enumerate(question.blanks, 1):
        for place, text in enumerate(spellings):
            if len(text) > BLANK_LIMIT:
                faults.append(f"blanks 第 {n} 空的答案最多 {BLANK_LIMIT} 个字。")
            elif not same_spelling(text, text):
                faults.append(f"blanks 第 {n} 空的“{text}”只有标点，没有内容。")
            elif any(same_spelling(text, earlier) for earlier in spellings[:place]):
                faults.append(
                    f"blanks 第 {n} 空的“{text}”和前面的写法判起来一样"
                    "（不分全角半角、大小写、空格和首尾标点），请删去。"
                )
    return faults


def _rubric_faults(question: Question) -> list[str]:
    if question.type not in MANUAL:
        return ["只有案例题和简答题写 rubric。"] if question.rubric else []
    faults = []
    if any(point.points <= 0 for point in question.rubric):
        faults.append("rubric 每个得分点的 points 应大于 0。")
    total = question.rubric_points
    if question.type is QuestionType.CASE and total != CASE_POINTS:
        faults.append(f"rubric 的分数应合计 {CASE_POINTS}，现在合计 {total:g}。")
    elif not 0 < total <= MOST_POINTS:
        faults.append(f"rubric 的分数应合计大于 0、不超过 {MOST_POINTS}，现在合计 {total:g}。")
    return faults


def _shape_faults(item: dict[Any, Any]) -> list[str]:
    faults = [f"不认识的项目“{key}”。" for key in item if key not in _KNOWN]
    fill = item.get("type") == QuestionType.FILL
    needed = ["blanks" if fill and key == "answer" else key for key in _NEEDED]
    missing = [key for key in needed if item.get(key) in (None, "", [])]
    if missing:
        faults.append(f"缺少 {'、'.join(missing)}。")
    if "type" not in missing and item["type"] not in list(QuestionType):
        faults.append(f"type“{item['type']}”不对，可用 {'、'.join(QuestionType)}。")
    for key in ("id", "stem", "answer", "explanation", "evidence", "derived", "unconfirmed"):
        if key in item and item[key] is not None and not isinstance(item[key], str):
            faults.append(f"{key} 应为文字，请加引号。")
    if fill and item.get("answer") not in (None, ""):
        faults.append("填空题不写 answer，答案写在 blanks。")
    blanks = item.get("blanks") or []
    if not isinstance(blanks, list) or not all(one and _texts(one) for one in blanks):
        faults.append(
            "blanks 应为每个空的写法列表，如 [[三十日, 30日], [公安机关]]，数字请加引号。"
        )
    if "difficulty" not in missing and not _whole(item["difficulty"]):
        faults.append("difficulty 应为 1 到 5 的整数。")
    for key in ("articles", "tags"):
        if not _texts(item.get(key) or []):
            faults.append(f"{key} 应为文字列表。")
    for key in ("options", "why_wrong"):
        value = item.get(key) or {}
        if not (isinstance(value, dict) and _texts([*value, *value.values()])):
            faults.append(f"{key} 应为“字母：文字”，数字等请加引号。")
    if not all(_is_rubric_point(point) for point in _list(item.get("rubric"))):
        faults.append("rubric 应为得分点列表，每点写 text 和 points。")
    return faults


def _question(item: dict[str, Any]) -> Question:
    blanks = tuple(tuple(text.strip() for text in one) for one in item.get("blanks") or ())
    return Question(
        id=item["id"],
        type=QuestionType(item["type"]),
        stem=item["stem"].strip(),
        options={letter: text.strip() for letter, text in (item.get("options") or {}).items()},
        answer=(item.get("answer") or "").strip() or joined(blanks),
        explanation=item["explanation"].strip(),
        articles=tuple(item["articles"]),
        evidence=item["evidence"].strip(),
        difficulty=item["difficulty"],
        tags=tuple(item.get("tags") or ()),
        rubric=tuple(
            RubricPoint(point["text"].strip(), float(point["points"]))
            for point in item.get("rubric") or ()
        ),
        derived=(item.get("derived") or "").strip(),
        unconfirmed=(item.get("unconfirmed") or "").strip(),
        why_wrong={letter: text.strip() for letter, text in (item.get("why_wrong") or {}).items()},
        blanks=blanks,
    )


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)


def _list(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_rubric_point(point: object) -> bool:
    return (
        isinstance(point, dict)
        and set(point) == {"text", "points"}
        and _texts([point["text"]])
        and isinstance(point["points"], int | float)
        and not isinstance(point["points"], bool)
    )
