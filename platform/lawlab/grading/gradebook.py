"""Reading nbgrader's gradebook: all marks in one query, and a cheap sign that something changed."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.api import Notebook as NbNotebook
from sqlalchemy import create_engine, select

from lawlab.config import Settings
from lawlab.grading.config import gradebook_url, on_postgresql
from lawlab.grading.postgres import PostgresMarker
from lawlab.grading.recording import NO_RESPONSE
from lawlab.services.quiz_grades import Reading


class ChangeMarker:
    """Tells whether anybody has written to the gradebook since the last time it was asked.

    One PRAGMA a call: SQLite counts the commits of other connections by itself.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[int, int] | None = None

    def changed(self) -> bool:
        """True at the first call, and whenever the gradebook was written or replaced since."""
        if not self._file.exists():
            return False
        inode = self._file.stat().st_ino
        if self._connection is None or (self._seen and self._seen[0] != inode):
            self.close()
            self._connection = sqlite3.connect(self._file)
        [version] = self._connection.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, (inode, version)
        return before != self._seen

    def forget(self) -> None:
        """Make the next call say True: what was read did not get stored."""
        self._seen = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._seen = None


def change_marker(settings: Settings) -> ChangeMarker | PostgresMarker:
    """What tells of changes of this installation's gradebook."""
    if on_postgresql(settings):
        return PostgresMarker(gradebook_url(settings))
    return ChangeMarker(settings.nbgrader_course / "gradebook.db")


def read_gradebook(
    settings: Settings, assignment: str | None = None, login: str | None = None
) -> list[Reading]:
    """Graded submissions with their marks, slot by slot: all, of one assignment, of one learner."""
    marks = _MARKS
    if assignment is not None:
        marks = marks.where(Assignment.name == assignment)
    if login is not None:
        marks = marks.where(SubmittedAssignment.student_id == login)
    engine = create_engine(gradebook_url(settings))
    try:
        with engine.connect() as connection:
            rows = connection.execute(marks).all()
            comments = {
                (row.notebook_id, row.name): row.comment for row in connection.execute(_COMMENTS)
            }
    finally:
        engine.dispose()
    submissions: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        submissions[row.assignment, row.login].append(row)
    return [_reading(*who, given, comments) for who, given in sorted(submissions.items())]


_MARKS = (
    select(
        Assignment.name.label("assignment"),
        SubmittedAssignment.student_id.label("login"),
        Grade.notebook_id.label("notebook_id"),
        GradeCell.name.label("slot"),
        GradeCell.max_score.label("max_points"),
        Grade.auto_score.label("auto"),
        Grade.manual_score.label("manual"),
        Grade.extra_credit.label("extra"),
        SubmittedNotebook.late_submission_penalty.label("penalty"),
    )
    .select_from(Grade)
    .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
    .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
    .join(NbNotebook, NbNotebook.id == SubmittedNotebook.notebook_id)
    .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
    .join(GradeCell, GradeCell.id == Grade.cell_id)
    .order_by(GradeCell.name)
)
_COMMENTS = select(
    Comment.notebook_id.label("notebook_id"),
    BaseCell.name.label("name"),
    Comment.comment.label("comment"),
).join(BaseCell, BaseCell.id == Comment.cell_id)


def _reading(
    assignment: str, login: str, marks: list[Any], comments: dict[tuple[str, str], Any]
) -> Reading:
    slots: dict[str, dict[str, Any]] = {}
    score = 0.0
    for row in marks:
        given = row.auto if row.manual is None else row.manual
        points = None if given is None else given + (row.extra or 0.0)
        score += points or 0.0
        own = comments.get((row.notebook_id, row.slot))
        comment = own or comments.get((row.notebook_id, f"{row.slot}-answer"))
        slots[row.slot] = {
            "points": points,
            "max_points": row.max_points,
            "comment": "未作答" if comment == NO_RESPONSE else comment,
        }
    penalty = min(score, max((row.penalty or 0.0 for row in marks), default=0.0))
    full = sum(row.max_points for row in marks)
    return Reading(assignment, login, score - penalty, full, slots, penalty)
