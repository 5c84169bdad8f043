"""Board points of lessons and quizzes."""

from __future__ import annotations

import pytest

from lawlab.domain.points import lesson_points, quiz_points


@pytest.mark.parametrize(
    ("first_marks", "total", "points"),
    [
        ([], 4, 0),
        ([True], 4, 2),
        ([False], 4, 1),
        ([True, True, False], 4, 5),
        ([True, True, False, True], 4, 9),
        ([False, False, False, False], 4, 6),
        ([], 0, 0),
    ],
)
def test_lesson_points_pay_the_first_answer_and_the_completed_lesson(
    first_marks: list[bool], total: int, points: float
) -> None:
    assert lesson_points(first_marks, total) == points


@pytest.mark.parametrize(
    ("score", "max_score", "points"),
    [(80, 100, 80), (20, 25, 80), (0, 100, 0), (1, 3, 33.33), (105, 100, 100), (0, 0, 0)],
)
def test_a_quiz_counts_as_its_percentage(score: float, max_score: float, points: float) -> None:
    assert quiz_points(score, max_score) == points
