"""Who chose which option, asked directly; `test_item_statistics` asks through whole attempts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.option_use import OptionUse, chosen_letters, option_uses

CHOICES = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from("ABCX")),
        st.none() | st.integers(0, 8).map(lambda n: n / 8),
    ),
    max_size=12,
)


def test_nobody_leaves_every_option_unused() -> None:
    assert option_uses([], "AB") == (
        OptionUse("A", 0, None, None, None),
        OptionUse("B", 0, None, None, None),
    )


def test_a_choice_without_other_questions_counts_but_is_in_no_group() -> None:
    assert option_uses([(frozenset("A"), None)], "A") == (OptionUse("A", 1, None, None, None),)


@given(CHOICES)
def test_every_choice_is_counted_once_and_shares_are_shares(
    chosen: list[tuple[frozenset[str], float | None]],
) -> None:
    uses = option_uses(chosen, "ABC")
    assert [use.option for use in uses][:3] == ["A", "B", "C"]
    assert sum(use.chosen for use in uses) == sum(len(letters) for letters, _ in chosen)
    for use in uses:
        assert (use.upper is None) == (use.lower is None)
        for share in (use.rest, use.upper, use.lower):
            assert share is None or 0 <= share <= 1


@pytest.mark.parametrize(
    ("response", "letters"),
    [
        (None, ""),
        ({}, ""),
        ({"text": "A"}, ""),
        ({"chosen": "A"}, ""),
        ({"chosen": ["A", 3, None, "C"]}, "AC"),
        ({"chosen": ("B",)}, "B"),
    ],
)
def test_only_a_list_of_letters_names_options(
    response: dict[str, Any] | None, letters: str
) -> None:
    assert chosen_letters(response) == frozenset(letters)
