"""Run by the tests as a process: grades until the queue is empty, or is killed at a named point.

python crash_at.py <data folder> [<point> [batch]]; with `batch` as `lawlab quiz grade` does it
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lawlab.cli import quiz
from lawlab.config import Settings
from lawlab.grading.course import ensure_course
from lawlab.grading.worker import Grader
from lawlab.services import jobs
from lawlab.store.engine import make_engine, make_sessions

POINTS: dict[str, tuple[str, str, int, bool]] = {
    # point: module, attribute, at which call, before (True) or after it
    "claimed": ("lawlab.grading.worker", "hand_in_of", 1, True),
    "keys-unwritten": ("lawlab.grading.build", "write_whole", 1, True),
    "keys-refreshed": ("lawlab.grading.corrected_keys", "refresh_keys", 1, False),
    "written-keys": ("lawlab.grading.submission", "write_whole", 1, False),
    "composed": ("lawlab.grading.submission", "_compose", 1, False),
    # The first one clears the folder that is composed in.
    "earlier-removed": ("shutil", "rmtree", 2, False),
    "half-submitted": ("shutil", "copytree", 1, False),
    "submitted": ("lawlab.grading.submission", "_submit", 1, False),
    "half-collected": ("shutil", "copyfile", 4, False),
    "collected": ("lawlab.grading.submission", "_collect", 1, False),
    "half-written": ("lawlab.grading.direct", "write_whole", 1, False),
    "marked": ("lawlab.grading.submission", "mark_folder", 1, False),
    "half-recorded": ("lawlab.grading.recording", "settle", 1, False),
    "recorded": ("lawlab.grading.submission", "record", 1, False),
    "graded": ("lawlab.grading.worker", "read_gradebook", 1, True),
    "not-committed": ("lawlab.services.quiz_grades", "_store", 1, False),
    "done": ("lawlab.grading.worker", "bring_back", 1, False),
}


def die_at(point: str) -> None:
    """Wrap the function of a point so that this process is killed around its n-th call."""
    path, name, call, before = POINTS[point]
    try:
        owner: Any = importlib.import_module(path)
    except ModuleNotFoundError:
        module, _, cls = path.rpartition(".")
        owner = getattr(importlib.import_module(module), cls)
    original: Callable[..., Any] = getattr(owner, name)
    count = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        if before and count == call:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if not before and count == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, wrapped)


def main(data: str, point: str = "", how: str = "") -> None:
    settings = Settings(data=Path(data))
    sessions = make_sessions(make_engine(settings.database))
    if point:
        die_at(point)
    else:
        ensure_course(settings)
        with sessions() as session:
            jobs.release_leases(session)
    if how == "batch":
        quiz.grade("quiz-1")
        return
    grader = Grader(sessions, settings)
    while grader.step():
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
