"""Points on the boards. One place, so that they stay comparable."""

from __future__ import annotations

from collections.abc import Sequence

RIGHT_FIRST_TIME = 2
ANSWERED = 1
LESSON_DONE = 2
DRILL_RIGHT, DRILL_COUNTED, DRILL_DONE = 0.3, 10, 2
CHAIN_RIGHT, CHAIN_MOST = 0.25, 5.0
DUEL_WON, DUEL_DRAWN, DUEL_LOST = 3.0, 2.5, 2.0
DUELS_A_DAY = 2


def lesson_points(first_marks: Sequence[bool], total: int) -> float:
    """Points for a lesson: `first_marks` says of each answered check card whether the first answer
    was right, `total` is how many cards the lesson has. Answering again never changes them."""
    points = sum(RIGHT_FIRST_TIME if right else ANSWERED for right in first_marks)
    done = total > 0 and len(first_marks) >= total
    return float(points + (LESSON_DONE if done else 0))


def quiz_points(score: float, max_score: float) -> float:
    """A quiz counts as its percentage, 0 to 100, to two decimals."""
    if max_score <= 0:
        return 0.0
    return round(min(1.0, max(0.0, score / max_score)) * 100, 2)


def drill_day_points(right: int, done: bool) -> float:
    """A day of practice: something for each question known at once, up to DRILL_COUNTED, and for
    having done the day: at most 5. More practice earns nothing more, so nobody farms it."""
    return round(DRILL_RIGHT * min(right, DRILL_COUNTED) + (DRILL_DONE if done else 0), 2)


def chain_points(best: int) -> float:
    """The best run of 挑战答题 of a week, of so many right answers; at most CHAIN_MOST."""
    return min(CHAIN_MOST, CHAIN_RIGHT * best)


def duel_points(won: bool | None) -> float:
    """One of the first DUELS_A_DAY duels of a day; None: a draw. Losing costs little: it is
    practice too."""
    if won is None:
        return DUEL_DRAWN
    return DUEL_WON if won else DUEL_LOST


def mastery_points(mastery: float) -> float:
    """What somebody remembers of all that is practised (0 to 1), as 0 to 100."""
    return round(100 * mastery, 1)


def contest_points(points: float, most: float) -> float:
    """A contest counts as a percentage of what one person could earn in it, 0 to 100."""
    return quiz_points(points, most)
