"""Queries for the papers of contests within a window of time."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lawlab.domain.contest_window import Paper
from lawlab.store.tables import Answer, ContestPaper


def paper_of(session: Session, contest_id: int, person: int) -> Paper | None:
    """What was drawn for somebody; None before he began."""
    query = select(ContestPaper).where(
        ContestPaper.contest_id == contest_id, ContestPaper.person_id == person
    )
    return next(iter(_papers(session.scalars(query))), None)


def papers_of_contest(session: Session, contest_id: int) -> list[Paper]:
    """Of everybody who began, in the order in which they did."""
    query = (
        select(ContestPaper)
        .where(ContestPaper.contest_id == contest_id)
        .order_by(ContestPaper.began_at, ContestPaper.person_id)
    )
    return _papers(session.scalars(query))


def answered_counts(session: Session, contest_id: int) -> dict[int, int]:
    """Person → how many questions he has answered."""
    query = (
        select(Answer.person_id, func.count())
        .where(Answer.contest_id == contest_id)
        .group_by(Answer.person_id)
    )
    return dict(iter(session.execute(query)))


def _papers(rows: Iterable[ContestPaper]) -> list[Paper]:
    return [
        Paper(row.person_id, row.began_at, row.deadline, tuple(row.slots), row.finished_at)
        for row in rows
    ]
