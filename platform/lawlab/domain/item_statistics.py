"""How well each question of a quiz tells those who know from those who do not.

The formulas are Moodle's (docs.moodle.org/dev/Quiz_statistics_calculations), extended to papers
that differ between people. Which attempts count, the caller decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from lawlab.domain.option_use import OptionUse, chosen_letters, mean, option_uses

LEAST_EFFICIENCY = 15
"""Moodle calls a question dubious below it."""
EASY_ABOVE = 0.95
HARD_BELOW = 0.2

_DIGITS = 12
"""Sums that ought to be equal (0.1 + 0.2, 0.3 + 0) are not; rounded, they are no spread."""


class Answer(NamedTuple):
    """What one attempt holds of one question. `points` is None while a person has to mark it;
    `max_points` is above 0; `response` is as `marking.mark` takes it, None when left blank."""

    points: float | None
    max_points: float
    response: Mapping[str, Any] | None


Attempt = Mapping[str, Answer]
"""Question → its answer, for every question of that person's paper, the blank ones too."""


class Flag(StrEnum):
    NEGATIVE = "negative"
    WEAK = "weak"
    EASY = "easy"
    HARD = "hard"


FLAG_NAMES = {
    Flag.NEGATIVE: "区分度为负",
    Flag.WEAK: "区分效率低",
    Flag.EASY: "偏易",
    Flag.HARD: "偏难",
}
_REASONS = {
    Flag.NEGATIVE: "区分度为负：会的人反而容易答错，请先核对答案。",
    Flag.WEAK: f"区分效率低于 {LEAST_EFFICIENCY}：会不会都得分相近，请看题干和选项有没有歧义。",
    Flag.EASY: f"得分率高于 {EASY_ABOVE:.0%}：几乎人人答对，分不出高低；必须掌握的内容可以保留。",
    Flag.HARD: f"得分率低于 {HARD_BELOW:.0%}：多数人答错，请核对答案，再看这部分内容有没有讲过。",
}


