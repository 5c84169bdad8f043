"""Trainers' marks from the desk in nbgrader's gradebook, where formgrader shows and changes them.

Beside nbgrader's own tables stands one of ours with the mark that was written last, so that each
is written once: what somebody changes in formgrader afterwards stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker
from traitlets.config import Config

from lawlab.config import Settings
from lawlab.grading.config import course_config, course_id, gradebook_url
from lawlab.grading.course import course_lock
from lawlab.grading.gradebook import read_gradebook
from lawlab.grading.recording import penalise
from lawlab.services.jobs import Claim
from lawlab.services.marking_jobs import SlotMark, finish_marking, latest, newest_marks
from lawlab.services.quiz_grades import bring_back
from lawlab.store.tables import Sitting

MARKS_TABLE = (
    "CREATE TABLE IF NOT EXISTS lawlab_marks ("
    "notebook_id VARCHAR(32), cell VARCHAR(128), mark INTEGER NOT NULL, "
    "PRIMARY KEY (notebook_id, cell))"
)
"""Submitted notebook and cell → id of the desk's mark that was written last."""


def write_marks(
    sessions: sessionmaker[Session], settings: Settings, taken: Claim, now: datetime
) -> None:
    """Do a job `mark`: bring the marks of a sitting into the gradebook and back as its grade. A
    repeat changes nothing. What is not graded yet gets its marks with the grading."""
    # Held to the end: a hand-in graded meanwhile would ask for this job while it still runs.
    with course_lock(settings):
        with sessions() as session:
            sitting = session.get_one(Sitting, int(taken.subject))
            assignment, login = sitting.assignment, sitting.person.login
            counts, marks = sitting.counts, newest_marks(session, sitting.id)
        if counts:
            with Gradebook(gradebook_url(settings), course_id(settings)) as gradebook:
                config = course_config(settings)
                config.CourseDirectory.assignment_id = assignment
                apply_marks(gradebook, assignment, login, marks, config)
            readings = read_gradebook(settings, assignment, login)
            with sessions() as session:
                bring_back(session, readings, now)
        with sessions() as session:
            finish_marking(session, taken, latest(marks), now)


def apply_marks(
    gradebook: Gradebook, assignment: str, login: str, marks: Sequence[SlotMark], config: Config
) -> None:
    """Write marks where the answer waits for one, or where this one was never written; nothing for
    a learner whose submission is not in the gradebook."""
    if not marks:
        return
    try:
        notebook = gradebook.find_submission_notebook(assignment, assignment, login)
    except MissingEntry:
        return
    db = gradebook.db
    db.execute(text(MARKS_TABLE))
    rows = db.execute(
        text("SELECT cell, mark FROM lawlab_marks WHERE notebook_id = :notebook"),
        {"notebook": notebook.id},
    )
    written: dict[str, int] = dict(list(rows))
    for mark in marks:
        where = (mark.slot, assignment, assignment, login)
        grade = gradebook.find_grade(*where)
        fresh = mark.id > written.get(mark.slot, 0)
        # Points without a person's doing: nothing was written, or everybody gets them.
        if grade.auto_score is not None or not (fresh or grade.manual_score is None):
            continue
        grade.manual_score, grade.extra_credit = mark.points, None
        grade.needs_manual_grade = False
        gradebook.find_comment(*where).manual_comment = mark.comment or None
        db.execute(
            text(
                "INSERT INTO lawlab_marks VALUES (:notebook, :cell, :mark)"
                " ON CONFLICT (notebook_id, cell) DO UPDATE SET mark = :mark"
            ),
            {"notebook": notebook.id, "cell": mark.slot, "mark": mark.id},
        )
    db.flush()
    db.refresh(notebook)
    # It takes off no more points than there are, and now there may be more.
    penalise(gradebook, notebook.assignment, notebook, config)
    db.commit()
