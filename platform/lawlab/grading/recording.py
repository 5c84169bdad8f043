"""Writing what was marked without a kernel into nbgrader's gradebook, as autograde would.

Beside nbgrader's own tables stands one of ours with a digest of each manually graded answer, so
that grading again asks for a new mark only where the text has changed.
"""

from __future__ import annotations

import hashlib
from typing import Any

from nbgrader.api import BaseCell, Gradebook, SubmittedAssignment, SubmittedNotebook
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from traitlets.config import Config

from lawlab.grading.direct import Marked, Source
from lawlab.grading.log import known_warnings

NO_RESPONSE = "No response."
"""The comment nbgrader itself writes to an answer that was not given."""

ANSWERS_TABLE = (
    "CREATE TABLE IF NOT EXISTS lawlab_answers ("
    "notebook_id VARCHAR(32), cell VARCHAR(128), digest VARCHAR(64) NOT NULL, "
    "PRIMARY KEY (notebook_id, cell))"
)
"""Submitted notebook and cell → digest of the answer that was graded last."""


def record(gradebook: Gradebook, source: Source, marked: Marked, config: Config) -> None:
    """Store one submission's scores; a repeat gives the same gradebook.

    A mark that a person gave stays, unless the answer it was given for has changed.
    """
    name = source.assignment
    # Passing no names keeps those that are known.
    gradebook.update_or_create_student(marked.login)
    stamp = {} if marked.timestamp is None else {"timestamp": marked.timestamp}
    with known_warnings():
        submission = gradebook.update_or_create_submission(name, marked.login, **stamp)
    notebook = gradebook.find_submission_notebook(name, name, marked.login)
    # Asking each grade for its name would be a query and a flush for every cell.
    cells = select(BaseCell.id, BaseCell.name).where(BaseCell.notebook_id == notebook.notebook_id)
    names = dict(gradebook.db.execute(cells).all())
    for grade in notebook.grades:
        cell = names[grade.cell_id]
        if cell not in marked.grades:
            continue
        score = marked.grades[cell]
        grade.auto_score, kept = score, grade.needs_manual_grade
        grade.needs_manual_grade = grade.manual_score is not None or score is None
        if cell in marked.answers:
            settle(gradebook.db, notebook.id, grade, kept, marked.answers[cell])
    for comment in notebook.comments:
        cell = names[comment.cell_id]
        if cell in marked.empty:
            comment.auto_comment = NO_RESPONSE if marked.empty[cell] else None
    gradebook.db.flush()
    penalise(gradebook, submission, notebook, config)
    gradebook.db.commit()


def settle(db: Session, notebook_id: str, grade: Any, waited: bool, answer: str) -> None:
    """After a grade was saved: keep a person's mark for the answer that it was given for, and ask
    again when that has changed. `waited`: whether the grade wanted a mark before."""
    digest = hashlib.sha256(answer.encode()).hexdigest()
    where = {"notebook": notebook_id, "cell": grade.name}
    before = db.execute(
        text("SELECT digest FROM lawlab_answers WHERE notebook_id = :notebook AND cell = :cell"),
        where,
    ).scalar()
    if grade.manual_score is not None:
        if before is not None and before != digest:
            grade.manual_score, grade.needs_manual_grade = None, grade.auto_score is None
        elif not waited:
            grade.needs_manual_grade = False
    if before != digest:
        db.execute(
            text(
                "INSERT INTO lawlab_answers VALUES (:notebook, :cell, :digest)"
                " ON CONFLICT (notebook_id, cell) DO UPDATE SET digest = :digest"
            ),
            where | {"digest": digest},
        )


def penalise(
    gradebook: Gradebook,
    submission: SubmittedAssignment,
    notebook: SubmittedNotebook,
    config: Config,
) -> None:
    """nbgrader's AssignLatePenalties, with whatever plugin is set."""
    notebook.late_submission_penalty = None
    if submission.total_seconds_late <= 0:
        return
    step = AssignLatePenalties(config=config)
    step.assignment_id = submission.name
    step.init_plugin()
    penalty = step.plugin_inst.late_submission_penalty(
        submission.student_id, notebook.score, submission.total_seconds_late
    )
    if penalty is not None:
        notebook.late_submission_penalty = step._check_late_penalty(notebook, penalty)
