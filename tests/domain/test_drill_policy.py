"""What is asked first when more is due than fits, and that practising so leaves more in mind: the
simulation of tests/bench/drill_recall.py with fewer learners."""

from __future__ import annotations

import datetime as dt
import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawlab.domain.drill import Memory, order_due

DAY = dt.date(2026, 12, 1)
BENCH = Path(__file__).parents[1] / "bench" / "drill_recall.py"

names = st.text("abc", min_size=1, max_size=3)
shifts = st.dictionaries(names, st.integers(-30, 30), max_size=20)


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("drill_recall", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


def memory(shift: int) -> Memory:
    """One that is due so many days after DAY."""
    return Memory(stability=5, difficulty=5, last=DAY - dt.timedelta(60), due=_day(shift))


def _day(shift: int) -> dt.date:
    return DAY + dt.timedelta(days=shift)


@given(shifts)
def test_exactly_what_is_due_is_asked_each_once_the_oldest_promise_first(
    due: dict[str, int],
) -> None:
    order = order_due([(item, memory(shift)) for item, shift in due.items()], DAY)
    assert set(order) == {item for item, shift in due.items() if shift <= 0}
    assert len(order) == len(set(order))
    assert [(due[item], item) for item in order] == sorted((due[item], item) for item in order)


@given(shifts, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_questions_came(
    due: dict[str, int], chance: random.Random
) -> None:
    given_so = [(item, memory(shift)) for item, shift in due.items()]
    mixed = list(given_so)
    chance.shuffle(mixed)
    assert order_due(mixed, DAY) == order_due(given_so, DAY)


@given(shifts, st.integers(0, 30))
def test_what_waits_longer_loses_no_place_to_what_falls_due_later(
    due: dict[str, int], days: int
) -> None:
    memories = [(item, memory(shift)) for item, shift in due.items()]
    before = order_due(memories, DAY)
    assert order_due(memories, _day(days))[: len(before)] == before


@pytest.mark.parametrize("model", ["exponential", "power"])
def test_more_is_known_on_the_contest_day_than_after_other_practice(
    bench: ModuleType, model: str
) -> None:
    town = bench.Town(learners=15)
    ours, chance, fixed = (
        bench.recall(policy, model, 0, town) for policy in ("ours", "random", "fixed")
    )
    assert ours > chance
    assert ours >= fixed


def test_the_same_seed_gives_the_same_figures_and_another_one_others(bench: ModuleType) -> None:
    town = bench.Town(learners=2, days=30, items=50)
    first = bench.recall("ours", "power", 1, town)
    assert bench.recall("ours", "power", 1, town) == first
    assert bench.recall("ours", "power", 2, town) != first
