"""What a marking cell calls, inside the kernel that nbgrader starts for a submission.

The cell knows only its slot: the learner's own question is looked up in `keys/<assignment>.json` of
the course folder, which is never released. So a released notebook holds no key, whoever opens it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lawlab.domain.marking import mark
from lawlab.domain.question import Question

EVERYBODY = "*"
"""The paper of those who have none of their own."""


def keys_file(course: Path, assignment: str) -> Path:
    """Where the keys of an assignment lie in a course folder."""
    return course / "keys" / f"{assignment}.json"


def mark_slot(slot: str, chosen: list[str] | None, folder: Path | None = None) -> float:
    """Points of one answer. Prints key and answer for whoever reads the graded notebook.

    `folder` is where nbgrader runs a submission: <course>/autograded/<student>/<assignment>.
    """
    here = (folder or Path.cwd()).resolve()
    keys = json.loads(keys_file(here.parents[2], here.name).read_text("utf-8"))
    papers: dict[str, Any] = keys["papers"]
    entry = papers.get(here.parent.name, papers.get(EVERYBODY, {}))[slot]
    question = Question.from_json(entry["question"])
    points = mark(
        question, {"chosen": chosen or []}, entry["points"], partial=keys["partial"]
    ).points
    assert points is not None  # a case question has no marking cell
    given = "".join(chosen) if chosen else "未作答"
    print(f"标准答案：{question.answer}；作答：{given}；得 {points:g} / {entry['points']:g} 分")  # noqa: T201
    return points
