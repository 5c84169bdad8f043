"""A question as an editor's form holds it: every field is there, none need be filled yet.

Translates between forms, bank items and questions, proposes the next id, and says field by field
what changed. What is wrong with a form is `lawlab.domain.item_faults`' business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lawlab.domain.question import LETTERED, MANUAL, TYPE_NAMES, Question, QuestionType
from lawlab.domain.statute_diff import Piece, marked

Form = Mapping[str, Any]
"""The fields of a bank file's item without its id; texts may be empty, numbers None."""

LETTERS = "ABCDEF"
LABELS = {
    "type": "题型",
    "stem": "题干",
    "options": "选项",
    "blanks": "每空的答案",
    "answer": "正确答案",
    "explanation": "解析",
    "why_wrong": "为什么错",
    "articles": "依据条文",
    "evidence": "依据摘句",
    "difficulty": "难度",
    "tags": "标签",
    "rubric": "评分要点",
    "derived": "数字的来历",
    "unconfirmed": "待核的内容",
}
"""What the form calls each field, in the order of the form."""


def blank() -> dict[str, Any]:
    """An empty form."""
    return {
        "type": "single",
        "stem": "",
        "options": dict.fromkeys("ABCD", ""),
        "blanks": [],
        "answer": "",
        "explanation": "",
        "why_wrong": {},
        "articles": [],
        "evidence": "",
        "difficulty": None,
        "tags": [],
        "derived": "",
        "unconfirmed": "",
        "rubric": [],
    }


def is_choice(form: Form) -> bool:
    return form["type"] in ("single", "multiple")


def form_of(question: Question) -> dict[str, Any]:
    """The form that shows a published question."""
    body = {"blanks": ()} | question.to_json()
    return {field: body[field] for field in LABELS} | {
        "type": question.type.value,
        "answer": "" if question.type is QuestionType.FILL else question.answer,
        "blanks": [list(spellings) for spellings in question.blanks],
        "articles": list(question.articles),
        "tags": list(question.tags),
        "rubric": [{"text": p.text, "points": p.points} for p in question.rubric],
    }


def item_of(item: str, form: Form) -> dict[str, Any]:
    """The item as a bank file would hold it: fields that its type does not have are left out."""
    found: dict[str, Any] = {"id": item, "type": form["type"], "stem": form["stem"]}
    if form["type"] in LETTERED:
        found["options"] = dict(form["options"])
    if form["type"] == QuestionType.FILL:
        found["blanks"] = written_blanks(form)
    else:
        found["answer"] = form["answer"]
    found["explanation"] = form["explanation"]
    if is_choice(form):
        wrong = [letter for letter in form["options"] if letter not in form["answer"]]
        found["why_wrong"] = {letter: form["why_wrong"].get(letter, "") for letter in wrong}
    found |= {field: form[field] for field in ("articles", "evidence", "difficulty", "tags")}
    if form["type"] in MANUAL:
        found["rubric"] = [dict(point) for point in form["rubric"]]
    return found | {field: form[field] for field in ("derived", "unconfirmed") if form[field]}


def written_blanks(form: Form) -> list[list[str]]:
    """The spellings of each blank without the empty ones."""
    return [[text for text in one if text.strip()] for one in form["blanks"]]


def file_item(question: Question) -> dict[str, Any]:
    """A published question as a bank file holds it: no empty fields, whole points as such."""
    item = item_of(question.id, form_of(question))
    for point in item.get("rubric", ()):
        if point["points"] == int(point["points"]):
            point["points"] = int(point["points"])
    optional = ("why_wrong", "tags", "rubric")
    return {key: value for key, value in item.items() if value or key not in optional}


def next_id(prefix: str, of_bank: Iterable[str], taken: Iterable[str]) -> str:
    """The id after the highest number of the bank that nobody has: `atf-031`."""
    used = set(taken)
    numbers = [int(found[1]) for item in of_bank if (found := _numbered(prefix, item))]
    number = max(numbers, default=0) + 1
    while f"{prefix}-{number:03}" in used:
        number += 1
    return f"{prefix}-{number:03}"


def _numbered(prefix: str, item: str) -> re.Match[str] | None:
    return re.fullmatch(rf"{re.escape(prefix)}-(\d{{1,9}})", item)


# ---- what changed -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One field that differs: its name, what the form calls it, and the marked words."""

    field: str
    label: str
    pieces: list[Piece]


def changes(before: Form | None, after: Form) -> list[Change]:
    """The fields that differ, in the order of the form. Without `before` everything is new."""
    old = _texts(before) if before is not None else {}
    new = _texts(after)
    return [
        Change(field, _label(field), marked(old.get(field, ""), new.get(field, "")))
        for field in _in_order(old, new)
        if old.get(field, "") != new.get(field, "")
    ]


def _texts(form: Form) -> dict[str, str]:
    """Field, or `options/B`, → its value in words."""
    item = item_of("", form)
    texts = {"type": TYPE_NAMES[QuestionType(form["type"])], "stem": item["stem"]}
    texts |= {f"options/{letter}": text for letter, text in item.get("options", {}).items()}
    texts["blanks"] = "\n".join("／".join(one) for one in item.get("blanks", ()))
    texts |= {"answer": item.get("answer", ""), "explanation": item["explanation"]}
    texts |= {f"why_wrong/{letter}": text for letter, text in item.get("why_wrong", {}).items()}
    texts |= {field: "、".join(item[field]) for field in ("articles", "tags")}
    texts["evidence"] = item["evidence"]
    texts["difficulty"] = str(item["difficulty"] or "")
    texts["rubric"] = "\n".join(
        f"{point['text']}（{point['points'] or 0:g} 分）" for point in item.get("rubric", ())
    )
    return texts | {field: form[field] for field in ("derived", "unconfirmed")}


def _in_order(old: dict[str, str], new: dict[str, str]) -> list[str]:
    order = list(LABELS)
    return sorted({*old, *new}, key=lambda name: (order.index(name.partition("/")[0]), name))


def _label(name: str) -> str:
    field, _, letter = name.partition("/")
    if field == "why_wrong":
        return f"选项 {letter} 为什么错"
    return f"{LABELS[field]} {letter}".strip()
