"""Practising as the platform asks leaves more in mind: the simulation of the benchmark drill-recall
with fewer learners. In which order it asks, tests/services/test_drill.py shows."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[1] / "bench" / "drill_recall.py"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("drill_recall", BENCH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


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
