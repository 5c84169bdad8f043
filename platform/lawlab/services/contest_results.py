"""How a contest ended: results kept in step with events and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lawlab.store.tables import ContestResult, ContestTeamResult

if TYPE_CHECKING:
    from lawlab.services.contest import Loaded


def store_results(session: Session, loaded: Loaded, now: datetime) -> None:
    """In the caller's transaction: bring the results of a finished contest in step."""
    number = loaded.row.id
    session.execute(delete(ContestResult).where(ContestResult.contest_id == number))
    session.execute(delete(ContestTeamResult).where(ContestTeamResult.contest_id == number))
    people = loaded.contest.people()
    for one in people:
        session.add(
            ContestResult(
                contest_id=number,
                person_id=one.person,
                team=one.team,
                points=one.points,
                right=one.right,
                answered=one.answered,
                milliseconds=one.milliseconds,
                rank=one.rank,
            )
        )
    for team in loaded.contest.teams(people):
        session.add(ContestTeamResult(contest_id=number, **vars(team)))
    session.flush()
