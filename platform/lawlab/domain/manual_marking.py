"""A trainer's mark of a written answer: whether it is well formed and what it adds up to, in which
order answers are shown so that nobody can tell whose they are, and who may look at one now.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from lawlab.domain.question import Question, RubricPoint
from lawlab.errors import LawlabError

STEP = 0.5
"""Marks come in halves of a point."""
COMMENT_LIMIT = 500
LEASE = timedelta(minutes=10)
"""How long an answer is kept for the trainer who looks at it; the page asks again before."""
CODE_LENGTH = 12


class BadMark(LawlabError):
    """A mark that the question cannot have; the sentence says what it may be."""

    status = 422


def rubric_of(question: Question, most: float) -> tuple[RubricPoint, ...]:
    """What is marked point by point; an answer without a rubric is marked as a whole."""
    return question.rubric or (RubricPoint("整道题", most),)


def check_mark(rubric: Sequence[RubricPoint], earned: Sequence[Any], comment: str) -> None:
    """Refuse a malformed mark. Raises BadMark `bad_mark`."""
    if len(earned) != len(rubric):
        raise _bad(f"这道题有 {len(rubric)} 个要点，送来了 {len(earned)} 个分数，请刷新页面。")
    for n, (point, given) in enumerate(zip(rubric, earned, strict=True), 1):
        number = isinstance(given, int | float) and not isinstance(given, bool)
        if not number or not 0 <= given <= point.points:
            raise _bad(f"第 {n} 个要点应在 0 到 {point.points:g} 分之间。")
        if given != point.points and given % STEP:
            raise _bad(f"第 {n} 个要点写着 {given:g} 分，分数以半分为单位。")
    if len(comment) > COMMENT_LIMIT:
        raise _bad(f"评语有 {len(comment)} 个字，最多 {COMMENT_LIMIT} 个字，请删减。")
    # A lone surrogate cannot be stored, a NUL not in PostgreSQL.
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in comment):
        raise _bad("评语里有无法保存的字符，请删去后再保存。")


def total(rubric: Sequence[RubricPoint], earned: Sequence[float], most: float) -> float:
    """What a mark is worth on a paper where the question counts `most`: in proportion, in halves
    of a point. Everything right is always `most`."""
    full, got = sum(point.points for point in rubric), sum(earned)
    if got >= full:
        return float(most)
    if full == most:
        return float(got)
    return min(float(most), math.floor(most * got / full / STEP + 0.5) * STEP)


def half(points: float) -> float:
    """What half of a rubric point is worth, in steps."""
    return math.floor(points / 2 / STEP) * STEP


def place(assignment: str, item: str, sitting: int) -> str:
    """Where an answer stands among all answers to its question: at random, always the same."""
    return hashlib.sha256(f"{assignment}/{item}/{sitting}".encode()).hexdigest()


def code(assignment: str, item: str, sitting: int) -> str:
    """What an answer is called where nobody may see whose it is."""
    return place(assignment, item, sitting)[:CODE_LENGTH]


def lease_end(now: datetime) -> datetime:
    return now + LEASE


def is_held(holder: str, until: datetime, who: str, now: datetime) -> bool:
    """Whether somebody else is looking at an answer."""
    return holder != who and now < until


def _bad(sentence: str) -> BadMark:
    return BadMark("bad_mark", sentence)
