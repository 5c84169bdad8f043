"""The grader: hands in for those whose time is over, runs one job after another, and brings marks
back. It may be killed at any moment; what it left is done again.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from types import FrameType

import psutil
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from lawlab.accounts import share_course
from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.batch import Batch, Outcome
from lawlab.grading.build import open_assignment
from lawlab.grading.corrected_keys import freshen_keys, outdated
from lawlab.grading.course import ensure_course, locked
from lawlab.grading.gradebook import change_marker, read_gradebook
from lawlab.grading.manual_marks import write_marks
from lawlab.grading.submission import HandIn, grade_hand_in, hand_in_of
from lawlab.services import jobs
from lawlab.services.jobs import Claim
from lawlab.services.marking_jobs import ask_missed_marks, latest
from lawlab.services.quiz_grades import bring_back
from lawlab.services.quizzes import close_due_sittings
from lawlab.store.faults import database_fault

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between two looks at the clock, the queue and the gradebook."""

PATIENCE = 2.0
"""Seconds a running job gets to end after SIGTERM; then the process ends in its midst."""


class Grader:
    """One grader of one installation. `run` returns after `stop`."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings
        self._stopping = False
        self._marker = change_marker(settings)

    def run(self) -> None:
        """Work until stopped. Raises BlockingIOError when this installation has a grader."""
        with locked(self._settings.data / "grading" / "grader.lock", wait=False):
            ensure_course(self._settings)
            with self._sessions() as session:
                if left := jobs.release_leases(session):
                    log.warning("上次停下时有 %d 个任务没有做完，现在重做", left)
            log.info("判分进程已启动")
            while not self._stopping:
                if not self.step():
                    self._rest()
            self._marker.close()
            log.info("判分进程已停止")

    def stop(self) -> None:
        """End after the job that is running. Only sets a flag: a signal handler calls it, and the
        locks of `threading` are not safe there."""
        self._stopping = True

    def _rest(self) -> None:
        end = time.monotonic() + PAUSE
        while not self._stopping and time.monotonic() < end:
            time.sleep(PAUSE / 10)

    def step(self) -> bool:
        """One round: close what is due, do one job, bring marks back. False when nothing waited."""
        try:
            with self._sessions() as session:
                if closed := close_due_sittings(session, _now()):
                    log.info("时间到，自动交卷 %d 份", closed)
            with self._sessions() as session:
                taken = jobs.claim(session, _now())
            if taken is not None:
                run_job(self._sessions, self._settings, taken)
                share_course(self._settings)
            self._bring_back()
        except (SQLAlchemyError, OSError) as error:
            if (fault := database_fault(error)) is None:
                raise
            # A database that restarts or is busy is asked again; nothing was half done.
            log.warning("数据库暂时不可用，稍后再试：%s", fault.code)
            return False
        return taken is not None

    def _bring_back(self) -> None:
        if not self._marker.changed():
            return
        try:
            readings = read_gradebook(self._settings)
            with self._sessions() as session:
                changed = bring_back(session, readings, _now())
        except SQLAlchemyError:
            self._marker.forget()
            raise
        if changed:
            log.info("从成绩册取回 %d 份成绩", changed)


def run_job(sessions: sessionmaker[Session], settings: Settings, taken: Claim) -> bool:
    """Do one claimed job and note how it ended. True when it is done."""
    try:
        _do(sessions, settings, taken)
    except Exception as error:
        known = isinstance(error, LawlabError)
        reason = str(error) if known else f"{type(error).__name__}: {error}"
        log.debug("任务 %s %s 的出错位置", taken.kind, taken.subject, exc_info=True)
        _note_failure(sessions, taken, reason)
        return False
    log.info("任务 %s %s 已完成", taken.kind, taken.subject)
    return True


def run_batch(
    sessions: sessionmaker[Session],
    settings: Settings,
    graders: Batch,
    taken: Sequence[Claim],
    advance: Callable[[], None],
) -> list[Outcome]:
    """Do claimed hand-ins together and note how each ended; `advance` is called after each."""
    used = freshen_keys(sessions, settings, taken)
    with sessions() as session:
        given = [hand_in_of(session, int(claim.subject)) for claim in taken]
    outcomes = {id(one.given): one for one in graders.grade(given, lambda _: advance())}
    ended = [outcomes[id(one)] for one in given]
    good = [claim for claim, one in zip(taken, ended, strict=True) if not one.fault]
    readings = [
        reading
        for assignment in sorted({one.assignment for one in given})
        for reading in read_gradebook(settings, assignment)
    ]
    with sessions() as session:
        _ask_missed_marks(session, given)
        stale = partial(outdated, used=used, done=good)
        bring_back(session, readings, _now(), done=good, outdated=stale)
    share_course(settings)
    for claim, one in zip(taken, ended, strict=True):
        if one.fault:
            _note_failure(sessions, claim, one.fault)
    return ended


def _note_failure(sessions: sessionmaker[Session], taken: Claim, reason: str) -> None:
    what = (taken.kind, taken.subject, taken.attempt)
    log.warning("任务 %s %s 第 %d 次没有成功：%s", *what, reason)
    with sessions() as session:
        if jobs.fail(session, taken, reason, _now()):
            log.error("任务 %s %s 已放弃，需要人处理：%s", taken.kind, taken.subject, reason)


def _do(sessions: sessionmaker[Session], settings: Settings, taken: Claim) -> None:
    if taken.kind == "open":
        open_assignment(sessions, settings, taken.subject, _now())
        with sessions() as session:
            jobs.finish(session, taken, _now())
        return
    if taken.kind == "mark":
        write_marks(sessions, settings, taken, _now())
        return
    if taken.kind != "hand_in":
        raise ValueError(f"unknown kind of job {taken.kind!r}")
    used = freshen_keys(sessions, settings, [taken])
    with sessions() as session:
        given = hand_in_of(session, int(taken.subject))
    grade_hand_in(settings, given)
    readings = read_gradebook(settings, given.assignment, given.login)
    with sessions() as session:
        _ask_missed_marks(session, [given])
        stale = partial(outdated, used=used, done=[taken])
        bring_back(session, readings, _now(), done=[taken], outdated=stale)


def _ask_missed_marks(session: Session, given: Sequence[HandIn]) -> None:
    written = {one.sitting: latest(one.marks) for one in given if one.has_written}
    if written:
        ask_missed_marks(session, written, _now())


@contextmanager
def ending_on_signals(grader: Grader) -> Iterator[None]:
    """SIGTERM and SIGINT end the grader: at once when idle, after `PATIENCE` in the midst of a job,
    which the next start does again."""

    def end(_number: int, _frame: FrameType | None) -> None:
        grader.stop()
        # An alarm and no thread: a handler must not wait for the locks of `threading`.
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, _end_now)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_now(_number: int, _frame: FrameType | None) -> None:
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(0)


def _now() -> datetime:
    return datetime.now(UTC)
