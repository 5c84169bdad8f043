"""Points put back on the days on which they were earned, as the records tell: for rows of `scores`
that were missing or wrong. Whoever earns keeps them in step by himself (`store.tables.boards`)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lawlab.domain.board_spans import earned_on
from lawlab.store.statutes import china_day
from lawlab.store.tables import Score, ScoreDay

Step = tuple[float, dt.datetime]
"""How many points a score had from a moment on."""


def remake_score(
    session: Session,
    score: Score,
    steps: Iterable[Step],
) -> None:
    """In the caller's transaction: make a score anew with its days, whatever was there. `score` is
    new and tells whose it is and how it stands; `steps`, at least one and in their order, how it
    came to its points."""
    old = session.get(Score, (score.person_id, score.source))
    if old is not None:
        session.delete(old)
        session.flush()
    first, *later = {china_day(at): (points, at) for points, at in steps}.values()
    score.points, score.changed_at = first
    session.add(score)
    session.flush()
    for step in later:
        score.points, score.changed_at = step
        session.flush()


def mend_days(session: Session, person_id: int) -> None:
    """In the caller's transaction: drop what somebody's earlier days hold beyond his points."""
    scores = session.execute(
        select(Score.source, Score.points, Score.changed_at).where(Score.person_id == person_id)
    )
    known = {source: (points, china_day(at)) for source, points, at in scores}
    kept: dict[str, dict[dt.date, float]] = defaultdict(dict)
    own = ScoreDay.person_id == person_id
    for source, day, points in session.execute(
        select(ScoreDay.source, ScoreDay.day, ScoreDay.points).where(own)
    ):
        kept[source][day] = points
    for source, earlier in kept.items():
        points, last = known.get(source, (0.0, dt.date.min))
        right = {day: part for day, part in earned_on(points, last, earlier).items() if day < last}
        if right == earlier:
            continue
        session.execute(delete(ScoreDay).where(own, ScoreDay.source == source))
        rows = [
            {"person_id": person_id, "source": source, "day": day, "points": part}
            for day, part in right.items()
        ]
        if rows:
            session.execute(insert(ScoreDay), rows)
