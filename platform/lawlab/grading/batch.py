"""Many hand-ins at once: worker processes bring them in and mark them, one writer records.

nbgrader changes the current folder and the environment while it works, so threads will not do; and
its SQLite gradebook has room for one writer, so the workers leave that to the process that asked.
"""

from __future__ import annotations

import functools
import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass

from nbgrader.api import Gradebook
from traitlets.config import Config

from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.config import course_config
from lawlab.grading.course import course_lock
from lawlab.grading.direct import Marked, NeedsKernel, Source, mark_folder, read_source
from lawlab.grading.log import nbgrader_log
from lawlab.grading.recording import record
from lawlab.grading.submission import HandIn, autograde, ensure_student, open_gradebook, submit
from lawlab.linux import dying_with

log = logging.getLogger(__name__)

WORKERS = max(1, min(8, len(os.sched_getaffinity(0))))


@dataclass(frozen=True)
class Outcome:
    """How one hand-in fared: `fault` says why it was not graded, `kernel` why stock nbgrader had
    to; both are empty for most."""

    given: HandIn
    fault: str = ""
    kernel: str = ""


class Batch:
    """A pool of workers for one installation; made by `batch`."""

    def __init__(self, settings: Settings, pool: ProcessPoolExecutor) -> None:
        self._settings = settings
        self._pool = pool

    def grade(self, hand_ins: Sequence[HandIn], done: Callable[[Outcome], None]) -> list[Outcome]:
        """Grade them all and tell `done` of each as it ends. A fault of one never stops the rest;
        any number of repeats ends in the same gradebook."""
        outcomes = []
        with course_lock(self._settings), open_gradebook(self._settings) as gradebook:
            config = course_config(self._settings)
            waiting: dict[Future[Marked | str], HandIn] = {
                self._pool.submit(_bring_in_and_mark, self._settings, given): given
                for given in hand_ins
            }
            for future in as_completed(waiting):
                outcome = self._finish(gradebook, config, waiting[future], future)
                outcomes.append(outcome)
                done(outcome)
        return outcomes

    def _finish(
        self, gradebook: Gradebook, config: Config, given: HandIn, future: Future[Marked | str]
    ) -> Outcome:
        kernel = ""
        try:
            found = future.result()
            ensure_student(gradebook, given)
            if isinstance(found, Marked):
                source = read_source_once(self._settings, given.assignment)
                record(gradebook, source, found, config)
            else:
                kernel = found
                autograde(self._settings, given.assignment, given.login)
                gradebook.db.expire_all()
        except Exception as error:
            log.debug("答卷 %s 的出错位置", given.login, exc_info=True)
            gradebook.db.rollback()
            known = isinstance(error, LawlabError)
            return Outcome(given, str(error) if known else f"{type(error).__name__}: {error}")
        return Outcome(given, kernel=kernel)


@contextmanager
def batch(settings: Settings, workers: int = WORKERS) -> Iterator[Batch]:
    """Workers that live as long as the block, and die with this process however it ends."""
    nbgrader_log()
    # A fork has nbgrader imported already; a fresh interpreter would need a second for it.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, context, _die_with, (os.getpid(),)) as pool:
        # Forked now, before the course is locked: a worker's copy would go on holding the lock.
        pool.submit(os.getpid).result()
        yield Batch(settings, pool)


@functools.lru_cache(maxsize=8)
def read_source_once(settings: Settings, assignment: str) -> Source:
    """An opened quiz never changes, so it is read once. Raises NeedsKernel."""
    with open_gradebook(settings) as gradebook:
        return read_source(settings.nbgrader_course, gradebook, assignment)


def _bring_in_and_mark(settings: Settings, given: HandIn) -> Marked | str:
    """In a worker: what is to be recorded, or why stock nbgrader has to grade it."""
    submit(settings, given)
    try:
        source = read_source_once(settings, given.assignment)
        return mark_folder(settings.nbgrader_course, source, given.login)
    except NeedsKernel as reason:
        return str(reason)


def _die_with(parent: int) -> None:
    # The terminal's Ctrl-C is for the one who asked; he ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    dying_with(parent, signal.SIGKILL)()
