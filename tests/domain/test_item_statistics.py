"""Item statistics: an example worked by hand, the same figures by numpy, and what always holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.item_statistics import (
    FLAG_NAMES,
    Answer,
    Attempt,
    Flag,
    ItemStatistics,
    flag_reason,
    item_statistics,
    paper_statistics,
)
from lawlab.domain.option_use import OptionUse


def make_attempts(
    table: Sequence[Sequence[float | None]], most: Sequence[float] | float = 1.0
) -> list[Attempt]:
    """One attempt a row; the questions are q0, q1 and so on."""
    return [
        {
            f"q{n}": Answer(points, most if isinstance(most, int | float) else most[n], None)
            for n, points in enumerate(row)
        }
        for row in table
    ]


def choices(*letters: str, **others: Sequence[float]) -> list[Attempt]:
    """Each person's choice in q0, right when A, and their points of 1 in the other questions."""
    return [
        {
            "q0": Answer(
                float(letter == "A"), 1.0, {"chosen": list(letter)} if letter.strip() else None
            ),
            **{key: Answer(column[n], 1.0, None) for key, column in others.items()},
        }
        for n, letter in enumerate(letters)
    ]


def one(attempts: Sequence[Attempt], key: str = "q0", **more: Any) -> ItemStatistics:
    return next(found for found in item_statistics(attempts, **more) if found.question == key)


def make_item(**changes: Any) -> ItemStatistics:
    facts: dict[str, Any] = {
        "question": "q0",
        "attempts": 9,
        "unmarked": 0,
        "blank": 0,
        "max_points": 1.0,
        "facility": 0.5,
        "deviation": 0.5,
        "index": 40.0,
        "efficiency": 50.0,
        "weight": 30.0,
        "options": (),
    }
    return ItemStatistics(**{**facts, **changes})


# ---- the example, worked by hand -----------------------------------------------------------------

# q0 counts 4, q1 counts 2, q2 counts 4. Totals 10, 6, 4, 2: mean 5.5, deviations from it 4.5, 0.5,
# -1.5, -3.5, squares 35, variance 35/3.
EXAMPLE = make_attempts([[4, 2, 4], [4, 2, 0], [0, 0, 4], [0, 2, 0]], [4, 2, 4])


def test_an_example_worked_by_hand() -> None:
    found = one(EXAMPLE)
    assert (found.attempts, found.unmarked, found.max_points) == (4, 0, 4)
    assert found.facility == 0.5
    # Deviations 2, 2, -2, -2: squares 16, variance 16/3.
    assert found.deviation == pytest.approx(math.sqrt(16 / 3))
    # Rest 6, 2, 4, 2: mean 3.5, deviations 2.5, -1.5, 0.5, -1.5, variance 11/3; with q0
    # 5 - 3 - 1 + 3 = 4, covariance 4/3.
    assert found.index == pytest.approx(100 * (4 / 3) / math.sqrt(16 / 3 * 11 / 3))
    assert found.index == pytest.approx(30.151134, abs=1e-6)
    # Sorted: 0, 0, 4, 4 against 2, 2, 4, 6: 3 + 3 + 1 + 5 = 12, covariance 4.
    assert found.efficiency == pytest.approx(100 / 3)
    # With the totals: q0 9 + 1 + 3 + 7 = 20; q1 (0.5, 0.5, -1.5, 0.5) 2.25 + 0.25 + 2.25 - 1.75,
    # that is 3; q2 (2, -2, 2, -2) 9 - 1 - 3 + 7 = 12.
    roots = [math.sqrt(20), math.sqrt(3), math.sqrt(12)]
    assert found.weight == pytest.approx(100 * roots[0] / sum(roots))
    assert [item.weight for item in item_statistics(EXAMPLE)] == pytest.approx(
        [100 * root / sum(roots) for root in roots]
    )


