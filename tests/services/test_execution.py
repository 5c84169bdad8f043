"""Lessons run in a real kernel; one that fails is named with its cell."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from lawlab.domain.lesson import IMPORT, Lesson
from lawlab.services.execution import run_lessons


def make_lesson(*sources: str) -> Lesson:
    cells: list[dict[str, Any]] = [{"cell_type": "markdown", "id": "m", "source": "# 题目"}]
    cells += [
        {"cell_type": "code", "id": f"c{number}", "source": source}
        for number, source in enumerate(sources, 2)
    ]
    return Lesson("题目", (), (), (), {"cells": cells})


@pytest.fixture(scope="module")
def faults() -> dict[str, list[str]]:
    """What became of lessons that ran in this order in one kernel."""
    return run_lessons(
        {
            "right": make_lesson(IMPORT, "lesson.begin()", 'lesson.steps("先", "后")'),
            "error": make_lesson(IMPORT, 'lesson.article("《某条例》", 1)', "1 / 0"),
            "no import": make_lesson("lesson.begin()"),
            "right again": make_lesson(IMPORT, "lesson.finish()"),
        }
    )


def test_a_lesson_that_runs_has_no_fault(faults: dict[str, list[str]]) -> None:
    assert set(faults) == {"error", "no import"}


def test_the_first_cell_that_fails_is_named(faults: dict[str, list[str]]) -> None:
    (fault,) = faults["error"]
    assert fault.startswith("第 3 格（c3）：运行不了：LawlabError：lesson.article：法律名称")
    assert "Traceback" not in fault


def test_a_lesson_has_nothing_of_the_one_before(faults: dict[str, list[str]]) -> None:
    (fault,) = faults["no import"]
    assert "NameError：name 'lesson' is not defined" in fault


def test_nothing_to_run_starts_no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lawlab.services.execution._kernel", None)
    assert run_lessons({}) == {}


def test_the_kernel_knows_nothing_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAWLAB_DATABASE_URL", "sqlite:///secret")
    probe = "import os; assert 'LAWLAB_DATABASE_URL' not in os.environ, 'leaked'"
    assert run_lessons({"probe": make_lesson(probe)}) == {}


def test_a_markdown_cell_is_not_run() -> None:
    lesson = make_lesson(IMPORT)
    cells = [*lesson.notebook["cells"], {"cell_type": "markdown", "id": "x", "source": "1 / 0"}]
    assert run_lessons({"a": dataclasses.replace(lesson, notebook={"cells": cells})}) == {}
