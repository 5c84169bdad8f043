"""The one step of nbgrader's autograde that we exchange; it can go when nbgrader learns it."""

from __future__ import annotations

from typing import Any

from nbgrader import utils
from nbgrader.preprocessors import SaveAutoGrades
from sqlalchemy import text

from lawlab.grading.recording import ANSWERS_TABLE, settle


class KeepManualMarks(SaveAutoGrades):
    """Stock nbgrader asks for a mark again whenever a submission is graded again; here it is asked
    for only when the answer has changed."""

    def _add_score(self, cell: Any, resources: Any) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        where = (name, self.notebook_id, self.assignment_id, self.student_id)
        waited = self.gradebook.find_grade(*where).needs_manual_grade
        super()._add_score(cell, resources)
        if not utils.is_solution(cell):
            return
        grade = self.gradebook.find_grade(*where)
        self.gradebook.db.execute(text(ANSWERS_TABLE))
        settle(self.gradebook.db, grade.notebook_id, grade, waited, cell.source)
        self.gradebook.db.commit()
