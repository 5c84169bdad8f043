"""What a marking cell calls, inside the kernel that nbgrader starts for a submission.

The cell knows only its slot: the learner's own question is looked up in `keys/` of the course
folder, which is never released. So a released notebook holds no key, whoever opens it.
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


def keys_file(course: Path, assignment: str, login: str = "") -> Path:
    """Where the keys of an assignment lie in a course folder, or of one learner's own paper."""
    name = f"{assignment}/{login}.json" if login else f"{assignment}.json"
    return course / "keys" / name


def read_keys(course: Path, assignment: str, login: str) -> dict[str, Any]:
    """The keys of a learner's paper: his own, or everybody's. Raises FileNotFoundError."""
    own = keys_file(course, assignment, login)
    file = own if own.exists() else keys_file(course, assignment)
    keys: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return keys


def mark_slot(slot: str, chosen: list[str] | None, folder: Path | None = None) -> float:
    """Points of one answer. Prints key and answer for whoever reads the graded notebook.

    `folder` is where nbgrader runs a submission: <course>/autograded/<student>/<assignment>.
    """
    here = (folder or Path.cwd()).resolve()
    keys = read_keys(here.parents[2], here.name, here.parent.name)
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
    full = bool(entry.get("full", False))
    points = mark(question, response, entry["points"], partial=keys["partial"], full=full).points
    assert points is not None  # a case question has no marking cell
    if question.type is QuestionType.MULTIPLE:
        words.sort()
    given = ("；" if question.blanks else "").join(words) or "未作答"
    return points, (
        f"标准答案：{question.answer}；作答：{given}；得 {points:g} / {entry['points']:g} 分"
    )
