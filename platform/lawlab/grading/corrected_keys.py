"""Keys that were corrected after the assignment was opened: fresh before a hand-in is marked, and
marked once more when they change in the midst of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from lawlab.config import Settings
from lawlab.grading.build import refresh_keys
from lawlab.grading.course import course_lock
from lawlab.services.jobs import Claim
from lawlab.services.quiz_papers import paper_of
from lawlab.store.tables import Quiz, Sitting

Corrections = dict[str, dict[str, Any]]
"""Assignment → what corrects its keys."""


def freshen_keys(
    sessions: sessionmaker[Session], settings: Settings, taken: Sequence[Claim]
) -> Corrections:
    """Write the keys of the assignments of these hand-ins anew where they differ; returns the
    corrections that they hold."""
    # Read while the course is held, so that no other grader puts older keys over newer ones.
    with course_lock(settings), sessions() as session:
        used = _corrections(session, taken)
        for assignment in used:
            refresh_keys(settings, paper_of(session, assignment))
    return used


def outdated(session: Session, used: Corrections, done: Sequence[Claim]) -> list[Claim]:
    """In the transaction that ends these hand-ins: those whose keys were corrected while they ran.
    Whoever corrected them could not ask for a running job."""
    current = _corrections(session, done)
    changed = {name for name, one in current.items() if used.get(name) != one}
    return [
        claim
        for claim in done
        if changed and session.get_one(Sitting, int(claim.subject)).assignment in changed
    ]


def _corrections(session: Session, claims: Sequence[Claim]) -> Corrections:
    hand_ins = [int(claim.subject) for claim in claims]
    rows = session.execute(
        select(Quiz.assignment, Quiz.corrections).where(
            Quiz.assignment.in_(select(Sitting.assignment).where(Sitting.id.in_(hand_ins)))
        )
    )
    return {row.assignment: row.corrections for row in rows}
