"""One hand-in through nbgrader: composed, submitted to the exchange, collected, graded.

Each step finds what an earlier, interrupted try left behind and replaces it, so that any number of
tries ends in the same gradebook.
"""

from __future__ import annotations

import functools
import json
import logging
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from nbgrader.exchange.default import ExchangeSubmit
from sqlalchemy.orm import Session
from traitlets.config import Config

from lawlab.config import Settings
from lawlab.grading.config import configure_private_kernel, course_config, course_id, gradebook_url
from lawlab.grading.course import course_lock, ensure_course
from lawlab.grading.direct import Marked, NeedsKernel, Source, mark_folder, read_source
from lawlab.grading.files import write_whole
from lawlab.grading.log import explained, nbgrader_log
from lawlab.grading.manual_marks import apply_marks
from lawlab.grading.notebooks import keys_of, submission_notebook
from lawlab.grading.recording import record
from lawlab.grading.slot import EVERYBODY, keys_file
from lawlab.services.marking_jobs import SlotMark, newest_marks
from lawlab.services.quiz_papers import Paper, own_paper_of
from lawlab.store.quizzes import attempts_of
from lawlab.store.tables import Quiz, Sitting

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HandIn:
    """What was handed in, by whom and when. Responses are frozen, so a repeat is the same."""

    assignment: str
    login: str
    full_name: str
    handed_in_at: datetime
    responses: dict[str, Any]
    marks: tuple[SlotMark, ...] = ()
    """What trainers gave at their desk for the written answers."""
    own: Paper | None = None
    """The paper that this attempt drew for itself, if it did."""
    sitting: int = 0
    """Whose marks these are."""

    @property
    def has_written(self) -> bool:
        """True when a person marks a part of it."""
        return any("text" in response for response in self.responses.values())


def hand_in_of(session: Session, sitting_id: int) -> HandIn:
    """The facts of the attempt that counts, of the person and quiz of a sitting that was handed in.

    Another attempt may count by the time the job runs; the gradebook gets no other.
    """
    asked = session.get_one(Sitting, sitting_id)
    attempts = attempts_of(session, asked.assignment, asked.person_id)
    sitting = next((one for one in attempts if one.counts and one.handed_in_at), asked)
    assert sitting.handed_in_at is not None  # the job stands in the hand-in's own transaction
    given = HandIn(
        sitting.assignment,
        sitting.person.login,
        sitting.person.full_name,
        sitting.handed_in_at,
        dict(sitting.responses or {}),
        own=own_paper_of(session, session.get_one(Quiz, sitting.assignment), sitting),
        sitting=sitting.id,
    )
    if given.has_written:
        return replace(given, marks=newest_marks(session, sitting.id))
    return given


def grade_hand_in(settings: Settings, given: HandIn) -> None:
    """Submit, collect and grade one hand-in; a repeat gives the same gradebook."""
    with course_lock(settings):
        found = bring_in_and_mark(settings, given)
        with open_gradebook(settings) as gradebook:
            write_down(settings, gradebook, given, found)


def bring_in_and_mark(settings: Settings, given: HandIn) -> Marked | str:
    """The half that touches only files of this hand-in: what is to be recorded, or why stock
    nbgrader has to grade it. The caller holds the course."""
    submit(settings, given)
    try:
        source = read_source_once(settings, given.assignment)
        return mark_folder(settings.nbgrader_course, source, given.login)
    except NeedsKernel as reason:
        return str(reason)


def write_down(
    settings: Settings, gradebook: Gradebook, given: HandIn, found: Marked | str
) -> None:
    """The other half: the gradebook, by whoever is its only writer."""
    ensure_student(gradebook, given)
    if isinstance(found, Marked):
        source = read_source_once(settings, given.assignment)
        record(gradebook, source, found, _config(settings, given.assignment, given.login))
    else:
        log.info("答卷 %s/%s 用原版 nbgrader 判：%s", given.login, given.assignment, found)
        autograde(settings, given.assignment, given.login)
        gradebook.db.expire_all()
    config = _config(settings, given.assignment, given.login)
    apply_marks(gradebook, given.assignment, given.login, given.marks, config)


@functools.lru_cache(maxsize=8)
def read_source_once(settings: Settings, assignment: str) -> Source:
    """An opened quiz never changes, so it is read once. Raises NeedsKernel."""
    with open_gradebook(settings) as gradebook:
        return read_source(settings.nbgrader_course, gradebook, assignment)


def submit(settings: Settings, given: HandIn) -> None:
    """Bring a hand-in through nbgrader's exchange into the course folder's submitted/, and the keys
    of its own paper beside those of everybody."""
    if given.own:
        keys = keys_of(given.own, everybody=EVERYBODY)
        file = keys_file(settings.nbgrader_course, given.assignment, given.login)
        write_whole(file, json.dumps(keys, ensure_ascii=False))
    inbound = _submit(settings, given)
    _collect(settings, given, inbound)


