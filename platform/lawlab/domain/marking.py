"""Whether a response is well formed, and what it is worth. The only marking rule of the platform:
check cards, nbgrader's cells and regrading all call `mark`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lawlab.domain.blank_meaning import meaning
from lawlab.domain.question import Question, QuestionType
from lawlab.errors import LawlabError

TEXT_LIMIT = 4000
"""Characters of a written answer; some ten phone screens."""
BLANK_LIMIT = 200
"""Characters in one blank."""

JUDGEMENTS = ("对", "错")
_TELLING = "%‰‱-"
"""Punctuation to Unicode, but it changes what a number says."""


class BadResponse(LawlabError):
    """A response that the question cannot have; the sentence says what it may be."""

    status = 422


@dataclass(frozen=True)
class Marked:
    """What a response is worth. Both are None when a person has to mark it."""

    points: float | None
    right: bool | None


def mark(
    question: Question,
    response: Mapping[str, Any] | None,
    max_points: float,
    *,
    partial: bool = False,
    full: bool = False,
) -> Marked:
    """Mark one response; None stands for no answer and earns nothing, in a case question too.
    `full`: the question turned out to be faulty and everybody gets its points (送分).

    Multiple choice is all or nothing, as Chinese exams do it; with `partial` it earns
    (chosen right − chosen wrong) / right of the points, never below 0. Each blank of a fill
    question earns an equal share; an order is all or nothing. Expects what `check_response` lets
    through; anything else is wrong, never an exception.
    """
    if full:
        return Marked(float(max_points), True)
    if not isinstance(response, Mapping):
        return Marked(0.0, False)
    if question.manual:
        text = response.get("text")
        written = isinstance(text, str) and bool(text)
        return Marked(None, None) if written else Marked(0.0, False)
    if question.type is QuestionType.FILL:
        return _mark_blanks(question, response.get("filled"), max_points)
    if question.type is QuestionType.ORDER:
        given = response.get("chosen")
        right = isinstance(given, list | tuple) and list(given) == list(question.answer)
        return Marked(float(max_points), True) if right else Marked(0.0, False)
    chosen = _chosen(response)
    key = {question.answer} if question.type is QuestionType.JUDGE else set(question.answer)
    if chosen == key:
        return Marked(float(max_points), True)
    if partial and question.type is QuestionType.MULTIPLE:
        share = (len(chosen & key) - len(chosen - key)) / len(key)
        return Marked(max(0.0, share) * max_points, False)
    return Marked(0.0, False)


def check_response(question: Question, response: Any) -> None:
    """Refuse a malformed response. Says what is allowed, never what is right.

    Raises BadResponse `bad_response`.
    """
    if not isinstance(response, Mapping):
        raise _bad("答案的格式不对，请刷新页面后再答。")
    allowed = _field_of(question)
    if set(response) != {allowed}:
        raise _bad("答案的格式不对，请刷新页面后再答。")
    if question.manual:
        _check_text(response[allowed])
    elif question.type is QuestionType.FILL:
        _check_filled(question, response[allowed])
    elif question.type is QuestionType.ORDER:
        _check_order(question, response[allowed])
    else:
        _check_chosen(question, response[allowed])


def same_blank(written: str, spelling: str) -> bool:
    """True when what was written in a blank is this spelling, or says the same number otherwise
    (三十日, 30日, 三十天). Nothing is no spelling."""
    if same_spelling(written, spelling):
        return True
    plain = _plain(written)
    return bool(plain) and meaning(plain) == meaning(_plain(spelling))


def same_spelling(one: str, other: str) -> bool:
    """True when two texts differ in nothing that a blank looks at: full or half width, upper or
    lower case, spaces and the punctuation around do not count."""
    plain = _plain(one)
    return bool(plain) and plain == _plain(other)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = [c for c in folded if not c.isspace() and unicodedata.category(c) != "Cf"]
    first, last = 0, len(kept)
    while first < last and _around(kept[first]):
        first += 1
    while first < last and _around(kept[last - 1]):
        last -= 1
    return "".join(kept[first:last])


def _around(character: str) -> bool:
    return unicodedata.category(character).startswith("P") and character not in _TELLING


def _mark_blanks(question: Question, filled: Any, max_points: float) -> Marked:
    if not isinstance(filled, list | tuple) or len(filled) != len(question.blanks) or not filled:
        return Marked(0.0, False)
    hits = sum(
        isinstance(written, str) and any(same_blank(written, one) for one in spellings)
        for written, spellings in zip(filled, question.blanks, strict=True)
    )
    if hits == len(question.blanks):
        return Marked(float(max_points), True)
    return Marked(max_points * hits / len(question.blanks), False)


def _field_of(question: Question) -> str:
    if question.manual:
        return "text"
    return "filled" if question.type is QuestionType.FILL else "chosen"


def _check_text(text: Any) -> None:
    if not isinstance(text, str) or not text.strip():
        raise _bad("还没有写答案。")
    if len(text) > TEXT_LIMIT:
        raise _bad(f"答案有 {len(text)} 个字，最多 {TEXT_LIMIT} 个字，请删减。")
    _check_storable(text)


def _check_storable(text: str) -> None:
    # A lone surrogate cannot be stored, a NUL not in PostgreSQL.
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
        raise _bad("答案里有无法保存的字符，请删去后再提交。")


def _check_filled(question: Question, filled: Any) -> None:
    if not isinstance(filled, list) or not all(isinstance(one, str) for one in filled):
        raise _bad("答案的格式不对，请刷新页面后再答。")
    if len(filled) != len(question.blanks):
        raise _bad(f"这道题有 {len(question.blanks)} 个空，送来了 {len(filled)} 个，请刷新页面。")
    for n, text in enumerate(filled, 1):
        if len(text) > BLANK_LIMIT:
            raise _bad(f"第 {n} 空有 {len(text)} 个字，最多 {BLANK_LIMIT} 个字，请删减。")
        _check_storable(text)
    if not any(text.strip() for text in filled):
        raise _bad("还没有填答案。")


def _check_order(question: Question, chosen: Any) -> None:
    if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
        raise _bad("答案的格式不对，请刷新页面后再答。")
    if sorted(chosen) != sorted(question.options):
        raise _bad(f"{'、'.join(question.options)} 每一步都要排进去，各排一次。")


def _check_chosen(question: Question, chosen: Any) -> None:
    if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
        raise _bad("答案的格式不对，请刷新页面后再答。")
    judge = question.type is QuestionType.JUDGE
    options = JUDGEMENTS if judge else tuple(question.options)
    if strange := [one for one in chosen if one not in options]:
        raise _bad(f"没有“{strange[0][:20]}”这个选项，可选：{'、'.join(options)}。")
    if not chosen:
        raise _bad("还没有选择答案。")
    if len(set(chosen)) != len(chosen):
        raise _bad("同一个选项选了两次，请刷新页面后再答。")
    if len(chosen) > 1 and question.type is not QuestionType.MULTIPLE:
        raise _bad("这道题只能选一个答案。")


def _chosen(response: Mapping[str, Any] | None) -> set[str]:
    chosen = response.get("chosen") if isinstance(response, Mapping) else None
    if not isinstance(chosen, list | tuple):
        return set()
    return {one for one in chosen if isinstance(one, str)}


def _bad(sentence: str) -> BadResponse:
    return BadResponse("bad_response", sentence)
