"""Second reading: somebody answers a bank from the law alone, without key or explanation, and his
answers are compared with the key. Where they differ, one of them is wrong or the item is unclear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from lawlab.domain.marking import mark
from lawlab.domain.question import Question, QuestionType


@dataclass(frozen=True)
class Disagreement:
    """An item on which key and reader differ."""

    item: str
    key: str
    answer: str


@dataclass(frozen=True)
class Comparison:
    """What a comparison found; `unread` are items without an answer, `cases` have no key:
    a person marks them."""

    agreed: int
    disagreements: tuple[Disagreement, ...]
    unread: tuple[str, ...]
    cases: tuple[str, ...]


def shuffled(questions: Sequence[Question], seed: int) -> list[Question]:
    """The questions in an order that depends on nothing but the seed and their ids."""
    order = sorted(questions, key=lambda question: question.id)
    Random(seed).shuffle(order)  # noqa: S311 - an order of reading, not a secret
    return order


def read_answers(text: str, questions: Sequence[Question]) -> tuple[dict[str, str], list[str]]:
    """Item → answer from lines `id answer`, and the faults of the lines. Empty lines and those that
    begin with # are left out; the letters of an answer may stand in any order, but those of an
    order question are one. What stands in blanks is parted by “；”."""
    known = {question.id: question.type for question in questions}
    answers: dict[str, str] = {}
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        item, answer = words[0], re.sub("[、，,]", "", "".join(words[1:])).upper()
        if not answer:
            faults.append(f"第 {number} 行：“{line.strip()}”应写成“题号 答案”，如 civ-001 B。")
        elif item not in known:
            faults.append(f"第 {number} 行：题库里没有题目 {item}。")
        elif item in answers:
            faults.append(f"第 {number} 行：{item} 前面已经写过答案。")
        else:
            answers[item] = _answer(known[item], words[1:], answer)
    return answers, faults


def _answer(kind: QuestionType, words: list[str], letters: str) -> str:
    if kind is QuestionType.FILL:
        return "".join(words).replace(";", "；")
    if kind is QuestionType.ORDER or letters in ("对", "错"):
        return letters
    return "".join(sorted(letters))


def compare(questions: Sequence[Question], answers: Mapping[str, str]) -> Comparison:
    """Key and answers side by side, in the order of the bank."""
    keyed = [question for question in questions if not question.manual]
    read = [question for question in keyed if question.id in answers]
    differ = [
        Disagreement(question.id, question.answer, answers[question.id])
        for question in read
        if not _agrees(question, answers[question.id])
    ]
    return Comparison(
        agreed=len(read) - len(differ),
        disagreements=tuple(differ),
        unread=tuple(question.id for question in keyed if question.id not in answers),
        cases=tuple(question.id for question in questions if question.manual),
    )


def _agrees(question: Question, answer: str) -> bool:
    if question.type is QuestionType.FILL:
        return bool(mark(question, {"filled": answer.split("；")}, 1).right)
    return answer == question.answer