def test_the_paper_of_the_example() -> None:
    found = paper_statistics(EXAMPLE)
    assert (found.attempts, found.complete) == (4, 4)
    assert found.mean == pytest.approx(55)
    assert found.deviation == pytest.approx(10 * math.sqrt(35 / 3))
    # Variances 16/3, 1 and 16/3 add up to 35/3, as much as the totals have: they hang together no
    # more than by chance.
    assert found.alpha == pytest.approx(0)
    assert found.error == pytest.approx(found.deviation)


# ---- the same by other means ---------------------------------------------------------------------

MAXIMA = [2.0, 4.0, 10.0, 3.0]
tables = st.integers(2, 9).flatmap(
    lambda people: st.lists(
        st.tuples(*(st.sampled_from([n / 6 * most for n in range(7)]) for most in MAXIMA)),
        min_size=people,
        max_size=people,
    )
)


def close(found: float | None, wanted: float) -> bool:
    return found is not None and math.isclose(found, wanted, rel_tol=1e-6, abs_tol=2e-6)


@given(tables)
def test_item_figures_agree_with_numpy(table: list[tuple[float, ...]]) -> None:
    marks = np.array(table)
    for n, found in enumerate(item_statistics(make_attempts(table, MAXIMA))):
        column, rest = marks[:, n], marks.sum(axis=1) - marks[:, n]
        assert close(found.facility, float(column.mean() / MAXIMA[n]))
        assert close(found.deviation, float(column.std(ddof=1)))
        if column.std() < 1e-9 or rest.std() < 1e-9:
            assert (found.index, found.efficiency) == (None, None)
            continue
        assert close(found.index, float(100 * np.corrcoef(column, rest)[0, 1]))
        highest = np.cov(np.sort(column), np.sort(rest))[0, 1]
        assert close(found.efficiency, float(100 * np.cov(column, rest)[0, 1] / highest))


@given(tables)
def test_weights_agree_with_numpy_and_add_up_to_100(table: list[tuple[float, ...]]) -> None:
    marks = np.array(table)
    totals = marks.sum(axis=1)
    parts = [float(np.cov(column, totals)[0, 1]) for column in marks.T]
    whole = sum(math.sqrt(part) for part in parts if part > 1e-9)
    weights = [found.weight for found in item_statistics(make_attempts(table, MAXIMA))]
    if totals.std() < 1e-9:
        assert weights == [None] * len(MAXIMA)
        return
    assert sum(weight or 0 for weight in weights) == pytest.approx(100)
    for part, weight in zip(parts, weights, strict=True):
        if part > 1e-9:
            assert close(weight, 100 * math.sqrt(part) / whole)
        elif part < -1e-9:
            assert weight is None


@given(tables)
def test_paper_figures_agree_with_statistics_and_numpy(table: list[tuple[float, ...]]) -> None:
    marks = np.array(table)
    percent = [100 * sum(row) / sum(MAXIMA) for row in table]
    found = paper_statistics(make_attempts(table, MAXIMA))
    assert close(found.mean, fmean(percent))
    assert close(found.deviation, stdev(percent))
    if marks.sum(axis=1).std() < 1e-9:
        assert (found.alpha, found.error) == (None, None)
        return
    # The other common form of alpha: from the mean variance and the mean covariance.
    matrix = np.cov(marks.T)
    count = len(MAXIMA)
    alpha = count**2 * (matrix.sum() - matrix.trace()) / (count * (count - 1)) / matrix.sum()
    assert close(found.alpha, float(alpha))
    assert close(found.error, stdev(percent) * math.sqrt(max(0.0, 1 - float(alpha))))


# ---- what always holds ---------------------------------------------------------------------------

answers = st.builds(
    Answer,
    points=st.none() | st.sampled_from([0.0, 0.5, 1.0]),
    max_points=st.sampled_from([1.0, 2.0, 3.0]),
    response=st.none() | st.sampled_from([{"chosen": ["A"]}, {"chosen": ["A", "C"]}]),
)
drawn = st.lists(
    st.dictionaries(st.sampled_from(["q0", "q1", "q2", "q3"]), answers), min_size=1, max_size=9
)


