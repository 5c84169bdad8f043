"""What a guesser could learn from a bank without knowing any law: where right answers stand, and
how long they are. Judged over a whole bank, never over one item."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from lawlab.domain.question import Question, QuestionType

FEWEST = {QuestionType.SINGLE: 20, QuestionType.JUDGE: 10}
"""Smaller banks are not judged: in them chance alone looks like a habit."""
CHANCE = 0.005
"""A share is far off when honest chance gives one as extreme, on that side, in fewer than one bank
of 200. With four options that is 0 or 11 of 20, 6 or 25 of 60; with 对 and 错 0 or 10 of 10."""
LONGEST_SHARE = 0.4
"""How often the right option may be the only longest. Chance gives a quarter; right answers carry
conditions and exceptions, so somewhat more is no habit yet."""


def balance_faults(questions: Sequence[Question]) -> list[str]:
    """What gives answers away over the single and the judge items of a bank."""
    single = [q for q in questions if q.type is QuestionType.SINGLE and q.options]
    judge = [q for q in questions if q.type is QuestionType.JUDGE]
    faults = []
    if len(single) >= FEWEST[QuestionType.SINGLE]:
        faults += _letter_faults(single) + _longest_faults(single)
    if len(judge) >= FEWEST[QuestionType.JUDGE]:
        right = sum(question.answer == "对" for question in judge)
        if is_far_off(right, len(judge), 0.5):
            faults.append(
                f"{len(judge)} 道判断题里有 {right} 道的答案是“对”，差得太多，应接近一半。"
            )
    return faults


def is_far_off(hits: int, tries: int, chance: float) -> bool:
    """True when `hits` of `tries` is too many or too few for this chance (exact binomial)."""
    ways = [comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(tries + 1)]
    return min(sum(ways[: hits + 1]), sum(ways[hits:])) < CHANCE


def _letter_faults(single: Sequence[Question]) -> list[str]:
    faults = []
    for letter in sorted({letter for question in single for letter in question.options}):
        having = [question for question in single if letter in question.options]
        chance = sum(1 / len(question.options) for question in having) / len(having)
        hits = sum(question.answer == letter for question in having)
        if is_far_off(hits, len(having), chance):
            faults.append(
                f"{len(having)} 道单选题里有 {hits} 道的答案是 {letter}，应接近"
                f" {len(having) * chance:.0f} 道。请调换一些选项的位置。"
            )
    return faults


def _longest_faults(single: Sequence[Question]) -> list[str]:
    telling = [question.id for question in single if _right_is_longest(question)]
    if len(telling) <= LONGEST_SHARE * len(single):
        return []
    return [
        f"{len(single)} 道单选题里有 {len(telling)} 道的正确选项是唯一最长的，最多"
        f" {int(LONGEST_SHARE * len(single))} 道。请把选项写得一样长：{'、'.join(telling)}。"
    ]


def _right_is_longest(question: Question) -> bool:
    right = len(question.options.get(question.answer, ""))
    others = (len(text) for letter, text in question.options.items() if letter != question.answer)
    return all(right > other for other in others)
