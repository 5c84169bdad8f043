"""The one step of nbgrader's autograde that we exchange; it can go when nbgrader learns it."""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import SaveAutoGrades


class KeepManualMarks(SaveAutoGrades):
    """Stock nbgrader asks for a mark again whenever a submission is graded again; responses are
    frozen at hand-in, so a mark that a person gave stays given."""

    def _add_score(self, cell: Any, resources: Any) -> None:
        name = cell.metadata["nbgrader"]["grade_id"]
        where = (name, self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(*where)
        settled = grade.manual_score is not None and not grade.needs_manual_grade
        super()._add_score(cell, resources)
        if settled:
            grade.needs_manual_grade = False
            self.gradebook.db.commit()