@given(drawn, st.randoms(use_true_random=False))
def test_the_order_of_attempts_and_of_questions_does_not_matter(
    attempts: list[Attempt], random: Any
) -> None:
    mixed: list[Mapping[str, Answer]] = [
        dict(random.sample(list(attempt.items()), len(attempt))) for attempt in attempts
    ]
    random.shuffle(mixed)
    assert item_statistics(mixed) == item_statistics(attempts)
    assert paper_statistics(mixed) == paper_statistics(attempts)


@given(drawn)
def test_figures_stay_within_their_bounds(attempts: list[Attempt]) -> None:
    for found in item_statistics(attempts):
        assert found.facility is None or 0 <= found.facility <= 1
        assert (found.facility is None) == (found.attempts == 0)
        assert (found.deviation is None) == (found.attempts < 2)
        assert (found.index is None) == (found.efficiency is None)
        if found.index is not None and found.efficiency is not None:
            assert -100 <= found.index <= 100
            assert found.efficiency <= 100
            # No pairing covaries more than the sorted one, and that no more than the spreads allow.
            assert abs(found.efficiency) >= abs(found.index) - 1e-6
            assert found.efficiency * found.index >= 0
        assert found.weight is None or 0 <= found.weight <= 100 + 1e-9
    paper = paper_statistics(attempts)
    assert paper.alpha is None or paper.alpha <= 1
    assert (paper.alpha is None) == (paper.error is None)


@given(
    st.lists(st.integers(0, 6).map(lambda n: n / 3), min_size=2, max_size=9).filter(
        lambda column: len(set(column)) > 1
    ),
    st.integers(2, 6),
)
def test_identical_questions_have_an_alpha_of_1(column: list[float], count: int) -> None:
    attempts = make_attempts([[points] * count for points in column], 2.0)
    found = paper_statistics(attempts)
    assert found.alpha == pytest.approx(1)
    assert found.error == pytest.approx(0, abs=1e-4)
    for item in item_statistics(attempts):
        assert item.index == pytest.approx(100)
        assert item.efficiency == pytest.approx(100)
        assert item.weight == pytest.approx(100 / count)


# ---- what is undefined ---------------------------------------------------------------------------


def test_nothing_gives_nothing() -> None:
    assert item_statistics([]) == []
    assert item_statistics([{}]) == []
    found = paper_statistics([{}])
    assert (found.attempts, found.complete, found.mean, found.deviation) == (0, 0, None, None)
    assert (found.alpha, found.error) == (None, None)


def test_a_single_attempt_has_a_facility_and_no_spread() -> None:
    found = one(make_attempts([[1, 0]]))
    assert (found.attempts, found.facility) == (1, 1)
    assert (found.deviation, found.index) == (None, None)
    assert (found.efficiency, found.weight) == (None, None)
    paper = paper_statistics(make_attempts([[1, 0]]))
    assert (paper.mean, paper.deviation, paper.alpha) == (50, None, None)


def test_a_question_that_everybody_gets_right_has_no_index_and_no_weight() -> None:
    found = one(make_attempts([[1, 0, 1], [1, 1, 1], [1, 0, 0]]))
    assert found.deviation == 0
    assert (found.index, found.efficiency, found.weight) == (None, None, None)


def test_sums_that_differ_in_the_last_digit_only_are_no_spread() -> None:
    assert math.fsum([0.1, 0.2]) != math.fsum([0.3, 0.0])
    attempts = make_attempts([[0.0, 0.1, 0.2], [1.0, 0.3, 0.0], [1.0, 0.2, 0.1]])
    assert one(attempts).index is None
    equal = make_attempts([[0.1, 0.2], [0.3, 0.0], [0.2, 0.1]])
    assert paper_statistics(equal).deviation == 0
    assert paper_statistics(equal).alpha is None
    assert one(equal).weight is None


