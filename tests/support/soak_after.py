"""After the soak: whether all that was acknowledged is stored once, and whether what is shown
follows from it."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from soak_deeds import BOARDS
from soak_visitor import Book, Visitor
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.services.board_keeping import bring_boards_in_step, make_boards
from lawlab.store.tables import (
    Activity,
    Answer,
    AttendanceEvent,
    ChainRun,
    Duel,
    Favourite,
    ItemReport,
    Job,
    LeaveRequest,
    ManualMark,
    Person,
    Sitting,
)
from lawlab.testing import Running

GRADED_WITHIN = 120.0
CHECKED = (
    "answer",
    "contest",
    "hand-in",
    "check-in",
    "mark",
    "leave",
    "favourite",
    "report",
    "duel",
)
"""What is compared with the database; also runs of 挑战答题 and planned meetings."""


def stored(session: Session, logins: Iterable[str], since: dt.datetime) -> dict[str, Counter[Any]]:
    """By kind: (mark, what is stored) of whatever these people did since then, with how often."""

    def rows(*columns: Any, after: Any, person: Any) -> list[Any]:
        query = select(Person.login, *columns).join_from(person.class_, Person, person == Person.id)
        found = session.execute(query.where(after >= since, Person.login.in_(logins)))
        return [tuple(row) for row in found]

    facts: dict[str, list[Any]] = {}
    at, who = Answer.received_at, Answer.person_id
    answers = rows(
        Answer.key, Answer.contest_id, Answer.place, Answer.response, after=at, person=who
    )
    facts["answer"] = [((a, b), given) for a, b, contest, _, given in answers if contest is None]
    facts["contest"] = [
        ((login, contest, int(place.rpartition("/")[2])), given)
        for login, _, contest, place, given in answers
        if contest is not None
    ]
    sat = (Sitting.assignment, Sitting.attempt, Sitting.receipt)
    handed = rows(*sat, after=Sitting.handed_in_at, person=Sitting.person_id)
    facts["hand-in"] = [((a, b, c), receipt) for a, b, c, receipt in handed]
    events = select(Person.login, AttendanceEvent.activity_id).join_from(
        AttendanceEvent, Person, AttendanceEvent.person_id == Person.id
    )
    own = events.where(
        AttendanceEvent.kind == "check_in",
        AttendanceEvent.by == Person.login,
        AttendanceEvent.at >= since,
    )
    facts["check-in"] = [((a, b), True) for a, b in session.execute(own)]
    marks = select(ManualMark.marker, ManualMark.comment, ManualMark.rubric)
    facts["mark"] = [((a, b), rubric) for a, b, rubric in session.execute(marks)]
    for kind, key, after, person in (
        ("leave", LeaveRequest.key, LeaveRequest.asked_at, LeaveRequest.person_id),
        ("favourite", Favourite.item, Favourite.since, Favourite.person_id),
        ("report", ItemReport.key, ItemReport.at, ItemReport.person_id),
        ("duel", Duel.key, Duel.created_at, Duel.challenger_id),
        ("chain", ChainRun.id, ChainRun.started_at, ChainRun.person_id),
    ):
        facts[kind] = [((a, b), True) for a, b in rows(key, after=after, person=person)]
    planned = session.scalars(select(Activity.plan_key).where(Activity.plan_key.is_not(None)))
    facts["meeting"] = [(key, True) for key in planned]
    return {
        kind: Counter((mark, repr(what)) for mark, what in all_) for kind, all_ in facts.items()
    }


def compare(
    book: Book, found: dict[str, Counter[Any]]
) -> dict[str, tuple[int, list[Any], list[Any]]]:
    """By kind: how many were acknowledged; those that are lost or other than acknowledged; those
    that are stored twice, or that nobody said."""
    compared = {}
    for kind, rows in found.items():
        kept = {(mark, repr(what)) for mark, what in book.kept[kind].items()}
        said = book.said[kind] | book.kept[kind].keys()
        lost = sorted(kept - rows.keys(), key=repr)
        marks = Counter(mark for mark, _ in rows.elements())
        extra = [mark for mark, times in marks.items() if times > 1]
        # Of a contest somebody may have left before he heard that his answer had come.
        strange = [mark for mark in marks if mark not in said and kind != "contest"]
        compared[kind] = len(kept), lost, [*extra, *strange]
    return compared


async def graded(sessions: sessionmaker[Session]) -> float:
    """Wait for the grader; seconds. AssertionError when something failed or is not done."""
    began = time.monotonic()
    while True:
        with sessions() as session:
            counts = dict(
                session.execute(select(Job.state, func.count()).group_by(Job.state)).tuples().all()
            )
            errors = session.scalars(select(Job.error).where(Job.state == "failed")).all()
        assert not errors, errors
        if set(counts) <= {"done"}:
            return time.monotonic() - began
        assert time.monotonic() - began < GRADED_WITHIN, counts
        await asyncio.sleep(1)


async def boards_shown(trainer: Visitor) -> dict[str, Any]:
    """What every board shows; a trainer sees every name."""
    shown = {}
    for group, span, phase in BOARDS:
        address = f"/board?group={group}&span={span}&phase={phase}"
        board = await trainer.get(address, "board")
        shown[address] = board["rows"], board["own"]
    return shown


def boards_made_anew(sessions: sessionmaker[Session], now: dt.datetime) -> int:
    """How many lines and sums of the boards were not as they had to be."""
    with sessions() as session:
        bring_boards_in_step(session, now)
        return make_boards(session, now)


def lawlab(platform: Running, *words: str) -> tuple[int, str]:
    """A command as the admin types it; its code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "lawlab.cli", *words],
        env={
            "LAWLAB_DATA": str(platform.settings.data),
            "LAWLAB_PORT": str(platform.settings.port),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def tracebacks(platform: Running) -> list[str]:
    """Each that a program wrote, with its last lines. A program that is killed writes none; what
    the others write because it is gone counts."""
    folder = platform.settings.data / "logs"
    files = sorted(folder.glob("lawlab.log*"), key=lambda file: file.stat().st_mtime)
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    return [
        "\n".join(lines[max(0, n - 3) : n + 45])
        for n, line in enumerate(lines)
        if "Traceback (most recent call last)" in line
    ]
