"""Whether a response is well formed, and what it is worth. The only marking rule of the platform:
check cards, nbgrader's cells and regrading all call `mark`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lawlab.domain.question import Question, QuestionType
from lawlab.errors import LawlabError

TEXT_LIMIT = 4000
"""Characters of a case answer; some ten phone screens."""

JUDGEMENTS = ("对", "错")


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
) -> Marked:
    """Mark one response; None stands for no answer and earns nothing, in a case question too.

    Multiple choice is all or nothing, as Chinese exams do it; with `partial` it earns
    (chosen right − chosen wrong) / right of the points, never below 0. Expects what
    `check_response` lets through; anything else is wrong, never an exception.
    """
    if question.manual:
        return Marked(None, None) if response and response.get("text") else Marked(0.0, False)
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
    allowed = {"text"} if question.manual else {"chosen"}
    if set(response) != allowed:
        raise _bad("答案的格式不对，请刷新页面后再答。")
    if question.manual:
        _check_text(response["text"])
    else:
        _check_chosen(question, response["chosen"])


def _check_text(text: Any) -> None:
    if not isinstance(text, str) or not text.strip():
        raise _bad("还没有写答案。")
    if len(text) > TEXT_LIMIT:
        raise _bad(f"答案有 {len(text)} 个字，最多 {TEXT_LIMIT} 个字，请删减。")
    # A lone surrogate cannot be stored, a NUL not in PostgreSQL.
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
        raise _bad("答案里有无法保存的字符，请删去后再提交。")


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