def test_no_correlation_is_not_a_negative_one() -> None:
    # Each half of q0 has the same rests, only in other parts.
    rests = [[0.1, 0.2], [0.7, 0.0], [0.3, 0.0], [0.4, 0.3]]
    for first in ([1.0, 1.0, 0.0, 0.0], [0.1, 0.1, 0.7, 0.7], [0.3, 0.3, 0.9, 0.9]):
        found = one(make_attempts([[mark, *rest] for mark, rest in zip(first, rests, strict=True)]))
        assert (found.index, found.efficiency, found.flags[:1]) == (0, 0, (Flag.WEAK,))


def test_a_paper_of_one_question_has_no_rest_and_no_alpha() -> None:
    attempts = make_attempts([[1], [0], [1]])
    found = one(attempts)
    assert (found.index, found.efficiency, found.weight) == (None, None, 100)
    assert paper_statistics(attempts).alpha is None


def test_a_negative_covariance_with_the_total_has_no_weight() -> None:
    found = one(make_attempts([[0, 1, 1], [0, 1, 1], [1, 0, 0], [1, 0, 0]]))
    assert found.weight is None
    assert found.index == pytest.approx(-100)
    assert found.efficiency == pytest.approx(-100)


# ---- papers that differ, marks that are missing --------------------------------------------------


def test_papers_that_differ_have_item_figures_but_no_alpha_and_no_weight() -> None:
    attempts: list[Attempt] = [
        {"a": Answer(1, 1, None), "b": Answer(1, 1, None)},
        {"a": Answer(0, 1, None), "c": Answer(0, 1, None)},
        {"b": Answer(1, 1, None), "c": Answer(0, 1, None)},
    ]
    found = one(attempts, "a")
    assert (found.attempts, found.facility) == (2, 0.5)
    assert found.index == pytest.approx(100)
    assert found.weight is None
    paper = paper_statistics(attempts)
    assert (paper.attempts, paper.complete) == (3, 3)
    assert paper.mean == pytest.approx(50)
    assert (paper.alpha, paper.error) == (None, None)


def test_another_maximum_is_scaled_to_the_largest() -> None:
    attempts: list[Attempt] = [
        {"q0": Answer(2, 2, None), "q1": Answer(1, 1, None)},
        {"q0": Answer(2, 4, None), "q1": Answer(0, 1, None)},
        {"q0": Answer(0, 4, None), "q1": Answer(0, 1, None)},
    ]
    found = one(attempts)
    assert (found.max_points, found.facility) == (4, 0.5)
    assert found.deviation == pytest.approx(stdev([4, 2, 0]))
    assert found.index == pytest.approx(100 * np.corrcoef([4, 2, 0], [1, 0, 0])[0, 1])
    assert paper_statistics(attempts).alpha is None


def test_a_missing_mark_leaves_the_question_out_of_that_attempt_only() -> None:
    table: list[list[float | None]] = [[1, 1, 4], [0, 1, 0], [1, 0, 2], [0, 0, None]]
    attempts = make_attempts(table, [1, 1, 4])
    case = one(attempts, "q2")
    assert (case.attempts, case.unmarked) == (3, 1)
    assert case.facility == pytest.approx(0.5)
    first = one(attempts)
    assert (first.attempts, first.unmarked, first.facility) == (4, 0, 0.5)
    # The rest is a share of what is marked: 5 of 5, 1 of 5, 2 of 5, and 0 of 1.
    assert first.index == pytest.approx(100 * np.corrcoef([1, 0, 1, 0], [1, 0.2, 0.4, 0])[0, 1])


def test_an_attempt_with_a_missing_mark_enters_neither_alpha_nor_weights() -> None:
    table: list[list[float | None]] = [[1, 1, 4], [0, 1, 0], [1, 0, 2]]
    short, long = make_attempts(table), make_attempts([*table, [0, 0, None]])
    assert paper_statistics(long).alpha == paper_statistics(short).alpha is not None
    assert (paper_statistics(long).attempts, paper_statistics(long).complete) == (4, 3)
    assert one(long).weight == one(short).weight is not None


