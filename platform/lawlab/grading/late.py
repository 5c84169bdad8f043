"""The penalty for handing in late, as nbgrader asks for it."""

from __future__ import annotations

import json
from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin

from lawlab.grading.slot import keys_file


class FixedPenalty(LateSubmissionPlugin):
    """Takes off the points that the quiz's blueprint says (`late_points`), however late it is:
    after the end of the late time nothing is taken in anyway."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The points to take off, never more than there are; None when nothing is."""
        # formgrader does not put the assignment into the config; nbgrader's own step knows it.
        course, assignment = Path(self.config.CourseDirectory.root), self.parent.assignment_id
        file = keys_file(course, assignment)
        if total_seconds_late <= 0 or not file.exists():
            return None
        points = float(json.loads(file.read_text("utf-8")).get("late_points", 0.0))
        return min(points, score) if points else None
