"""Points on the board: what lessons and quizzes earn. One place, so that they stay comparable."""

from __future__ import annotations

from collections.abc import Sequence

RIGHT_FIRST_TIME = 2
ANSWERED = 1
LESSON_DONE = 2


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