def test_a_question_that_nobody_has_marked_yet_has_no_figures() -> None:
    found = one(make_attempts([[1, None], [0, None]]), "q1")
    assert (found.attempts, found.unmarked, found.facility, found.deviation) == (0, 2, None, None)
    assert found.flags == ()


# ---- options -------------------------------------------------------------------------------------


def test_options_tell_who_chose_them() -> None:
    attempts = choices("A", "A", "B", "B", " ", q1=[1, 1, 1, 0, 0], q2=[1, 1, 0, 0, 0])
    found = one(attempts, options={"q0": "ABC"})
    assert found.blank == 1
    # 27 % of 5 is 1; the two best are equal, as are the two weakest.
    assert found.options == (
        OptionUse("A", 2, 1.0, 1.0, 0.0),
        OptionUse("B", 2, 0.25, 0.0, 0.5),
        OptionUse("C", 0, None, 0.0, 0.0),
    )


def test_the_groups_are_27_percent_of_the_attempts() -> None:
    # Ten people, the best first: three are in each group.
    found = one(choices(*"AABBBBBBAB", q1=[1 - n / 10 for n in range(10)]))
    assert [use.upper for use in found.options] == pytest.approx([2 / 3, 1 / 3])
    assert [use.lower for use in found.options] == pytest.approx([1 / 3, 2 / 3])


def test_several_choices_count_each_and_unnamed_options_come_last() -> None:
    attempts = choices("AC", "C", "B", q1=[1, 0, 0])
    assert [(use.option, use.chosen) for use in one(attempts, options={"q0": "BD"}).options] == [
        ("B", 1),
        ("D", 0),
        ("A", 1),
        ("C", 2),
    ]


def test_a_question_that_is_not_named_among_those_with_options_has_none() -> None:
    attempts = choices("BCA", "ABC", q1=[1, 0])
    assert one(attempts, options={"q1": "AB"}).options == ()
    assert len(one(attempts).options) == 3


def test_ties_that_leave_no_two_groups_have_no_group_shares() -> None:
    attempts = choices("A", "B", "A", "B", q1=[1, 1, 1, 1])
    assert [(use.upper, use.lower) for use in one(attempts).options] == [(None, None)] * 2


@pytest.mark.parametrize(
    ("response", "blank"),
    [
        (None, 1),
        ({"chosen": []}, 1),
        ({"text": ""}, 1),
        ({"chosen": None}, 1),
        ({"chosen": ["对"]}, 0),
        ({"text": "应当先报警"}, 0),
        ({"filled": ["", ""]}, 1),
        ({"filled": ["", "三日"]}, 0),
    ],
)
def test_blank_is_what_holds_no_choice_and_no_word(
    response: dict[str, Any] | None, blank: int
) -> None:
    assert one([{"q0": Answer(None, 5, response)}]).blank == blank


# ---- flags ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, ()),
        ({"efficiency": 15.0}, ()),
        ({"efficiency": 14.9}, (Flag.WEAK,)),
        ({"index": 0.0, "efficiency": 0.0}, (Flag.WEAK,)),
        ({"index": -0.1, "efficiency": -0.2}, (Flag.NEGATIVE,)),
        ({"facility": 0.95}, ()),
        ({"facility": 0.96}, (Flag.EASY,)),
        ({"facility": 0.2}, ()),
        ({"facility": 0.19, "efficiency": 3.0}, (Flag.WEAK, Flag.HARD)),
        ({"facility": None, "index": None, "efficiency": None}, ()),
    ],
)
def test_flags_at_their_limits(changes: dict[str, Any], flags: tuple[Flag, ...]) -> None:
    assert make_item(**changes).flags == flags


def test_every_flag_has_a_name_and_a_reason_of_one_sentence() -> None:
    assert set(FLAG_NAMES) == set(Flag)
    for flag in Flag:
        assert flag_reason(flag).endswith("。")
        assert flag_reason(flag).count("。") == 1
    assert flag_reason(Flag.NEGATIVE) == "区分度为负：会的人反而容易答错，请先核对答案。"
    assert "95%" in flag_reason(Flag.EASY)