@dataclass(frozen=True)
class ItemStatistics:
    """One question's figures, over the attempts whose paper had it and where it is marked.

    `facility` is the mean share of the full points (0 to 1), None without attempts; `deviation` the
    standard deviation (N − 1) in points, None for fewer than two. Points on papers that gave the
    question another maximum are scaled to `max_points`, the largest.

    `index` (−100 to 100) is the correlation with the rest: the share earned of all other marked
    questions of that attempt. `efficiency` (at most 100) is the covariance in percent of the
    highest that these points and these rests could have. Both are None for fewer than two attempts
    with a rest, or when the points or the rests are all equal.

    `weight` is the percentage that the question has in the spread of the totals, over the attempts
    that are marked completely. None where `PaperStatistics.alpha` has no single paper to go by, for
    fewer than two attempts, for points that are all equal (Moodle writes 0), and for a negative
    covariance with the total.

    `unmarked` and `blank` count answers, `options` those who chose, marked or not.
    """

    question: str
    attempts: int
    unmarked: int
    blank: int
    max_points: float
    facility: float | None
    deviation: float | None
    index: float | None
    efficiency: float | None
    weight: float | None
    options: tuple[OptionUse, ...]

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What a trainer should look at, the gravest first. EASY and HARD are hints only. A
        negative index means a low efficiency too; then WEAK is not said as well."""
        found = {
            Flag.NEGATIVE: self.index is not None and self.index < 0,
            Flag.WEAK: self.efficiency is not None and 0 <= self.efficiency < LEAST_EFFICIENCY,
            Flag.EASY: self.facility is not None and self.facility > EASY_ABOVE,
            Flag.HARD: self.facility is not None and self.facility < HARD_BELOW,
        }
        return tuple(flag for flag, raised in found.items() if raised)


@dataclass(frozen=True)
class PaperStatistics:
    """The whole quiz. `complete` of the `attempts` are fully marked; only they enter the figures.

    `mean`, `deviation` (N − 1) and `error` (the standard error of measurement) are out of 100.
    `alpha` is Cronbach's (at most 1, may be negative); None for fewer than two questions or
    complete attempts, for totals that are all equal, and whenever any two papers differ in a
    question or its maximum. `error` is None when `alpha` is.
    """

    attempts: int
    complete: int
    mean: float | None
    deviation: float | None
    alpha: float | None
    error: float | None


def flag_reason(flag: Flag) -> str:
    """One sentence for the trainer: what was found, and what to do."""
    return _REASONS[flag]


def item_statistics(
    attempts: Sequence[Attempt], options: Mapping[str, Sequence[str]] | None = None
) -> list[ItemStatistics]:
    """Every question that occurs, by its key; the order of the attempts does not matter.

    `options` names the options of each choice question, in the order wanted, so that those nobody
    chose are listed too; a question it does not name (an order, say, which uses all its letters)
    has no `options`. Without it, whatever was chosen is listed.

    An answer not marked yet is left out of that question's figures and of the rests of its attempt,
    whose other questions count.
    """
    weights = _weights(attempts)
    return [
        _item(key, attempts, weights.get(key), () if options is None else options.get(key))
        for key in sorted({key for attempt in attempts for key in attempt})
    ]


def paper_statistics(attempts: Sequence[Attempt]) -> PaperStatistics:
    """The figures of the quiz as a whole; attempts without any question are not counted."""
    papers = [attempt for attempt in attempts if attempt]
    totals = [
        100 * share
        for paper in papers
        if _complete(paper) and (share := _share(paper.values())) is not None
    ]
    deviation, alpha = _deviation(totals), _alpha(papers)
    return PaperStatistics(
        attempts=len(papers),
        complete=len(totals),
        mean=mean(totals),
        deviation=deviation,
        alpha=alpha,
        error=None if alpha is None or deviation is None else deviation * math.sqrt(1 - alpha),
    )


def _item(
    key: str, attempts: Iterable[Attempt], weight: float | None, options: Sequence[str] | None
) -> ItemStatistics:
    held = [(attempt[key], _rest(attempt, key)) for attempt in attempts if key in attempt]
    marked = [(share, rest) for answer, rest in held if (share := _share([answer])) is not None]
    most = max(answer.max_points for answer, _ in held)
    pairs = [(share, rest) for share, rest in marked if rest is not None]
    index, efficiency = _discrimination([x for x, _ in pairs], [r for _, r in pairs])
    chosen = [(chosen_letters(answer.response), rest) for answer, rest in held]
    return ItemStatistics(
        question=key,
        attempts=len(marked),
        unmarked=len(held) - len(marked),
        blank=sum(_blank(answer.response) for answer, _ in held),
        max_points=most,
        facility=mean([share for share, _ in marked]),
        deviation=_deviation([share * most for share, _ in marked]),
        index=index,
        efficiency=efficiency,
        weight=weight,
        options=() if options is None else option_uses(chosen, options),
    )


def _discrimination(
    marks: Sequence[float], rests: Sequence[float]
) -> tuple[float | None, float | None]:
    if _constant(marks) or _constant(rests):
        return None, None
    found = _covariance(marks, rests)
    spread = math.sqrt(_covariance(marks, marks) * _covariance(rests, rests))
    highest = _covariance(sorted(marks), sorted(rests))
    # To six digits: a covariance of nothing must not come out, and be flagged, as negative.
    return round(100 * found / spread, 6) + 0.0, round(100 * found / highest, 6) + 0.0


def _weights(attempts: Sequence[Attempt]) -> dict[str, float]:
    columns, totals = _table(attempts)
    if _constant(totals):
        return {}
    shared = {
        key: covariance
        for key, column in columns.items()
        if not _constant(column)
        and (covariance := round(_covariance(column, totals), _DIGITS)) >= 0
    }
    whole = math.fsum(map(math.sqrt, shared.values()))
    return {key: 100 * math.sqrt(part) / whole for key, part in shared.items()}


def _alpha(attempts: Sequence[Attempt]) -> float | None:
    columns, totals = _table(attempts)
    count = len(columns)
    if count < 2 or _constant(totals):
        return None
    own = math.fsum(_covariance(column, column) for column in columns.values())
    return min(1.0, count / (count - 1) * (1 - own / _covariance(totals, totals)))


def _table(attempts: Sequence[Attempt]) -> tuple[dict[str, list[float]], list[float]]:
    """Question → its points in each complete attempt, and the totals; empty when papers differ."""
    papers = [attempt for attempt in attempts if attempt]
    if len({frozenset((key, one.max_points) for key, one in p.items()) for p in papers}) != 1:
        return {}, []
    complete = [paper for paper in papers if _complete(paper)]
    columns = {
        key: [points for paper in complete if (points := paper[key].points) is not None]
        for key in sorted(papers[0])
    }
    return columns, [round(math.fsum(row), _DIGITS) for row in zip(*columns.values(), strict=True)]


def _complete(attempt: Attempt) -> bool:
    return all(answer.points is not None for answer in attempt.values())


def _rest(attempt: Attempt, key: str) -> float | None:
    return _share(answer for other, answer in attempt.items() if other != key)


def _share(answers: Iterable[Answer]) -> float | None:
    """The share earned of the marked answers; None when none is marked."""
    marked = [(one.points, one.max_points) for one in answers if one.points is not None]
    if not marked:
        return None
    return round(math.fsum(p for p, _ in marked) / math.fsum(m for _, m in marked), _DIGITS)


def _blank(response: Mapping[str, Any] | None) -> bool:
    if not response:
        return True
    filled = response.get("filled")
    written = isinstance(filled, list | tuple) and any(filled)
    return not (chosen_letters(response) or response.get("text") or written)


def _deviation(values: Sequence[float]) -> float | None:
    if _constant(values):
        return 0.0 if len(values) > 1 else None
    return math.sqrt(_covariance(values, values))


def _covariance(first: Sequence[float], second: Sequence[float]) -> float:
    # fsum rounds once, at the end: the order of the attempts cannot show.
    count = len(first)
    one, two = math.fsum(first) / count, math.fsum(second) / count
    products = ((x - one) * (y - two) for x, y in zip(first, second, strict=True))
    return math.fsum(products) / (count - 1)


def _constant(values: Sequence[float]) -> bool:
    """True for fewer than two values too: there is nothing to compare."""
    return len(set(values)) < 2
