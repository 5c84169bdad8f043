"""How a contest ended: results, points and certificates, kept in step with events and answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lawlab.domain.contest_scoring import PersonResult
from lawlab.domain.points import contest_points
from lawlab.services.contest_due import bring_certificates_in_step
from lawlab.store.tables import ContestResult, ContestTeamResult, Score

if TYPE_CHECKING:
    from lawlab.services.contest import Loaded

COMPETE = "compete"
Key = tuple[str, int | str]


def score_source(contest_id: int) -> str:
    """The source of a contest's points in `scores`."""
    return f"contest:{contest_id}"


def store_results(session: Session, loaded: Loaded, now: datetime, *, anew: bool = False) -> int:
    """In the caller's transaction: bring the results of a finished contest, and what they are worth
    on the boards, in step, and its certificates; returns how many rows were not as they had to be.
    A rehearsal has results and no points. Points change now, or, `anew`, are those of the end."""
    people = loaded.results()
    wanted: dict[Key, dict[str, Any]] = {}
    for one in people:
        facts = dict(vars(one))
        wanted["person", facts.pop("person")] = facts
    for team in loaded.contest.teams(people):
        facts = dict(vars(team))
        wanted["team", facts.pop("team")] = facts
    number = loaded.row.id
    rows: dict[Key, ContestResult | ContestTeamResult] = {
        ("person", row.person_id): row
        for row in session.scalars(select(ContestResult).where(ContestResult.contest_id == number))
    }
    rows |= {
        ("team", row.team): row
        for row in session.scalars(
            select(ContestTeamResult).where(ContestTeamResult.contest_id == number)
        )
    }
    wrong = 0
    for key in rows.keys() - wanted.keys():
        session.delete(rows[key])
        wrong += 1
    for key, facts in wanted.items():
        row = rows.get(key)
        if row is None:
            kind, name = key
            row = (
                ContestResult(contest_id=number, person_id=name)
                if kind == "person"
                else ContestTeamResult(contest_id=number, team=name)
            )
            session.add(row)
        elif all(getattr(row, field) == value for field, value in facts.items()):
            continue
        for field, value in facts.items():
            setattr(row, field, value)
        wrong += 1
    earned_at = loaded.row.finished_at if anew else None
    wrong += _store_scores(session, loaded, people, earned_at or now)
    session.flush()
    return wrong + bring_certificates_in_step(session, loaded, now)


def _store_scores(
    session: Session, loaded: Loaded, people: Sequence[PersonResult], now: datetime
) -> int:
    most = loaded.most_points()
    source = score_source(loaded.row.id)
    earned = {
        one.person: (contest_points(one.points, most), one.answered)
        for one in people
        if one.answered and not loaded.row.rehearsal
    }
    rows = {
        row.person_id: row for row in session.scalars(select(Score).where(Score.source == source))
    }
    wrong = 0
    for person in rows.keys() - earned.keys():
        session.delete(rows[person])
        wrong += 1
    for person, (points, answered) in earned.items():
        row = rows.get(person)
        if row is None:
            row = Score(person_id=person, source=source, phase=COMPETE, completed=True)
            session.add(row)
        elif (row.points, row.answered) == (points, answered):
            continue
        row.points, row.answered, row.changed_at = points, answered, now
        wrong += 1
    return wrong
