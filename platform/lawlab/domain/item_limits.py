"""How much each field of a question's form takes. The editor's API holds what it is sent to this,
and an import what it brings, so that whatever became a draft can be saved again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lawlab.domain.item_form import LABELS, LETTERS, Form
from lawlab.domain.marking import BLANK_LIMIT

LONGEST: Mapping[str, int] = {
    "stem": 2000,
    "options": 400,
    "blanks": BLANK_LIMIT,
    "answer": 4000,
    "explanation": 4000,
    "why_wrong": 1000,
    "articles": 140,
    "evidence": 1000,
    "tags": 20,
    "rubric": 400,
    "derived": 1000,
    "unconfirmed": 2000,
}
"""Characters of each text of a field: of one option, one spelling, one tag."""
MOST_ENTRIES = 12
"""Blanks, spellings of one blank, articles, tags, points of a rubric."""


def limit_faults(form: Form, names: Mapping[str, str] = LABELS) -> Iterator[str]:
    """A sentence for each text and each list of a form that is too long for it. `names`: what a
    person calls the fields."""
    if len(form["options"]) > len(LETTERS):
        yield f"有 {len(form['options'])} 个选项，最多 {len(LETTERS)} 个。"
    for what, count, unit in _counts(form, names):
        if count > MOST_ENTRIES:
            yield f"{what}有 {count} {unit}，最多 {MOST_ENTRIES} {unit}。"
    for field, what, text in _texts(form, names):
        if len(text) > LONGEST[field]:
            yield f"{what}有 {len(text)} 个字，最多 {LONGEST[field]} 个字，请删减。"


def _counts(form: Form, names: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    yield "答案", len(form["blanks"]), "个空"
    for n, spellings in enumerate(form["blanks"], 1):
        yield f"第 {n} 空", len(spellings), "种写法"
    yield names["articles"], len(form["articles"]), "条"
    yield names["tags"], len(form["tags"]), "个"
    yield names["rubric"], len(form["rubric"]), "点"


def _texts(form: Form, names: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each text with its field and what a person calls it."""
    for field in ("stem", "answer", "explanation", "evidence", "derived", "unconfirmed"):
        yield field, names[field], form[field]
    for letter, text in form["options"].items():
        yield "options", f"选项 {letter} ", text
    for letter, text in form["why_wrong"].items():
        yield "why_wrong", f"选项 {letter} 的说明", text
    for n, spellings in enumerate(form["blanks"], 1):
        for text in spellings:
            yield "blanks", f"第 {n} 空的答案", text
    for field in ("articles", "tags"):
        for text in form[field]:
            yield field, f"{names[field]}“{_begin(text)}”", text
    for n, point in enumerate(form["rubric"], 1):
        yield "rubric", f"第 {n} 个评分要点", point["text"]


def _begin(text: str) -> str:
    return text if len(text) <= 12 else f"{text[:12]}…"
