"""The grader as a process: killed at any step, stopped in time, one at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nbformat
import psutil
import pytest
from crashing import CRASH_AT, crash
from sqlalchemy import select

from lawlab.grading.__main__ import main
from lawlab.grading.course import locked
from lawlab.grading.gradebook import ChangeMarker
from lawlab.services.jobs import TRIES, release_leases
from lawlab.store.tables import Job

Place = Any
POINTS = (
    "half-submitted",
    "half-collected",
    "half-written",
    "marked",
    "half-recorded",
    "recorded",
    "graded",
    "not-committed",
    "done",
)


UNDISTURBED = {
    "s001": {
        "name": "干部001",
        "at": "2022-12-05T02:02:00",
        "grades": [
            *((f"q0{n}", 15.0, None, False) for n in range(1, 5)),
            *((f"q0{n}", 10.0, None, False) for n in range(5, 7)),
            ("q07", None, None, True),
        ],
        "comments": [*((f"q0{n}-answer", None, None) for n in range(1, 7)), ("q07", None, None)],
    }
}
"""What the gradebook holds when nobody interrupts."""


def until(what: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


@contextmanager
def running(place: Place) -> Iterator[subprocess.Popen[str]]:
    """The real process, `python -m lawlab.grading`; whatever it leaves behind is a failure."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lawlab.grading"],
        env={**os.environ, "LAWLAB_DATA": str(place.settings.data)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def with_code_of_its_own(place: Place) -> None:
    """From now on hand-ins hold a cell that only a kernel can run, which stock nbgrader starts."""
    file = place.course / "release" / "quiz-1" / "quiz-1.ipynb"
    notebook = nbformat.read(file, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import time; time.sleep(0.5)"))
    nbformat.write(notebook, file)


def kernels(place: Place) -> list[psutil.Process]:
    """Kernels that run in this installation's graded copies."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(place.course / "autograded") in process.cwd():
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("point", POINTS)
def test_a_grader_killed_at_any_step_ends_in_the_same_gradebook(place: Place, point: str) -> None:
    place.sit("s001", place.good)
    assert crash(place.settings.data, point) == -signal.SIGKILL
    with place.sessions() as session:
        job = session.scalars(select(Job)).one()
        assert job.state == ("done" if point == "done" else "running")
    with place.sessions() as session:
        release_leases(session)  # as the next grader does when it starts
    place.grade_all()
    snapshot, grade = place.snapshot(), place.released_grades()["s001"]
    assert snapshot == UNDISTURBED
    assert (grade.score, grade.max_score, grade.needs_manual) == (80.0, 100.0, True)
    inbound = place.settings.data / "exchange" / "root" / "law2022" / "inbound"
    assert len(list(inbound.iterdir())) == 1
    with place.sessions() as session:
        assert session.scalars(select(Job.state)).one() == "done"


@pytest.mark.parametrize("point", ["half-recorded", "recorded", "graded", "not-committed", "done"])
def test_the_command_killed_at_any_step_ends_in_the_same_gradebook(
    place: Place, point: str
) -> None:
    place.sit("s001", place.good)
    assert crash(place.settings.data, point, "batch") == -signal.SIGKILL
    with place.sessions() as session:
        release_leases(session)
    assert crash(place.settings.data, "", "batch") == 0
    assert place.snapshot() == UNDISTURBED
    assert place.released_grades()["s001"].score == 80.0
    assert workers(place) == []


def workers(place: Place) -> list[str]:
    """Processes that somebody's `crash_at.py` on this installation left behind."""
    lines = [" ".join(one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"])]
    return [line for line in lines if "crash_at.py" in line and str(place.settings.data) in line]


def test_the_process_grades_is_killed_and_grades_on(place: Place) -> None:
    place.sit("s001", place.good)
    place.sit("v001", place.mixed)
    with_code_of_its_own(place)
    with running(place) as process:
        until(kernels_of(place))
        process.kill()
    until(lambda: not kernels(place), 15)  # a kernel ends when its grader is gone
    with running(place) as process:
        until(lambda: len(place.released_grades()) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(3) == 0
        assert process.stderr is not None
        lines = process.stderr.read().splitlines()
    assert {one.score for one in place.released_grades().values()} == {80.0, 25.0}
    assert any("上次停下时有 1 个任务没有做完" in line for line in lines)
    assert len(lines) <= 10, lines  # one line a fact


def kernels_of(place: Place) -> Callable[[], object]:
    return lambda: kernels(place)


def test_sigterm_ends_a_grader_in_the_midst_of_a_job_within_three_seconds(place: Place) -> None:
    place.sit("s001", place.good)
    with_code_of_its_own(place)
    with running(place) as process:
        until(kernels_of(place))
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - started < 3
    until(lambda: not kernels(place), 5)


def test_an_installation_has_one_grader(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LAWLAB_DATA", str(place.settings.data))
    with locked(place.settings.data / "grading" / "grader.lock"):
        assert main() == 1
    assert "已有一个判分进程在运行，这一个不再启动" in caplog.messages


def test_two_processes_that_share_a_queue_do_each_job_once(place: Place) -> None:
    place.sit("s001", place.good)
    place.sit("v001", place.mixed)
    words = [sys.executable, str(CRASH_AT), str(place.settings.data)]
    both = [subprocess.Popen(words, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    place.grade_all()
    assert {login: one.score for login, one in place.released_grades().items()} == {
        "s001": 80.0,
        "v001": 25.0,
    }


def test_a_job_that_kills_every_grader_is_given_up(place: Place) -> None:
    place.sit("s001", place.good)
    with place.sessions() as session:
        job = session.scalars(select(Job)).one()
        job.attempts = TRIES
        session.commit()
    place.grade_all()
    with place.sessions() as session:
        job = session.scalars(select(Job)).one()
        assert (job.state, job.error) == ("failed", "每次运行都被中断。")


def test_the_change_marker_sees_other_writers_and_a_replaced_file(place: Place) -> None:
    file = place.course / "gradebook.db"
    marker = ChangeMarker(file)
    assert marker.changed()
    assert not marker.changed()
    place.sit("s001", place.good)
    place.grade_all()
    assert marker.changed()
    assert not marker.changed()
    marker.forget()
    assert marker.changed()
    copy = file.with_suffix(".copy")
    copy.write_bytes(file.read_bytes())
    copy.replace(file)
    assert marker.changed()
    marker.close()
    missing = ChangeMarker(place.course / "none.db")
    assert not missing.changed()