def open_gradebook(settings: Settings) -> Gradebook:
    """The course's gradebook, as a context manager."""
    return Gradebook(gradebook_url(settings), course_id(settings))


class _SubmitAt(ExchangeSubmit):
    """nbgrader's submit, stamped with the time of the hand-in instead of the time of the job."""

    at: datetime

    def set_timestamp(self) -> None:
        self.timestamp = self.at.astimezone(UTC).strftime(self.timestamp_format)


def collect_all(settings: Settings, assignment: str) -> int:
    """nbgrader's collect for everybody; returns how many submissions the course folder holds."""
    ensure_course(settings)
    config = course_config(settings)
    config.CourseDirectory.assignment_id = assignment
    inbound = settings.data / "exchange" / "root" / course_id(settings) / "inbound"
    with course_lock(settings):
        if inbound.is_dir():
            _run_collect(config)
    return len(list((settings.nbgrader_course / "submitted").glob(f"*/{assignment}")))


def _config(settings: Settings, assignment: str, login: str) -> Config:
    config = course_config(settings)
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = login
    return config


def ensure_student(gradebook: Gradebook, given: HandIn) -> None:
    """Put the person into the gradebook under today's name."""
    # formgrader shows "last name, first name"; a Chinese name is one.
    gradebook.update_or_create_student(
        given.login, first_name=given.full_name, last_name=given.login
    )


def _compose(settings: Settings, given: HandIn, folder: Path) -> None:
    released = settings.nbgrader_course / "release" / given.assignment / f"{given.assignment}.ipynb"
    notebook = submission_notebook(
        nbformat.read(released, as_version=4), given.responses, given.own
    )
    shutil.rmtree(folder, ignore_errors=True)
    write_whole(folder / f"{given.assignment}.ipynb", nbformat.writes(notebook))


def _submit(settings: Settings, given: HandIn) -> Path:
    work = settings.data / "grading" / "work" / given.login
    cache = settings.data / "grading" / "cache" / given.login
    _compose(settings, given, work / given.assignment)
    config, log = _config(settings, given.assignment, given.login), nbgrader_log()
    config.Exchange.assignment_dir = str(work)
    config.Exchange.cache = str(cache)
    # Without a random ending the name is the same at every try, and a repeat replaces it.
    config.ExchangeSubmit.add_random_string = False
    config.ExchangeFactory.submit = _SubmitAt
    submit = ExchangeFactory(config=config).Submit(
        coursedir=CourseDirectory(config=config, log=log),
        authenticator=Authenticator(config=config),
        config=config,
        log=log,
    )
    submit.at = given.handed_in_at
    submit.set_timestamp()
    submit.init_src()
    submit.init_dest()
    inbound = Path(str(submit.inbound_path), submit.assignment_filename)
    # An earlier attempt too: nbgrader would collect whichever has the latest time.
    for leftover in (*_inbound_of(inbound.parent, given), cache):
        shutil.rmtree(leftover, ignore_errors=True)
    with explained():
        submit.start()
    shutil.rmtree(work)
    shutil.rmtree(cache)  # nbgrader keeps a copy for learners who list their own submissions
    return inbound


def _inbound_of(folder: Path, given: HandIn) -> list[Path]:
    return list(folder.glob(f"{given.login}+{given.assignment}+*"))


def _run_collect(config: Config) -> None:
    log = nbgrader_log()
    collect = ExchangeFactory(config=config).Collect(
        coursedir=CourseDirectory(config=config, log=log),
        authenticator=Authenticator(config=config),
        config=config,
        log=log,
    )
    collect.update = True
    with explained():
        collect.start()


def _collect(settings: Settings, given: HandIn, inbound: Path) -> None:
    submitted = settings.nbgrader_course / "submitted" / given.login / given.assignment
    # nbgrader compares only timestamps: half a copy with the right one would stay.
    if submitted.exists() and not _same_files(inbound, submitted):
        shutil.rmtree(submitted)
    _run_collect(_config(settings, given.assignment, given.login))


def autograde(settings: Settings, assignment: str, login: str) -> None:
    """Stock nbgrader's autograde of one submission, with a kernel. Raises LawlabError
    `nbgrader_failed`."""
    config, log = _config(settings, assignment, login), nbgrader_log()
    configure_private_kernel(config, settings)
    autograde = Autograde(coursedir=CourseDirectory(config=config, log=log), config=config, log=log)
    autograde.force = True
    with explained():
        autograde.start()


def _same_files(one: Path, other: Path) -> bool:
    def contents(folder: Path) -> dict[str, bytes]:
        return {
            str(file.relative_to(folder)): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }

    return contents(one) == contents(other)
