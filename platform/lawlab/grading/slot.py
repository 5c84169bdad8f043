"""What a marking cell calls, inside the kernel that nbgrader starts for a submission.

The cell knows only its slot: the learner's own question is looked up in `keys/<assignment>.json` of
the course folder, which is never released. So a released notebook holds no key, whoever opens it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lawlab.domain.marking import mark
from lawlab.domain.question import Question, QuestionType

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
    points, line = marked_slot(keys, here.parent.name, slot, chosen)
    print(line)  # noqa: T201
    return points


def marked_slot(
    keys: Mapping[str, Any], student: str, slot: str, chosen: list[str] | None
) -> tuple[float, str]:
    """The same from keys that were read already: points, and the line to print. Raises KeyError
    for a slot that the student's paper does not have."""
    papers: dict[str, Any] = keys["papers"]
    entry = papers.get(student, papers.get(EVERYBODY, {}))[slot]
    question = Question.from_json(entry["question"])
    words = list(chosen or ())
    response = {"filled" if question.blanks else "chosen": words}
    points = mark(question, response, entry["points"], partial=keys["partial"]).points
    assert points is not None  # a case question has no marking cell
    if question.type is QuestionType.MULTIPLE:
        words.sort()
    given = ("；" if question.blanks else "").join(words) or "未作答"
    return points, (
        f"标准答案：{question.answer}；作答：{given}；得 {points:g} / {entry['points']:g} 分"
    )
