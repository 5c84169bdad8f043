"""From a drawn paper to a released nbgrader assignment: source notebook, keys, exchange."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.grading.config import course_config, course_id, gradebook_url
from lawlab.grading.course import course_lock, ensure_course
from lawlab.grading.files import write_whole
from lawlab.grading.log import explained, nbgrader_log
from lawlab.grading.notebooks import keys_of, source_notebook
from lawlab.grading.slot import EVERYBODY, keys_file
from lawlab.services.quiz_papers import Paper, check_paper, open_quiz, paper_of


def write_source(settings: Settings, paper: Paper) -> Path:
    """Write source/<assignment>/<assignment>.ipynb and the keys beside it; returns the notebook."""
    ensure_course(settings)
    with course_lock(settings):
        return _write_source(settings, paper)


def release_assignment(settings: Settings, paper: Paper) -> None:
    """nbgrader's generate_assignment and release_assignment; a repeat overwrites."""
    ensure_course(settings)
    config = course_config(settings)
    config.CourseDirectory.assignment_id = paper.assignment
    log = nbgrader_log()
    with course_lock(settings):
        _write_source(settings, paper)
        generate = GenerateAssignment(
            coursedir=CourseDirectory(config=config, log=log), config=config, log=log
        )
        generate.force = True
        with explained():
            generate.start()
        _set_due(settings, paper)
        release = ExchangeFactory(config=config).ReleaseAssignment(
            coursedir=CourseDirectory(config=config, log=log),
            authenticator=Authenticator(config=config),
            config=config,
            log=log,
        )
        release.force = True
        with explained():
            release.start()


def refresh_keys(settings: Settings, paper: Paper) -> None:
    """Have everybody's keys say what counts now. The caller holds the course.

    Only the papers: the rest stays as it was when the assignment was opened."""
    file = keys_file(settings.nbgrader_course, paper.assignment)
    if not file.exists():
        return
    stored, text = file.read_text("utf-8"), _keys_text(paper)
    try:
        old, new = json.loads(stored), json.loads(text)
        if old["papers"] == new["papers"]:
            return
        text = json.dumps(old | {"papers": new["papers"]}, ensure_ascii=False, indent=1)
    except (ValueError, KeyError, TypeError):
        pass  # damaged: all of it is written anew
    write_whole(file, text)


def open_assignment(
    sessions: sessionmaker[Session], settings: Settings, assignment: str, now: datetime
) -> None:
    """Release a built quiz through nbgrader, then let learners start.

    A repeat after the opening changes nothing. Raises NotFound `no_quiz`,
    Conflict as `check_paper`. A mock exam is opened without nbgrader.
    """
    with sessions() as session:
        state = check_paper(session, assignment).state
        paper = paper_of(session, assignment)
    if state == "built" and not paper.mock:
        release_assignment(settings, paper)
    with sessions() as session:
        open_quiz(session, assignment, now)


def _set_due(settings: Settings, paper: Paper) -> None:
    """From when on nbgrader counts a submission as late."""
    due = paper.closes_at and paper.closes_at.astimezone(UTC).replace(tzinfo=None)
    with Gradebook(gradebook_url(settings), course_id(settings)) as gradebook:
        gradebook.update_or_create_assignment(paper.assignment, duedate=due)


def _write_source(settings: Settings, paper: Paper) -> Path:
    course = settings.nbgrader_course
    write_whole(keys_file(course, paper.assignment), _keys_text(paper))
    notebook = course / "source" / paper.assignment / f"{paper.assignment}.ipynb"
    write_whole(notebook, nbformat.writes(source_notebook(paper)))
    return notebook


def _keys_text(paper: Paper) -> str:
    return json.dumps(keys_of(paper, everybody=EVERYBODY), ensure_ascii=False, indent=1)
