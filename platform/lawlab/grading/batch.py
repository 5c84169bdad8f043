"""Many hand-ins at once: worker processes bring them in and mark them, one writer records.

nbgrader changes the current folder and the environment while it works, so threads will not do; and
its SQLite gradebook has room for one writer, so the workers leave that to the process that asked.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

from nbgrader.api import Gradebook

from lawlab.config import Settings
from lawlab.errors import LawlabError
from lawlab.grading.course import course_lock
from lawlab.grading.direct import Marked
from lawlab.grading.log import nbgrader_log
from lawlab.grading.submission import HandIn, bring_in_and_mark, open_gradebook, write_down
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
            waiting = {self._begin(given): given for given in hand_ins}
            for future in as_completed(waiting):
                outcome = self._finish(gradebook, waiting[future], future)
                outcomes.append(outcome)
                done(outcome)
        return outcomes

    def _begin(self, given: HandIn) -> Future[Marked | str]:
        try:
            return self._pool.submit(bring_in_and_mark, self._settings, given)
        except BrokenProcessPool as error:
            broken: Future[Marked | str] = Future()
            broken.set_exception(error)
            return broken

    def _finish(self, gradebook: Gradebook, given: HandIn, future: Future[Marked | str]) -> Outcome:
        try:
            try:
                found = future.result()
            except BrokenProcessPool:
                # Somebody killed a worker, and the pool is gone with it: this process goes on.
                found = bring_in_and_mark(self._settings, given)
            write_down(self._settings, gradebook, given, found)
        except Exception as error:
            log.debug("答卷 %s 的出错位置", given.login, exc_info=True)
            gradebook.db.rollback()
            known = isinstance(error, LawlabError)
            return Outcome(given, str(error) if known else f"{type(error).__name__}: {error}")
        return Outcome(given, kernel=found if isinstance(found, str) else "")


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


def _die_with(parent: int) -> None:
    # The terminal's Ctrl-C is for the one who asked; he ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    dying_with(parent, signal.SIGKILL)()
